//! What whoever asked for something is told: that a team has it, the answer at once where one was given, and what became of it after that. It is derived
//! from the case each time, like a card. The words of an answer are the catalogue's, and its link is one of the catalogue's constants.

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    blocks::{Look, button, buttons, context, section, with},
    bot::{Bot, Told},
    incoming::{Press, Sender},
    outbox::{HELD, ROUND_MAX, Rounds, Trouble},
    safe_text::{code, cut, ours},
};
use crate::{
    app::Story,
    domain::{
        action::{ANSWER, Action},
        case::Phase,
        decision::Decision,
        id::CaseId,
        proposal::ParameterRole,
        request::{Request, Told as Said},
    },
    pipeline::rules::Rules,
    ports::Fault,
};

/// The buttons below an answer.
pub const HELPED: &str = "helped";
pub const PERSON: &str = "person";
/// The block that they are in.
const BUTTONS: &str = "tierone-answer";
const NOTICE_MAX: usize = 300;
const VALUE_MAX: usize = 200;

/// What whoever asked is told.
enum Standing<'a> {
    /// Nothing yet: it is being decided.
    Soon,
    /// A team has it.
    Waiting,
    /// It was answered.
    Answered(&'a Decision),
    /// It was, and they said that it helped.
    Solved(&'a Decision),
    /// It was, and a person has it all the same.
    Handed,
    /// A person ended it without an answer.
    Ended,
}

impl Bot {
    /// Tells whoever asked what there is to tell.
    pub(super) async fn tell_askers(&self, rounds: &mut Rounds) -> Result<(), Trouble> {
        let tenant = self.slack.tenant();
        let now = self.app.now();
        for id in self.app.outdated_requests(&tenant, now, ROUND_MAX).await? {
            if rounds.is_held(id) {
                continue;
            }
            match self.tell_asker(id).await {
                Ok(()) => {}
                Err(Trouble::Slack(Fault::Permanent(why))) => {
                    tracing::error!(case = %id, %why, "whoever asked cannot be told in Slack, it is tried again in a minute");
                    rounds.hold(id, Instant::now() + HELD);
                }
                Err(Trouble::Own(error)) => {
                    self.app.note(&error);
                    tracing::warn!(case = %id, error = %format!("{error:#}"), "whoever asked cannot be told, it is tried again in a minute");
                    rounds.hold(id, Instant::now() + HELD);
                }
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(())
    }

    async fn tell_asker(&self, id: CaseId) -> Result<(), Trouble> {
        let tenant = self.slack.tenant();
        let (Some(mut request), Some(story)) = (
            self.app.request(&tenant, id).await?,
            self.app.find(&tenant, id).await?,
        ) else {
            return Ok(());
        };
        let standing = standing(&story, &request);
        if matches!(standing, Standing::Soon) {
            return Ok(());
        }
        let word = standing.word();
        if word != request.state {
            let rules = self.app.rules();
            match (&standing, &request.told) {
                (Standing::Solved(_), Some(told)) => {
                    let body = body(&standing, &request, rules);
                    self.amend(told, body).await?;
                }
                (_, told) => {
                    // What is no longer the last word keeps no buttons.
                    if let Some(told) = told
                        && request.state.starts_with(ANSWER)
                    {
                        self.amend(told, past(&story, &request, rules)).await?;
                    }
                    request.told = self.say(&request, body(&standing, &request, rules)).await?;
                }
            }
            request.state = word;
        }
        request.events = story.case.events;
        Ok(self.app.keep_request(&tenant, &request).await?)
    }

    async fn say(&self, request: &Request, body: Value) -> Result<Option<Said>, Fault> {
        let mut body = with(body, "channel", request.channel.as_str());
        if let Some(thread) = &request.thread {
            body = with(body, "thread_ts", thread.as_str());
        }
        let said = self.slack.call("chat.postMessage", &body).await?;
        let word = |key: &str| said.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
        let place = word("channel").unwrap_or_else(|| request.channel.clone());
        Ok(word("ts").map(|message| Said { place, message }))
    }

    /// Changes a message. Where it is gone, nobody misses it.
    async fn amend(&self, told: &Said, body: Value) -> Result<(), Fault> {
        let body = with(
            with(body, "channel", told.place.as_str()),
            "ts",
            told.message.as_str(),
        );
        match self.slack.call("chat.update", &body).await {
            Ok(_) => Ok(()),
            Err(Fault::Permanent(why)) => {
                tracing::warn!(%why, "what whoever asked was told cannot be changed");
                Ok(())
            }
            Err(fault) => Err(fault),
        }
    }

    /// What whoever asked says of the answer: that it helped, which is counted, or that they want a person, who then has it.
    pub(super) async fn judged(&self, sender: &Sender, press: &Press) -> anyhow::Result<Told> {
        self.member(sender).await?;
        let (tenant, id, now) = (self.slack.tenant(), press.about.case, self.app.now());
        let request = self.app.request(&tenant, id).await?;
        let request = request.context("this is no answer to a request; ask anew")?;
        if request.asker != sender.user {
            bail!("only whoever asked says whether it helped; ask for yourself by `/tierone ask`");
        }
        if press.button == HELPED {
            let story = self.app.find(&tenant, id).await?;
            let answered = story.as_ref().and_then(Story::carried_out);
            if answered.is_none_or(|decision| decision.digest != press.about.digest) {
                bail!("this is not the last answer to it; look at the newest message");
            }
            self.app.count_helped(&tenant, id, now).await?;
        } else {
            let answer = (sender.user.as_str(), press.about.digest);
            Box::pin(self.app.hand_over(&tenant, id, answer, now)).await?;
            let ticket = crate::app::worker::Ticket { tenant, case: id };
            self.workers.offer(&ticket);
        }
        Ok(Told::Nothing)
    }
}

fn standing<'a>(story: &'a Story, request: &Request) -> Standing<'a> {
    let case = &story.case;
    let answer = story.carried_out().filter(|decision| {
        let proposal = decision.proposal.as_ref();
        proposal.is_some_and(|proposal| proposal.action.as_str() == ANSWER)
    });
    match (&case.phase, answer) {
        (Phase::Executed | Phase::Verified | Phase::Closed | Phase::Learned, Some(decision)) => {
            match request.helped_at {
                Some(_) => Standing::Solved(decision),
                None => Standing::Answered(decision),
            }
        }
        (Phase::Closed | Phase::Learned, None) => Standing::Ended,
        (_, Some(_)) => Standing::Handed,
        (Phase::Asked | Phase::Expired | Phase::Doubtful, None) => Standing::Waiting,
        (_, None) => Standing::Soon,
    }
}

impl Standing<'_> {
    /// What is kept of what was said: the same is not said twice.
    fn word(&self) -> String {
        match self {
            Self::Soon => String::new(),
            Self::Waiting => "waiting".into(),
            Self::Answered(decision) => format!("{ANSWER} {}", decision.digest),
            Self::Solved(_) => "solved".into(),
            Self::Handed => "handed".into(),
            Self::Ended => "ended".into(),
        }
    }
}

fn body(standing: &Standing<'_>, request: &Request, rules: &Rules) -> Value {
    let case = request.case;
    match standing {
        Standing::Soon | Standing::Waiting => message(
            "A team has your request.",
            &[section(&[format!(
                "\u{1f4e8} A team has your request. You are told here what comes of it (case `{case}`)."
            )])],
        ),
        Standing::Answered(decision) => {
            let value = format!("{case} {}", decision.digest);
            let say = |id: &str, label: &str, look| button(id, label, &value, look);
            let both = vec![
                say(HELPED, "This solved it", Look::Primary),
                say(PERSON, "No, a person please", Look::Plain),
            ];
            let words = words(decision, request, rules);
            message(
                &words,
                &[
                    section(std::slice::from_ref(&words)),
                    buttons(BUTTONS, both),
                ],
            )
        }
        Standing::Solved(decision) => {
            let words = words(decision, request, rules);
            let note = "\u{2705} You said that this solved it.".to_owned();
            message(
                &words,
                &[section(std::slice::from_ref(&words)), context(&[note])],
            )
        }
        Standing::Handed => message(
            "A person has your request now.",
            &[section(&[format!(
                "\u{1f64b} A person has your request now, and answers you here or directly (case `{case}`)."
            )])],
        ),
        Standing::Ended => message(
            "A person has dealt with your request.",
            &[section(&[format!(
                "\u{2611}\u{fe0f} A person has dealt with your request (case `{case}`). Ask again if something is left."
            )])],
        ),
    }
}

/// The last answer without its buttons.
fn past(story: &Story, request: &Request, rules: &Rules) -> Value {
    let words = match story.carried_out() {
        Some(decision) => words(decision, request, rules),
        None => "An answer that was taken back.".into(),
    };
    let note = "A person looks at this.".to_owned();
    message(
        &words,
        &[section(std::slice::from_ref(&words)), context(&[note])],
    )
}

fn message(text: &str, blocks: &[Value]) -> Value {
    json!({
        "text": cut(text, NOTICE_MAX), "blocks": blocks,
        "unfurl_links": false, "unfurl_media": false, "link_names": false, "parse": "none",
    })
}

/// The catalogue's words, filled. Only a constant that the catalogue lists is a link, and only whoever asked is named live.
fn words(decision: &Decision, request: &Request, rules: &Rules) -> String {
    let Some(proposal) = &decision.proposal else {
        return "There is an answer.".into();
    };
    let entry = rules.catalogue.action(&proposal.action);
    let template = entry.and_then(|entry| entry.templates.get("text"));
    let (Some(entry), Some(template)) = (entry, template) else {
        return "There is an answer; ask a person for it.".into();
    };
    let mut pieces = template.split("{{");
    let mut text = ours(pieces.next().unwrap_or(""), usize::MAX);
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or((piece, ""));
        let filled = match proposal.parameters.get(name) {
            Some(parameter) if parameter.value == request.asker => {
                format!("<@{}>", request.asker)
            }
            Some(parameter) => value(name, &parameter.value, &parameter.role, entry),
            None if name == "case" => format!("`{}`", request.case),
            None => code(name, VALUE_MAX),
        };
        text.extend([filled, ours(rest, usize::MAX)]);
    }
    text
}

fn value(name: &str, value: &str, role: &ParameterRole, entry: &Action) -> String {
    let spec = entry.parameters.get(name);
    let listed = spec.is_some_and(|spec| spec.constants.iter().any(|own| own == value));
    let plain = !value.contains(['<', '>', '|', '&', ' ']);
    if listed
        && plain
        && matches!(role, ParameterRole::Constant(_))
        && value.starts_with("https://")
    {
        format!("<{value}>")
    } else {
        code(value, VALUE_MAX)
    }
}
