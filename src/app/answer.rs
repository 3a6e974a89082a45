//! Answers: what a person says to an ask, and who may say it. Nothing is appended for someone who may not.

use anyhow::bail;
use jiff::{SignedDuration, Timestamp};

use super::{App, CONFLICTS_MAX, denied::Denied, withdraw::Said};
use crate::domain::{
    action::CLOSE,
    answer::{Answer, Closing},
    canonical::Digest,
    case::{Ask, Case, Phase},
    decision::Principal,
    draft::Disposition,
    event::{Body, Sight},
    id::{ActionId, CaseId, GroupId, PersonId, TenantId},
    person::Proof,
    proposal::{Proposal, Proposer},
};
use crate::outbound::store::StoreError;

/// The least hexadecimal digits of a digest that tell one ask from every other: nobody meets 48 bits by chance.
const SEEN_MIN_DIGITS: usize = 12;

/// The longest that a case is put off.
const SNOOZE_MAX: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Who speaks, and what proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// The kind of proof.
    pub proof: Proof,
    /// The identity that is proven.
    pub identity: String,
}

/// What a person wants done with a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Do what is asked, under the digest that the person saw.
    Approve(Digest),
    /// Do this instead: it is decided, and asked anew.
    Propose {
        /// The digest that the person saw.
        digest: Digest,
        /// The action; the asked one where it is not named.
        action: Option<ActionId>,
        /// Entity values by parameter.
        set: Vec<(String, String)>,
        /// What the case is taken for; as it is asked where nothing is said. Where it is asked blind, it must be.
        disposition: Option<Disposition>,
    },
    /// Do not do it; the case is over.
    Reject(Digest, Ending),
    /// The case is over without it.
    Resolve(Ending),
    /// The person takes it.
    Claim,
    /// A group gets it.
    Escalate(GroupId, String),
    /// Later.
    Snooze(Timestamp, String),
    /// It is not over.
    Reopen(String),
}

/// How a person ends a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// What it was.
    pub disposition: Disposition,
    /// Why.
    pub reason: String,
    /// The facets that mattered; none means all of them.
    pub mattered: Vec<String>,
}

impl Wish {
    /// What is done to the case, for people.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Approve(_) => "approved",
            Self::Propose { .. } => "changed",
            Self::Reject(..) => "rejected",
            Self::Resolve(_) => "resolved",
            Self::Claim => "claimed",
            Self::Escalate(..) => "escalated",
            Self::Snooze(..) => "put off",
            Self::Reopen(_) => "reopened",
        }
    }
}

impl App {
    /// Grants `wish` about a case of `tenant`, or says why not, and drives the case on.
    pub async fn answer(
        &self,
        tenant: &TenantId,
        id: CaseId,
        claimant: &Claimant,
        wish: Wish,
        now: Timestamp,
    ) -> anyhow::Result<Case> {
        let granted = self.grant(tenant, id, claimant, &wish, now);
        let after = Box::pin(granted).await?;
        Box::pin(self.work(after, now)).await
    }

    /// Grants `wish` and drives nothing: what follows from it is the workers' part. Where the case changed meanwhile, the wish is looked
    /// at anew, with the case as it is then.
    pub async fn grant(
        &self,
        tenant: &TenantId,
        id: CaseId,
        claimant: &Claimant,
        wish: &Wish,
        now: Timestamp,
    ) -> anyhow::Result<Case> {
        let person = self.person(claimant)?;
        for _ in 0..=CONFLICTS_MAX {
            let case = self.existing(tenant, id).await?;
            let case = Box::pin(self.drive(case, now)).await?;
            self.may(&case, &person, wish, now).await?;
            let body = self.body(&case, &person, claimant.proof, wish.clone(), now)?;
            let reason = match &body {
                Body::Reopened { reason, .. } => reason.content().cloned(),
                _ => None,
            };
            let said = Said {
                by: &person,
                reason: reason.unwrap_or_default(),
                what: wish.word(),
            };
            match self.say(case, body, said, now).await {
                Ok(after) => return Ok(after),
                Err(error) if is_conflict(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict {
            what: format!("case `{id}`"),
        }
        .into())
    }

    /// The digest of what is asked about a case, where `beginning` is what it begins with: the person then saw this ask and no other.
    pub async fn seen(
        &self,
        tenant: &TenantId,
        id: CaseId,
        beginning: &str,
    ) -> anyhow::Result<Digest> {
        if beginning.len() < SEEN_MIN_DIGITS {
            bail!(
                "`{beginning}` is too short for a digest; give at least the first {SEEN_MIN_DIGITS} digits that `cases show` prints"
            );
        }
        let case = self.existing(tenant, id).await?;
        let Some(ask) = case.ask.filter(|_| case.phase == Phase::Asked) else {
            let phase = case.phase.word();
            return Err(Denied::NothingAsked { case: id, phase }.into());
        };
        let now = ask.digest.to_string();
        if !now.starts_with(&beginning.to_lowercase()) {
            return Err(Denied::Moved { now }.into());
        }
        Ok(ask.digest)
    }

    pub(super) async fn existing(&self, tenant: &TenantId, id: CaseId) -> anyhow::Result<Case> {
        let case = self.store.case(tenant, id).await?;
        Ok(case.ok_or(Denied::NoSuchCase { case: id })?)
    }

    /// The person whom `claimant` is.
    pub(super) fn person(&self, claimant: &Claimant) -> Result<PersonId, Denied> {
        let people = self.rules.people.as_ref();
        people
            .and_then(|people| people.identified(claimant.proof, &claimant.identity))
            .map(|person| person.id.clone())
            .ok_or_else(|| Denied::Nobody {
                identity: claimant.identity.clone(),
            })
    }

    /// Whether the site's policy lets `person` do what they wish: the action that is asked, or to end a case.
    pub(super) async fn may(
        &self,
        case: &Case,
        person: &PersonId,
        wish: &Wish,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let offered = case.ask.as_ref().and_then(|ask| ask.offered.clone());
        let proposal = match wish {
            // Before the policy: what it says of the action would tell what is hidden.
            Wish::Approve(_) if case.is_blind() => {
                return Err(Denied::Blind { case: case.id }.into());
            }
            Wish::Approve(_) => offered,
            Wish::Propose {
                action,
                set,
                disposition,
                ..
            } => Some(self.proposal(case, person, action.as_ref(), set, *disposition)?),
            Wish::Reject(..)
            | Wish::Resolve(_)
            | Wish::Claim
            | Wish::Escalate(..)
            | Wish::Snooze(..)
            | Wish::Reopen(_) => None,
        };
        let disposition = match wish {
            Wish::Reject(_, ending) | Wish::Resolve(ending) => ending.disposition,
            _ => Disposition::Undetermined,
        };
        let proposal = proposal.unwrap_or_else(|| closing(disposition));
        self.permitted(case, person, &proposal, now).await
    }

    pub(super) fn body(
        &self,
        case: &Case,
        person: &PersonId,
        proof: Proof,
        wish: Wish,
        now: Timestamp,
    ) -> anyhow::Result<Body> {
        let by = person.clone();
        let sealed = |text: String| self.sealed(text);
        let answered = |digest, answer| Body::Answered {
            digest,
            by: by.clone(),
            proof,
            answer,
        };
        Ok(match wish {
            Wish::Approve(digest) => match open(case, digest, now)? {
                ask if ask.sight == Sight::Blind => {
                    return Err(Denied::Blind { case: case.id }.into());
                }
                ask => answered(ask.digest, Answer::Approve),
            },
            Wish::Propose {
                digest,
                action,
                set,
                disposition,
            } => {
                let proposal = self.proposal(case, person, action.as_ref(), &set, disposition)?;
                answered(
                    open(case, digest, now)?.digest,
                    Answer::Propose { proposal },
                )
            }
            Wish::Reject(digest, ending) => {
                let closing = self.closing(case, ending)?;
                answered(open(case, digest, now)?.digest, Answer::Reject { closing })
            }
            Wish::Resolve(ending) => {
                let closing = self.closing(case, ending)?;
                match &case.ask {
                    Some(ask) => answered(ask.digest, Answer::Resolve { closing }),
                    None => return self.closed_unasked(case, by, closing),
                }
            }
            Wish::Claim => Body::Claimed { by },
            Wish::Escalate(group, reason) => Body::Escalated {
                by,
                group,
                reason: sealed(reason)?,
            },
            Wish::Snooze(until, reason) => Body::Snoozed {
                by,
                until: put_off(until, now)?,
                reason: sealed(reason)?,
            },
            Wish::Reopen(reason) => Body::Reopened {
                by,
                reason: sealed(reason)?,
            },
        })
    }

    /// A case of which only a resolve was seen is asked about nowhere; a person may end it all the same.
    #[expect(
        clippy::unused_self,
        reason = "it is one of the wishes, beside the others"
    )]
    fn closed_unasked(&self, case: &Case, by: PersonId, closing: Closing) -> anyhow::Result<Body> {
        if case.phase != Phase::Quiet {
            let phase = case.phase.word();
            let case = case.id;
            return Err(Denied::NothingAsked { case, phase }.into());
        }
        Ok(Body::Closed {
            by: Principal::Person(by),
            disposition: closing.disposition,
            reason: closing.reason,
            mattered: closing.mattered,
        })
    }
}

/// The open ask, if it is the one that the person saw and has not run out.
fn open(case: &Case, digest: Digest, now: Timestamp) -> Result<&Ask, Denied> {
    let Some(ask) = case.ask.as_ref().filter(|_| case.phase == Phase::Asked) else {
        return Err(Denied::NothingAsked {
            case: case.id,
            phase: case.phase.word(),
        });
    };
    if ask.digest != digest {
        return Err(Denied::Moved {
            now: ask.digest.to_string(),
        });
    }
    if let Some(at) = case.passed_on(now) {
        return Err(Denied::Expired { at });
    }
    Ok(ask)
}

/// A case that is put off for ever is one that nobody looks at.
fn put_off(until: Timestamp, now: Timestamp) -> Result<Timestamp, Denied> {
    let latest = now + SNOOZE_MAX;
    if now < until && until <= latest {
        Ok(until)
    } else {
        Err(Denied::NoSuchTime { until, latest })
    }
}

/// To end a case is `close`, for the policy.
fn closing(disposition: Disposition) -> Proposal {
    bare(ActionId::new(CLOSE), disposition)
}

/// An action without parameters, for the policy.
pub(super) fn bare(action: ActionId, disposition: Disposition) -> Proposal {
    Proposal {
        disposition,
        action,
        parameters: std::collections::BTreeMap::new(),
        proposer: Proposer::Agent,
    }
}

pub(super) fn is_conflict(error: &anyhow::Error) -> bool {
    let failure = error.downcast_ref::<StoreError>();
    matches!(failure, Some(StoreError::Conflict { .. }))
}
