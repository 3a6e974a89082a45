//! Question: puts a question about a case to the models, and to its record where none of them answers. Every try is an event of the case, with what
//! was asked and said beside it; nothing else of the case changes.

use anyhow::Context as _;
use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    Models, Tried,
    conversation::{Means, converse},
    journal::{Account, Journal, Next},
    record::{Record, Where, called, total},
};
use crate::{
    app::{App, Story},
    domain::{alert::Alert, event::Event, residency::Region, sealed::Sealed, told::Told},
    pipeline::{
        prompt::{handles::Handles, tokens::Tokens},
        question::{Answer, Line, from_record, ground, people, prompt, visible},
        reply::Unusable,
        rules::Rules,
    },
};

impl App {
    /// What `record`, the lines of `story`, says to `question`.
    pub async fn question(
        &self,
        story: &Story,
        record: &[Line],
        question: &str,
        now: Timestamp,
    ) -> anyhow::Result<Answer> {
        let Some(models) = &self.models else {
            return Ok(from_record(record, question));
        };
        let (tenant, id) = (&story.case.tenant, story.case.id);
        // As it is, not as it is shown: what must not leave is known by all that the alert says.
        let case = self.case(tenant, id).await?;
        let case = case.with_context(|| format!("case `{id}` is gone; ask about another"))?;
        let alert = case.alert()?.clone();
        let asked = Asked::of(
            models,
            (&alert, &story.events),
            record,
            question,
            &self.rules,
        );
        let mut notes = Notes {
            asked: &asked,
            record: Record::of(self, case, now),
        };
        let chance = self.chance.salt()?;
        let said = models.answer(&asked, &mut notes, chance, now).await;
        if let Some(lost) = notes.record.lost.take() {
            return Err(lost);
        }
        Ok(said.unwrap_or_else(|why| {
            tracing::warn!(case = %id, tenant = %tenant, %why, "no model answered, the record does");
            from_record(record, question)
        }))
    }
}

/// What is asked, and what an answer to it may name.
struct Asked<'a> {
    question: &'a str,
    alert: &'a Alert,
    region: Region,
    lines: Vec<Line>,
    handles: Handles,
}

impl<'a> Asked<'a> {
    fn of(
        models: &Models,
        (alert, events): (&'a Alert, &[Event]),
        record: &[Line],
        question: &'a str,
        rules: &Rules,
    ) -> Self {
        let people = people(events);
        let handles = Handles::of(alert, std::iter::empty(), rules)
            .and_people(&people, rules.people.as_ref());
        let names = handles.names(alert, &models.redaction);
        Self {
            question,
            alert,
            region: Region::of(alert, rules),
            lines: visible(record, alert, rules),
            handles: handles.without_secrets(&names, &models.redaction),
        }
    }

    fn grounded(&self, text: &str) -> Result<Answer, Unusable> {
        ground(text, &self.lines, &self.handles, self.alert)
    }
}

/// Tries are appended to the case, wherever it stands: what left has left.
struct Notes<'a> {
    asked: &'a Asked<'a>,
    record: Record<'a>,
}

#[async_trait]
impl Journal for Notes<'_> {
    async fn note(&mut self, tried: Tried) -> Next {
        match self.append(tried).await {
            Ok(()) => Next::GoOn,
            Err(error) => {
                self.record.lost = Some(error);
                Next::Stop
            }
        }
    }
}

impl Notes<'_> {
    async fn append(&mut self, tried: Tried) -> anyhow::Result<()> {
        let said = tried.said.as_deref();
        let answer = said.and_then(|text| self.asked.grounded(text).ok());
        let told = Told {
            question: self.asked.question.to_owned(),
            citations: answer
                .iter()
                .flat_map(|own| own.citations.clone())
                .collect(),
            answer: answer.map(|own| own.answer),
        };
        let told = Sealed::new(told, self.record.app.chance.salt()?)?;
        let body = called(tried, Some(told));
        self.record.append(body, Where::Anywhere).await?;
        Ok(())
    }
}

impl Models {
    async fn answer(
        &self,
        asked: &Asked<'_>,
        notes: &mut Notes<'_>,
        chance: [u8; 32],
        now: Timestamp,
    ) -> Result<Answer, String> {
        let means = Means {
            prompts: &self.prompts,
            ceilings: &self.ceilings,
            ledger: &self.ledger,
            now,
        };
        let mut account = Account {
            spent: total(&notes.record.case),
            journal: notes,
            next: Next::GoOn,
        };
        let judge = |text: &str| asked.grounded(text).map(drop);
        let mut why = format!("no endpoint may have the data of {}", asked.region);
        let endpoints = self.endpoints.iter();
        for endpoint in endpoints.filter(|one| asked.region.lets(one.terms.region.as_deref())) {
            let bounds = (Tokens::of_model(endpoint.model.name()), endpoint.limits());
            let asking = prompt(
                (&asked.lines, asked.question),
                (&asked.handles, asked.alert),
                (&self.prompts, &self.redaction),
                bounds,
                chance,
            );
            let outcome = match asking {
                Ok(prompt) => converse(endpoint, &prompt, &means, &judge, &mut account).await,
                Err(fault) => Err(fault.to_string()),
            };
            match outcome {
                Ok(text) => {
                    let by = format!("model:{}", endpoint.model.name());
                    let answer = asked.grounded(&text);
                    return answer
                        .map(|answer| Answer { by, ..answer })
                        .map_err(|unusable| unusable.to_string());
                }
                Err(fault) => why = format!("{}: {fault}", endpoint.name),
            }
            if account.next == Next::Stop {
                break;
            }
        }
        Err(why)
    }
}
