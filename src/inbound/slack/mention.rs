//! A question about a case, in the thread of its card: answered from the record of the case. Nothing is done because of it, whatever it says.

use anyhow::{Context as _, bail};
use serde_json::json;

use super::{
    blocks::{context, words},
    bot::{Bot, Told},
    incoming::{Reply, Sender},
    safe_text::{code, plain},
};
use crate::{
    domain::{
        event::Sight,
        id::{CaseId, TenantId},
    },
    inbound::record::record,
    pipeline::question::QUESTION_MAX,
};

const ANSWER_MAX: usize = 2_500;
const CITED_MAX: usize = 200;

impl Bot {
    /// Answers a question.
    pub(super) async fn mentioned(
        &self,
        sender: &Sender,
        reply: &Reply,
        text: &str,
    ) -> anyhow::Result<Told> {
        self.person(sender).await?;
        let (Some(channel), Some(thread)) = (&reply.channel, &reply.thread) else {
            return Ok(Told::Nothing);
        };
        let tenant = self.slack.tenant();
        let id = self.spoken_of(&tenant, channel, thread, text).await?;
        let found = self.app.find(&tenant, id).await?;
        let found = found.context("the case is gone; ask about another")?;
        let ask = found.case.ask.as_ref();
        if found.case.is_open() && ask.is_some_and(|ask| ask.sight == Sight::Blind) {
            bail!(
                "this case is asked blind: nothing is said of it before it is answered; look at the alert itself"
            );
        }
        let question = question(text)?;
        let record = record(&self.app, &found).await?;
        let now = self.app.now();
        let answer = self.app.question(&found, &record, &question, now).await?;
        let by = format!("by {}", code(&answer.by, CITED_MAX));
        let cited = if answer.citations.is_empty() {
            "rests on nothing".into()
        } else {
            format!("rests on {}", code(&answer.citations.join(", "), CITED_MAX))
        };
        let lines: Vec<String> = answer
            .answer
            .lines()
            .map(|line| plain(line, ANSWER_MAX))
            .collect();
        let body = json!({
            "channel": channel, "thread_ts": thread, "text": "an answer from the record of the case",
            "blocks": [words(&lines.join("\n")), context(&[format!("{cited}, {by}")])],
            "parse": "none", "link_names": false, "unfurl_links": false, "unfurl_media": false,
        });
        self.slack.call("chat.postMessage", &body).await?;
        Ok(Told::Nothing)
    }

    /// The case whose card heads the thread, or whose id is in the text.
    async fn spoken_of(
        &self,
        tenant: &TenantId,
        channel: &str,
        thread: &str,
        text: &str,
    ) -> anyhow::Result<CaseId> {
        let named = text
            .split(|character: char| !character.is_ascii_hexdigit() && character != '-')
            .find_map(|word| word.parse().ok());
        if let Some(id) = named {
            return Ok(id);
        }
        let found = self.app.case_of_message(tenant, channel, thread).await?;
        found.context("this is no thread of a card; ask below a card, or write the id of a case")
    }
}

/// What was asked, without the names of whom it was asked.
fn question(text: &str) -> anyhow::Result<String> {
    let mut question = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<@") {
        question.push_str(before);
        rest = after.split_once('>').map_or("", |(_, after)| after);
    }
    question.push_str(rest);
    let question: String = question.trim().chars().take(QUESTION_MAX).collect();
    if question.is_empty() {
        bail!(
            "nothing was asked; ask for instance why it is not automatic, or what was done last time"
        );
    }
    Ok(question)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_what_is_said_beside_the_name() {
        assert_eq!(question("<@U0BOT> why not?").unwrap(), "why not?");
        assert_eq!(question("why <@U0BOT|x> not").unwrap(), "why  not");
        assert!(question("<@U0BOT>  ").is_err());
        assert_eq!(question(&"x".repeat(9_999)).unwrap().len(), QUESTION_MAX);
    }
}
