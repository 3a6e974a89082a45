//! A dry run as it is shown: what would be appended, and what would be sent, word for word.

use std::io::Write;

use serde::Serialize;

use super::{Global, story};
use crate::{
    app::rehearse::{Rehearsed, Sends},
    inbound::{safe_json, shown::shown},
};

const TEXT_MAX: usize = 400;
const LINE_MAX: usize = 4_000;

/// What would be sent: one of the texts is there, the others are null.
#[derive(Clone, Debug, Serialize)]
pub struct SendsView {
    /// What would be sent at once.
    #[serde(rename = "would_send")]
    now: Option<String>,
    /// What would be sent once the release is attested and promoted.
    #[serde(rename = "would_send_promoted")]
    promoted: Option<String>,
    /// Why nothing would be sent.
    #[serde(rename = "would_send_nothing_because")]
    nothing_because: Option<String>,
}

#[derive(Serialize)]
struct RehearsedView {
    dry_run: bool,
    case_id: String,
    would_append: Vec<EventView>,
    would_be: &'static str,
    #[serde(flatten)]
    sends: SendsView,
}

#[derive(Serialize)]
struct EventView {
    number: u64,
    kind: &'static str,
    says: String,
}

impl SendsView {
    /// The view of it.
    pub fn of(sends: &Sends) -> Self {
        let mut view = Self {
            now: None,
            promoted: None,
            nothing_because: None,
        };
        match sends {
            Sends::Now(text) => view.now = Some(text.clone()),
            Sends::Promoted(text) => view.promoted = Some(text.clone()),
            Sends::Nothing(why) => view.nothing_because = Some(why.clone()),
        }
        view
    }
}

/// Writes it.
pub fn write(out: &mut impl Write, global: &Global, rehearsed: &Rehearsed) -> std::io::Result<()> {
    if global.json {
        let events = rehearsed.events.iter().map(|event| EventView {
            number: event.number,
            kind: event.body.kind(),
            says: story::headline(event),
        });
        let view = RehearsedView {
            dry_run: true,
            case_id: rehearsed.case.id.to_string(),
            would_append: events.collect(),
            would_be: rehearsed.case.phase.word(),
            sends: SendsView::of(&rehearsed.sends),
        };
        return safe_json::write_line(out, &view);
    }
    writeln!(out, "dry run: nothing was appended, and nothing was sent")?;
    for event in &rehearsed.events {
        writeln!(
            out,
            "would append {:>3}: {}",
            event.number,
            story::headline(event)
        )?;
    }
    sends(out, &rehearsed.sends)
}

/// Writes what would be sent.
pub fn sends(out: &mut impl Write, sends: &Sends) -> std::io::Result<()> {
    let (head, text) = match sends {
        Sends::Now(text) => ("would send:", text),
        Sends::Promoted(text) => ("would send, in an attested and promoted release:", text),
        Sends::Nothing(why) => {
            return writeln!(out, "would send nothing: {}", shown(why, TEXT_MAX));
        }
    };
    writeln!(out, "{head}")?;
    text.lines()
        .try_for_each(|line| writeln!(out, "  {}", shown(line, LINE_MAX)))
}
