//! A body of each of the 23 kinds, in the flavours that make a difference to the case, aimed at where the case stands.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tierone::domain::{
    alert::{Alert, Origin, Reading, Status},
    answer::{Answer, Closing, Mattered},
    canonical::Digest,
    case::{Case, Phase},
    decision::{Data, Decision, Effect, Principal, Verdict},
    draft::{Disposition, Draft, Drafter, Standing},
    entity::{Entity, EntityKind, Handshake, Provenance, Role},
    event::{Again, Body, EVENT_VERSION, Event, LookAlike, Probe, Sight},
    id::{ActionId, CaseId, GroupId, PersonId, PrecedentId, SourceId, TenantId},
    person::Proof,
    proposal::{Parameter, ParameterRole, Plan, Proposal, Proposer},
    sealed::Sealed,
    severity::Severity,
};

/// Every kind with its flavours.
pub const KINDS: [(&str, &[&str]); 23] = [
    ("received", &["firing"]),
    ("repeated", &["joined", "decide", "graver"]),
    ("resolved", &[""]),
    ("retrieved", &["found", "nothing", "unavailable"]),
    ("planned", &["complete", "incomplete", "none"]),
    ("called", &[""]),
    ("drafted", &["key", "shown"]),
    (
        "decided",
        &["fire", "fire", "ask", "ask nothing", "ask other", "refuse"],
    ),
    ("asked", &["open", "blind"]),
    (
        "answered",
        &["approve", "approve", "propose", "reject", "resolve"],
    ),
    ("expired", &[""]),
    ("started", &[""]),
    ("executed", &[""]),
    ("failed", &[""]),
    ("in_doubt", &[""]),
    ("verified", &["held", "not held"]),
    ("undone", &[""]),
    ("claimed", &[""]),
    ("escalated", &[""]),
    ("snoozed", &[""]),
    ("closed", &["person", "agent"]),
    ("reopened", &[""]),
    ("learned", &[""]),
];

/// The kinds that can carry a case on from a phase.
pub fn likely(phase: &Phase) -> &'static [&'static str] {
    match phase {
        Phase::Quiet => &["repeated", "closed", "resolved"],
        Phase::Received => &["retrieved"],
        Phase::Retrieved => &["planned"],
        Phase::Planned => &["called", "drafted"],
        Phase::Drafted | Phase::Approved(_) | Phase::Proposed(_) => &["decided"],
        Phase::Decided => &["started", "started", "asked", "repeated"],
        Phase::Asked => &[
            "answered",
            "answered",
            "expired",
            "repeated",
            "escalated",
            "snoozed",
        ],
        Phase::Expired | Phase::Doubtful => &["asked", "asked", "asked", "undone", "failed"],
        Phase::Concluded(..) => &["closed"],
        Phase::Started => &["executed", "executed", "failed", "in_doubt"],
        Phase::Executed => &["verified", "verified", "undone"],
        Phase::Verified => &["closed", "closed", "undone"],
        Phase::Closed => &["learned", "learned", "reopened", "undone", "in_doubt"],
        Phase::Learned => &["reopened", "undone", "in_doubt"],
    }
}

/// Whether a body names what the case has: its digest, its number, its attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// It does.
    Right,
    /// It misses, in one of several ways.
    Wrong(u8),
}

/// One body to be made.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Its kind.
    pub kind: &'static str,
    /// Its flavour.
    pub flavour: &'static str,
    /// Whether it fits.
    pub aim: Aim,
    /// Who says it, where a person does.
    pub who: u8,
}

/// The clock of these tests: so many minutes after a fixed moment.
pub fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + minutes * 60).unwrap()
}

/// How long an ask and an attempt last.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(30);

/// The event that opens a case.
pub fn opening(status: Status) -> Event {
    Event {
        version: EVENT_VERSION,
        tenant: TenantId::new("acme"),
        case: CaseId::new(uuid::Uuid::from_u128(1)),
        number: 1,
        at: at(0),
        previous: Digest::ZERO,
        body: Body::Received {
            alert: sealed(alert(status, Severity::Medium, 0), 0),
            status,
            urgency: Severity::Medium,
        },
    }
}

/// The wanted body, for `case` at `now`.
pub fn body(wanted: Wanted, case: &Case, now: Timestamp) -> Body {
    let salt = u8::try_from(case.events % 250).unwrap();
    let by = person(wanted.who);
    match wanted.kind {
        "received" | "repeated" | "resolved" => signal(wanted, salt),
        "retrieved" | "planned" | "called" | "drafted" => work(wanted, salt),
        "decided" => Body::Decided {
            decision: decision(wanted, case, now),
        },
        "asked" | "answered" | "expired" => asking(wanted, case, now),
        "started" => started(wanted, case, now),
        "executed" | "failed" | "in_doubt" | "verified" => outcome(wanted, case),
        "undone" => Body::Undone {
            by,
            receipt: "taken back".into(),
            reason: sealed("a mistake".to_owned(), salt),
        },
        "claimed" => Body::Claimed { by },
        "escalated" => Body::Escalated {
            by,
            group: GroupId::new("leads"),
            reason: sealed("too big for me".into(), salt),
        },
        "snoozed" => Body::Snoozed {
            by,
            until: now + PATIENCE * 2,
            reason: sealed("after lunch".into(), salt),
        },
        "closed" => Body::Closed {
            by: match wanted.flavour {
                "agent" => Principal::Agent,
                _ => Principal::Person(by),
            },
            disposition: Disposition::BenignPositive,
            reason: sealed("known".into(), salt),
            mattered: Mattered::default(),
        },
        "reopened" => Body::Reopened {
            by,
            reason: sealed("not so".into(), salt),
        },
        "learned" => Body::Learned {
            precedent: PrecedentId::new("p-1"),
        },
        other => panic!("no kind `{other}`"),
    }
}

fn sealed<T: serde::Serialize>(content: T, salt: u8) -> Sealed<T> {
    Sealed::new(content, [salt; 32]).unwrap()
}

fn person(who: u8) -> PersonId {
    PersonId::new(["mira", "noor", "sol"][usize::from(who) % 3])
}

fn alert(status: Status, severity: Severity, number: u8) -> Alert {
    Alert {
        tenant: TenantId::new("acme"),
        source: SourceId::new("alertmanager"),
        origin: Origin::Named,
        detection_id: Some("rule".into()),
        rule_version: None,
        title: "web-1 is down".into(),
        severity: Some(severity),
        raw_severity: None,
        occurred_at: Some(at(0)),
        received_at: at(i64::from(number)),
        entities: vec![Entity {
            kind: EntityKind::Host,
            value: format!("web-{}", number % 4),
            role: Role::new("target.host"),
            provenance: Provenance::Field,
            handshake: Handshake::Unproven,
        }],
        facets: vec![],
        fingerprint: Digest::ZERO,
        occurrence_id: number.to_string(),
        status,
        attack: vec![],
        owner_hints: vec![],
        links: vec![],
        reading: Reading::Whole,
        raw: json!({"load": 0.25, "number": number}),
    }
}

fn signal(wanted: Wanted, salt: u8) -> Body {
    let firing = |severity| sealed(alert(Status::Firing, severity, salt), salt);
    let decide = Again::Decide {
        because: "something is new".into(),
    };
    match (wanted.kind, wanted.flavour) {
        ("received", _) => Body::Received {
            alert: firing(Severity::Medium),
            status: Status::Firing,
            urgency: Severity::Medium,
        },
        ("resolved", _) => Body::Resolved {
            alert: sealed(alert(Status::Resolved, Severity::Medium, salt), salt),
        },
        (_, "decide") => Body::Repeated {
            alert: firing(Severity::Medium),
            urgency: Severity::Medium,
            again: decide,
        },
        (_, "graver") => Body::Repeated {
            alert: firing(Severity::Critical),
            urgency: Severity::Critical,
            again: decide,
        },
        _ => Body::Repeated {
            alert: firing(Severity::Low),
            urgency: Severity::Low,
            again: Again::Joined,
        },
    }
}

fn work(wanted: Wanted, salt: u8) -> Body {
    match (wanted.kind, wanted.flavour) {
        ("retrieved", flavour) => Body::Retrieved {
            found: match flavour {
                "found" => vec![LookAlike {
                    precedent: PrecedentId::new("p-1"),
                    score_ppm: 900_000,
                    in_scope: true,
                }],
                _ => vec![],
            },
            unavailable: (flavour == "unavailable").then(|| "the index is down".into()),
        },
        ("planned", flavour) => Body::Planned {
            plan: plan(flavour),
        },
        ("called", _) => Body::Called {
            told: None,
            endpoint: "local".into(),
            outcome: "answered".into(),
            tokens: 12,
            cost_micros: 0,
        },
        (_, flavour) => Body::Drafted {
            draft: sealed(draft(), salt),
            standing: match flavour {
                "shown" => Standing::Shown {
                    because: "the model is down".into(),
                },
                _ => Standing::Key,
            },
        },
    }
}

fn plan(flavour: &str) -> Plan {
    match flavour {
        "complete" => Plan::Complete {
            proposal: proposal("block-ip", Proposer::Agent),
            because: vec![PrecedentId::new("p-1")],
        },
        "incomplete" => Plan::Incomplete {
            disposition: Disposition::TruePositive,
            action: ActionId::new("block-ip"),
            missing: BTreeMap::from([("address".to_owned(), "two of them".to_owned())]),
            because: vec![],
        },
        _ => Plan::None {
            why: "no precedents".into(),
        },
    }
}

fn draft() -> Draft {
    Draft {
        drafter: Drafter::Plan,
        disposition: Disposition::TruePositive,
        action: Some(ActionId::new("block-ip")),
        parameters: BTreeMap::from([("address".to_owned(), "198.51.100.7".to_owned())]),
        rationale: "guessing passwords".into(),
        citations: vec![PrecedentId::new("p-1")],
        reply: None,
        prompt: None,
        tokens: 0,
        missing: vec![],
        unverified: vec![],
    }
}

fn proposal(action: &str, proposer: Proposer) -> Proposal {
    let address = Parameter {
        role: ParameterRole::from("source.ip"),
        value: "198.51.100.7".into(),
    };
    Proposal {
        disposition: Disposition::TruePositive,
        action: ActionId::new(action),
        parameters: BTreeMap::from([("address".to_owned(), address)]),
        proposer,
    }
}

/// On the word of whoever the phase waits for; a wrong one is on someone else's, or fires what was not approved.
fn decision(wanted: Wanted, case: &Case, now: Timestamp) -> Decision {
    let expected = match &case.phase {
        Phase::Approved(by) | Phase::Proposed(by) => Principal::Person(by.clone()),
        _ => Principal::Agent,
    };
    let principal = match wanted.aim {
        Aim::Right | Aim::Wrong(0) => expected,
        Aim::Wrong(1) => Principal::Agent,
        Aim::Wrong(_) => Principal::Person(person(wanted.who)),
    };
    let effect = match wanted.flavour {
        "fire" => Effect::Fire,
        "refuse" => Effect::Refuse,
        _ => Effect::Ask,
    };
    let matter = match (&case.phase, wanted.aim) {
        (Phase::Approved(_), Aim::Right) => case.ask.as_ref().and_then(|ask| ask.offered.clone()),
        (Phase::Proposed(_), Aim::Right) => case.proposed.clone(),
        (Phase::Approved(_), Aim::Wrong(_)) => Some(proposal("not-approved", Proposer::Agent)),
        _ => match wanted.flavour {
            "ask nothing" => None,
            "ask other" => Some(proposal("page", Proposer::Agent)),
            _ => Some(proposal("block-ip", Proposer::Agent)),
        },
    };
    Decision {
        principal,
        verdict: Verdict {
            effect,
            quorum: 1,
            findings: vec![],
        },
        would: effect,
        held_by: vec![],
        offered: matter.clone().filter(|_| effect == Effect::Ask),
        proposal: matter,
        targets: vec!["198.51.100.7".into()],
        chain: vec![GroupId::new("soc"), GroupId::new("leads")],
        digest: Digest::of_bytes(&case.events.to_be_bytes()),
        expires_at: now + PATIENCE,
        data: Data {
            release: Digest::ZERO,
            inventory: Digest::ZERO,
            calibration: None,
        },
        rank: None,
    }
}

fn asking(wanted: Wanted, case: &Case, now: Timestamp) -> Body {
    let open = case.ask.as_ref().map_or(Digest::ZERO, |ask| ask.digest);
    let digest = match wanted.aim {
        Aim::Right => open,
        Aim::Wrong(way) => Digest::of_bytes(&u64::from(way).to_be_bytes()),
    };
    match wanted.kind {
        "expired" => Body::Expired {
            digest,
            paged: None,
        },
        "answered" => Body::Answered {
            digest,
            by: person(wanted.who),
            proof: Proof::Slack,
            answer: answer(wanted, u8::try_from(case.events % 250).unwrap()),
        },
        _ => asked(wanted, case, now),
    }
}

fn asked(wanted: Wanted, case: &Case, now: Timestamp) -> Body {
    let (decided, digest, group) = match (&case.phase, &case.ask, &case.decided) {
        (Phase::Expired, Some(ask), _) => (ask.decided, ask.digest, ask.later.first()),
        (_, _, Some((number, decision))) => (*number, decision.digest, decision.chain.first()),
        _ => (0, Digest::ZERO, None),
    };
    let (decided, digest) = match wanted.aim {
        Aim::Right => (decided, digest),
        Aim::Wrong(0) => (decided + 1, digest),
        Aim::Wrong(_) => (decided, Digest::of_bytes(b"another")),
    };
    Body::Asked {
        decided,
        digest,
        group: group.cloned(),
        expires_at: now + PATIENCE,
        sight: match wanted.flavour {
            "blind" => Sight::Blind,
            _ => Sight::Open,
        },
    }
}

fn answer(wanted: Wanted, salt: u8) -> Answer {
    let closing = Closing {
        disposition: Disposition::FalsePositive,
        reason: sealed("a test of ours".into(), salt),
        mattered: Mattered::default(),
    };
    match wanted.flavour {
        "propose" => Answer::Propose {
            proposal: proposal("page", Proposer::Person(person(wanted.who))),
        },
        "reject" => Answer::Reject { closing },
        "resolve" => Answer::Resolve { closing },
        _ => Answer::Approve,
    }
}

fn started(wanted: Wanted, case: &Case, now: Timestamp) -> Body {
    let (decided, digest, action, targets) = match &case.decided {
        Some((number, decision)) => (
            *number,
            decision.digest,
            decision
                .proposal
                .as_ref()
                .map_or(ActionId::new("none"), |proposal| proposal.action.clone()),
            decision.targets.clone(),
        ),
        None => (0, Digest::ZERO, ActionId::new("none"), vec![]),
    };
    let misses = |way| wanted.aim == Aim::Wrong(way);
    let earlier = case.attempt.as_ref().map_or(0, |attempt| attempt.number);
    Body::Started {
        attempt: earlier + if misses(0) { 2 } else { 1 },
        decided: decided + u64::from(misses(1)),
        digest: if misses(2) { Digest::ZERO } else { digest },
        action: if misses(3) {
            ActionId::new("lock-badge")
        } else {
            action
        },
        targets: if misses(4) {
            vec!["192.0.2.1".into()]
        } else {
            targets
        },
        owner: "worker-1".into(),
        deadline: now + PATIENCE,
    }
}

fn outcome(wanted: Wanted, case: &Case) -> Body {
    let made = case.attempt.as_ref().map_or(0, |attempt| attempt.number);
    let attempt = made + u32::from(wanted.aim != Aim::Right);
    match (wanted.kind, wanted.flavour) {
        ("executed", _) => Body::Executed {
            attempt,
            receipt: "done".into(),
        },
        ("failed", _) => Body::Failed {
            attempt,
            cause: "refused".into(),
        },
        ("in_doubt", _) => Body::InDoubt {
            attempt,
            known: "no receipt".into(),
        },
        (_, flavour) => Body::Verified {
            probe: "address-blocked".into(),
            result: match flavour {
                "held" => Probe::Held,
                _ => Probe::NotHeld,
            },
        },
    }
}
