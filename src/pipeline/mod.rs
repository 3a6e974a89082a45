//! What we do: the stages of one alert's path, and `advance`, which takes a case one step along it.
//!
//! Not here: reading and appending (that is `app`) and calling out into the world.

pub mod admit;
pub mod calibrate;
pub mod correlate;
pub mod draft;
pub mod gate;
pub mod learn;
pub mod mask;
pub mod normalise;
pub mod plan;
pub mod prompt;
pub mod question;
pub mod redact;
pub mod reply;
pub mod residency;
pub mod retrieve;
pub mod rules;
pub mod trials;

use jiff::{SignedDuration, Timestamp};

use self::{
    gate::{Question, Undecided, decide},
    rules::Rules,
};
use crate::{
    domain::{
        canonical::NotCanonical,
        case::{Case, Illegal, Phase},
        decision::{Decision, Principal},
        event::{Body, Event, Sight},
        evidence::assess,
        facts::{Facts, Known, StoreKind},
        sealed::Sealed,
        step::Step,
    },
    ports::{Drafting, Embedder, VectorStore},
};

/// What a stage may call.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Turns text into vectors.
    pub embedder: &'a dyn Embedder,
    /// Finds look-alikes.
    pub index: &'a dyn VectorStore,
    /// Writes drafts; `None` where no model is configured.
    pub model: Option<&'a dyn Drafting>,
}

/// Why a case did not advance. It stays where it is, and a person can see it there.
#[derive(Debug, thiserror::Error)]
pub enum Stuck {
    /// The case cannot take the step.
    #[error(transparent)]
    Case(#[from] Illegal),
    /// The gate made no decision.
    #[error(transparent)]
    Gate(#[from] Undecided),
    /// Something cannot be hashed.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
}

/// Takes `case` one step further and returns the events of it, not yet appended.
///
/// No event means that the next step is not the pipeline's: a person, an executor or the clock is awaited. A dependency that is
/// down stops nothing: what it would have said is recorded as missing, and a person decides.
pub async fn advance(
    case: &Case,
    facts: &Facts,
    ports: Ports<'_>,
    rules: &Rules,
    salt: [u8; 32],
    now: Timestamp,
) -> Result<Vec<Event>, Stuck> {
    let body = match case.next(now) {
        Step::Retrieve => retrieved(case, facts, ports).await?,
        Step::Plan => planned(case, facts, rules)?,
        Step::Draft => drafted(case, facts, ports, rules, salt).await?,
        Step::Decide(word) => Body::Decided {
            decision: decide(Question {
                case,
                word: &word,
                facts,
                rules,
                now,
            })?,
        },
        Step::Ask => match asked(case, facts, rules, now) {
            Some(body) => body,
            None => return Ok(Vec::new()),
        },
        Step::Expire => match &case.ask {
            Some(ask) => Body::Expired {
                digest: ask.digest,
                paged: None,
            },
            None => return Ok(Vec::new()),
        },
        Step::Close => match closed(case, salt)? {
            Some(body) => body,
            None => return Ok(Vec::new()),
        },
        Step::Admit
        | Step::Page
        | Step::AwaitAnswer(_)
        | Step::AwaitReceipt(_)
        | Step::Recover
        | Step::Verify
        | Step::Learn
        | Step::Rest => return Ok(Vec::new()),
    };
    Ok(vec![case.event(body, now)])
}

async fn retrieved(case: &Case, facts: &Facts, ports: Ports<'_>) -> Result<Body, Stuck> {
    let found = retrieve::retrieve(case.alert()?, facts, ports.embedder, ports.index).await;
    Ok(match found {
        Ok(found) => Body::Retrieved {
            found,
            unavailable: None,
        },
        Err(fault) => Body::Retrieved {
            found: Vec::new(),
            unavailable: Some(fault.to_string()),
        },
    })
}

fn planned(case: &Case, facts: &Facts, rules: &Rules) -> Result<Body, Stuck> {
    let alert = case.alert()?;
    let assessment = assess(&facts.evidence, alert, facts.store);
    Ok(Body::Planned {
        plan: plan::plan(&assessment, alert, rules),
    })
}

async fn drafted(
    case: &Case,
    facts: &Facts,
    ports: Ports<'_>,
    rules: &Rules,
    salt: [u8; 32],
) -> Result<Body, Stuck> {
    let near = &facts.look_alikes;
    let (draft, standing) = draft::draft(case, case.alert()?, near, ports.model, rules).await;
    Ok(Body::Drafted {
        draft: Sealed::new(draft, salt)?,
        standing,
    })
}

/// The next group is asked: the first of the chain, or the one after the group that let the ask run out.
fn asked(case: &Case, facts: &Facts, rules: &Rules, now: Timestamp) -> Option<Body> {
    let (number, decision) = case.decided.as_ref()?;
    let minutes = i64::from(rules.catalogue.expiry_minutes(case.urgency));
    let group = match (&case.phase, &case.ask) {
        (Phase::Expired, Some(ask)) => ask.later.first(),
        _ => decision.chain.first(),
    };
    let (decided, digest) = match (&case.phase, &case.ask) {
        (Phase::Expired, Some(ask)) => (ask.decided, ask.digest),
        _ => (*number, decision.digest),
    };
    Some(Body::Asked {
        decided,
        digest,
        group: group.cloned(),
        expires_at: now + SignedDuration::from_mins(minutes),
        sight: match (&case.phase, &case.ask) {
            // What was shown once cannot be asked blind any more.
            (_, Some(ask)) if ask.sight == Sight::Open => Sight::Open,
            (Phase::Expired, Some(ask)) => ask.sight,
            (Phase::Decided, _) => sight(decision, facts),
            // What was done already, and failed, was undone or was not the end of it, is put to people as it is.
            _ => Sight::Open,
        },
    })
}

/// Whether the person who is asked sees what the agent would do. A share of the eligible cases is asked blind: what people then say is the only
/// measure of whether the agent would have been right. In a demo store nothing is blind, nor where the stage cannot be read.
fn sight(decision: &Decision, facts: &Facts) -> Sight {
    let Known::Read(stage) = facts.gate.stage else {
        return Sight::Open;
    };
    let share = stage.blind_share(decision.is_only_drawn());
    let drawn = facts.store != StoreKind::Demo && facts.blind_draw < share;
    if drawn && decision.is_eligible() {
        Sight::Blind
    } else {
        Sight::Open
    }
}

fn closed(case: &Case, salt: [u8; 32]) -> Result<Option<Body>, Stuck> {
    Ok(match (&case.phase, &case.decided) {
        (Phase::Concluded(by, closing), _) => Some(Body::Closed {
            by: Principal::Person(by.clone()),
            disposition: closing.disposition,
            reason: closing.reason.clone(),
            mattered: closing.mattered.clone(),
        }),
        (Phase::Verified, Some((_, decision))) => {
            let proposal = decision.proposal.as_ref();
            proposal
                .map(|proposal| {
                    Ok::<_, NotCanonical>(Body::Closed {
                        by: decision.principal.clone(),
                        disposition: proposal.disposition,
                        reason: Sealed::new(
                            format!("`{}` was done and verified", proposal.action),
                            salt,
                        )?,
                        mattered: crate::domain::answer::Mattered::default(),
                    })
                })
                .transpose()?
        }
        _ => None,
    })
}
