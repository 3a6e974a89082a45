//! The bot: takes what Slack sends, acknowledges it, and works on it then. Whatever came over the socket or by a signed request ends here.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::{
    asking::Asking,
    blocks::{section, with},
    form,
    incoming::{Delivery, Naming, Reply, What},
    request,
    safe_text::{code, ours},
    who::Standing,
};
use crate::{
    app::{
        App,
        slack::{Slack, Transport},
        worker::Workers,
    },
    inbound::cli::Complaint,
};

/// Deliveries that are worked on at once; more are not acknowledged, and Slack sends them again.
const AT_ONCE: usize = 64;
/// How long it is remembered who a user is.
const STANDING_KEPT: Duration = Duration::from_mins(5);
/// The most users who are remembered.
const USERS_MAX: u64 = 10_000;
/// Units of what a person is told.
const TOLD_MAX: usize = 1_500;

/// The bot of one workspace.
pub struct Bot {
    pub(super) app: Arc<App>,
    pub(super) workers: Workers,
    pub(super) slack: Slack,
    /// Rung where cards may be out of date.
    pub(super) moved: Notify,
    pub(super) standings: Cache<String, Standing>,
    pub(super) asking: Asking,
    /// How often who was offered the form of a request.
    pub(super) offered: Asking,
    places: Arc<Semaphore>,
}

/// What is said at once, before anything is done.
#[derive(Clone, Debug, PartialEq)]
pub enum Acknowledged {
    /// It arrived.
    Taken,
    /// The form stays open, because of these blocks.
    Incomplete(Vec<(&'static str, String)>),
}

/// It was not taken: it is to be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotNow;

/// What one person is told, and nobody else sees.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Told {
    /// Nothing: what they did is seen on the card.
    Nothing,
    /// Markup of ours, made safe already.
    Lines(Vec<String>),
    /// Blocks, with what they say in short.
    Blocks(String, Vec<Value>),
}

impl Bot {
    /// A bot over `app`.
    pub fn new(app: Arc<App>, workers: Workers, slack: Slack) -> Arc<Self> {
        Arc::new(Self {
            app,
            workers,
            slack,
            moved: Notify::new(),
            standings: Cache::builder()
                .max_capacity(USERS_MAX)
                .time_to_live(STANDING_KEPT)
                .build(),
            asking: Asking::default(),
            offered: Asking::default(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    /// What Slack's requests are signed with; `None` where it sends none.
    pub const fn signing_secret(&self) -> Option<&SecretString> {
        self.slack.signing_secret()
    }

    /// Shows what is asked, and listens where the workspace is reached by a socket, until `stop`.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let listens = self.slack.transport() == Transport::Socket;
        let listen = async {
            if listens {
                self.listen(&stop).await;
            }
        };
        tokio::join!(self.show_all(&stop), listen);
    }

    /// Takes what Slack sent: it is worked on after this has returned. What was here before is not worked on again.
    pub async fn take(self: &Arc<Self>, delivery: Delivery) -> Result<Acknowledged, NotNow> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| NotNow)?;
        if let Some(missing) = self.missing(&delivery.what) {
            return Ok(Acknowledged::Incomplete(missing));
        }
        if let (What::Wrote(_, Naming::Plain), Some(channel)) =
            (&delivery.what, &delivery.reply.channel)
            && !self.slack.is_intake(channel)
        {
            return Ok(Acknowledged::Taken);
        }
        let tenant = self.slack.tenant();
        let first = self
            .app
            .is_first_delivery(&tenant, delivery.name, self.app.now());
        match first.await {
            Ok(true) => {
                tokio::spawn(Arc::clone(self).work(delivery, place));
            }
            Ok(false) => tracing::info!("Slack sent again what was taken already"),
            Err(error) => {
                self.app.note(&error);
                tracing::warn!(error = %format!("{error:#}"), "what Slack sent cannot be taken, it sends it again");
                return Err(NotNow);
            }
        }
        Ok(Acknowledged::Taken)
    }

    /// What a form lacks.
    fn missing(&self, what: &What) -> Option<form::Missing> {
        match what {
            What::Submission(submission) => form::filled(submission).err(),
            What::Request(asked) => request::filled(asked, self.slack.topics()).err(),
            What::Press(_)
            | What::Command(_)
            | What::Mention(_)
            | What::Wrote(..)
            | What::Begin(_) => None,
        }
    }

    async fn work(self: Arc<Self>, delivery: Delivery, place: OwnedSemaphorePermit) {
        let told = match Box::pin(self.done(&delivery)).await {
            Ok(told) => told,
            Err(error) => {
                let user = delivery.sender.user.escape_debug();
                tracing::info!(%user, why = %format!("{error:#}"), "somebody in Slack was told no");
                refusal(&error)
            }
        };
        self.moved.notify_one();
        self.tell(&delivery.sender.user, &delivery.reply, told)
            .await;
        drop(place);
    }

    async fn done(&self, delivery: &Delivery) -> anyhow::Result<Told> {
        let (sender, reply) = (&delivery.sender, &delivery.reply);
        match &delivery.what {
            What::Press(press) => self.press(sender, reply, press).await,
            What::Submission(filled) => self.submitted(sender, filled).await,
            What::Command(typed) => self.command(delivery, typed).await,
            What::Mention(text) => self.mentioned(sender, reply, text).await,
            What::Wrote(text, naming) => {
                let channel = reply.channel.as_deref();
                match (channel.is_some_and(|own| self.slack.is_intake(own)), naming) {
                    (true, _) => self.offer_form(sender, reply, text).await,
                    (false, Naming::Named) => self.mentioned(sender, reply, text).await,
                    (false, Naming::Plain) => Ok(Told::Nothing),
                }
            }
            What::Begin(begin) => self.begin_request(sender, begin).await,
            What::Request(asked) => self.asked_by_form(delivery, asked).await,
        }
    }

    /// Tells one person something. Where it does not arrive, what they did stands all the same.
    pub(super) async fn tell(&self, user: &str, reply: &Reply, told: Told) {
        let (text, blocks) = match told {
            Told::Nothing => return,
            Told::Lines(lines) => {
                let block = section(&lines);
                (ours(&lines.join(" "), TOLD_MAX), vec![block])
            }
            Told::Blocks(text, blocks) => (text, blocks),
        };
        let body = json!({ "text": text, "blocks": blocks, "parse": "none", "link_names": false,
            "unfurl_links": false, "unfurl_media": false });
        let said = match (&reply.address, &reply.channel) {
            (Some(address), _) => {
                let body = with(body, "response_type", "ephemeral");
                let body = with(body, "replace_original", false);
                self.slack.respond(address, &body).await
            }
            (None, Some(channel)) => {
                let mut body = with(with(body, "channel", channel.as_str()), "user", user);
                if let Some(thread) = &reply.thread {
                    body = with(body, "thread_ts", thread.as_str());
                }
                let sent = self.slack.call("chat.postEphemeral", &body).await;
                sent.map(drop)
            }
            (None, None) => return,
        };
        if let Err(fault) = said {
            tracing::warn!(%fault, "somebody in Slack could not be told what came of it");
        }
    }
}

/// What a person is told who is refused: the cause and the cure, as on every surface. Values in it may be an attacker's.
pub(super) fn refusal(error: &anyhow::Error) -> Told {
    let complaint = Complaint::of_error(error);
    let mut lines = vec![format!("\u{1f6ab} {}", code(&complaint.cause, TOLD_MAX))];
    lines.extend(complaint.cure.map(|cure| code(&cure, TOLD_MAX)));
    Told::Lines(lines)
}

impl Acknowledged {
    /// What Slack is answered; nothing where it only arrived.
    pub fn body(&self) -> Option<Value> {
        match self {
            Self::Taken => None,
            Self::Incomplete(missing) => {
                let errors = missing
                    .iter()
                    .map(|(block, why)| ((*block).to_owned(), why.as_str().into()));
                let errors: serde_json::Map<String, Value> = errors.collect();
                Some(json!({ "response_action": "errors", "errors": errors }))
            }
        }
    }
}
