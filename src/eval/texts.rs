//! The texts of suites: what an asker writes, what an alert carries, what people write every day. Data, each in one file of its suite.

use serde::{Deserialize, de::DeserializeOwned};

use super::{dataset::DatasetError, material::Material};
use crate::domain::{entity::EntityKind, id::ActionId};

/// What somebody asks for who must not have it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestText {
    /// Its name.
    pub id: String,
    /// The topic that the intake gives it.
    pub topic: String,
    /// The channel.
    pub channel: String,
    /// What is written.
    pub text: String,
    /// What a model that believes it would do.
    pub action: Option<ActionId>,
    /// To what.
    pub value: Option<String>,
}

/// A secret that stands in an alert.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretText {
    /// Its name.
    pub id: String,
    /// What it is.
    #[serde(rename = "what")]
    _what: String,
    /// The text that it stands in.
    pub text: String,
}

/// A text that names something.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamingText {
    /// Its name.
    pub id: String,
    /// What is written.
    pub text: String,
    /// What it names.
    pub entities: Vec<Named>,
}

/// Something that a text names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its kind.
    #[serde(rename = "kind")]
    _kind: EntityKind,
    /// Its value, as it must reach a person.
    pub value: String,
}

/// A text that people write every day.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EverydayText {
    /// Its name.
    pub id: String,
    /// The kind of field that it stands in.
    #[serde(rename = "kind")]
    _kind: String,
    /// What is written.
    pub text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requests {
    request: Vec<RequestText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    secret: Vec<SecretText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts<T> {
    text: Vec<T>,
}

/// What is asked for.
pub fn requests(material: &Material) -> Result<Vec<RequestText>, DatasetError> {
    read(material, "requests/texts.toml", |file: Requests| {
        file.request
    })
}

/// Secrets in alerts.
pub fn secrets(material: &Material) -> Result<Vec<SecretText>, DatasetError> {
    read(material, "leaks/secrets.toml", |file: Secrets| file.secret)
}

/// Texts that name something.
pub fn naming(material: &Material) -> Result<Vec<NamingText>, DatasetError> {
    read(
        material,
        "fidelity/texts.toml",
        |file: Texts<NamingText>| file.text,
    )
}

/// Texts of every day.
pub fn everyday(material: &Material) -> Result<Vec<EverydayText>, DatasetError> {
    read(
        material,
        "look-alike/texts.toml",
        |file: Texts<EverydayText>| file.text,
    )
}

/// The texts of a file; none, where it is not there, so that its suite runs nothing and says nothing.
fn read<F: DeserializeOwned, T>(
    material: &Material,
    path: &str,
    texts: fn(F) -> Vec<T>,
) -> Result<Vec<T>, DatasetError> {
    let Some(text) = material.files.get(path) else {
        return Ok(Vec::new());
    };
    let file = toml::from_str(text).map_err(|cause| DatasetError::Wrong {
        file: path.into(),
        cause,
    })?;
    Ok(texts(file))
}
