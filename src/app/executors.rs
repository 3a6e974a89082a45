//! Which executor carries out what, as the configuration says. What is not configured does nothing, and says so.

use jiff::Timestamp;
use secrecy::SecretString;

use crate::{
    config::{
        Config,
        calls::{PagerdutyConfig, WebhookConfig},
        secret::SecretSource,
    },
    domain::{action::ExecutorKind, facts::StoreKind},
    outbound::{
        dry_run::DryRun,
        endpoint::EndpointSettings,
        internal::Internal,
        pagerduty::Pagerduty,
        webhook::{Webhook, WebhookSettings},
    },
    ports::{Executor, Fault, Repetition},
};

/// Who is shown as called where nothing is configured and nothing is sent (RFC 2606: this name never exists).
const NOBODY: &str = "https://receiver.invalid/";
const NOBODY_TIMEOUT_MS: u64 = 1_000;

/// Whether orders are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// They are, in a live store.
    Real,
    /// They are not: the receipt is what would have been sent. What is not configured is shown as sent to nobody.
    DryRun,
    /// They are not, and nothing is executed: it is shown what would be sent, and what is not configured would fail.
    Rehearsal,
}

/// An executor for each kind of the catalogue, or why there is none.
pub struct Executors {
    internal: Box<dyn Executor>,
    webhook: Result<Box<dyn Executor>, Fault>,
    pagerduty: Result<Box<dyn Executor>, Fault>,
    pager: Result<Pagerduty, Fault>,
}

impl Executors {
    /// The executors of a site. Only a live store sends, whatever `sending` says, and what does not send reads no secret.
    ///
    /// A fault is a configuration that is there and cannot be used; what is absent is a fault of [`Self::executor`].
    pub fn from_config(
        config: &Config,
        kind: StoreKind,
        sending: Sending,
        clock: fn() -> Timestamp,
    ) -> Result<Self, Fault> {
        match (kind, sending) {
            (StoreKind::Live, Sending::Real) => Ok(Self {
                internal: Box::new(Internal),
                webhook: real(config.webhook.as_ref(), "webhook", "url and secret", |it| {
                    webhook(it, read(&it.secret, "webhook.secret")?, clock)
                })?,
                pagerduty: real(
                    config.pagerduty.as_ref(),
                    "pagerduty",
                    "routing_key",
                    |it| pagerduty(it, read(&it.routing_key, "pagerduty.routing_key")?),
                )?,
                pager: pager(config)?,
            }),
            (StoreKind::Live, Sending::Rehearsal) => Ok(Self {
                internal: Box::new(DryRun::new(Internal)),
                webhook: real(config.webhook.as_ref(), "webhook", "url and secret", |it| {
                    Ok(DryRun::new(webhook(it, nothing(), clock)?))
                })?,
                pagerduty: real(
                    config.pagerduty.as_ref(),
                    "pagerduty",
                    "routing_key",
                    |it| Ok(DryRun::new(pagerduty(it, nothing())?)),
                )?,
                pager: Err(nothing_is_sent()),
            }),
            (StoreKind::Live, Sending::DryRun)
            | (
                StoreKind::Demo | StoreKind::Simulated,
                Sending::Real | Sending::DryRun | Sending::Rehearsal,
            ) => Self::dry(config, clock),
        }
    }

    /// The internal executor, `webhook` for every action that the catalogue sends there, and no pager: for tests, and for a site's own.
    pub fn of(webhook: Box<dyn Executor>) -> Self {
        Self {
            internal: Box::new(Internal),
            webhook: Ok(webhook),
            pagerduty: Err(Fault::Permanent(
                "there is no pager here; use a webhook".into(),
            )),
            pager: Err(nothing_is_sent()),
        }
    }

    /// What carries out actions of this kind.
    pub fn executor(&self, kind: ExecutorKind) -> Result<&dyn Executor, Fault> {
        let executor = match kind {
            ExecutorKind::Internal => return Ok(self.internal.as_ref()),
            ExecutorKind::Webhook => &self.webhook,
            ExecutorKind::Pagerduty => &self.pagerduty,
        };
        executor.as_deref().map_err(Clone::clone)
    }

    /// Who tells whoever is on call that nobody answers, or why nobody does.
    pub const fn pager(&self) -> Result<&Pagerduty, &Fault> {
        self.pager.as_ref()
    }

    fn dry(config: &Config, clock: fn() -> Timestamp) -> Result<Self, Fault> {
        let nobody = nobody();
        let hooked = config.webhook.as_ref().unwrap_or(&nobody.0);
        let paged = config.pagerduty.as_ref().unwrap_or(&nobody.1);
        Ok(Self {
            internal: Box::new(DryRun::new(Internal)),
            webhook: Ok(Box::new(DryRun::new(webhook(hooked, nothing(), clock)?))),
            pagerduty: Ok(Box::new(DryRun::new(pagerduty(paged, nothing())?))),
            pager: Err(nothing_is_sent()),
        })
    }
}

/// Everything that is wrong with what is configured to carry out actions. Nothing is called.
pub fn faults(config: &Config, clock: fn() -> Timestamp) -> Vec<Fault> {
    let mut faults = Vec::new();
    // Where the secret cannot be had, the rest is looked at all the same.
    let mut had = |secret: Result<SecretString, Fault>| {
        secret.unwrap_or_else(|fault| {
            faults.push(fault);
            nothing()
        })
    };
    let hooked = config.webhook.as_ref().and_then(|it| {
        let secret = had(read(&it.secret, "webhook.secret"));
        webhook(it, secret, clock).err()
    });
    let paged = config.pagerduty.as_ref().and_then(|it| {
        let key = had(read(&it.routing_key, "pagerduty.routing_key"));
        pagerduty(it, key).err()
    });
    faults.extend(hooked.into_iter().chain(paged));
    faults
}

/// What `make` makes of its configuration; where there is none, a fault to be met when it is needed.
fn real<C, E: Executor + 'static>(
    config: Option<&C>,
    name: &str,
    keys: &str,
    make: impl FnOnce(&C) -> Result<E, Fault>,
) -> Result<Result<Box<dyn Executor>, Fault>, Fault> {
    let Some(config) = config else {
        return Ok(Err(not_configured(name, keys)));
    };
    Ok(Ok(Box::new(make(config)?)))
}

fn webhook(
    config: &WebhookConfig,
    secret: SecretString,
    clock: fn() -> Timestamp,
) -> Result<Webhook, Fault> {
    Webhook::new(&WebhookSettings {
        endpoint: EndpointSettings {
            url: config.url.clone(),
            connect_timeout_ms: config.connect_timeout_ms,
            total_timeout_ms: config.total_timeout_ms,
            allow_private: config.allow_private.clone(),
        },
        secret,
        repetition: if config.idempotent {
            Repetition::Idempotent
        } else {
            Repetition::Unsafe
        },
        clock,
    })
    .map_err(|fault| in_table("webhook", fault))
}

fn pagerduty(config: &PagerdutyConfig, routing_key: SecretString) -> Result<Pagerduty, Fault> {
    let settings = EndpointSettings {
        url: config.url.clone(),
        connect_timeout_ms: config.connect_timeout_ms,
        total_timeout_ms: config.total_timeout_ms,
        allow_private: config.allow_private.clone(),
    };
    Pagerduty::new(&settings, routing_key).map_err(|fault| in_table("pagerduty", fault))
}

fn pager(config: &Config) -> Result<Result<Pagerduty, Fault>, Fault> {
    let Some(config) = &config.pagerduty else {
        return Ok(Err(not_configured("pagerduty", "routing_key")));
    };
    let key = read(&config.routing_key, "pagerduty.routing_key")?;
    pagerduty(config, key).map(Ok)
}

fn not_configured(name: &str, keys: &str) -> Fault {
    Fault::Permanent(format!("{name} is not configured; set [{name}] {keys}"))
}

fn nothing_is_sent() -> Fault {
    Fault::Permanent("nothing is sent from here".into())
}

fn read(secret: &SecretSource, key: &str) -> Result<SecretString, Fault> {
    secret
        .read()
        .map_err(|cause| Fault::Permanent(format!("`{key}`: {cause}")))
}

fn in_table(table: &str, fault: Fault) -> Fault {
    match fault {
        Fault::Permanent(cause) => Fault::Permanent(format!("[{table}] cannot be used: {cause}")),
        other @ (Fault::Transient(_)
        | Fault::Busy { .. }
        | Fault::InDoubt(_)
        | Fault::TooLarge(_)) => other,
    }
}

/// The secret of what sends nothing.
fn nothing() -> SecretString {
    SecretString::from("")
}

fn nobody() -> (WebhookConfig, PagerdutyConfig) {
    let webhook = WebhookConfig {
        url: NOBODY.into(),
        secret: SecretSource::Misplaced,
        connect_timeout_ms: NOBODY_TIMEOUT_MS,
        total_timeout_ms: NOBODY_TIMEOUT_MS,
        allow_private: Vec::new(),
        idempotent: true,
    };
    let pagerduty = PagerdutyConfig {
        url: NOBODY.into(),
        routing_key: SecretSource::Misplaced,
        connect_timeout_ms: NOBODY_TIMEOUT_MS,
        total_timeout_ms: NOBODY_TIMEOUT_MS,
        allow_private: Vec::new(),
    };
    (webhook, pagerduty)
}

#[cfg(test)]
mod tests;
