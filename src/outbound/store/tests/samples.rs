//! Samples for the store's tests: an alert, cases in their first and in a later phase, precedents.

use std::{collections::BTreeMap, error::Error};

use jiff::Timestamp;
use serde_json::json;

use crate::domain::{
    alert::{Alert, Origin, Reading, Status},
    canonical::Digest,
    case::Case,
    decision::{Data, Decision, Effect, Principal, Verdict},
    draft::{Disposition, Draft, Drafter, Standing},
    event::{Again, Body, EVENT_VERSION, Event},
    id::{ActionId, CaseId, PersonId, PrecedentId, SourceId, TenantId},
    person::Proof,
    precedent::{Breadth, Cluster, Precedent, PrecedentOrigin, Scope},
    proposal::{Plan, Proposal, Proposer},
    recorded::Recorded,
    sealed::Sealed,
    severity::Severity,
};

type Sample<T> = Result<T, Box<dyn Error>>;

pub(super) fn tenant() -> TenantId {
    TenantId::new("acme")
}

pub(super) fn stranger() -> TenantId {
    TenantId::new("globex")
}

pub(super) fn source() -> SourceId {
    SourceId::new("alertmanager")
}

/// So many seconds after a fixed moment.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap_or_default()
}

pub(super) fn alert(fingerprint: &str, occurrence_id: &str, seconds: i64) -> Alert {
    Alert {
        tenant: tenant(),
        source: source(),
        origin: Origin::Named,
        detection_id: Some("rule".into()),
        rule_version: None,
        title: "web-1 is down".into(),
        severity: Some(Severity::High),
        raw_severity: None,
        occurred_at: None,
        received_at: at(seconds),
        entities: vec![],
        facets: vec![],
        fingerprint: Digest::of_bytes(fingerprint.as_bytes()),
        occurrence_id: occurrence_id.into(),
        status: Status::Firing,
        attack: vec![],
        owner_hints: vec![],
        links: vec![],
        reading: Reading::Whole,
        raw: json!({"host": "web-1", "load": 0.1}),
    }
}

fn sealed(fingerprint: &str, occurrence_id: &str, salt: u8, seconds: i64) -> Sample<Sealed<Alert>> {
    Ok(Sealed::new(
        alert(fingerprint, occurrence_id, seconds),
        [salt; 32],
    )?)
}

/// A case that was opened at second 1.
pub(super) fn case_of(
    number: u8,
    fingerprint: &str,
    occurrence_id: &str,
) -> Sample<(Case, Recorded)> {
    let event = Event {
        version: EVENT_VERSION,
        tenant: tenant(),
        case: CaseId::new(uuid::Uuid::from_u128(number.into())),
        number: 1,
        at: at(1),
        previous: Digest::ZERO,
        body: Body::Received {
            alert: sealed(fingerprint, occurrence_id, number, 1)?,
            status: Status::Firing,
            urgency: Severity::High,
        },
    };
    let event = Recorded::new(event)?;
    Ok((Case::open_recorded(&event)?, event))
}

/// `case` after a repeat at this second, on which it is decided again.
pub(super) fn repeated(case: &Case, occurrence_id: &str, seconds: i64) -> Sample<(Case, Recorded)> {
    let salt = u8::try_from(100 + seconds)?;
    let body = Body::Repeated {
        alert: sealed("fingerprint", occurrence_id, salt, seconds)?,
        urgency: Severity::High,
        again: Again::Decide {
            because: "new entity".into(),
        },
    };
    let mut after = case.clone();
    let event = after.record(case.event(body, at(seconds)))?;
    Ok((after, event))
}

/// A case with six events, the last of which is a start.
pub(super) fn started(number: u8, fingerprint: &str) -> Sample<(Case, Vec<Recorded>)> {
    let (mut case, event) = case_of(number, fingerprint, "occurrence")?;
    let mut events = vec![event];
    let bodies = [
        Body::Retrieved {
            found: vec![],
            unavailable: None,
        },
        Body::Planned {
            plan: Plan::Complete {
                proposal: proposal(),
                because: vec![],
            },
        },
        drafted()?,
        Body::Decided {
            decision: decision(),
        },
        Body::Started {
            attempt: 1,
            decided: 5,
            digest: Digest::ZERO,
            action: proposal().action,
            targets: vec!["web-1".into()],
            owner: "test".into(),
            deadline: at(60),
        },
    ];
    for (seconds, body) in (2..).zip(bodies) {
        let event = case.event(body, at(seconds));
        events.push(case.record(event)?);
    }
    Ok((case, events))
}

fn proposal() -> Proposal {
    Proposal {
        disposition: Disposition::BenignPositive,
        action: ActionId::new("close"),
        parameters: BTreeMap::new(),
        proposer: Proposer::Agent,
    }
}

fn drafted() -> Sample<Body> {
    let draft = Draft {
        drafter: Drafter::Plan,
        disposition: Disposition::BenignPositive,
        action: Some(proposal().action),
        parameters: BTreeMap::new(),
        rationale: "web-1 restarts every night".into(),
        citations: vec![],
        reply: None,
        prompt: None,
        tokens: 0,
        missing: vec![],
        unverified: vec![],
    };
    Ok(Body::Drafted {
        draft: Sealed::new(draft, [200; 32])?,
        standing: Standing::Key,
    })
}

fn decision() -> Decision {
    Decision {
        principal: Principal::Agent,
        verdict: Verdict {
            effect: Effect::Fire,
            quorum: 1,
            findings: vec![],
        },
        would: Effect::Fire,
        held_by: vec![],
        proposal: Some(proposal()),
        offered: Some(proposal()),
        targets: vec!["web-1".into()],
        chain: vec![],
        digest: Digest::ZERO,
        expires_at: at(900),
        data: Data {
            release: Digest::ZERO,
            inventory: Digest::ZERO,
            calibration: None,
        },
        rank: None,
    }
}

/// A precedent of a rule; numbers give ids and times in their order.
pub(super) fn precedent(tenant: &TenantId, rule: &str, number: u32) -> Precedent {
    Precedent {
        id: PrecedentId::new(format!("p-{number:04}")),
        summary: "web-1 restarts every night for its backup, and is back within five minutes"
            .into(),
        disposition: Disposition::BenignPositive,
        action: Some(ActionId::new("close")),
        parameters: BTreeMap::from([("owner".to_owned(), "owner".into())]),
        reply: None,
        scope: Scope {
            tenant: tenant.clone(),
            source: source(),
            detection_id: rule.into(),
            facets: BTreeMap::from([
                ("host".to_owned(), "web-1".to_owned()),
                ("job".to_owned(), "node".to_owned()),
            ]),
            breadth: Breadth::Strict,
        },
        confirmed_by: PersonId::new("mira"),
        proof: Proof::OsUser,
        received_at: at(i64::from(number) * 3600),
        closed_at: at(i64::from(number) * 3600 + 600),
        cluster: Cluster::new("target:web-1"),
        seen_draft: false,
        wider: None,
        origin: PrecedentOrigin::Demo,
        about: None,
    }
}
