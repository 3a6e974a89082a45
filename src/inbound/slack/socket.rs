//! Socket Mode: a connection that we open, over which Slack sends what it would else post. It is opened again when it ends, each time later, for ever.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    blocks::with,
    bot::{Bot, NotNow},
    incoming::{command, event, interaction},
};

/// How long it is waited before a connection is opened again, at first and at the longest.
const WAIT_FIRST: Duration = Duration::from_millis(200);
const WAIT_MAX: Duration = Duration::from_secs(30);
/// A connection that lasted this long was a good one.
const GOOD_AFTER: Duration = Duration::from_secs(10);

/// Why a connection is no longer read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// It broke off, or Slack asked for a new one.
    Over,
    /// We were told to end.
    Stopped,
}

impl Bot {
    /// Listens until `stop`.
    pub(super) async fn listen(self: &Arc<Self>, stop: &CancellationToken) {
        let mut wait = WAIT_FIRST;
        loop {
            let opened = tokio::select! {
                () = stop.cancelled() => return,
                opened = self.slack.socket() => opened,
            };
            match opened {
                Ok(mut socket) => {
                    tracing::info!("connected to Slack");
                    let since = Instant::now();
                    let ended = async {
                        while let Some(text) = socket.next().await {
                            let (answer, ended) = self.heard(&text).await;
                            if let Some(answer) = answer
                                && socket.send(answer).await.is_err()
                            {
                                break;
                            }
                            if ended {
                                break;
                            }
                        }
                        Ended::Over
                    };
                    let ended = tokio::select! {
                        () = stop.cancelled() => Ended::Stopped,
                        ended = ended => ended,
                    };
                    if ended == Ended::Stopped {
                        return;
                    }
                    tracing::info!("the connection to Slack ended, it is opened again");
                    if since.elapsed() > GOOD_AFTER {
                        wait = WAIT_FIRST;
                    }
                }
                Err(fault) => {
                    tracing::warn!(%fault, seconds = wait.as_secs(), "no connection to Slack, it is tried again; asks wait, on the command line and by HTTP too");
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            wait = (wait * 2).min(WAIT_MAX);
        }
    }

    /// What an envelope is answered, and whether the connection is over. What could not be taken is not acknowledged: it comes again.
    async fn heard(self: &Arc<Self>, text: &str) -> (Option<String>, bool) {
        let Ok(envelope) = serde_json::from_str::<Value>(text) else {
            return (None, false);
        };
        let kind = envelope.get("type").and_then(Value::as_str).unwrap_or("");
        if kind == "disconnect" {
            return (None, true);
        }
        let Some(id) = envelope.get("envelope_id").and_then(Value::as_str) else {
            return (None, false);
        };
        let payload = envelope.get("payload").unwrap_or(&Value::Null);
        let delivery = match kind {
            "events_api" => event(payload),
            "interactive" => interaction(payload),
            "slash_commands" => command(payload),
            _ => None,
        };
        let mut answer = json!({ "envelope_id": id });
        if let Some(delivery) = delivery {
            match self.take(delivery).await {
                Ok(acknowledged) => {
                    if let Some(body) = acknowledged.body() {
                        answer = with(answer, "payload", body);
                    }
                }
                Err(NotNow) => return (None, false),
            }
        }
        (Some(answer.to_string()), false)
    }
}
