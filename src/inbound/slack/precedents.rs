//! What people did before: up to three precedents that say the same, and the nearest that does not.

use serde_json::Value;

use super::{
    blocks::{section, words},
    card::named,
    safe_text::plain,
};
use crate::domain::{event::LookAlike, id::ActionId, precedent::Precedent, proposal::Proposal};

const SHOWN_MAX: usize = 3;
const NAME_MAX: usize = 60;
const SUMMARY_MAX: usize = 160;

/// The precedents of a case, and what is offered.
#[derive(Clone, Copy)]
pub struct Likeness<'a> {
    /// What retrieval found, the nearest first.
    pub found: &'a [LookAlike],
    /// Those of them, and of the plan, that are still there.
    pub rows: &'a [Precedent],
    /// What is offered.
    pub offered: Option<&'a Proposal>,
}

/// The blocks: a title, and their words without markup, because they quote what was in alerts.
pub fn blocks(of: Likeness<'_>) -> Vec<Value> {
    let ranked: Vec<&Precedent> = ranked(of);
    let (same, other): (Vec<&Precedent>, Vec<&Precedent>) =
        ranked.into_iter().partition(|row| agrees(row, of.offered));
    if same.is_empty() && other.is_empty() {
        return vec![section(&[
            "*Before*: nothing like it was decided here.".into()
        ])];
    }
    let mut blocks = vec![section(&["*Before*".into()])];
    blocks.extend(
        same.iter()
            .take(SHOWN_MAX)
            .map(|row| words(&line("•", row))),
    );
    blocks.extend(
        other
            .first()
            .map(|row| words(&line("\u{2260} but differently:", row))),
    );
    blocks
}

/// Nearest first, then those that the plan rests on and retrieval did not find.
fn ranked(of: Likeness<'_>) -> Vec<&Precedent> {
    let row = |look: &LookAlike| of.rows.iter().find(|row| row.id == look.precedent);
    let mut ranked: Vec<&Precedent> = of.found.iter().filter_map(row).collect();
    for row in of.rows {
        if !ranked.iter().any(|other| other.id == row.id) {
            ranked.push(row);
        }
    }
    ranked
}

/// Whether it says what is offered; where nothing is, each of them is as good.
fn agrees(row: &Precedent, offered: Option<&Proposal>) -> bool {
    let Some(offered) = offered else {
        return true;
    };
    let action = row.action.as_ref().map(ActionId::as_str);
    let same = action.unwrap_or(crate::domain::action::CLOSE) == offered.action.as_str();
    same && row.disposition.side() == offered.disposition.side()
}

fn line(bullet: &str, row: &Precedent) -> String {
    let done = row.action.as_ref().map_or("nothing", ActionId::as_str);
    format!(
        "{bullet} {}, did {} ({}, {}): {}",
        named(row.disposition),
        plain(done, NAME_MAX),
        plain(row.confirmed_by.as_str(), NAME_MAX),
        row.closed_at.strftime("%d %b %Y"),
        plain(&row.summary, SUMMARY_MAX),
    )
}
