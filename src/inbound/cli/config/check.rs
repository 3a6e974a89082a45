//! `tierone config check`: all that is wrong with the configuration and with what it names, and what is in effect. Secrets are read and not
//! shown.

use std::io::Write;

use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use serde::Serialize;

use crate::{
    app::inspect::{Inspection, Part, inspect},
    config::Config,
    inbound::{
        cli::{Complaint, Global, exit, serve::let_in},
        http::Exposure,
        safe_json,
        shown::shown,
    },
};

const VALUE_MAX: usize = 80;
const TEXT_MAX: usize = 2_000;

#[derive(Serialize)]
struct Checked<'a> {
    config: Option<String>,
    parts: Vec<PartView<'a>>,
    problems: Vec<Complaint>,
}

#[derive(Serialize)]
struct PartView<'a> {
    key: &'a str,
    value: Option<&'a str>,
    effect: &'a str,
}

/// Runs it: exit code 2 where anything is wrong.
pub async fn run(global: &Global, out: &mut impl Write) -> anyhow::Result<u8> {
    let (config, wrong) = match &global.config {
        Some(path) => Config::read_what_is_right(path),
        None => (Config::default(), Vec::new()),
    };
    let url = global.store.as_deref().or(config.store.url.as_deref());
    let mut found = Box::pin(inspect(&config, url)).await;
    listens(&config, &mut found);
    let own = wrong.into_iter().map(anyhow::Error::from);
    let problems: Vec<Complaint> = own
        .chain(found.problems)
        .map(|problem| Complaint::of_error(&problem))
        .collect();
    let sound = problems.is_empty();
    let config = global.config.as_ref();
    if global.json {
        let checked = Checked {
            config: config.map(|path| path.display().to_string()),
            parts: found.parts.iter().map(view).collect(),
            problems,
        };
        safe_json::write_line(out, &checked)?;
    } else {
        write(out, &found.parts, &problems)?;
    }
    Ok(if sound { exit::OK } else { exit::USAGE })
}

/// Whether the service would start on the configured address, and who would be let in.
fn listens(config: &Config, found: &mut Inspection) {
    let listen = config.server.listen;
    let effect = match let_in(listen, Exposure::of(listen), found.keys) {
        Ok(callers) => callers,
        Err(problem) => {
            found.problems.push(problem);
            "`serve` refuses to start"
        }
    };
    found.parts.push(Part {
        key: "server.listen",
        value: Some(listen.to_string()),
        effect: effect.into(),
    });
}

fn write(out: &mut impl Write, parts: &[Part], problems: &[Complaint]) -> std::io::Result<()> {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["KEY", "VALUE", "IN EFFECT"]);
    for part in parts {
        let value = part.value.as_deref();
        table.add_row([
            part.key.to_owned(),
            value.map_or_else(|| "absent".into(), |value| shown(value, VALUE_MAX)),
            shown(&part.effect, TEXT_MAX),
        ]);
    }
    for line in table.to_string().lines() {
        writeln!(out, "{}", line.strip_prefix(' ').unwrap_or(line).trim_end())?;
    }
    writeln!(out)?;
    for problem in problems {
        let lines = problem.cause.lines().map(|line| shown(line, TEXT_MAX));
        let cause = lines.collect::<Vec<_>>().join("\n  ");
        match &problem.cure {
            Some(cure) => writeln!(out, "wrong: {cause}; {}", shown(cure, TEXT_MAX))?,
            None => writeln!(out, "wrong: {cause}")?,
        }
    }
    match problems.len() {
        0 => writeln!(out, "nothing is wrong"),
        number => writeln!(out, "{number} things are wrong"),
    }
}

fn view(part: &Part) -> PartView<'_> {
    PartView {
        key: part.key,
        value: part.value.as_deref(),
        effect: &part.effect,
    }
}
