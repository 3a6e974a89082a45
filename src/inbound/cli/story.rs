//! A case's events as sentences, in order, so that someone who wakes up can read what happened and what is asked of them.

use std::io::Write;

use crate::{
    app::{App, Story},
    domain::{
        alert::Alert,
        answer::Answer,
        decision::Decision,
        draft::{Draft, Standing},
        event::{Again, Body, Event, Probe},
        paged::Paged,
        proposal::{Plan, Proposal},
        sealed::Sealed,
        step::Step,
        told::Told,
    },
    inbound::{cli::table::action, shown::shown, view},
};

const TITLE_MAX: usize = 120;
const TEXT_MAX: usize = 600;
/// A rationale with the values of its handles is longer than what a model may say.
const DRAFT_MAX: usize = 1_200;
const LOOK_ALIKES_MAX: usize = 3;

/// Writes the story.
pub async fn write(out: &mut impl Write, app: &App, story: &Story) -> anyhow::Result<()> {
    let case = &story.case;
    writeln!(
        out,
        "case {} of tenant {}",
        case.id,
        shown(case.tenant.as_str(), TITLE_MAX)
    )?;
    match case.alert.content() {
        Some(alert) => facts(out, alert)?,
        None => writeln!(out, "  the alert was erased")?,
    }
    writeln!(
        out,
        "  seen {} times, gravest severity {}, now {}",
        case.occurrences,
        case.urgency,
        case.phase.word()
    )?;
    writeln!(out)?;
    for event in &story.events {
        writeln!(
            out,
            "{:>3}  {}  {}",
            event.number,
            event.at,
            headline(event)
        )?;
        for line in details(app, &story.case.tenant, event).await? {
            writeln!(out, "       {line}")?;
        }
    }
    writeln!(out, "\nnext: {}", next(story))?;
    Ok(())
}

fn facts(out: &mut impl Write, alert: &Alert) -> std::io::Result<()> {
    writeln!(out, "  {}", shown(&alert.title, TITLE_MAX))?;
    writeln!(
        out,
        "  source {}, detection {}, severity {} (theirs: {})",
        shown(alert.source.as_str(), TITLE_MAX),
        shown(
            alert.detection_id.as_deref().unwrap_or("unknown"),
            TITLE_MAX
        ),
        alert
            .severity
            .map_or("unknown", crate::domain::severity::Severity::word),
        shown(alert.raw_severity.as_deref().unwrap_or("none"), TITLE_MAX),
    )?;
    for entity in &alert.entities {
        let role = shown(entity.role.as_str(), TITLE_MAX);
        writeln!(out, "    {role}: {}", shown(&entity.value, TITLE_MAX))?;
    }
    for facet in &alert.facets {
        let value = facet
            .value
            .as_deref()
            .map_or("absent".into(), |value| shown(value, TITLE_MAX));
        writeln!(out, "    facet {}: {value}", shown(&facet.key, TITLE_MAX))?;
    }
    Ok(())
}

/// What happened, as one sentence.
pub fn headline(event: &Event) -> String {
    match &event.body {
        Body::Received { urgency, .. } => format!("an alert came in, asked about as {urgency}"),
        Body::Repeated { again, .. } => match again {
            Again::Joined => "the same again".into(),
            Again::Decide { because } => format!("the same again, decided anew: {because}"),
        },
        Body::Resolved { .. } => "the signal went off; that closes nothing".into(),
        Body::Retrieved { found, unavailable } => match unavailable {
            Some(why) => format!(
                "look-alikes could not be searched: {}",
                shown(why, TEXT_MAX)
            ),
            None => format!("{} look-alikes", found.len()),
        },
        Body::Planned { plan } => planned(plan),
        Body::Called {
            endpoint,
            outcome,
            told,
            ..
        } => called(endpoint, outcome, told.as_ref()),
        Body::Drafted { standing, .. } => match standing {
            Standing::Key => "drafted".into(),
            Standing::Shown { because } => {
                format!("drafted, but no key: {}", shown(because, TEXT_MAX))
            }
        },
        Body::Decided { decision } => decided(decision),
        Body::Asked {
            group, expires_at, ..
        } => format!(
            "asked {} until {expires_at}",
            group
                .as_ref()
                .map_or("nobody in particular".into(), |group| shown(
                    group.as_str(),
                    TITLE_MAX
                ))
        ),
        Body::Answered { by, answer, .. } => {
            format!("{} {}", shown(by.as_str(), TITLE_MAX), answered(answer))
        }
        Body::Expired { paged, .. } => expired(paged.as_ref()),
        Body::Started { .. }
        | Body::Executed { .. }
        | Body::Failed { .. }
        | Body::InDoubt { .. }
        | Body::Verified { .. }
        | Body::Undone { .. } => attempted(&event.body),
        Body::Claimed { by } => format!("claimed by {}", shown(by.as_str(), TITLE_MAX)),
        Body::Escalated { by, group, .. } => format!(
            "{} handed it to {}",
            shown(by.as_str(), TITLE_MAX),
            shown(group.as_str(), TITLE_MAX)
        ),
        Body::Snoozed { by, until, .. } => {
            format!("{} put it off until {until}", shown(by.as_str(), TITLE_MAX))
        }
        Body::Closed {
            by, disposition, ..
        } => format!("closed by {by} as {disposition}"),
        Body::Reopened { by, .. } => format!("reopened by {}", shown(by.as_str(), TITLE_MAX)),
        Body::Learned { precedent } => format!("precedent {precedent} made of it"),
    }
}

/// A try at a model, for a draft or for a question.
fn called(endpoint: &str, outcome: &str, told: Option<&Sealed<Told>>) -> String {
    let what = match told {
        None => "called",
        Some(_) => "asked about the case",
    };
    let (endpoint, outcome) = (shown(endpoint, TITLE_MAX), shown(outcome, TEXT_MAX));
    format!("model at {endpoint} {what}: {outcome}")
}

/// Nobody answered, and whether whoever is on call was told.
fn expired(paged: Option<&Paged>) -> String {
    let late = "nobody answered in time";
    match paged {
        None => late.into(),
        Some(Paged::Sent { receipt }) => {
            format!("{late}; the pager was called: {}", shown(receipt, TEXT_MAX))
        }
        Some(Paged::Unsent { cause }) => {
            format!("{late}, and nobody was paged: {}", shown(cause, TEXT_MAX))
        }
    }
}

/// What an attempt at an action came to.
fn attempted(body: &Body) -> String {
    match body {
        Body::Started {
            attempt, action, ..
        } => format!("attempt {attempt} of {action} started"),
        Body::Executed { attempt, receipt } => {
            format!("attempt {attempt} done: {}", shown(receipt, TEXT_MAX))
        }
        Body::Failed { attempt, cause } => {
            format!("attempt {attempt} failed: {}", shown(cause, TEXT_MAX))
        }
        Body::InDoubt { attempt, known } => {
            format!("attempt {attempt} is in doubt: {}", shown(known, TEXT_MAX))
        }
        Body::Verified { probe, result } => match result {
            Probe::Held => format!("probe {probe}: it worked"),
            Probe::NotHeld => format!("probe {probe}: it did not work"),
        },
        Body::Undone { by, receipt, .. } => format!(
            "undone by {}: {}",
            shown(by.as_str(), TITLE_MAX),
            shown(receipt, TEXT_MAX)
        ),
        _ => body.kind().into(),
    }
}

/// What an event says beneath its sentence.
pub async fn details(
    app: &App,
    tenant: &crate::domain::id::TenantId,
    event: &Event,
) -> anyhow::Result<Vec<String>> {
    Ok(match &event.body {
        Body::Retrieved { found, .. } => {
            let shown_of = found.iter().take(LOOK_ALIKES_MAX);
            let ids: Vec<_> = shown_of
                .clone()
                .map(|found| found.precedent.clone())
                .collect();
            let rows = app.precedents(tenant, &ids).await?;
            shown_of
                .map(|found| {
                    let row = rows.iter().find(|row| row.id == found.precedent);
                    let scope = if found.in_scope {
                        "in scope"
                    } else {
                        "not in scope"
                    };
                    let summary = row.map_or("gone", |row| row.summary.as_str());
                    format!(
                        "{} ({scope}): {}",
                        shown(found.precedent.as_str(), TITLE_MAX),
                        shown(summary, TEXT_MAX)
                    )
                })
                .collect()
        }
        Body::Drafted { draft, .. } => draft.content().map_or_else(Vec::new, drafted),
        Body::Called {
            told: Some(told), ..
        } => told.content().map_or_else(Vec::new, questioned),
        Body::Decided { decision } => held_by(decision),
        _ => Vec::new(),
    })
}

/// What was asked, and what a model said to it.
fn questioned(told: &Told) -> Vec<String> {
    let answer = told.answer.iter();
    let answer = answer.map(|answer| {
        let cited = shown(&told.citations.join(", "), TITLE_MAX);
        format!("said, by {cited}: {}", shown(answer, DRAFT_MAX))
    });
    std::iter::once(format!("asked: {}", shown(&told.question, TEXT_MAX)))
        .chain(answer)
        .collect()
}

/// What a draft says. What a model named and the alert does not is marked in its words.
fn drafted(draft: &Draft) -> Vec<String> {
    let drafter = shown(&draft.drafter.to_string(), TITLE_MAX);
    let mut said = vec![
        format!("by {drafter}: {}", draft.disposition),
        shown(&draft.rationale, DRAFT_MAX),
    ];
    let missing = draft.missing.iter();
    said.extend(missing.map(|text| format!("not known: {}", shown(text, TEXT_MAX))));
    let reply = draft.reply.iter();
    said.extend(reply.map(|text| format!("reply: {}", shown(text, DRAFT_MAX))));
    said
}

fn planned(plan: &Plan) -> String {
    match plan {
        Plan::Complete { proposal, because } => {
            format!(
                "plan: {} (as {} precedents in scope did)",
                doing(proposal),
                because.len()
            )
        }
        Plan::Incomplete {
            action, missing, ..
        } => {
            let missing = missing.iter().map(|(name, why)| format!("{name}: {why}"));
            let missing = missing.collect::<Vec<_>>().join("; ");
            format!("plan: {action}, incomplete: {}", shown(&missing, TEXT_MAX))
        }
        Plan::None { why } => format!("no plan: {}", shown(why, TEXT_MAX)),
    }
}

fn doing(proposal: &Proposal) -> String {
    action(&view::action(proposal))
}

fn decided(decision: &Decision) -> String {
    let offered = decision.offered.as_ref().map_or_else(
        || "no action".into(),
        |offered| format!("{} for {}", doing(offered), offered.disposition),
    );
    format!(
        "the gate said {} on the word of {} (attested and promoted: {}); put to a person: {offered}; digest {}",
        decision.verdict.effect,
        decision.principal,
        decision.would,
        decision.digest.short()
    )
}

fn held_by(decision: &Decision) -> Vec<String> {
    let failing = decision
        .verdict
        .findings
        .iter()
        .filter(|finding| !finding.holds);
    failing
        .map(|finding| {
            format!(
                "held by {}: {}",
                finding.code,
                shown(&finding.observed, TEXT_MAX)
            )
        })
        .collect()
}

fn answered(answer: &Answer) -> String {
    match answer {
        Answer::Approve => "approved it".into(),
        Answer::Propose { proposal } => format!("proposed {} instead", doing(proposal)),
        Answer::Reject { closing } => format!("rejected it: {}", closing.disposition),
        Answer::Resolve { closing } => format!("resolved it: {}", closing.disposition),
    }
}

/// What the case waits for.
pub fn next(story: &Story) -> String {
    let at = story
        .events
        .last()
        .map_or(story.case.opened_at, |event| event.at);
    match story.case.next(at) {
        Step::AwaitAnswer(until) => {
            let group = story.case.ask.as_ref().and_then(|ask| ask.group.as_ref());
            let group = group.map_or("a person".into(), |group| shown(group.as_str(), TITLE_MAX));
            format!("{group} answers, until {until}")
        }
        Step::Rest => "nothing, until something happens".into(),
        step => step.word().into(),
    }
}
