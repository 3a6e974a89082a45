//! What Slack sends, of whatever transport, as what it means. What is not known or not in its form is nothing, and is no error: Slack has new kinds
//! often, and what is not acknowledged is sent again.

use serde_json::Value;

use crate::domain::{canonical::Digest, id::CaseId};

/// Characters of a text that is taken.
const TEXT_MAX: usize = 4_000;
/// The form of a request, and the button that opens it.
pub const REQUEST: &str = "request";

/// Something that Slack sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Slack's own name for it, as a digest: what has the same was here already.
    pub name: Digest,
    /// Who is behind it.
    pub sender: Sender,
    /// Where an answer for their eyes only goes.
    pub reply: Reply,
    /// What it is.
    pub what: What,
}

/// Who is behind a delivery, by Slack's ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The workspace that it came from.
    pub team: String,
    /// The workspace that the user is of.
    pub home: String,
    /// The user.
    pub user: String,
}

/// Where an answer for one person goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The address that Slack named for answers.
    pub address: Option<String>,
    /// The channel.
    pub channel: Option<String>,
    /// The message in whose thread it was said.
    pub thread: Option<String>,
}

/// What a delivery is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A button of a card.
    Press(Press),
    /// A form that was filled in.
    Submission(Submission),
    /// `/tierone TEXT`
    Command(Typed),
    /// The bot was named in a thread.
    Mention(String),
    /// Something was written in a channel and in no thread; the bot may be named in it.
    Wrote(String, Naming),
    /// The form of a request is wanted.
    Begin(Begin),
    /// The form of a request was filled in.
    Request(Asked),
}

/// What was typed after `/tierone`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The text.
    pub text: String,
    /// What lets a form open, for three seconds.
    pub trigger: String,
}

/// Whether the bot was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// It was.
    Named,
    /// It was not, or it is not known.
    Plain,
}

/// Where something was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The channel.
    pub channel: String,
    /// The message in whose thread whoever asked is told; `None` where they are told directly.
    pub thread: Option<String>,
}

/// The form of a request is wanted, by a button below what somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begin {
    /// Who wrote it.
    pub author: String,
    /// Where.
    pub spot: Spot,
    /// What.
    pub text: String,
    /// What lets a form open, for three seconds.
    pub trigger: String,
}

/// The form of a request, filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Where it was asked.
    pub spot: Spot,
    /// What was filled in.
    pub values: Values,
}

/// What was filled into a form, by block: texts, and values of options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(Vec<(String, Vec<String>)>);

/// A button of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// Which.
    pub button: String,
    /// What it was about.
    pub about: About,
    /// What lets a form open, for three seconds.
    pub trigger: String,
    /// The message that it is on.
    pub message: Option<String>,
}

/// A form that was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Which form.
    pub form: String,
    /// What it was about.
    pub about: About,
    /// What was filled in.
    pub values: Values,
}

/// A case, and the digest of the ask that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// The case.
    pub case: CaseId,
    /// The digest.
    pub digest: Digest,
}

impl About {
    /// What a button or a form carries.
    pub fn read(token: &str) -> Option<Self> {
        let (case, digest) = token.split_once(' ')?;
        Some(Self {
            case: case.parse().ok()?,
            digest: digest.parse().ok()?,
        })
    }
}

impl Spot {
    /// What a button or a form carries.
    pub fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        Some(Self {
            channel: words.next().filter(|word| !word.is_empty())?.into(),
            thread: words.next().map(Into::into),
        })
    }

    /// The same as text.
    pub fn text(&self) -> String {
        match &self.thread {
            Some(thread) => format!("{} {thread}", self.channel),
            None => self.channel.clone(),
        }
    }
}

/// An event of the Events API: the bot was named, or something was written where it can read. Edits, joins and what bots write are nothing.
pub fn event(payload: &Value) -> Option<Delivery> {
    let event = payload.get("event")?;
    let naming = match text(event, "type")? {
        "app_mention" => Naming::Named,
        "message" if event.get("subtype").is_none() => Naming::Plain,
        _ => return None,
    };
    if event.get("bot_id").is_some() {
        return None;
    }
    let (channel, at) = (text(event, "channel")?, text(event, "ts")?);
    let said = said(text(event, "text")?);
    let (id, what) = match (text(event, "thread_ts"), naming) {
        (Some(_), Naming::Plain) => return None,
        (Some(_), Naming::Named) => {
            let own = text(payload, "event_id")?;
            (name("event", own), What::Mention(said))
        }
        // Naming the bot is two events, and one message.
        (None, naming) => {
            let id = name("written", &format!("{channel} {at}"));
            (id, What::Wrote(said, naming))
        }
    };
    let team = text(payload, "team_id")?;
    let home = text(event, "user_team").or_else(|| text(event, "team"));
    Some(Delivery {
        name: id,
        sender: Sender {
            home: home.unwrap_or(team).into(),
            team: team.into(),
            user: text(event, "user")?.into(),
        },
        reply: Reply {
            address: None,
            channel: Some(channel.into()),
            thread: Some(text(event, "thread_ts").unwrap_or(at).into()),
        },
        what,
    })
}

/// A button or a form.
pub fn interaction(payload: &Value) -> Option<Delivery> {
    let user = payload.get("user")?;
    let team = text(payload.get("team")?, "id")?;
    let sender = Sender {
        team: team.into(),
        home: text(user, "team_id").unwrap_or(team).into(),
        user: text(user, "id")?.into(),
    };
    let trigger = text(payload, "trigger_id")?;
    let (kind, what) = match text(payload, "type")? {
        "block_actions" => ("press", press(payload, trigger)?),
        "view_submission" => ("form", submission(payload.get("view")?)?),
        _ => return None,
    };
    let channel = payload
        .get("channel")
        .and_then(|channel| text(channel, "id"));
    Some(Delivery {
        name: name(kind, trigger),
        sender,
        reply: Reply {
            address: text(payload, "response_url").map(Into::into),
            channel: channel.map(Into::into),
            thread: None,
        },
        what,
    })
}

/// A slash command, by the fields of its form.
pub fn command(payload: &Value) -> Option<Delivery> {
    let team = text(payload, "team_id")?;
    Some(Delivery {
        name: name("command", text(payload, "trigger_id")?),
        sender: Sender {
            team: team.into(),
            home: team.into(),
            user: text(payload, "user_id")?.into(),
        },
        reply: Reply {
            address: text(payload, "response_url").map(Into::into),
            channel: text(payload, "channel_id").map(Into::into),
            thread: None,
        },
        what: What::Command(Typed {
            text: said(text(payload, "text").unwrap_or("")),
            trigger: text(payload, "trigger_id")?.into(),
        }),
    })
}

fn press(payload: &Value, trigger: &str) -> Option<What> {
    let action = payload.get("actions")?.as_array()?.first()?;
    let (button, value) = (text(action, "action_id")?, text(action, "value")?);
    if button == REQUEST {
        return begin(value, trigger).map(What::Begin);
    }
    let container = payload.get("container");
    Some(What::Press(Press {
        button: button.into(),
        about: About::read(value)?,
        trigger: trigger.into(),
        message: container
            .and_then(|container| text(container, "message_ts"))
            .map(Into::into),
    }))
}

/// What the button of a request carries: who wrote, where, and what.
fn begin(value: &str, trigger: &str) -> Option<Begin> {
    let mut parts = value.splitn(4, ' ');
    let author = parts.next()?.into();
    let (channel, thread) = (parts.next()?, parts.next()?);
    Some(Begin {
        author,
        spot: Spot {
            channel: channel.into(),
            thread: Some(thread.into()),
        },
        text: parts.next().unwrap_or("").into(),
        trigger: trigger.into(),
    })
}

fn submission(view: &Value) -> Option<What> {
    let values = view.get("state")?.get("values")?.as_object()?;
    let values = values.iter().map(|(block, actions)| {
        let actions = actions.as_object().into_iter().flatten();
        let given = actions.flat_map(|(_, element)| given(element)).collect();
        (block.clone(), given)
    });
    let values = Values(values.collect());
    let (form, token) = (text(view, "callback_id")?, text(view, "private_metadata")?);
    Some(if form == REQUEST {
        let spot = Spot::read(token)?;
        What::Request(Asked { spot, values })
    } else {
        What::Submission(Submission {
            form: form.into(),
            about: About::read(token)?,
            values,
        })
    })
}

/// What was filled into one element.
fn given(element: &Value) -> Vec<String> {
    let option = |option: &Value| text(option, "value").map(ToOwned::to_owned);
    if let Some(value) = text(element, "value") {
        return vec![said(value)];
    }
    if let Some(one) = element.get("selected_option") {
        return option(one).into_iter().collect();
    }
    let several = element.get("selected_options").and_then(Value::as_array);
    several.into_iter().flatten().filter_map(option).collect()
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str().filter(|text| !text.is_empty())
}

fn said(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}

fn name(kind: &str, own: &str) -> Digest {
    Digest::of_bytes(format!("{kind}\n{own}").as_bytes())
}

impl Values {
    /// What was filled into a block, if anything was.
    pub fn one(&self, block: &str) -> Option<&str> {
        self.all(block).first().map(String::as_str)
    }

    /// Everything that was filled into a block.
    pub fn all(&self, block: &str) -> &[String] {
        let found = self.0.iter().find(|(own, _)| own == block);
        found.map_or(&[], |(_, given)| given.as_slice())
    }
}
