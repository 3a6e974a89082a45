//! What happened to a case since it was asked about, the latest lines of it.

use super::{
    card::named,
    safe_text::{code, ours},
};
use crate::domain::{
    answer::Answer,
    event::{Body, Event, Probe},
    id::PersonId,
};

const LINES_MAX: usize = 6;
const NAME_MAX: usize = 60;
const SAID_MAX: usize = 160;

/// The last lines, oldest first.
pub fn lines(events: &[Event]) -> Vec<String> {
    let told = events.iter().filter_map(|event| {
        let at = event.at.strftime("%H:%M");
        Some(format!("{at}  {}", happened(&event.body)?))
    });
    let mut told: Vec<String> = told.collect();
    let older = told.len().saturating_sub(LINES_MAX);
    told.split_off(older)
}

/// What happened, where people need to see it.
fn happened(body: &Body) -> Option<String> {
    Some(match body {
        Body::Answered { by, answer, .. } => answered(by, answer),
        Body::Expired { .. } => "nobody answered in time".into(),
        Body::Executed { receipt, .. } => format!("\u{2705} done: {}", code(receipt, SAID_MAX)),
        Body::Failed { cause, .. } => format!("\u{274c} failed: {}", code(cause, SAID_MAX)),
        Body::InDoubt { known, .. } => {
            format!("\u{26a0}\u{fe0f} in doubt: {}", code(known, SAID_MAX))
        }
        Body::Verified { result, .. } => match result {
            Probe::Held => "verified: it worked".into(),
            Probe::NotHeld => "\u{26a0}\u{fe0f} looked at: it did not work".into(),
        },
        Body::Undone { by, receipt, .. } => {
            format!("undone by {}: {}", who(by), code(receipt, SAID_MAX))
        }
        Body::Claimed { by } => format!("claimed by {}", who(by)),
        Body::Escalated { by, group, .. } => format!(
            "{} handed it to *{}*",
            who(by),
            ours(group.as_str(), NAME_MAX)
        ),
        Body::Snoozed { by, until, .. } => {
            format!(
                "{} put it off until {}",
                who(by),
                until.strftime("%d %b %H:%M UTC")
            )
        }
        Body::Reopened { by, .. } => format!("reopened by {}", who(by)),
        Body::Learned { .. } => "a precedent was made of it".into(),
        Body::Received { .. }
        | Body::Repeated { .. }
        | Body::Resolved { .. }
        | Body::Retrieved { .. }
        | Body::Planned { .. }
        | Body::Called { .. }
        | Body::Drafted { .. }
        | Body::Decided { .. }
        | Body::Asked { .. }
        | Body::Started { .. }
        | Body::Closed { .. } => return None,
    })
}

fn answered(by: &PersonId, answer: &Answer) -> String {
    let by = who(by);
    match answer {
        Answer::Approve => format!("approved by {by}"),
        Answer::Propose { proposal } => format!(
            "{by} proposed *{}* instead",
            ours(proposal.action.as_str(), NAME_MAX)
        ),
        Answer::Reject { closing } => {
            format!("rejected by {by}: {}", named(closing.disposition))
        }
        Answer::Resolve { closing } => {
            format!("resolved by {by}: {}", named(closing.disposition))
        }
    }
}

fn who(person: &PersonId) -> String {
    format!("*{}*", ours(person.as_str(), NAME_MAX))
}
