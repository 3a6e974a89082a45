//! Decisions as a table for people: one row an alert, plain when piped, coloured by the effect on a terminal.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use jiff::Timestamp;

use crate::{
    app::App,
    inbound::{
        shown::shown,
        view::{ActionView, DecisionView, Line},
    },
};

const WIDTH: u16 = 150;
const TITLE_MAX: usize = 72;
const VALUE_MAX: usize = 64;
const HELD_BY_MAX: usize = 4;

/// Writes the table and its summary.
pub fn write(
    out: &mut impl Write,
    lines: &[Line],
    app: &App,
    now: Timestamp,
) -> std::io::Result<()> {
    writeln!(
        out,
        "tierone {}, {} store, time {now}\n",
        env!("CARGO_PKG_VERSION"),
        app.kind().word()
    )?;
    for row in table(lines).to_string().lines() {
        coloured(out, row.trim_end())?;
    }
    writeln!(out, "\n{}", summary(lines))
}

fn table(lines: &[Line]) -> Table {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(["WOULD", "SEVERITY", "SOURCE", "ALERT", "ACTION", "BECAUSE"]);
    for line in lines {
        table.add_row(match line {
            Line::Control(control) => [
                "control".into(),
                String::new(),
                shown(&control.source, VALUE_MAX),
                shown(&control.control, TITLE_MAX),
                String::new(),
                String::new(),
            ],
            Line::Decision(decision) => row(decision),
        });
    }
    table
}

fn row(decision: &DecisionView) -> [String; 6] {
    let alert = &decision.alert;
    let file = decision.file.as_deref().unwrap_or_default();
    let place = file.rsplit('/').next().unwrap_or_default();
    [
        decision.would.into(),
        alert.severity.unwrap_or("unknown").into(),
        shown(&decision.source, VALUE_MAX),
        format!(
            "{} [{}]",
            shown(&alert.title, TITLE_MAX),
            shown(place, VALUE_MAX)
        ),
        decision.action.as_ref().map_or_else(|| "-".into(), action),
        because(decision),
    ]
}

/// An action with its parameters, on one line.
pub fn action(action: &ActionView) -> String {
    let parameters = action
        .parameters
        .iter()
        .map(|(name, value)| format!(" {name}={}", shown(value, VALUE_MAX)));
    format!(
        "{}{}",
        shown(&action.id, VALUE_MAX),
        parameters.collect::<String>()
    )
}

fn because(decision: &DecisionView) -> String {
    let level = decision
        .reasons
        .iter()
        .find(|finding| finding.code.text() == "risk.level");
    match (decision.would, decision.alert.status) {
        ("fire", _) => level.map_or_else(String::new, |finding| finding.observed.clone()),
        ("none", crate::domain::alert::Status::Resolved) => "the signal went off".into(),
        ("none", crate::domain::alert::Status::Firing) => "a repeat that brings nothing new".into(),
        _ => held_by(decision),
    }
}

fn held_by(decision: &DecisionView) -> String {
    let codes = decision.held_by.iter().map(|code| code.text());
    let more = decision.held_by.len().saturating_sub(HELD_BY_MAX);
    let text = codes.take(HELD_BY_MAX).collect::<Vec<_>>().join(" ");
    if more > 0 {
        return format!("{text} and {more} more");
    }
    text
}

/// The effect at the start of a row, in its colour.
fn coloured(out: &mut impl Write, row: &str) -> std::io::Result<()> {
    let row = row.strip_prefix(' ').unwrap_or(row);
    let (word, rest) = row.split_once(' ').unwrap_or((row, ""));
    let style = match word {
        "WOULD" => Style::new().bold(),
        "fire" => AnsiColor::Green.on_default().bold(),
        "ask" => AnsiColor::Yellow.on_default(),
        "refuse" => AnsiColor::Red.on_default().bold(),
        "none" | "control" => AnsiColor::BrightBlack.on_default(),
        _ => return writeln!(out, "{row}"),
    };
    writeln!(out, "{style}{word}{style:#} {rest}")
}

fn summary(lines: &[Line]) -> String {
    let decisions = || lines.iter().filter_map(decision);
    let count = |would: &str| {
        decisions()
            .filter(|decision| decision.would == would)
            .count()
    };
    let fired = decisions()
        .filter(|decision| decision.effect == "fire")
        .count();
    format!(
        "{} alerts: {} would fire, {} would ask, {} would be refused, {} need no decision. {}",
        decisions().count(),
        count("fire"),
        count("ask"),
        count("refuse"),
        count("none"),
        if fired == 0 {
            "Nothing fired: this release is not attested and in shadow, so a person is asked about every one."
                .to_owned()
        } else {
            format!("{fired} may fire now.")
        }
    )
}

/// The decision in a line; `None` for a control message.
pub fn decision(line: &Line) -> Option<&DecisionView> {
    match line {
        Line::Decision(decision) => Some(decision),
        Line::Control(_) => None,
    }
}
