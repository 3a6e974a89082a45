//! Figures: what was appended, counted for whoever scrapes. The log is their source; a figure that nobody scrapes costs a few additions.
//!
//! Names and units are those of `OpenMetrics`: seconds, and `_total` for what only grows. No tenant, case, person or text of an alert is a label.

use jiff::Timestamp;
use metrics::{counter, histogram};
use tokio::sync::watch;

use crate::domain::{
    answer::Answer,
    case::Case,
    decision::{Decision, Principal},
    event::{Body, Event},
    paged::Paged,
};

/// Counts events that lead to `after` and are on the disk, and tells whoever waits for news.
pub(super) fn appended<'a>(
    news: &watch::Sender<u64>,
    after: &Case,
    events: impl IntoIterator<Item = &'a Event>,
) {
    news.send_modify(|appends| *appends = appends.wrapping_add(1));
    for event in events {
        counter!("tierone_events_total", "kind" => event.body.kind()).increment(1);
        tell(after, event);
    }
}

fn tell(after: &Case, event: &Event) {
    match &event.body {
        Body::Received { alert, .. } => {
            if let Some(alert) = alert.content() {
                // A vendor's clock may be ahead of ours, or of another century.
                if let Some(at) = alert.occurred_at {
                    let late = seconds(at, alert.received_at);
                    histogram!("tierone_time_to_detect_seconds").record(late);
                }
            }
        }
        Body::Decided { decision } => decided(after, event, decision),
        Body::Answered { answer, .. } => {
            counter!("tierone_answers_total", "answer" => said(answer)).increment(1);
            acknowledged(after, event);
        }
        Body::Claimed { .. } => {
            acknowledged(after, event);
        }
        Body::Expired {
            paged: Some(paged), ..
        } => {
            let paged = match paged {
                Paged::Sent { .. } => "sent",
                Paged::Unsent { .. } => "unsent",
            };
            counter!("tierone_asks_overdue_total", "page" => paged).increment(1);
        }
        Body::Started { action, .. } => {
            let action = action.to_string();
            counter!("tierone_actions_started_total", "action" => action).increment(1);
        }
        Body::Called {
            tokens,
            cost_micros,
            ..
        } => {
            counter!("tierone_model_tokens_total").increment(*tokens);
            counter!("tierone_model_cost_micros_total").increment(*cost_micros);
        }
        Body::Closed { by, .. } => {
            let took = seconds(after.opened_at, event.at);
            histogram!("tierone_time_to_resolve_seconds", "by" => whose(by)).record(took);
        }
        _ => {}
    }
}

fn decided(after: &Case, event: &Event, decision: &Decision) {
    let (by, verdict) = (whose(&decision.principal), &decision.verdict);
    counter!("tierone_decisions_total", "by" => by, "effect" => verdict.effect.word()).increment(1);
    for finding in verdict.findings.iter().filter(|finding| !finding.holds) {
        counter!("tierone_held_by_total", "code" => finding.code.text()).increment(1);
    }
    let took = seconds(after.opened_at, event.at);
    histogram!("tierone_time_to_decide_seconds", "by" => by).record(took);
}

/// A person answered, or took the case.
fn acknowledged(after: &Case, event: &Event) {
    let waited = seconds(after.opened_at, event.at);
    histogram!("tierone_time_to_acknowledge_seconds").record(waited);
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64().max(0.0)
}

const fn whose(principal: &Principal) -> &'static str {
    match principal {
        Principal::Agent => "agent",
        Principal::Person(_) => "person",
    }
}

const fn said(answer: &Answer) -> &'static str {
    match answer {
        Answer::Approve => "approve",
        Answer::Propose { .. } => "propose",
        Answer::Reject { .. } => "reject",
        Answer::Resolve { .. } => "resolve",
    }
}
