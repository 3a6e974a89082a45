//! Who may write what: the payloads of each source, and of each the fields that an attacker fills.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{kinds::Kinds, place};
use crate::domain::id::SourceId;

/// A payload with the fields that an attacker may write.
#[derive(Clone, Debug)]
pub struct Carrier {
    /// Its source.
    pub source: SourceId,
    /// Its name.
    pub name: String,
    /// The payload.
    pub payload: Value,
    /// Where its like was settled before.
    pub past: Past,
    /// The fields, at least one.
    pub fields: Vec<Field>,
}

/// Where the precedents of a payload come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// From the demo, whose alert it is.
    Demo,
    /// They are made: people who each time routed its like.
    Made,
}

/// A field that an attacker may write.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The names that lead to it.
    pub path: String,
    /// What it can hold.
    pub kind: String,
    /// Who writes it.
    pub who: String,
}

/// Fields that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FieldsError {
    /// A table is not what it should be.
    #[error("fields `{file}` cannot be read: {cause}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why, with line and column.
        cause: toml::de::Error,
    },
    /// A payload is missing or no JSON.
    #[error("payload `{name}` of `{file}`: {cause}")]
    Payload {
        /// The file.
        file: String,
        /// The payload.
        name: String,
        /// Why.
        cause: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    payload: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: Option<String>,
    demo: Option<String>,
    field: Vec<Field>,
}

/// Where payloads are found.
#[derive(Clone, Copy)]
pub struct Payloads<'a> {
    /// Those of the suite, by path from its folder `payloads`.
    pub own: &'a BTreeMap<String, &'a str>,
    /// The demo's alerts, by path.
    pub demo: &'a BTreeMap<String, Vec<u8>>,
}

/// The carriers of the table `text` of a source.
pub fn read(
    source: &str,
    text: &str,
    payloads: Payloads<'_>,
    kinds: &Kinds,
) -> Result<Vec<Carrier>, FieldsError> {
    let file: File = toml::from_str(text).map_err(|cause| FieldsError::Unreadable {
        file: source.into(),
        cause,
    })?;
    let carriers = file.payload.into_iter().map(|row| {
        let name = row
            .name
            .clone()
            .or_else(|| row.demo.clone())
            .unwrap_or_default();
        carrier(source, row, payloads, kinds).map_err(|cause| FieldsError::Payload {
            file: source.into(),
            name,
            cause,
        })
    });
    carriers.collect()
}

fn carrier(
    source: &str,
    row: Row,
    payloads: Payloads<'_>,
    kinds: &Kinds,
) -> Result<Carrier, String> {
    let (name, past, bytes) = match (row.name, row.demo) {
        (Some(name), None) => {
            let bytes = payloads.own.get(&format!("{source}/{name}.json"));
            (name, Past::Made, bytes.map(|text| text.as_bytes()))
        }
        (None, Some(file)) => {
            let bytes = payloads.demo.get(&format!("{source}/{file}"));
            (format!("demo/{file}"), Past::Demo, bytes.map(Vec::as_slice))
        }
        _ => return Err("it needs a `name` or a `demo`".into()),
    };
    let bytes = bytes.ok_or("there is no such file")?;
    let payload: Value = serde_json::from_slice(bytes).map_err(|cause| cause.to_string())?;
    for field in &row.field {
        if kinds.get(&field.kind).is_none() {
            return Err(format!("there is no kind `{}`", field.kind));
        }
        if !place::put(&mut payload.clone(), &field.path, "") {
            return Err(format!("there is no text at `{}`", field.path));
        }
    }
    if row.field.is_empty() {
        return Err("it has no field".into());
    }
    Ok(Carrier {
        source: SourceId::new(source),
        name,
        payload,
        past,
        fields: row.field,
    })
}
