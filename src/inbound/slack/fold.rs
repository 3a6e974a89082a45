//! Folds: a storm of cases of one detection is one message with their number, and a thread in which a few of them stand at a time; so are cases that name
//! the same thing within a day, an incident; and what is mild is only counted, by the hour, while nothing is done alone anyway.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::time::Instant;

use super::{
    blocks::{section, with},
    bot::Bot,
    outbox::{Rounds, Trouble, hour},
    safe_text::{code, cut},
};
use crate::{
    app::Story,
    domain::{
        canonical::Digest,
        card::{Card, Counted, Fold},
        case::Case,
        facts::Known,
        incident::{name, strong},
        release::Stage,
        request::SOURCE,
        severity::Severity,
    },
};

/// Cases of one source and detection in one channel that are a storm when more come, and within which time.
const STORM_FROM: u64 = 5;
const STORM_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// Cards that stand in the thread of a storm at once.
const THREAD_MAX: u64 = 10;
/// How often a fold is looked at.
const COUNT_EVERY: Duration = Duration::from_secs(3);
/// For how long.
const KEPT: SignedDuration = SignedDuration::from_hours(48);
const WORD_MAX: usize = 120;
/// Between the parts of a fold's name; no source has it in its name.
const MARK: char = '|';
/// The kinds of folds.
const STORM: &str = "storm";
const INCIDENT: &str = "incident";
const SHADOW: &str = "shadow";

impl Bot {
    /// The fold in which a case is counted; `None` where it has a card of its own.
    pub(super) async fn fold_of(
        &self,
        case: &Case,
        channel: &str,
        now: Timestamp,
    ) -> anyhow::Result<Option<String>> {
        if case.urgency < self.slack.shadow_cards_from() && self.is_in_shadow(now).await {
            return Ok(Some(format!("{SHADOW}{MARK}{}", hour(now))));
        }
        let Some(alert) = case.alert.content() else {
            return Ok(None);
        };
        let of = (alert.source.as_str(), alert.detection_id.as_deref());
        let tenant = self.slack.tenant();
        let since = now.checked_sub(STORM_WITHIN)?;
        let alike = self.app.cards_alike(&tenant, channel, since, of).await?;
        // What is critical is never one of many.
        if case.urgency == Severity::Critical {
            return Ok(None);
        }
        if alike < STORM_FROM {
            return self.incident_of(case, channel, now).await;
        }
        let (source, detection) = (of.0, of.1.unwrap_or("no detection"));
        Ok(Some(format!(
            "{STORM}{MARK}{}{MARK}{source}{MARK}{detection}",
            hour(now)
        )))
    }

    /// The fold of the incident that a case is part of: another of the channel names the same thing.
    async fn incident_of(
        &self,
        case: &Case,
        channel: &str,
        now: Timestamp,
    ) -> anyhow::Result<Option<String>> {
        let tenant = self.slack.tenant();
        let named = entities(case);
        let found = self.app.incident(&tenant, (channel, case.id), &named, now);
        let Some((first, shared)) = found.await? else {
            return Ok(None);
        };
        // A case that shares something with one of an incident is of that incident.
        let cards = self.app.cards(&tenant, first).await?;
        let other = cards.into_iter().find(|card| card.channel == channel);
        let fold = other.and_then(|card| card.fold);
        if let Some(fold) = fold.filter(|fold| fold.starts_with(INCIDENT)) {
            return Ok(Some(fold));
        }
        let alert = case.alert.content();
        let shared = alert.and_then(|alert| {
            let mut strong = strong(alert).into_iter();
            strong.find(|entity| name(entity) == shared)
        });
        let shared = shared.map_or_else(String::new, |entity| {
            let value = cut(&entity.value, WORD_MAX);
            format!("{} {value}", entity.kind.word())
        });
        Ok(Some(format!("{INCIDENT}{MARK}{first}{MARK}{shared}")))
    }

    /// Brings the messages of folds up to date, and puts cards into the threads of storms where there is room.
    pub(super) async fn fold_all(&self, rounds: &mut Rounds) -> Result<(), Trouble> {
        let tenant = self.slack.tenant();
        let since = self.app.now().checked_sub(KEPT);
        let since = since.map_err(anyhow::Error::from)?;
        rounds.folds.retain(|_, at| at.elapsed() < COUNT_EVERY);
        for fold in self.app.folds(&tenant, since).await? {
            let place = format!("{}{MARK}{}", fold.channel, fold.name);
            if rounds.folds.contains_key(&place) {
                continue;
            }
            self.fold(fold).await?;
            rounds.folds.insert(place, Instant::now());
        }
        Ok(())
    }

    async fn fold(&self, mut fold: Fold) -> Result<(), Trouble> {
        let tenant = self.slack.tenant();
        let place = (fold.channel.as_str(), fold.name.as_str());
        let (counted, waiting) = self.app.folded(&tenant, place, 20).await?;
        let text = said(&fold.name, counted);
        if text != fold.shown {
            let body = json!({
                "channel": fold.channel, "text": text, "blocks": [section(std::slice::from_ref(&text))],
                "unfurl_links": false, "unfurl_media": false, "link_names": false, "parse": "none",
            });
            if let Some(message) = &fold.message {
                let body = with(body, "ts", message.as_str());
                self.slack.call("chat.update", &body).await?;
            } else {
                let said = self.slack.call("chat.postMessage", &body).await?;
                fold.message = said.get("ts").and_then(|ts| ts.as_str()).map(Into::into);
            }
            fold.shown = text;
            self.app.keep_fold(&tenant, &fold).await?;
        }
        let room = THREAD_MAX.saturating_sub(counted.shown);
        let room = usize::try_from(room).unwrap_or(0);
        if fold.name.starts_with(SHADOW) {
            return Ok(());
        }
        for id in waiting.into_iter().take(room) {
            if let Some(story) = self.app.find(&tenant, id).await? {
                self.put_into(&fold, &story).await?;
            }
        }
        Ok(())
    }

    async fn put_into(&self, fold: &Fold, story: &Story) -> Result<(), Trouble> {
        let cards = self.app.cards(&self.slack.tenant(), story.case.id).await?;
        let card: Option<Card> = cards.into_iter().find(|card| card.channel == fold.channel);
        match card {
            Some(card) => self.post(card, story, fold.message.as_deref()).await,
            None => Ok(()),
        }
    }

    /// What cannot be read is not in shadow: it is shown rather than counted.
    async fn is_in_shadow(&self, now: Timestamp) -> bool {
        let stage = self.app.release(now).await.stage;
        matches!(stage, Known::Read(Stage::Shadow))
    }

    /// Begins the fold of a card, where it is the first in it.
    pub(super) async fn begin_fold(&self, card: &Card, now: Timestamp) -> anyhow::Result<()> {
        let Some(name) = &card.fold else {
            return Ok(());
        };
        let tenant = self.slack.tenant();
        let since = now.checked_sub(KEPT)?;
        let folds = self.app.folds(&tenant, since).await?;
        if folds
            .iter()
            .any(|fold| fold.name == *name && fold.channel == card.channel)
        {
            return Ok(());
        }
        let fold = Fold {
            channel: card.channel.clone(),
            name: name.clone(),
            message: None,
            shown: String::new(),
            begun_at: now,
        };
        self.app.keep_fold(&tenant, &fold).await
    }
}

/// What the alert of a case names by which it is one of an incident. Two requests of one person are two requests.
pub(super) fn entities(case: &Case) -> Vec<Digest> {
    let alert = case.alert.content();
    let alert = alert.filter(|alert| alert.source.as_str() != SOURCE);
    let strong = alert.map(strong).unwrap_or_default();
    strong.into_iter().map(name).collect()
}

/// What a fold says.
fn said(fold: &str, counted: Counted) -> String {
    let Counted { cases, open, .. } = counted;
    let mut parts = fold.splitn(4, MARK);
    let (kind, at) = (parts.next(), parts.next().unwrap_or(""));
    match (kind, parts.next(), parts.next()) {
        (Some(INCIDENT), _, _) => {
            let mut parts = fold.splitn(3, MARK).skip(1);
            let (first, shared) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            format!(
                "\u{1f9e9} *{cases} more cases* within a day name {}, as case `{first}` does, *{open} open*. {THREAD_MAX} at a time stand in this thread.",
                code(shared, WORD_MAX + 20),
            )
        }
        (Some(STORM), Some(source), Some(detection)) => format!(
            "\u{1f32a}\u{fe0f} *{cases} more cases* of {} from {}, *{open} open*. {THREAD_MAX} at a time stand in this thread; all of them are in `/tierone queue`.",
            code(detection, WORD_MAX),
            code(source, WORD_MAX)
        ),
        _ => format!(
            "*In shadow*, {at}:00 UTC: {cases} milder cases, {open} open. Nothing was done about them; see `/tierone queue`."
        ),
    }
}
