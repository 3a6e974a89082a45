//! Requests: what somebody asks for is a case like any other, of the source `request`. Every member of the workspace may ask: by `/tierone ask`, or in the
//! intake channel, where what they write is answered with a form.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    blocks::{Look, button, buttons, plain_text, section, with},
    bot::{Bot, Told},
    command::split,
    form::{Missing, OPTIONS_MAX, TITLE_MAX, input, option, picked, select},
    incoming::{Asked, Begin, Delivery, REQUEST, Reply, Sender, Spot, Typed},
    safe_text::{code, cut},
};
use crate::{
    app::{
        accept::{Accepted, Post},
        worker::Ticket,
    },
    domain::{
        alert::Origin,
        id::{CaseId, SourceId},
        request::{Request, SOURCE},
    },
    pipeline::normalise::Asked as AskedSource,
};

/// How its alerts are known: what is in them is from Slack, which proved itself.
const KEY: &str = "slack";
const TEXT_MAX: usize = 2_000;
const WORD_MAX: usize = 60;
/// Units of what somebody wrote that the button of a form carries.
const CARRIED_MAX: usize = 1_500;
/// The blocks of the form.
const TOPIC: &str = "topic";
const MATTER: &str = "matter";

/// What is asked for.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    topic: &'a str,
    matter: &'a str,
}

impl Bot {
    /// Makes a case of what is asked for; without words, opens the form.
    pub(super) async fn ask_for(
        &self,
        delivery: &Delivery,
        typed: &Typed,
        text: &str,
    ) -> anyhow::Result<Told> {
        let sender = &delivery.sender;
        self.member(sender).await?;
        let channel = delivery.reply.channel.clone();
        let spot = Spot {
            channel: channel.context("Slack does not say where this was typed; try again")?,
            thread: None,
        };
        let (topic, matter) = split(text);
        if topic.is_empty() {
            let form = form(self.slack.topics(), &spot, "");
            return self.open(&typed.trigger, &form).await;
        }
        if matter.is_empty() {
            bail!(
                "a request is a topic and what it is about; write for instance `/tierone ask vpn-not-connecting it hangs since this morning`, or only `/tierone ask` for a form"
            );
        }
        let case = self.take_request(delivery, &spot, Wanted { topic, matter });
        let case = case.await?;
        Ok(Told::Lines(vec![format!(
            "It is case `{case}`, about {}. What comes of it you are told directly.",
            code(topic, WORD_MAX)
        )]))
    }

    /// Answers what was written in the intake channel with a button for the form.
    pub(super) async fn offer_form(
        &self,
        sender: &Sender,
        reply: &Reply,
        text: &str,
    ) -> anyhow::Result<Told> {
        self.member(sender).await?;
        let (Some(channel), Some(thread)) = (&reply.channel, &reply.thread) else {
            return Ok(Told::Nothing);
        };
        if !self.offered.may(&sender.user, Instant::now()) {
            tracing::info!(user = %sender.user.escape_debug(), "somebody writes a lot in the intake channel and is not answered for a while");
            return Ok(Told::Nothing);
        }
        let carried = format!(
            "{} {channel} {thread} {}",
            sender.user,
            cut(text, CARRIED_MAX)
        );
        let told =
            "What is it about? Pick a topic, and a team has it, or the answer is here at once.";
        let body = json!({
            "channel": channel, "thread_ts": thread, "text": told,
            "blocks": [
                section(&[told.into()]),
                buttons("tierone-request", vec![button(REQUEST, "Pick a topic…", &carried, Look::Primary)]),
            ],
            "parse": "none", "link_names": false, "unfurl_links": false, "unfurl_media": false,
        });
        self.slack.call("chat.postMessage", &body).await?;
        Ok(Told::Nothing)
    }

    /// Opens the form for whoever wrote.
    pub(super) async fn begin_request(
        &self,
        sender: &Sender,
        begin: &Begin,
    ) -> anyhow::Result<Told> {
        self.member(sender).await?;
        if begin.author != sender.user {
            bail!("this is somebody else's request; write your own into the channel");
        }
        let form = form(self.slack.topics(), &begin.spot, &begin.text);
        self.open(&begin.trigger, &form).await
    }

    /// Makes a case of a form that was filled in.
    pub(super) async fn asked_by_form(
        &self,
        delivery: &Delivery,
        asked: &Asked,
    ) -> anyhow::Result<Told> {
        self.member(&delivery.sender).await?;
        let (topic, matter) = filled(asked, self.slack.topics())
            .map_err(|_| anyhow::anyhow!("the form is not filled in; open it again"))?;
        let taken = self.take_request(delivery, &asked.spot, Wanted { topic, matter });
        if let Err(error) = taken.await {
            // A form has no address for answers: they are told where they asked.
            let reply = Reply {
                channel: Some(asked.spot.channel.clone()),
                ..Reply::default()
            };
            let told = super::bot::refusal(&error);
            self.tell(&delivery.sender.user, &reply, told).await;
            return Err(error);
        }
        Ok(Told::Nothing)
    }

    async fn open(&self, trigger: &str, view: &Value) -> anyhow::Result<Told> {
        let opened = json!({ "trigger_id": trigger, "view": view });
        self.slack.call("views.open", &opened).await?;
        Ok(Told::Nothing)
    }

    async fn take_request(
        &self,
        delivery: &Delivery,
        spot: &Spot,
        wanted: Wanted<'_>,
    ) -> anyhow::Result<CaseId> {
        let user = &delivery.sender.user;
        if !self.asking.may(user, Instant::now()) {
            bail!(
                "you asked for several things within ten minutes; wait a little, or call whoever is on duty"
            );
        }
        let now = self.app.now();
        let matter: String = wanted.matter.chars().take(TEXT_MAX).collect();
        let request = json!({ "request": {
            "topic": wanted.topic, "text": matter, "asker": { "id": user },
            "channel": spot.channel, "asked_at": now.to_string(), "id": delivery.name.to_string(),
        } });
        let tenant = self.slack.tenant();
        let post = Post {
            tenant: tenant.clone(),
            name: "a request".into(),
            bytes: request.to_string().into_bytes(),
            source: AskedSource::Source {
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
        let direct = spot.thread.is_none();
        let request = Request {
            case,
            asker: user.clone(),
            channel: if direct { user } else { &spot.channel }.clone(),
            thread: spot.thread.clone(),
            told: None,
            state: String::new(),
            events: 0,
            asked_at: now,
            helped_at: None,
        };
        self.app.keep_request(&tenant, &request).await?;
        self.workers.offer(&Ticket { tenant, case });
        Ok(case)
    }
}

/// The form: a topic, and the matter in words.
pub fn form(topics: &[String], spot: &Spot, written: &str) -> Value {
    let options: Vec<Value> = topics
        .iter()
        .take(OPTIONS_MAX)
        .map(|topic| option(topic, topic, None))
        .collect();
    let matter = json!({ "type": "plain_text_input", "action_id": MATTER, "multiline": true, "max_length": TEXT_MAX });
    let matter = match written.trim() {
        "" => matter,
        written => with(matter, "initial_value", cut(written, CARRIED_MAX)),
    };
    json!({
        "type": "modal", "callback_id": REQUEST, "private_metadata": spot.text(),
        "title": plain_text("Ask for something", TITLE_MAX), "submit": plain_text("Ask", TITLE_MAX),
        "close": plain_text("Cancel", TITLE_MAX),
        "blocks": [input(TOPIC, "What is it about?", &select(&options)), input(MATTER, "Tell us more", &matter)],
    })
}

/// The topic and the matter, or what is missing.
pub fn filled<'a>(asked: &'a Asked, topics: &[String]) -> Result<(&'a str, &'a str), Missing> {
    let mut missing = Vec::new();
    let topic = picked(&asked.values, TOPIC, &mut missing);
    let topic = topic.filter(|topic| topics.iter().any(|own| own == topic));
    let matter = asked.values.one(MATTER);
    let matter = matter.filter(|text| !text.trim().is_empty());
    if matter.is_none() {
        missing.push((MATTER, "say in a few words what it is".into()));
    }
    topic.zip(matter).ok_or(missing)
}
