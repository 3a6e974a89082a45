//! An error as people and programs get it: the value, the cause and the cure apart.
//!
//! Our error texts are written as "… `value` …: cause; cure", so that the parts can be told apart here, in one place.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::error::ContextKind;
use serde::Serialize;

use super::exit;
use crate::{
    app::failure::{is_denied, is_store_failure},
    inbound::{
        safe_json,
        shown::{is_hidden, shown},
    },
};

/// The most characters of an error that are shown.
const SHOWN_MAX: usize = 2_000;

/// The parts of an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// What the user gave.
    pub value: Option<String>,
    /// What is wrong with it.
    pub cause: String,
    /// What to do.
    pub cure: Option<String>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a Complaint,
}

impl Complaint {
    /// The parts of `error` and of what it comes from.
    pub fn of_error(error: &anyhow::Error) -> Self {
        Self::of(&chain(error))
    }

    /// The parts of `text`.
    pub fn of(text: &str) -> Self {
        let (cause, cure) = match text.rsplit_once("; ") {
            Some((cause, cure)) => (cause, Some(cure.to_owned())),
            None => (text, None),
        };
        let value = cause.split('`').nth(1).map(ToOwned::to_owned);
        Self {
            value,
            cause: cause.to_owned(),
            cure,
        }
    }
}

/// Writes the error to standard error and gives its exit code.
pub fn report(error: &anyhow::Error, json: bool) -> ExitCode {
    if is_closed_pipe(error) {
        return ExitCode::from(exit::OK);
    }
    let text = chain(error);
    let mut err = io::stderr().lock();
    let written = if json {
        let complaint = Complaint::of(&text);
        safe_json::write_line(&mut err, &Envelope { error: &complaint })
    } else {
        let lines: Vec<String> = text.lines().map(|line| shown(line, SHOWN_MAX)).collect();
        writeln!(err, "tierone: {}", lines.join("\n"))
    };
    match written {
        // Nobody is left to be told; the exit code says it.
        Ok(()) | Err(_) => ExitCode::from(code(error)),
    }
}

/// The error and what it comes from, then the first cure that any of them has; a cause that its effect already quotes is left out.
fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    let mut cure = None;
    for said in error.chain().map(ToString::to_string) {
        if text.contains(&said) {
            continue;
        }
        let (cause, own) = match said.rsplit_once("; ") {
            Some((cause, own)) => (cause, Some(own.to_owned())),
            None => (said.as_str(), None),
        };
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(cause);
        cure = cure.or(own);
    }
    match cure {
        Some(cure) => format!("{text}; {cure}"),
        None => text,
    }
}

/// Writes that the command line is wrong, in the form that was asked for, and gives its exit code.
pub fn report_usage(error: &clap::Error, json: bool) -> ExitCode {
    let written = if json {
        let complaint = usage(error);
        let envelope = Envelope { error: &complaint };
        safe_json::write_line(&mut io::stderr().lock(), &envelope)
    } else {
        print_usage(error)
    };
    match written {
        // Nobody is left to be told; the exit code says it.
        Ok(()) | Err(_) => ExitCode::from(exit::USAGE),
    }
}

/// In clap's own words and colours, unless they quote something that would not be seen as what it is.
fn print_usage(error: &clap::Error) -> io::Result<()> {
    let text = error.to_string();
    if !text.lines().any(|line| line.contains(is_hidden)) {
        return error.print();
    }
    let mut err = io::stderr().lock();
    text.lines()
        .try_for_each(|line| writeln!(err, "{}", shown(line, SHOWN_MAX)))
}

/// The parts of an error in the command line: its first line is the cause.
fn usage(error: &clap::Error) -> Complaint {
    let kinds = [
        ContextKind::InvalidValue,
        ContextKind::InvalidArg,
        ContextKind::InvalidSubcommand,
    ];
    let value = kinds
        .into_iter()
        .find_map(|kind| error.get(kind).map(ToString::to_string));
    let text = error.to_string();
    let cause = text.lines().next().unwrap_or_default();
    Complaint {
        value,
        cause: cause.strip_prefix("error: ").unwrap_or(cause).to_owned(),
        cure: Some("see `tierone --help`".into()),
    }
}

fn code(error: &anyhow::Error) -> u8 {
    if is_denied(error) {
        exit::DENIED
    } else if is_store_failure(error) {
        exit::STORE
    } else {
        exit::USAGE
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cure_comes_after_all_causes() {
        let error = anyhow::anyhow!("no such file").context("`x` cannot be read; give a file");
        assert_eq!(
            chain(&error),
            "`x` cannot be read: no such file; give a file"
        );
    }

    #[test]
    fn value_cause_and_cure_are_told_apart() {
        assert_eq!(
            Complaint::of(
                "config `x.toml` cannot be read: no such file; name another with --config"
            ),
            Complaint {
                value: Some("x.toml".into()),
                cause: "config `x.toml` cannot be read: no such file".into(),
                cure: Some("name another with --config".into()),
            }
        );
    }
}
