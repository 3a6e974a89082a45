//! The outbox: brings what Slack shows up to what the store has. What is to be done is derived from the cases each time, so that after an hour without Slack
//! each card is brought up to date once, and nothing is replayed.

use std::{collections::HashMap, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    blocks::with,
    bot::Bot,
    card::{Here, Message, Scene, bare, card},
    fold::entities,
    routing::channel,
};
use crate::{
    app::Story,
    domain::{
        card::Card,
        case::{Case, Phase},
        id::{CaseId, PrecedentId},
    },
    ports::Fault,
};

/// How often it is looked for what is out of date though nothing was appended here: another process may have, and folds are counted anew.
const ROUND_EVERY: Duration = Duration::from_secs(2);
/// Between the beginnings of two rounds: what comes close together is shown together.
const ROUND_LEAST: Duration = Duration::from_millis(50);
/// A look takes at most one part in so many of the time: where very many cases are open it takes a while, and the store serves others too.
const SHARE: u32 = 4;
/// Cases of one round.
pub(super) const ROUND_MAX: u32 = 100;
/// How long Slack is left alone where it does not answer, at first and at the longest.
const WAIT_FIRST: Duration = Duration::from_millis(500);
const WAIT_MAX: Duration = Duration::from_secs(30);
/// The longest that is waited because Slack says so.
const RETRY_AFTER_MAX: Duration = Duration::from_mins(5);
/// How long a case is left alone whose card Slack refuses.
pub(super) const HELD: Duration = Duration::from_mins(1);
/// Precedents that a card is made with.
const PRECEDENTS_MAX: usize = 12;

/// Why a round ended early.
pub(super) enum Trouble {
    /// Slack did not take something: nothing goes on before it does.
    Slack(Fault),
    /// Something of ours failed.
    Own(anyhow::Error),
}

/// What a round remembers of the rounds before it.
#[derive(Default)]
pub(super) struct Rounds {
    /// Cases that are left alone until then.
    held: HashMap<CaseId, Instant>,
    /// How long it took to look for what is out of date.
    looked: Duration,
    /// When each fold was last looked at.
    pub(super) folds: HashMap<String, Instant>,
}

impl Rounds {
    /// Whether a case is left alone for now.
    pub(super) fn is_held(&self, case: CaseId) -> bool {
        self.held.contains_key(&case)
    }

    /// Leaves a case alone until then.
    pub(super) fn hold(&mut self, case: CaseId, until: Instant) {
        self.held.insert(case, until);
    }
}

impl Bot {
    /// Shows what there is until `stop`.
    pub(super) async fn show_all(&self, stop: &CancellationToken) {
        let mut rounds = Rounds::default();
        let mut wait = WAIT_FIRST;
        let mut news = self.app.news();
        loop {
            let began = Instant::now();
            // What is appended while a round looks is news for the next one.
            news.mark_unchanged();
            match self.round(&mut rounds).await {
                Ok(()) => wait = WAIT_FIRST,
                Err(trouble) => {
                    let pause = trouble.pause(wait);
                    trouble.log(pause);
                    wait = (wait * 2).min(WAIT_MAX);
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(pause) => {}
                    }
                    continue;
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.moved.notified() => {}
                _ = news.changed() => {}
                () = tokio::time::sleep(ROUND_EVERY) => {}
            }
            let least = (rounds.looked * SHARE).clamp(ROUND_LEAST, ROUND_EVERY);
            tokio::time::sleep_until(began + least).await;
        }
    }

    async fn round(&self, rounds: &mut Rounds) -> Result<(), Trouble> {
        let tenant = self.slack.tenant();
        let now = Instant::now();
        rounds.held.retain(|_, until| *until > now);
        let outdated = self
            .app
            .outdated_cards(&tenant, self.app.now(), ROUND_MAX)
            .await?;
        rounds.looked = now.elapsed();
        for id in outdated {
            if rounds.is_held(id) {
                continue;
            }
            match self.show(id).await {
                Ok(()) => {}
                Err(Trouble::Slack(Fault::Permanent(why))) => {
                    tracing::error!(case = %id, %why, "Slack does not take a card, it is tried again in a minute; the case can be answered on the command line and by HTTP");
                    rounds.hold(id, now + HELD);
                }
                Err(Trouble::Own(error)) => {
                    self.app.note(&error);
                    tracing::warn!(case = %id, error = %format!("{error:#}"), "a card cannot be made, it is tried again in a minute");
                    rounds.hold(id, now + HELD);
                }
                Err(trouble) => return Err(trouble),
            }
        }
        self.tell_askers(rounds).await?;
        self.fold_all(rounds).await
    }

    /// Brings what is shown of one case up to date.
    async fn show(&self, id: CaseId) -> Result<(), Trouble> {
        let tenant = self.slack.tenant();
        let Some(story) = self.app.find(&tenant, id).await? else {
            return Ok(());
        };
        let case = &story.case;
        let asked = asked_in(self, case);
        let cards = self.app.cards(&tenant, id).await?;
        // What was done alone is shown where it would have been asked.
        let alone = asked_or_done(self, case).filter(|_| cards.is_empty());
        let shown_in = asked.or(alone);
        let is_new =
            shown_in.is_some_and(|channel| cards.iter().all(|card| card.channel != channel));
        for card in cards.into_iter().filter(|card| card.events < case.events) {
            let here = match asked {
                Some(channel) if channel != card.channel => Here::PassedOn,
                _ => Here::Asked,
            };
            self.update(card, &story, here).await?;
        }
        match shown_in {
            Some(channel) if is_new => self.first(&story, channel).await,
            _ => Ok(()),
        }
    }

    /// Shows a case for the first time in a channel, or counts it in a fold.
    async fn first(&self, story: &Story, channel: &str) -> Result<(), Trouble> {
        let now = self.app.now();
        let card = Card {
            case: story.case.id,
            channel: channel.to_owned(),
            message: None,
            fold: self.fold_of(&story.case, channel, now).await?,
            events: story.case.events,
            posted_at: now,
        };
        let place = (channel, story.case.id);
        let named = entities(&story.case);
        self.app
            .keep_entities(&self.slack.tenant(), place, &named, now)
            .await?;
        match &card.fold {
            Some(_) => {
                self.begin_fold(&card, now).await?;
                Ok(self.app.keep_card(&self.slack.tenant(), &card).await?)
            }
            None => self.post(card, story, None).await,
        }
    }

    /// Posts a card, in a thread where it is in a fold, and keeps where it is. Where that is not kept, it is posted once more: two cards ask the same, and the
    /// first answer to either counts.
    pub(super) async fn post(
        &self,
        card: Card,
        story: &Story,
        thread: Option<&str>,
    ) -> Result<(), Trouble> {
        let message = self.message(story, Here::Asked).await?;
        let said = match self.send(&message, &card.channel, thread).await {
            Err(Fault::Permanent(why)) if is_about_the_card(&why) => {
                tracing::error!(case = %story.case.id, %why, "Slack does not take a card as it is; report it");
                self.send(&bare(&story.case), &card.channel, thread).await?
            }
            other => other?,
        };
        let kept = Card {
            message: said.get("ts").and_then(|ts| ts.as_str()).map(Into::into),
            events: story.case.events,
            ..card
        };
        Ok(self.app.keep_card(&self.slack.tenant(), &kept).await?)
    }

    async fn send(
        &self,
        message: &Message,
        channel: &str,
        thread: Option<&str>,
    ) -> Result<serde_json::Value, Fault> {
        let mut body = message.body(channel);
        if let Some(thread) = thread {
            body = with(body, "thread_ts", thread);
        }
        self.slack.call("chat.postMessage", &body).await
    }

    async fn update(&self, card: Card, story: &Story, here: Here) -> Result<(), Trouble> {
        let mut shown = Card {
            events: story.case.events,
            ..card
        };
        if let Some(message) = &shown.message {
            let body = self.message(story, here).await?.body(&shown.channel);
            let body = with(body, "ts", message.as_str());
            match self.slack.call("chat.update", &body).await {
                Ok(_) => {}
                Err(Fault::Permanent(why)) if is_gone(&why) => {
                    tracing::warn!(case = %story.case.id, %why, "a card is gone");
                    shown.message = None;
                    if story.case.phase == Phase::Asked && here == Here::Asked {
                        return self.post(shown, story, None).await;
                    }
                }
                Err(Fault::Permanent(why)) if is_about_the_card(&why) => {
                    tracing::error!(case = %story.case.id, %why, "Slack does not take a card as it is; report it");
                    let body = bare(&story.case).body(&shown.channel);
                    let body = with(body, "ts", message.as_str());
                    self.slack.call("chat.update", &body).await?;
                }
                Err(fault) => return Err(fault.into()),
            }
        }
        Ok(self.app.keep_card(&self.slack.tenant(), &shown).await?)
    }

    /// The card of a case.
    pub(super) async fn message(&self, story: &Story, here: Here) -> anyhow::Result<Message> {
        let case = &story.case;
        let mut ids: Vec<PrecedentId> = Vec::new();
        let found = case.found.iter().map(|found| &found.precedent);
        let plan = case.plan.as_ref().map_or(&[][..], |plan| plan.because());
        for id in found.chain(plan) {
            if ids.len() < PRECEDENTS_MAX && !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        let precedents = self.app.precedents(&case.tenant, &ids).await?;
        Ok(card(Scene {
            story,
            precedents: &precedents,
            rules: self.app.rules(),
            here,
        }))
    }
}

/// The channel in which a case is asked about now.
fn asked_in<'a>(bot: &'a Bot, case: &Case) -> Option<&'a str> {
    let ask = case.ask.as_ref().filter(|_| case.phase == Phase::Asked)?;
    let group = ask.group.as_ref();
    Some(channel(&bot.slack, case, group, bot.app.rules()))
}

/// The channel in which a case would have been asked about in which something was started.
fn asked_or_done<'a>(bot: &'a Bot, case: &Case) -> Option<&'a str> {
    let (_, decision) = case.decided.as_ref().filter(|_| case.attempt.is_some())?;
    let group = decision.chain.first();
    Some(channel(&bot.slack, case, group, bot.app.rules()))
}

/// Whether Slack's word for a refusal is about what the card is made of.
fn is_about_the_card(why: &str) -> bool {
    ["invalid_blocks", "msg_too_long", "msg_blocks_too_long"]
        .iter()
        .any(|word| why.starts_with(word))
}

/// Whether the message is there no more, or can no more be changed.
fn is_gone(why: &str) -> bool {
    [
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
    ]
    .iter()
    .any(|word| why.starts_with(word))
}

impl Trouble {
    fn pause(&self, wait: Duration) -> Duration {
        match self {
            Self::Slack(Fault::Busy { wait_ms, .. }) => {
                Duration::from_millis(*wait_ms).min(RETRY_AFTER_MAX)
            }
            Self::Slack(_) | Self::Own(_) => wait,
        }
    }

    fn log(&self, pause: Duration) {
        let seconds = pause.as_secs_f32();
        match self {
            Self::Slack(fault) => {
                tracing::warn!(%fault, seconds, "Slack does not take what is to be shown; asks wait, on the command line and by HTTP too");
            }
            Self::Own(error) => {
                tracing::warn!(error = %format!("{error:#}"), seconds, "cards cannot be brought up to date");
            }
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Slack(fault)
    }
}

impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<Fault>() {
            Ok(fault) => Self::Slack(fault),
            Err(error) => Self::Own(error),
        }
    }
}

/// The hour that `at` is in, for names.
pub(super) fn hour(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H").to_string()
}
