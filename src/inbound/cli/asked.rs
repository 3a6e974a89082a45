//! What is asked about a case, for whoever may answer: what would be done, on what, and the commands that answer it.

use std::io::Write;

use super::{Global, table::action};
use crate::{
    domain::case::{Ask, Case},
    inbound::{shown::shown, view},
};

const TEXT_MAX: usize = 120;
/// How many digits of a digest a command names.
const DIGITS: usize = 12;

/// Writes it.
pub fn write(out: &mut impl Write, global: &Global, case: &Case, ask: &Ask) -> std::io::Result<()> {
    let group = ask
        .group
        .as_ref()
        .map_or("nobody in particular".into(), |group| {
            shown(group.as_str(), TEXT_MAX)
        });
    writeln!(out, "asked of {group} until {}", ask.expires_at)?;
    match &ask.offered {
        Some(offered) => {
            let targets: Vec<String> = ask
                .targets
                .iter()
                .map(|target| shown(target, TEXT_MAX))
                .collect();
            writeln!(out, "  do         {}", action(&view::action(offered)))?;
            writeln!(
                out,
                "  on         {}",
                if targets.is_empty() {
                    "nothing outside".into()
                } else {
                    targets.join(", ")
                }
            )?;
            writeln!(out, "  taken for  {}", offered.disposition)?;
            let quorum = case
                .decided
                .as_ref()
                .map_or(1, |(_, decision)| decision.verdict.quorum);
            writeln!(out, "  approved   {} of {quorum}", ask.approvals.len())?;
        }
        None => writeln!(
            out,
            "  do         nothing is offered; what it was is for a person to say"
        )?,
    }
    writeln!(out, "  digest     {}", ask.digest)?;
    let digest: String = ask.digest.to_string().chars().take(DIGITS).collect();
    if ask.offered.is_some() {
        writeln!(
            out,
            "to approve:  {}",
            command(global, case, "approve", &format!(" --digest {digest}"))
        )?;
    }
    let ending = format!(" --digest {digest} --disposition DISPOSITION --reason REASON");
    writeln!(
        out,
        "to reject:   {}",
        command(global, case, "reject", &ending)
    )
}

/// The command line that does `verb` to this case in this store.
fn command(global: &Global, case: &Case, verb: &str, rest: &str) -> String {
    let mut words = vec![format!("tierone cases {verb} {}{rest}", case.id)];
    let mut option = |name: &str, value: &str| words.push(format!("--{name} {}", quoted(value)));
    if case.tenant.as_str() != "default" {
        option("tenant", case.tenant.as_str());
    }
    if let Some(config) = &global.config {
        option("config", &config.display().to_string());
    }
    if let Some(store) = &global.store {
        option("store", store);
    }
    words.join(" ")
}

/// `text` as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:@=,+-".contains(c);
    let text = shown(text, usize::MAX);
    if !text.is_empty() && text.chars().all(plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_word_of_a_shell() {
        for (text, expected) in [
            ("sqlite://tierone.db", "sqlite://tierone.db"),
            ("acme corp", "'acme corp'"),
            ("it's", r"'it'\''s'"),
            ("$(reboot)", "'$(reboot)'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
