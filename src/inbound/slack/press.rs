//! Presses: a button is an answer, or opens the form of one. What may be done, by whom and on what was seen is decided where it is for every surface.

use std::time::Duration;

use serde_json::json;

use super::{
    asker::{HELPED, PERSON},
    blocks::with,
    bot::{Bot, Told},
    card::{Here, sight},
    form::{self, Alike, Filled},
    incoming::{About, Press, Reply, Sender, Submission},
};
use crate::{
    app::{answer::Wish, denied::Denied, seen, worker::Ticket},
    domain::case::{Ask, Case, Phase},
};

/// How long it is waited for what comes of an answer, before the card is made anew. It is made anew again when more comes.
const WAIT: Duration = Duration::from_secs(10);

impl Bot {
    /// Does what a button says.
    pub(super) async fn press(
        &self,
        sender: &Sender,
        reply: &Reply,
        press: &Press,
    ) -> anyhow::Result<Told> {
        let done = self.pressed(sender, press).await;
        // Whatever came of it, nobody is left before a card that says what is no longer so.
        let is_card = ![HELPED, PERSON].contains(&press.button.as_str());
        if let (Some(channel), Some(message), true) = (&reply.channel, &press.message, is_card) {
            self.mend(press.about, channel, message).await?;
        }
        done
    }

    async fn pressed(&self, sender: &Sender, press: &Press) -> anyhow::Result<Told> {
        let wish = match press.button.as_str() {
            "approve" => Wish::Approve(press.about.digest),
            "claim" => Wish::Claim,
            HELPED | PERSON => return self.judged(sender, press).await,
            other => {
                self.person(sender).await?;
                return self.open_form(other, press).await;
            }
        };
        self.wish(sender, press.about, &wish).await
    }

    /// Does what a form says.
    pub(super) async fn submitted(
        &self,
        sender: &Sender,
        submission: &Submission,
    ) -> anyhow::Result<Told> {
        let about = submission.about;
        let filled = form::filled(submission);
        let filled =
            filled.map_err(|_| anyhow::anyhow!("the form is not filled in; open it again"))?;
        if let Filled::Undo(reason) = filled {
            let undone = self.undo(sender, about, reason).await;
            if let Err(error) = &undone {
                self.tell_at_card(sender, about, error).await?;
            }
            return undone;
        }
        let (case, _) = self.asked(about).await?;
        let wish = form::wish(
            &filled,
            about.digest,
            &case,
            self.app.rules(),
            self.app.now(),
        )?;
        match self.wish(sender, about, &wish).await {
            Ok(told) => Ok(told),
            Err(error) => {
                // A form has no address for answers: they are told where the card is.
                self.tell_at_card(sender, about, &error).await?;
                Err(error)
            }
        }
    }

    /// Has a wish granted, and waits a little for what comes of it.
    async fn wish(&self, sender: &Sender, about: About, wish: &Wish) -> anyhow::Result<Told> {
        let (_, claimant) = self.person(sender).await?;
        let tenant = self.slack.tenant();
        let granted = self
            .app
            .grant(&tenant, about.case, &claimant, wish, self.app.now());
        Box::pin(granted).await?;
        let ticket = Ticket {
            tenant,
            case: about.case,
        };
        self.workers.offer(&ticket);
        self.moved.notify_one();
        drop(tokio::time::timeout(WAIT, self.workers.settled(&ticket)).await);
        Ok(Told::Nothing)
    }

    async fn open_form(&self, form: &str, press: &Press) -> anyhow::Result<Told> {
        let case = match form {
            "undo" => self.undoable(press.about).await?,
            _ => self.asked(press.about).await?.0,
        };
        let cases = match form {
            "reject" | "resolve" => self.app.alike(&case).await?,
            _ => Vec::new(),
        };
        let alike = Alike {
            cases: &cases,
            sight: sight(&case),
        };
        let token = format!("{} {}", press.about.case, press.about.digest);
        let mask = seen::mask(&case)?;
        let view = form::view(
            form,
            &token,
            &case.shown(self.app.kind()),
            self.app.rules(),
            alike,
            &mask,
        )?;
        let opened = json!({ "trigger_id": press.trigger, "view": view });
        self.slack.call("views.open", &opened).await?;
        Ok(Told::Nothing)
    }

    /// Takes back what was done, as on every surface.
    async fn undo(&self, sender: &Sender, about: About, reason: String) -> anyhow::Result<Told> {
        let (_, claimant) = self.person(sender).await?;
        self.undoable(about).await?;
        let (tenant, now) = (self.slack.tenant(), self.app.now());
        let undone = self.app.undo(&tenant, about.case, &claimant, reason, now);
        Box::pin(undone).await?;
        Ok(Told::Nothing)
    }

    /// The case, where what was seen is what was done and stands.
    async fn undoable(&self, about: About) -> anyhow::Result<Case> {
        let case = self.app.case(&self.slack.tenant(), about.case).await?;
        let case = case.ok_or(Denied::NoSuchCase { case: about.case })?;
        let decided = case.decided.as_ref().map(|(_, decision)| decision.digest);
        if case.can_undo().is_some() && decided == Some(about.digest) {
            return Ok(case);
        }
        let (case, phase) = (about.case, case.phase.word());
        Err(Denied::NothingToUndo { case, phase }.into())
    }

    /// The case, where what was seen is what is asked.
    async fn asked(&self, about: About) -> anyhow::Result<(Case, Ask)> {
        let case = self.app.case(&self.slack.tenant(), about.case).await?;
        let case = case.ok_or(Denied::NoSuchCase { case: about.case })?;
        let Some(ask) = case.ask.clone().filter(|_| case.phase == Phase::Asked) else {
            let phase = case.phase.word();
            return Err(Denied::NothingAsked {
                case: about.case,
                phase,
            }
            .into());
        };
        if ask.digest != about.digest {
            let now = ask.digest.to_string();
            return Err(Denied::Moved { now }.into());
        }
        Ok((case, ask))
    }

    /// Brings a message up to date that no card of ours is known by: it was posted just before an end that nobody saw.
    async fn mend(&self, about: About, channel: &str, message: &str) -> anyhow::Result<()> {
        let tenant = self.slack.tenant();
        let known = self.app.case_of_message(&tenant, channel, message).await?;
        if known.is_some() {
            return Ok(());
        }
        let Some(story) = self.app.find(&tenant, about.case).await? else {
            return Ok(());
        };
        let body = self.message(&story, Here::Asked).await?.body(channel);
        let body = with(body, "ts", message);
        if let Err(fault) = self.slack.call("chat.update", &body).await {
            // It was for one person's eyes, or is gone.
            tracing::debug!(%fault, "a message that was pressed cannot be changed");
        }
        Ok(())
    }

    async fn tell_at_card(
        &self,
        sender: &Sender,
        about: About,
        error: &anyhow::Error,
    ) -> anyhow::Result<()> {
        let cards = self.app.cards(&self.slack.tenant(), about.case).await?;
        let Some(card) = cards.last() else {
            return Ok(());
        };
        let reply = Reply {
            channel: Some(card.channel.clone()),
            ..Reply::default()
        };
        self.tell(&sender.user, &reply, super::bot::refusal(error))
            .await;
        Ok(())
    }
}
