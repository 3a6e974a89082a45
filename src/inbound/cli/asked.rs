//! What is asked about a case, for whoever may answer: what would be done, on what, and the commands that answer it.

use std::io::Write;

use super::{Global, table::action};
use crate::{
    domain::{
        case::{Ask, Case},
        id::TenantId,
    },
    inbound::{case_view::WaitingView, shown::shown, view},
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
    let blind = case.is_blind();
    match &ask.offered {
        _ if blind => writeln!(
            out,
            "  asked blind: look at the alert itself and say what you would do, or how it ends; what tierone would do is shown to nobody before that"
        )?,
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
    let approval = match (blind, &ask.offered) {
        (true, _) => Some((
            "to act:      ",
            " --action ACTION --set NAME=VALUE --disposition DISPOSITION",
        )),
        (false, Some(_)) => Some(("to approve:  ", "")),
        (false, None) => None,
    };
    if let Some((label, more)) = approval {
        let arguments = format!(" --digest {digest}{more}");
        writeln!(
            out,
            "{label}{}",
            command(global, case, "approve", &arguments)
        )?;
    }
    let ending = format!(" --digest {digest} --disposition DISPOSITION --reason REASON");
    writeln!(
        out,
        "to reject:   {}",
        command(global, case, "reject", &ending)
    )
}

/// Writes what of the case's precedent waits for a second person, and the command by which they confirm it.
pub fn write_waiting(
    out: &mut impl Write,
    global: &Global,
    case: &Case,
    waiting: &WaitingView,
) -> std::io::Result<()> {
    let mattered = waiting.mattered.iter().map(|key| shown(key, TEXT_MAX));
    let mattered = mattered.collect::<Vec<_>>().join(", ");
    let precedent = shown(&waiting.precedent, TEXT_MAX);
    let group = waiting.group;
    match waiting.meanwhile {
        "strictly" => writeln!(
            out,
            "that only {mattered} mattered waits for a second person, of {group}; meanwhile precedent {precedent} counts where all of its facets are equal"
        ),
        _ => writeln!(
            out,
            "precedent {precedent}, where {mattered} are equal, waits for a second person, of {group}; meanwhile it counts nowhere"
        ),
    }?;
    let words = format!("precedents confirm {}", quoted(&waiting.precedent));
    let command = on(global, &case.tenant, &words);
    writeln!(out, "to confirm:  {command}")
}

/// The command line that does `verb` to this case in this store.
fn command(global: &Global, case: &Case, verb: &str, rest: &str) -> String {
    on(
        global,
        &case.tenant,
        &format!("cases {verb} {}{rest}", case.id),
    )
}

/// The command line of these words, on this store.
fn on(global: &Global, tenant: &TenantId, words: &str) -> String {
    let mut words = vec![format!("tierone {words}")];
    let mut option = |name: &str, value: &str| words.push(format!("--{name} {}", quoted(value)));
    if tenant.as_str() != "default" {
        option("tenant", tenant.as_str());
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
