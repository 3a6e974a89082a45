//! Record: the part of a case's drive that waits for a model. Each try is appended when it is over, so that what left is on the disk before
//! anything rests on it.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    Errand, Models, Tried,
    journal::{Journal, Next},
    ledger::plus,
};
use crate::{
    app::{App, CONFLICTS_MAX},
    domain::{
        canonical::Digest,
        case::{Case, Phase, Spent},
        decision::Effect,
        draft::{Draft, KeyRule, Standing},
        event::Body,
        facts::Facts,
        precedent::Precedent,
        sealed::Sealed,
        step::{Step, Word},
        told::Told,
    },
    outbound::store::StoreError,
    pipeline::{
        Ports, advance,
        draft::{of_model, stand_in},
        prompt::sheet::{PRECEDENTS_MAX, Seen, Subject, ordered},
    },
};

impl App {
    /// Whether `case` waits for a model to write its draft.
    pub(in crate::app) fn waits_for_a_model(&self, case: &Case) -> bool {
        self.models.is_some() && case.phase == Phase::Planned
    }

    /// Takes `case` over its draft. Where it changed meanwhile it is as the store has it.
    pub(in crate::app) async fn drafted(&self, case: Case, now: Timestamp) -> anyhow::Result<Case> {
        let Some(models) = &self.models else {
            return Ok(case);
        };
        let facts = self
            .facts(&case, &Step::Decide(Word::Agent), None, now)
            .await?;
        let facts = self.facts(&case, &Step::Draft, Some(facts), now).await?;
        let mut record = Record::of(self, case, now);
        if self.rules.key == KeyRule::WhenAsking {
            let own = self.own_draft(&record.case, &facts, now).await?;
            if let Some(own) = own {
                record.append(own, Where::Planned).await?;
                return Ok(record.case);
            }
        }
        let (draft, standing) = self.by_model(models, &facts, &mut record).await?;
        let draft = Sealed::new(draft, self.chance.salt()?)?;
        let drafted = Body::Drafted { draft, standing };
        record.append(drafted, Where::Planned).await?;
        Ok(record.case)
    }

    async fn by_model(
        &self,
        models: &Models,
        facts: &Facts,
        record: &mut Record<'_>,
    ) -> anyhow::Result<(Draft, Standing)> {
        let case = record.case.clone();
        let alert = case.alert()?;
        let seen = seen(&case, facts);
        let errand = Errand {
            subject: Subject {
                alert,
                precedents: &seen,
                rules: &self.rules,
                now: record.now,
            },
            spent: total(&case),
            chance: self.chance.fence(alert)?,
        };
        let written = models.write(&errand, record).await;
        if let Some(lost) = record.lost.take() {
            return Err(lost);
        }
        let took = total(&record.case)
            .tokens
            .saturating_sub(errand.spent.tokens);
        Ok(match written {
            Ok(written) => {
                let draft = of_model(&written.model, written.grounded, written.prompt, took);
                (draft, Standing::Key)
            }
            Err(why) => {
                tracing::warn!(case = %case.id, tenant = %case.tenant, %why, "no model wrote the draft, it is made from precedents");
                stand_in(&case, alert, &facts.look_alikes, &self.rules, &why)
            }
        })
    }

    /// The draft without a model, where the case fires with it: then nobody reads what a model would write.
    async fn own_draft(
        &self,
        case: &Case,
        facts: &Facts,
        now: Timestamp,
    ) -> anyhow::Result<Option<Body>> {
        let mut tried = case.clone();
        let mut own = None;
        for _ in [Step::Draft, Step::Decide(Word::Agent)] {
            let ports = Ports {
                embedder: &self.embedder,
                index: &self.index,
                model: None,
            };
            let salt = self.chance.salt()?;
            for event in advance(&tried, facts, ports, &self.rules, salt, now).await? {
                tried.apply(&event)?;
                own.get_or_insert(event.body);
            }
        }
        let fires = tried
            .decided
            .as_ref()
            .is_some_and(|(_, decision)| decision.verdict.effect == Effect::Fire);
        Ok(own.filter(|_| fires))
    }
}

/// Where a case must stand for an event to be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    /// Where it was.
    Planned,
    /// Wherever it is: what was sent has left, and counts in what the case took.
    Anywhere,
}

/// Whether a case is still where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum There {
    /// It is.
    Still,
    /// It was taken up anew: what was asked is about an earlier alert.
    Moved,
}

/// A case to which tries and the draft are appended one by one, however often it is repeated meanwhile.
pub(super) struct Record<'a> {
    pub(super) app: &'a App,
    pub(super) case: Case,
    alert: Digest,
    now: Timestamp,
    /// Why a try could not be written down.
    pub(super) lost: Option<anyhow::Error>,
}

#[async_trait]
impl Journal for Record<'_> {
    async fn note(&mut self, tried: Tried) -> Next {
        match self.append(called(tried, None), Where::Anywhere).await {
            Ok(There::Still) => Next::GoOn,
            Ok(There::Moved) => Next::Stop,
            Err(error) => {
                self.lost = Some(error);
                Next::Stop
            }
        }
    }
}

impl<'a> Record<'a> {
    pub(super) fn of(app: &'a App, case: Case, now: Timestamp) -> Self {
        Self {
            alert: case.alert.digest(),
            app,
            case,
            now,
            lost: None,
        }
    }

    fn there(&self) -> There {
        if self.case.phase == Phase::Planned && self.case.alert.digest() == self.alert {
            There::Still
        } else {
            There::Moved
        }
    }

    pub(super) async fn append(&mut self, body: Body, place: Where) -> anyhow::Result<There> {
        for _ in 0..=CONFLICTS_MAX {
            if place == Where::Planned && self.there() == There::Moved {
                return Ok(There::Moved);
            }
            let mut after = self.case.clone();
            let event = after.record(self.case.event(body.clone(), self.now))?;
            let store = &self.app.store;
            let events = [event];
            let appended = store.append(&self.case.tenant, Some(&self.case), &after, &events);
            match appended.await {
                Ok(()) => {
                    self.case = after;
                    return Ok(match place {
                        Where::Planned => There::Still,
                        Where::Anywhere => self.there(),
                    });
                }
                Err(StoreError::Conflict { .. }) => self.case = self.app.reread(&self.case).await?,
                Err(error) => return Err(error.into()),
            }
        }
        anyhow::bail!(
            "case `{}` kept changing while its draft was written; it stays where it is",
            self.case.id
        )
    }
}

/// The event of a try; `told` is what was asked about the case and said to it, where it is no draft.
pub(super) fn called(tried: Tried, told: Option<Sealed<Told>>) -> Body {
    Body::Called {
        endpoint: tried.endpoint,
        outcome: tried.outcome,
        tokens: tried.taken.tokens,
        cost_micros: tried.taken.cost_micros,
        told,
    }
}

/// What a case took so far.
pub(super) fn total(case: &Case) -> Spent {
    case.called
        .values()
        .fold(Spent::default(), |sum, spent| plus(sum, *spent))
}

/// The precedents that are shown: those that retrieval found, and one in scope that contradicts the plan where none of these does.
fn seen<'a>(case: &Case, facts: &'a Facts) -> Vec<Seen<'a>> {
    let mut seen: Vec<Seen<'a>> = facts
        .look_alikes
        .iter()
        .map(|row| Seen {
            in_scope: case
                .found
                .iter()
                .any(|found| found.precedent == row.id && found.in_scope),
            row,
        })
        .collect();
    let contradicting = contradicting(case, facts);
    if let Some(row) = contradicting.filter(|row| seen.iter().all(|seen| seen.row.id != row.id)) {
        seen.truncate(PRECEDENTS_MAX - 1);
        seen.push(Seen {
            row,
            in_scope: true,
        });
    }
    ordered(seen)
}

/// The newest precedent in scope that does not agree with the plan.
fn contradicting<'a>(case: &Case, facts: &'a Facts) -> Option<&'a Precedent> {
    let plan = case.plan.as_ref()?.proposal()?;
    let alert = case.alert.content()?;
    let rows = facts.evidence.rows.iter().filter(|row| {
        row.origin == facts.store.counts()
            && row.scope.covers(alert)
            && (row.disposition.side() != plan.disposition.side()
                || row.action.as_ref() != Some(&plan.action))
    });
    rows.max_by_key(|row| row.closed_at)
}
