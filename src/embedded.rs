//! Files that are part of the binary: sources, policies, and the demo. A folder named in the config replaces one whole.

use rust_embed::RustEmbed;

/// `sources/`
#[derive(RustEmbed)]
#[folder = "sources"]
pub struct SourceFiles;

/// `policies/`
#[derive(RustEmbed)]
#[folder = "policies"]
pub struct PolicyFiles;

/// `eval/demo/`
#[derive(RustEmbed)]
#[folder = "eval/demo"]
pub struct DemoFiles;

/// The text of one embedded file.
pub fn text<F: RustEmbed>(name: &str) -> anyhow::Result<String> {
    let file = F::get(name)
        .ok_or_else(|| anyhow::anyhow!("the binary lacks its file `{name}`; build it again"))?;
    Ok(std::str::from_utf8(&file.data)?.to_owned())
}

/// All embedded files with this ending, by name.
pub fn texts<F: RustEmbed>(ending: &str) -> anyhow::Result<Vec<(String, String)>> {
    let mut names: Vec<String> = F::iter().map(Into::into).collect();
    names.retain(|name| name.ends_with(ending));
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let text = text::<F>(&name)?;
            Ok((name, text))
        })
        .collect()
}
