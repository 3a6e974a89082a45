//! The carriers of this build, read from the files of the suite, each with its clean twin.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    fields::{self, FieldsError, Payloads},
    kinds::{Kinds, KindsError},
    strings::{self, Attack, StringsError},
    twin::{Ground, Twin},
};
use crate::eval::{
    drive::Broken,
    material::Material,
    site::{self, NoSite},
};

/// The folder of the suite.
pub const FOLDER: &str = "injection";

/// Why there is nothing to splice into.
#[derive(Debug, thiserror::Error)]
pub enum Unspliced {
    /// The strings are wrong.
    #[error(transparent)]
    Strings(#[from] StringsError),
    /// The kinds of fields are wrong.
    #[error(transparent)]
    Kinds(#[from] KindsError),
    /// A table of fields is wrong.
    #[error(transparent)]
    Fields(#[from] FieldsError),
    /// The site of made cases cannot be made.
    #[error(transparent)]
    Site(#[from] NoSite),
    /// A clean twin cannot be decided.
    #[error("a clean twin comes to no result: {0}")]
    Twin(#[from] Broken),
    /// A file of texts is wrong.
    #[error("`{file}` cannot be read: {cause}")]
    Texts {
        /// The file.
        file: String,
        /// Why, with line and column.
        cause: toml::de::Error,
    },
    /// A file is missing.
    #[error("the binary lacks its file `{0}`; build it again")]
    Missing(String),
}

/// Carriers with their clean twins, and what they were made on.
pub struct Carried {
    /// What cases are made on.
    pub ground: Ground,
    /// The twins, by source.
    pub twins: Vec<Twin>,
}

impl Carried {
    /// Those of `material`.
    pub fn read(material: &Material) -> Result<Self, Unspliced> {
        let ground = ground(material)?;
        let mut twins = Vec::new();
        for (name, table) in files(material, "fields/") {
            let payloads = Payloads {
                own: &files(material, "payloads/").collect(),
                demo: &material.demo.alerts,
            };
            let source = name.strip_suffix(".toml").unwrap_or(&name);
            for carrier in fields::read(source, table, payloads, &ground.kinds)? {
                twins.push(Twin::of(carrier, &ground)?);
            }
        }
        Ok(Self { ground, twins })
    }
}

/// The strings of `material`.
pub fn attacks(material: &Material) -> Result<Vec<Attack>, Unspliced> {
    let files: BTreeMap<String, &str> = files(material, "strings/").collect();
    let files = files.iter().map(|(name, text)| (name.as_str(), *text));
    Ok(strings::read(files)?)
}

/// The text of a file of `material`.
pub fn file<'a>(material: &'a Material, path: &str) -> Result<&'a str, Unspliced> {
    let text = material.files.get(path).map(String::as_str);
    text.ok_or_else(|| Unspliced::Missing(format!("eval/suites/{path}")))
}

fn ground(material: &Material) -> Result<Ground, Unspliced> {
    Ok(Ground {
        sources: Arc::clone(&material.sources),
        kinds: Kinds::read(file(material, "injection/kinds.toml")?)?,
        demo: Arc::clone(&material.candidate),
        made: Arc::new(site::rules(&material.candidate, material.demo.now)?),
        precedents: material.demo.precedents.clone(),
        now: material.demo.now,
    })
}

/// The files of a folder of the suite, by path from there.
fn files<'a>(
    material: &'a Material,
    folder: &str,
) -> impl Iterator<Item = (String, &'a str)> + use<'a> {
    let folder = format!("{FOLDER}/{folder}");
    material.files.iter().filter_map(move |(path, text)| {
        let name = path.strip_prefix(&folder)?;
        Some((name.to_owned(), text.as_str()))
    })
}
