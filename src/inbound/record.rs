//! The record of a case, as lines that a question about it is answered from.

use super::cli::story;
use crate::{
    app::{App, Story},
    domain::{
        draft::Drafter,
        event::{Body, Event},
        id::{PrecedentId, TenantId},
        precedent::Precedent,
    },
    pipeline::question::{Line, Weight},
};

/// The most precedents in a record.
const PRECEDENTS_MAX: usize = 6;

/// The events of a case as lines, each with what it says beneath, and the precedents that it looked at.
pub async fn record(app: &App, found: &Story) -> anyhow::Result<Vec<Line>> {
    let mut record = Vec::new();
    // What models said about the case is no record of it.
    let own = |event: &&Event| !matches!(&event.body, Body::Called { told: Some(_), .. });
    for event in found.events.iter().filter(own) {
        let line = |text: String, precedent| Line {
            handle: format!("#{}", event.number),
            text,
            weight: match &event.body {
                Body::Decided { .. } => Weight::Reason,
                _ => Weight::Story,
            },
            precedent,
        };
        let headline = format!("{}: {}", event.at, story::headline(event));
        record.push(line(headline, None));
        // What was looked at follows, as lines of its own.
        let details = match &event.body {
            Body::Retrieved { .. } => Vec::new(),
            _ => story::details(app, &found.case.tenant, event).await?,
        };
        let repeats = repeats(app, &found.case.tenant, &event.body).await?;
        record.extend(details.into_iter().map(|text| line(text, repeats.clone())));
    }
    let ids: Vec<PrecedentId> = found
        .case
        .found
        .iter()
        .map(|found| found.precedent.clone())
        .take(PRECEDENTS_MAX)
        .collect();
    let rows = app.precedents(&found.case.tenant, &ids).await?;
    for (row, number) in rows.into_iter().zip(1..) {
        record.push(Line {
            handle: format!("P{number}"),
            text: format!("{}, {}: {}", row.id, row.disposition, row.summary),
            weight: Weight::Story,
            precedent: Some(row),
        });
    }
    Ok(record)
}

/// The precedent whose words an event says again: a draft that was made from the nearest one does.
async fn repeats(app: &App, tenant: &TenantId, body: &Body) -> anyhow::Result<Option<Precedent>> {
    let Body::Drafted { draft, .. } = body else {
        return Ok(None);
    };
    let draft = draft.content();
    let Some(draft) = draft.filter(|draft| draft.drafter == Drafter::Precedents) else {
        return Ok(None);
    };
    let nearest = draft.citations.get(..1).unwrap_or_default();
    Ok(app.precedents(tenant, nearest).await?.pop())
}
