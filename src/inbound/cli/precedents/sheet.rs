//! A file of rows: CSV with a header line, or JSON objects, one a line. Columns become fields; what rows mean is not known here.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read as _,
    path::Path,
};

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use csv::{ReaderBuilder, StringRecord, Trim};
use serde_json::{Map, Value};

use crate::app::import::{
    ROWS_MAX,
    row::{FACET, FIELDS, PARAMETER, Row, Wrong},
};

/// Bytes of a file.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// RFC 4180, with a header line.
    Csv,
    /// One JSON object a line; what is nested has the names above it, joined by dots.
    Jsonl,
}

/// Which column becomes which field, and what every row has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    columns: BTreeMap<String, String>,
    constants: BTreeMap<String, String>,
}

/// The rows of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The rows that could be read.
    pub rows: Vec<Row>,
    /// The lines that could not.
    pub wrong: Vec<Wrong>,
    /// The columns that no field was made of.
    pub ignored: BTreeSet<String>,
    /// The columns that were seen.
    seen: BTreeSet<String>,
}

impl Format {
    /// What the ending of the file's name says.
    pub fn of(path: &Path) -> anyhow::Result<Self> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Ok(Self::Csv),
            Some("jsonl" | "ndjson") => Ok(Self::Jsonl),
            _ => bail!(
                "`{}` ends neither in .csv nor in .jsonl; say how it is written with --format",
                path.display()
            ),
        }
    }
}

impl Mapping {
    /// A column that has a field's own name is that field, unless another column is mapped to it.
    pub fn new(
        columns: Vec<(String, String)>,
        constants: Vec<(String, String)>,
    ) -> anyhow::Result<Self> {
        let mut mapping = Self::default();
        let mut fields = BTreeSet::new();
        for (column, field) in columns {
            if !fields.insert(field.clone()) {
                bail!("`{field}` is filled twice; map one column to it");
            }
            if mapping.columns.insert(column.clone(), field).is_some() {
                bail!("column `{column}` is mapped twice; map it to one field");
            }
        }
        for (field, text) in constants {
            if !fields.insert(field.clone()) {
                bail!("`{field}` is filled twice; map a column to it or set it");
            }
            mapping.constants.insert(field, text);
        }
        Ok(mapping)
    }

    fn field(&self, column: &str) -> Option<String> {
        if let Some(field) = self.columns.get(column) {
            return Some(field.clone());
        }
        let taken = self.columns.values().any(|mapped| mapped == column);
        let free = !taken && !self.constants.contains_key(column);
        (free && is_field(column)).then(|| column.to_owned())
    }
}

/// Whether a row can have a field of this name.
pub fn is_field(name: &str) -> bool {
    let longer = |prefix: &&str| name.len() > prefix.len() && name.starts_with(*prefix);
    FIELDS.contains(&name) || [FACET, PARAMETER].iter().any(longer)
}

/// Reads the file at `path`.
pub fn read(path: &Path, format: Format, mapping: &Mapping) -> anyhow::Result<Sheet> {
    let text = bytes(path)?;
    let mut sheet = Sheet::default();
    match format {
        Format::Csv => sheet.read_csv(&text, mapping, path)?,
        Format::Jsonl => sheet.read_jsonl(&text, mapping),
    }
    if let Some(column) = mapping
        .columns
        .keys()
        .find(|name| !sheet.seen.contains(*name))
    {
        let seen: Vec<&str> = sheet.seen.iter().map(String::as_str).collect();
        bail!(
            "no row of `{}` has the column `{column}`: there are {}; look at --map",
            path.display(),
            seen.join(", ")
        );
    }
    if sheet.rows.len() + sheet.wrong.len() > ROWS_MAX {
        bail!(
            "`{}` has more than {ROWS_MAX} rows; import it in parts",
            path.display()
        );
    }
    if sheet.rows.is_empty() && sheet.wrong.is_empty() {
        bail!("`{}` has no rows; give a file with some", path.display());
    }
    Ok(sheet)
}

fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut bytes));
    read.with_context(|| format!("`{}` cannot be read; give a file", path.display()))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > BYTES_MAX) {
        bail!(
            "`{}` has more than {} MiB; import it in parts",
            path.display(),
            BYTES_MAX / 1024 / 1024
        );
    }
    Ok(bytes)
}

impl Sheet {
    fn read_csv(&mut self, text: &[u8], mapping: &Mapping, path: &Path) -> anyhow::Result<()> {
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(text);
        let header = reader.headers().cloned();
        let header = header.with_context(|| {
            format!(
                "`{}` has no header line that can be read; save it as UTF-8",
                path.display()
            )
        })?;
        let mut names = BTreeSet::new();
        if let Some(twice) = header.iter().find(|name| !names.insert(*name)) {
            bail!(
                "`{}` has two columns `{twice}`; give each a name of its own",
                path.display()
            );
        }
        let mut record = StringRecord::new();
        loop {
            let line = reader.position().line();
            match reader.read_record(&mut record) {
                Ok(true) => {
                    let line = record.position().map_or(line, csv::Position::line);
                    let cells = header.iter().zip(record.iter());
                    let cells = cells.map(|(name, text)| (name.to_owned(), text.to_owned()));
                    self.row(line, cells, mapping);
                }
                Ok(false) => return Ok(()),
                Err(cause) => {
                    let line = cause.position().map_or(line, csv::Position::line);
                    self.unread(
                        line,
                        &cause,
                        "quote what has commas in it, and save it as UTF-8",
                    );
                }
            }
            if self.rows.len() + self.wrong.len() > ROWS_MAX {
                return Ok(());
            }
        }
    }

    fn read_jsonl(&mut self, text: &[u8], mapping: &Mapping) {
        for (line, text) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            if text.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice::<Map<String, Value>>(text) {
                Ok(object) => {
                    let mut cells = Vec::new();
                    flatten("", object, &mut cells);
                    self.row(line, cells.into_iter(), mapping);
                }
                Err(cause) => self.unread(line, &cause, "write one JSON object a line"),
            }
            if self.rows.len() + self.wrong.len() > ROWS_MAX {
                return;
            }
        }
    }

    fn row(&mut self, line: u64, cells: impl Iterator<Item = (String, String)>, mapping: &Mapping) {
        let mut fields = mapping.constants.clone();
        for (column, text) in cells {
            match mapping.field(&column) {
                Some(field) if !text.is_empty() => {
                    fields.insert(field, text);
                }
                Some(_) => {}
                None => {
                    self.ignored.insert(column.clone());
                }
            }
            self.seen.insert(column);
        }
        self.rows.push(Row { line, fields });
    }

    fn unread(&mut self, line: u64, cause: &dyn std::fmt::Display, cure: &'static str) {
        self.wrong.push(Wrong {
            line,
            field: "the row".into(),
            value: String::new(),
            cause: format!("it cannot be read: {cause}"),
            cure,
        });
    }
}

/// The texts in an object, under the names that lead to them. A list is its JSON.
fn flatten(above: &str, object: Map<String, Value>, cells: &mut Vec<(String, String)>) {
    for (name, value) in object {
        let name = format!("{above}{name}");
        match value {
            Value::Null => cells.push((name, String::new())),
            Value::String(text) => cells.push((name, text.trim().to_owned())),
            Value::Object(inner) => flatten(&format!("{name}."), inner, cells),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                cells.push((name, value.to_string()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(name: &str, text: &str, map: &[(&str, &str)]) -> anyhow::Result<Sheet> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let map = map.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        let set = vec![("source".to_owned(), "guardduty".to_owned())];
        let mapping = Mapping::new(map.collect(), set)?;
        read(&path, Format::of(&path)?, &mapping)
    }

    #[test]
    fn columns_become_fields_by_name_or_by_mapping_and_each_row_knows_its_line() {
        let text = "\u{feff}summary, Alert Rule,extra\n\"two\nlines\",r1,x\n, r2 ,\n";
        let sheet = sheet("a.csv", text, &[("Alert Rule", "detection_id")]).unwrap();
        let lines: Vec<u64> = sheet.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [2, 4]);
        assert_eq!(sheet.rows[0].fields["summary"], "two\nlines");
        assert_eq!(sheet.rows[1].fields.get("summary"), None);
        assert_eq!(sheet.rows[1].fields["detection_id"], "r2");
        assert_eq!(sheet.rows[1].fields["source"], "guardduty");
        assert_eq!(sheet.ignored, BTreeSet::from(["extra".to_owned()]));
    }

    #[test]
    fn what_is_nested_has_the_names_above_it() {
        let text = "{\"summary\":\"s\",\"rule\":{\"name\":\"r1\",\"level\":3},\"facet\":{\"port\":22}}\n\n{not json}\n";
        let sheet = sheet("a.jsonl", text, &[("rule.name", "detection_id")]).unwrap();
        assert_eq!(sheet.rows[0].fields["detection_id"], "r1");
        assert_eq!(sheet.rows[0].fields["facet.port"], "22");
        assert_eq!((sheet.rows.len(), sheet.wrong[0].line), (1, 3));
    }

    #[test]
    fn a_mapping_that_fits_no_file_is_an_error() {
        for (map, cause) in [
            (&[("nope", "summary")][..], "has the column `nope`"),
            (&[("a", "summary"), ("b", "summary")], "filled twice"),
            (&[("a", "source")], "filled twice"),
            (&[("a", "summary"), ("a", "action")], "mapped twice"),
        ] {
            let error = sheet("a.csv", "a,b\n1,2\n", map).unwrap_err().to_string();
            assert!(error.contains(cause), "{error}");
        }
        assert!(sheet("a.csv", "a,a\n1,2\n", &[]).is_err());
        assert!(sheet("a.txt", "a\n1\n", &[]).is_err());
        assert!(sheet("a.csv", "a,b\n", &[]).is_err());
    }
}
