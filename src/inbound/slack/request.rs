//! Requests: what somebody asks for by `/tierone ask` is a case like any other, of the source `request`. Every member of the workspace may ask.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde_json::json;
use tokio::time::Instant;

use super::{
    bot::{Bot, Told},
    command::split,
    incoming::Delivery,
    safe_text::code,
};
use crate::{
    app::{
        accept::{Accepted, Post},
        worker::Ticket,
    },
    domain::{alert::Origin, id::SourceId},
    pipeline::normalise::Asked,
};

/// The source of requests.
const SOURCE: &str = "request";
/// How its alerts are known: what is in them is from Slack, which proved itself.
const KEY: &str = "slack";
const TEXT_MAX: usize = 2_000;
const WORD_MAX: usize = 60;

impl Bot {
    /// Makes a case of what is asked for.
    pub(super) async fn ask_for(&self, delivery: &Delivery, text: &str) -> anyhow::Result<Told> {
        let sender = &delivery.sender;
        self.member(sender).await?;
        let (topic, matter) = split(text);
        if topic.is_empty() || matter.is_empty() {
            bail!(
                "a request is a topic and what it is about; write for instance `/tierone ask vpn-not-connecting it hangs since this morning`"
            );
        }
        if !self.asking.may(&sender.user, Instant::now()) {
            bail!(
                "you asked for several things within ten minutes; wait a little, or call whoever is on duty"
            );
        }
        let now = self.app.now();
        let matter: String = matter.chars().take(TEXT_MAX).collect();
        let request = json!({ "request": {
            "topic": topic, "text": matter, "asker": { "id": sender.user },
            "channel": delivery.reply.channel, "asked_at": now.to_string(), "id": delivery.name.to_string(),
        } });
        let tenant = self.slack.tenant();
        let post = Post {
            tenant: tenant.clone(),
            name: "a request".into(),
            bytes: request.to_string().into_bytes(),
            source: Asked::Source {
                id: SourceId::new(SOURCE),
                origin: Origin::Route {
                    key: KEY.into(),
                    sender: None,
                },
            },
            received_at: now,
        };
        let accepted = Arc::clone(&self.app).accept(post).await?;
        let case = accepted.into_iter().find_map(|accepted| match accepted {
            Accepted::Alert(entry) => Some(entry.case),
            Accepted::Control { .. } => None,
        });
        let case = case.context("no case was made of it; report this")?;
        self.workers.offer(&Ticket { tenant, case });
        Ok(Told::Lines(vec![format!(
            "A team has it: case `{case}`, about {}.",
            code(topic, WORD_MAX)
        )]))
    }
}
