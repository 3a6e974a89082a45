//! Question: puts a question about a case to the models, and to its record where none of them answers.

use jiff::Timestamp;

use super::{
    Models,
    conversation::{Means, converse},
    journal::{Account, Next},
};
use crate::{
    app::{App, Story},
    domain::{case::Spent, residency::Region},
    pipeline::{
        prompt::{handles::Handles, tokens::Tokens},
        question::{Answer, Line, from_record, ground, people, prompt, visible},
        rules::Rules,
    },
};

impl App {
    /// What `record`, the lines of `story`, says to `question`. Nothing is appended, whatever it says.
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
        let chance = self.chance.salt()?;
        let said = models.answer(story, (record, question), &self.rules, chance, now);
        Ok(said.await.unwrap_or_else(|why| {
            tracing::warn!(case = %story.case.id, %why, "no model answered, the record does");
            from_record(record, question)
        }))
    }
}

impl Models {
    async fn answer(
        &self,
        story: &Story,
        (record, question): (&[Line], &str),
        rules: &Rules,
        chance: [u8; 32],
        now: Timestamp,
    ) -> Result<Answer, String> {
        let alert = story.case.alert().map_err(|gone| gone.to_string())?;
        let region = Region::of(alert, rules);
        let record = visible(record, alert, rules);
        let people = people(&story.events);
        let handles = Handles::of(alert, std::iter::empty(), rules)
            .and_people(&people, rules.people.as_ref());
        let names = handles.names(alert, &self.redaction);
        let handles = handles.without_secrets(&names, &self.redaction);
        let means = Means {
            prompts: &self.prompts,
            ceilings: &self.ceilings,
            ledger: &self.ledger,
            now,
        };
        let mut tried = Vec::new();
        let mut account = Account {
            journal: &mut tried,
            spent: Spent::default(),
            next: Next::GoOn,
        };
        let judge = |text: &str| ground(text, &record, &handles, alert).map(drop);
        let mut why = format!("no endpoint may have the data of {region}");
        for endpoint in self
            .endpoints
            .iter()
            .filter(|one| region.lets(one.terms.region.as_deref()))
        {
            let bounds = (Tokens::of_model(endpoint.model.name()), endpoint.limits());
            let asking = prompt(
                (&record, question),
                (&handles, alert),
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
                    let answer = ground(&text, &record, &handles, alert);
                    return answer
                        .map(|answer| Answer {
                            by: format!("model:{}", endpoint.model.name()),
                            ..answer
                        })
                        .map_err(|unusable| unusable.to_string());
                }
                Err(fault) => why = format!("{}: {fault}", endpoint.name),
            }
        }
        Err(why)
    }
}
