//! Files that are part of the binary: sources, policies, the demo, and the suites. A folder named in the config replaces one whole.

use rust_embed::RustEmbed;

/// `sources/`
#[derive(RustEmbed)]
#[folder = "sources"]
pub struct SourceFiles;

/// `policies/`
#[derive(RustEmbed)]
#[folder = "policies"]
pub struct PolicyFiles;

/// `prompts/`
#[derive(RustEmbed)]
#[folder = "prompts"]
pub struct PromptFiles;

/// `eval/demo/`
#[derive(RustEmbed)]
#[folder = "eval/demo"]
pub struct DemoFiles;

/// `eval/suites/`
#[derive(RustEmbed)]
#[folder = "eval/suites"]
pub struct SuiteFiles;

/// The names of the embedded files under this folder, in order.
pub fn names<F: RustEmbed>(folder: &str) -> Vec<String> {
    let mut names: Vec<String> = F::iter().map(Into::into).collect();
    names.retain(|name| name.starts_with(folder));
    names.sort();
    names
}

/// The bytes of one embedded file.
pub fn bytes<F: RustEmbed>(name: &str) -> anyhow::Result<Vec<u8>> {
    let file = F::get(name)
        .ok_or_else(|| anyhow::anyhow!("the binary lacks its file `{name}`; build it again"))?;
    Ok(file.data.into_owned())
}

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
