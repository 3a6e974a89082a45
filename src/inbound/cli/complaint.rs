//! An error as people and programs get it: the value, the cause and the cure apart.
//!
//! Our error texts are written as "… `value` …: cause; cure", so that the parts can be told apart here, in one place.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use serde::Serialize;

use super::exit;
use crate::{
    app::is_store_failure,
    inbound::{safe_json, shown::shown},
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
    // Where even that fails nobody is left to be told: the exit code says it, and says it as a failure.
    ExitCode::from(written.map_or(exit::USAGE, |()| code(error)))
}

/// The error and what it comes from, before the cure; a cause that its effect already quotes is left out.
fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.contains(&cause) {
            continue;
        }
        text = match text.rsplit_once("; ") {
            _ if text.is_empty() => cause,
            Some((effect, cure)) => format!("{effect}: {cause}; {cure}"),
            None => format!("{text}: {cause}"),
        };
    }
    text
}

fn code(error: &anyhow::Error) -> u8 {
    if is_store_failure(error) {
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
    fn what_caused_it_comes_before_the_cure() {
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
