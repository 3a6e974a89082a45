//! `/tierone`: what is open, one case, the switches, and requests. What it says only the person sees who typed it.

use std::ops::ControlFlow;

use anyhow::{Context as _, bail};
use jiff::{SignedDuration, Timestamp};

use super::{
    bot::{Bot, Told},
    card::{Here, named},
    incoming::{Delivery, Typed},
    listing::Ended,
    offer::action,
    safe_text::{code, ours},
};
use crate::{
    app::{Story, denied::Denied, find::Reach, operate::Order},
    domain::{
        case::Phase,
        decision::Principal,
        event::{Body, Sight},
        facts::{Kill, Known},
        id::ActionId,
    },
};

/// The word for everything of the tenant. It is asked for, so that a slip does not stop it all.
const ALL: &str = "all";
const QUEUE_MAX: usize = 15;
const TITLE_MAX: usize = 90;
const WORD_MAX: usize = 80;
const MISSING_MAX: usize = 4;
/// How far `shift` looks back.
const SHIFT: SignedDuration = SignedDuration::from_hours(12);
const DAYS_MAX: i64 = 90;
const HELP: [&str; 9] = [
    "`/tierone queue`: what waits for a person",
    "`/tierone case ID`: one case, with its buttons",
    "`/tierone search TEXT`: cases whose title or id has it",
    "`/tierone stats 7d`: what came of the cases of these days",
    "`/tierone shift`: what to hand over, of the last twelve hours",
    "`/tierone kill ACTION REASON`: switch an action off, at once; `all` for everything here; `/tierone unkill ACTION REASON`: on again",
    "`/tierone release`: what is running, and what it may do alone",
    "`/tierone ask`: ask for something, in a form or by `ask TOPIC TEXT`; a team gets it, or the answer is there at once",
    "Name me in the thread of a card to ask about it: why it is not automatic, what was done last time.",
];

impl Bot {
    /// Does what a command says.
    pub(super) async fn command(&self, delivery: &Delivery, typed: &Typed) -> anyhow::Result<Told> {
        let (verb, rest) = split(&typed.text);
        if verb == "ask" {
            return self.ask_for(delivery, typed, rest).await;
        }
        self.person(&delivery.sender).await?;
        let now = self.app.now();
        match verb {
            "" | "help" => Ok(Told::Lines(HELP.map(Into::into).into())),
            "queue" => self.queue().await,
            "case" => self.one(rest).await,
            "search" => self.search(rest).await,
            "stats" => self.stats(rest, now).await,
            "shift" => self.shift(now).await,
            "kill" => self.kill(delivery, rest, now).await,
            "unkill" => self.unkill(delivery, rest, now).await,
            "release" => self.release(now).await,
            other => bail!("`{other}` is no command; see `/tierone help`"),
        }
    }

    async fn queue(&self) -> anyhow::Result<Told> {
        let waits = |story: &Story| story.case.phase == Phase::Asked;
        let (mut asked, looked) = self.stories(Reach::Open, None, waits).await?;
        asked.sort_by_key(|story| (std::cmp::Reverse(story.case.urgency), story.case.opened_at));
        let mut lines = vec![format!("*{} cases wait for a person*", asked.len())];
        lines.extend(asked.iter().take(QUEUE_MAX).map(line));
        let more = asked.len().saturating_sub(QUEUE_MAX);
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        lines.extend(looked.left_out());
        Ok(Told::Lines(lines))
    }

    async fn one(&self, rest: &str) -> anyhow::Result<Told> {
        let id = rest.trim();
        let id = id
            .parse()
            .with_context(|| format!("`{id}` is no case id; take one from `/tierone queue`"))?;
        let story = self.app.find(&self.slack.tenant(), id).await?;
        let story = story.ok_or(Denied::NoSuchCase { case: id })?;
        let message = self.message(&story, Here::Asked).await?;
        Ok(Told::Blocks(message.text, message.blocks))
    }

    async fn search(&self, rest: &str) -> anyhow::Result<Told> {
        let wanted = rest.trim().to_lowercase();
        if wanted.is_empty() {
            bail!("nothing to look for was said; write `/tierone search TEXT`");
        }
        let mut found = Vec::new();
        let looked = self.each(Reach::All, None, |story| {
            let title = story.case.alert.content();
            let title = title.map(|alert| alert.title.to_lowercase());
            let id = story.case.id.to_string();
            if title.is_some_and(|title| title.contains(&wanted)) || id.contains(&wanted) {
                found.push(story);
            }
            if found.len() < QUEUE_MAX {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        let looked = looked.await?;
        let more = if looked.ended == Ended::Enough {
            "the first "
        } else {
            ""
        };
        let mut lines = vec![format!(
            "{more}*{} of {} cases have* {}",
            found.len(),
            looked.cases,
            code(&wanted, WORD_MAX)
        )];
        lines.extend(found.iter().map(line));
        lines.extend(looked.left_out());
        Ok(Told::Lines(lines))
    }

    async fn stats(&self, rest: &str, now: Timestamp) -> anyhow::Result<Told> {
        let days = match rest.trim() {
            "" => 7,
            text => text
                .trim_end_matches('d')
                .parse()
                .ok()
                .filter(|days| (1..=DAYS_MAX).contains(days))
                .with_context(|| {
                    format!(
                        "`{text}` is no number of days up to {DAYS_MAX}; write for instance `7d`"
                    )
                })?,
        };
        let since = now.checked_sub(SignedDuration::from_hours(24 * days))?;
        let lately = |story: &Story| story.case.opened_at >= since;
        let (cases, looked) = self.stories(Reach::All, Some(since), lately).await?;
        let requested = self.app.requested(&self.slack.tenant(), since).await?;
        let count =
            |holds: &dyn Fn(&Story) -> bool| cases.iter().filter(|story| holds(story)).count();
        let by_agent = count(&|story| matches!(story.case.closed, Some((Principal::Agent, _))));
        let by_people =
            count(&|story| matches!(story.case.closed, Some((Principal::Person(_), _))));
        let mut lines = vec![
            format!("*The last {days} days*"),
            format!(
                "• {} cases; {} wait for a person",
                cases.len(),
                count(&|story| story.case.phase == Phase::Asked)
            ),
            format!("• {by_people} ended by people, {by_agent} by tierone alone"),
            format!(
                "• {} became precedents",
                count(&|story| story.case.standing_precedent().is_some())
            ),
            format!(
                "• {} requests; {} times whoever asked said that the answer solved it",
                requested.requests, requested.helped
            ),
        ];
        lines.extend(looked.left_out());
        Ok(Told::Lines(lines))
    }

    async fn shift(&self, now: Timestamp) -> anyhow::Result<Told> {
        let since = now.checked_sub(SHIFT)?;
        let (cases, looked) = self.stories(Reach::All, Some(since), |_| true).await?;
        let waits = |story: &Story| story.case.phase == Phase::Asked;
        let (open, all) = self.stories(Reach::Open, None, waits).await?;
        let happened = |wanted: &dyn Fn(&Body) -> bool| {
            let events = cases.iter().flat_map(|story| &story.events);
            events
                .filter(|event| event.at >= since && wanted(&event.body))
                .count()
        };
        let mut lines = vec![
            "*Handover*, of the last twelve hours".to_owned(),
            format!(
                "• {} cases came in, {} actions were done, {} failed or are in doubt, {} were undone",
                happened(&|body| matches!(body, Body::Received { .. })),
                happened(&|body| matches!(body, Body::Executed { .. })),
                happened(&|body| matches!(body, Body::Failed { .. } | Body::InDoubt { .. })),
                happened(&|body| matches!(body, Body::Undone { .. })),
            ),
            format!(
                "• {} asks ran out, {} cases were opened again",
                happened(&|body| matches!(body, Body::Expired { .. })),
                happened(&|body| matches!(body, Body::Reopened { .. })),
            ),
            format!("• {} wait for a person:", open.len()),
        ];
        lines.extend(open.iter().take(QUEUE_MAX).map(line));
        lines.extend(looked.and(all).left_out());
        let off = self.app.kills(&self.slack.tenant()).await?;
        if !off.is_empty() {
            lines.push(format!(
                "• switched off: {}",
                code(&off.join(", "), WORD_MAX)
            ));
        }
        Ok(Told::Lines(lines))
    }

    /// Whoever is in the people file may switch off, because to stop is safe.
    async fn kill(&self, delivery: &Delivery, rest: &str, now: Timestamp) -> anyhow::Result<Told> {
        let (_, claimant) = self.person(&delivery.sender).await?;
        let tenant = self.slack.tenant();
        let (what, reason) = self.switch(rest)?;
        self.app
            .operate(&tenant, &claimant, Order::Kill(what, reason), now)
            .await?;
        self.switches().await
    }

    async fn unkill(
        &self,
        delivery: &Delivery,
        rest: &str,
        now: Timestamp,
    ) -> anyhow::Result<Told> {
        let (person, claimant) = self.person(&delivery.sender).await?;
        if !self.slack.may_switch_on(&person.groups) {
            bail!(
                "`{}` may not switch on again from Slack; ask somebody of the groups in slack.operators, or do it on the machine by `tierone kill off`",
                person.id
            );
        }
        let tenant = self.slack.tenant();
        let (what, reason) = self.switch(rest)?;
        let on = self.app.switch_on(&tenant, &claimant, what, reason, now);
        on.await?;
        self.switches().await
    }

    /// What is meant: the action that the first word is, or everything of the tenant where it says so. Any other word is a slip.
    fn switch(&self, rest: &str) -> anyhow::Result<(Kill, String)> {
        let (first, after) = split(rest);
        if first == ALL {
            return Ok((Kill::Tenant(self.slack.tenant()), after.to_owned()));
        }
        let id = ActionId::new(first);
        if self.app.rules().catalogue.action(&id).is_none() {
            bail!(
                "`{first}` is no action, so nothing was switched; write an action and why, or `{ALL}` and why for everything here"
            );
        }
        Ok((Kill::Action(id), after.to_owned()))
    }

    async fn switches(&self) -> anyhow::Result<Told> {
        let off = self.app.kills(&self.slack.tenant()).await?;
        let off: Vec<String> = off.iter().map(|off| code(off, WORD_MAX)).collect();
        Ok(Told::Lines(vec![if off.is_empty() {
            "Nothing is switched off.".into()
        } else {
            format!("*Switched off*: {}", off.join(", "))
        }]))
    }

    async fn release(&self, now: Timestamp) -> anyhow::Result<Told> {
        let standing = self.app.release(now).await;
        let stage = match &standing.stage {
            Known::Read(stage) => stage.word().to_owned(),
            Known::Unreadable(_) => "not readable".to_owned(),
        };
        let mut lines = vec![format!(
            "*Release* `{}` in *{stage}*",
            standing.digest.short()
        )];
        lines.push(if standing.missing.is_empty() {
            "Nothing keeps it from acting alone.".into()
        } else {
            "Nothing is done alone, because:".into()
        });
        let missing = standing.missing.iter().take(MISSING_MAX);
        lines.extend(missing.map(|why| format!("• {}", ours(why, 300))));
        Ok(Told::Lines(lines))
    }
}

/// A case in a list.
fn line(story: &Story) -> String {
    let case = &story.case;
    let title = case
        .alert
        .content()
        .map_or("erased", |alert| alert.title.as_str());
    let ask = case.ask.as_ref();
    let blind = ask.is_some_and(|ask| ask.sight == Sight::Blind) && case.is_open();
    let offered = ask.and_then(|ask| ask.offered.as_ref()).filter(|_| !blind);
    let what = match (&case.closed, offered) {
        (Some((_, disposition)), _) => named(*disposition).to_owned(),
        (None, Some(offered)) => action(offered),
        (None, None) => case.phase.word().to_owned(),
    };
    format!(
        "• *{}* {} {what} `{}`",
        case.urgency,
        code(title, TITLE_MAX),
        case.id
    )
}

/// The first word, and what comes after it.
pub(super) fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    match text.split_once(char::is_whitespace) {
        Some((first, rest)) => (first, rest.trim()),
        None => (text, ""),
    }
}
