//! Slack, as the surface needs it: its API and what is configured, and what the store knows of cards. What a card says is the surface's.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::Value;

use super::App;
use crate::{
    config::{
        Config,
        secret::SecretSource,
        slack::{CardsFrom, Route, SlackConfig},
    },
    domain::{
        canonical::Digest,
        card::{Card, Counted, Fold},
        case::Case,
        id::{CaseId, GroupId, TenantId},
        severity::Severity,
    },
    outbound::slack::{Api, ApiSettings, Socket},
    ports::Fault,
};

/// How long the name of a delivery is remembered. Slack tries three times, within about an hour.
const DELIVERIES_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How soon something is added to a case after its end was shown: what is learnt of it.
pub(super) const ADDED_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// How long ago something may have been done alone that is shown yet: longer than Slack is away.
const ALONE_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// Cases that share something within this time are one incident.
const INCIDENT_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// The most cases that a scope is held against: they are read while somebody waits for a form.
const ALIKE_MAX: u32 = 100;

/// A workspace that is talked to.
pub struct Slack {
    api: Api,
    config: SlackConfig,
    signing_secret: Option<SecretString>,
    socket: Transport,
}

/// Whether a connection to Slack is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// It is, beside the routes where there is a signing secret.
    Socket,
    /// It is not: Slack calls.
    Routes,
}

impl Slack {
    /// The workspace of a site; `None` where none is configured.
    pub fn from_config(config: &Config) -> Result<Option<Self>, Fault> {
        config.slack.as_ref().map(Self::new).transpose()
    }

    fn new(config: &SlackConfig) -> Result<Self, Fault> {
        if let Some(fault) = faults(config).into_iter().next() {
            return Err(fault);
        }
        let secret = |source: &Option<SecretSource>, key| {
            source.as_ref().map(|source| read(source, key)).transpose()
        };
        let app_token = secret(&config.app_token, "slack.app_token")?;
        Ok(Self {
            signing_secret: secret(&config.signing_secret, "slack.signing_secret")?,
            socket: match app_token {
                Some(_) => Transport::Socket,
                None => Transport::Routes,
            },
            api: api(
                config,
                read(&config.bot_token, "slack.bot_token")?,
                app_token,
            )?,
            config: config.clone(),
        })
    }

    /// Calls a method of the Web API. What Slack refuses begins with its own word for it.
    pub async fn call(&self, method: &str, body: &Value) -> Result<Value, Fault> {
        self.api.call(method, body).await
    }

    /// Posts an answer to an address that Slack named, where it is Slack's.
    pub async fn respond(&self, address: &str, body: &Value) -> Result<(), Fault> {
        self.api.respond(address, body).await
    }

    /// Opens a connection over which Slack sends.
    pub async fn socket(&self) -> Result<Socket, Fault> {
        self.api.socket().await
    }

    /// How Slack reaches us.
    pub const fn transport(&self) -> Transport {
        self.socket
    }

    /// What its requests are signed with.
    pub const fn signing_secret(&self) -> Option<&SecretString> {
        self.signing_secret.as_ref()
    }

    /// The workspace.
    pub fn team(&self) -> &str {
        &self.config.team
    }

    /// Whose cases are shown.
    pub fn tenant(&self) -> TenantId {
        TenantId::new(self.config.tenant.as_str())
    }

    /// The channel of a group.
    pub fn channel(&self, group: Option<&GroupId>) -> &str {
        let own = group.and_then(|group| self.config.channels.get(group.as_str()));
        own.unwrap_or(&self.config.channel)
    }

    /// Where cases go while their first group is asked.
    pub fn routes(&self) -> &[Route] {
        &self.config.routes
    }

    /// Whether `channel` is the one in which anyone may ask for something.
    pub fn is_intake(&self, channel: &str) -> bool {
        self.config.intake.as_deref() == Some(channel)
    }

    /// What can be asked for.
    pub fn topics(&self) -> &[String] {
        &self.config.topics
    }

    /// Whether people are known by the address that the workspace has verified.
    pub const fn knows_by_email(&self) -> bool {
        self.config.verified_emails
    }

    /// The mildest severity of which each case has a card while the release is in shadow.
    pub const fn shadow_cards_from(&self) -> Severity {
        severity(self.config.shadow_cards_from)
    }

    /// Whether people of these groups may switch on again.
    pub fn may_switch_on(&self, groups: &[GroupId]) -> bool {
        let operators = &self.config.operators;
        groups
            .iter()
            .any(|group| operators.iter().any(|own| own == group.as_str()))
    }
}

/// The severity that a word of the config means.
pub const fn severity(from: CardsFrom) -> Severity {
    match from {
        CardsFrom::Informational => Severity::Informational,
        CardsFrom::Low => Severity::Low,
        CardsFrom::Medium => Severity::Medium,
        CardsFrom::High => Severity::High,
        CardsFrom::Critical => Severity::Critical,
    }
}

/// Everything that is wrong with what is configured. Nothing is called.
pub fn faults(config: &SlackConfig) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut wrong = |key: &str, value: &str, letters: &str, what: &str| {
        if !is_slack_id(value, letters) {
            faults.push(Fault::Permanent(format!(
                "`{value}` of slack.{key} is no id of a {what}; copy it from Slack, it begins with {letters:?}"
            )));
        }
    };
    wrong("team", &config.team, "T", "workspace");
    wrong("channel", &config.channel, "CGD", "channel");
    for (group, channel) in &config.channels {
        wrong(&format!("channels.{group}"), channel, "CGD", "channel");
    }
    for route in &config.routes {
        wrong("route.channel", &route.channel, "CGD", "channel");
    }
    if let Some(intake) = &config.intake {
        wrong("intake", intake, "CG", "channel");
    }
    if config.app_token.is_none() && config.signing_secret.is_none() {
        faults.push(Fault::Permanent(
            "[slack] has neither `app_token` nor `signing_secret`, so nothing that people press could arrive; set one of them".into(),
        ));
    }
    let secrets = [
        (Some(&config.bot_token), "slack.bot_token"),
        (config.app_token.as_ref(), "slack.app_token"),
        (config.signing_secret.as_ref(), "slack.signing_secret"),
    ];
    for (source, key) in secrets {
        faults.extend(source.and_then(|source| read(source, key).err()));
    }
    faults.extend(api(config, SecretString::from(""), None).err());
    faults
}

/// Slack's ids are capital letters and digits after a letter for their kind.
fn is_slack_id(text: &str, letters: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|first| letters.contains(first))
        && text.len() > 2
        && text.len() <= 32
        && characters.all(|rest| rest.is_ascii_uppercase() || rest.is_ascii_digit())
}

fn api(
    config: &SlackConfig,
    bot_token: SecretString,
    app_token: Option<SecretString>,
) -> Result<Api, Fault> {
    let made = Api::new(ApiSettings {
        url: config.url.clone(),
        connect_timeout_ms: config.connect_timeout_ms,
        total_timeout_ms: config.total_timeout_ms,
        allow_private: config.allow_private.clone(),
        bot_token,
        app_token,
    });
    made.map_err(|fault| Fault::Permanent(format!("[slack] cannot be used: {fault}")))
}

fn read(source: &SecretSource, key: &str) -> Result<SecretString, Fault> {
    let secret = source.read();
    secret.map_err(|cause| Fault::Permanent(format!("`{key}`: {cause}")))
}

impl App {
    /// At most `limit` cases of which Slack shows less than there is.
    pub async fn outdated_cards(
        &self,
        tenant: &TenantId,
        now: Timestamp,
        limit: u32,
    ) -> anyhow::Result<Vec<CaseId>> {
        let since = (
            now.checked_sub(ADDED_WITHIN)?,
            now.checked_sub(ALONE_WITHIN)?,
        );
        Ok(self.store.outdated_cards(tenant, since, limit).await?)
    }

    /// The cards of a case.
    pub async fn cards(&self, tenant: &TenantId, case: CaseId) -> anyhow::Result<Vec<Card>> {
        Ok(self.store.cards(tenant, case).await?)
    }

    /// Keeps what was shown of a case.
    pub async fn keep_card(&self, tenant: &TenantId, card: &Card) -> anyhow::Result<()> {
        Ok(self.store.keep_card(tenant, card).await?)
    }

    /// The case whose card a message is.
    pub async fn case_of_message(
        &self,
        tenant: &TenantId,
        channel: &str,
        message: &str,
    ) -> anyhow::Result<Option<CaseId>> {
        let found = self.store.case_of_message(tenant, channel, message);
        Ok(found.await?)
    }

    /// How many cases of one source and detection a channel was first shown since then.
    pub async fn cards_alike(
        &self,
        tenant: &TenantId,
        channel: &str,
        since: Timestamp,
        of: (&str, Option<&str>),
    ) -> anyhow::Result<u64> {
        Ok(self.store.cards_alike(tenant, channel, since, of).await?)
    }

    /// The first other case of which the channel was shown something within a day and which shares one of `entities`, and which one that is.
    pub async fn incident(
        &self,
        tenant: &TenantId,
        place: (&str, CaseId),
        entities: &[Digest],
        now: Timestamp,
    ) -> anyhow::Result<Option<(CaseId, Digest)>> {
        let since = now.checked_sub(INCIDENT_WITHIN)?;
        for entity in entities {
            let first = self.store.case_sharing(tenant, place, *entity, since);
            if let Some(case) = first.await? {
                return Ok(Some((case, *entity)));
            }
        }
        Ok(None)
    }

    /// Keeps what identifies something in the alert of a case that a channel was shown.
    pub async fn keep_entities(
        &self,
        tenant: &TenantId,
        place: (&str, CaseId),
        entities: &[Digest],
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let forget = now.checked_sub(INCIDENT_WITHIN)?;
        let times = (now, forget);
        Ok(self
            .store
            .keep_entities(tenant, place, entities, times)
            .await?)
    }

    /// The last other cases of the same source and detection that can be read, for what a scope would have covered.
    pub async fn alike(&self, case: &Case) -> anyhow::Result<Vec<Case>> {
        let Some(alert) = case.alert.content() else {
            return Ok(Vec::new());
        };
        let of = (&alert.source, alert.detection_id.as_deref());
        let found = self
            .store
            .cases_of_detection(&case.tenant, of, case.id, ALIKE_MAX);
        let mut cases = Vec::new();
        for id in found.await? {
            if let Ok(Some(other)) = self.store.case(&case.tenant, id).await {
                cases.push(other);
            }
        }
        Ok(cases)
    }

    /// The folds that began since then.
    pub async fn folds(&self, tenant: &TenantId, since: Timestamp) -> anyhow::Result<Vec<Fold>> {
        Ok(self.store.folds(tenant, since).await?)
    }

    /// Keeps a fold.
    pub async fn keep_fold(&self, tenant: &TenantId, fold: &Fold) -> anyhow::Result<()> {
        Ok(self.store.keep_fold(tenant, fold).await?)
    }

    /// How many cases a fold has, and at most `limit` of those that wait in it for a card.
    pub async fn folded(
        &self,
        tenant: &TenantId,
        fold: (&str, &str),
        limit: u32,
    ) -> anyhow::Result<(Counted, Vec<CaseId>)> {
        Ok(self.store.folded(tenant, fold, limit).await?)
    }

    /// Whether this delivery is the first of its name.
    pub async fn is_first_delivery(
        &self,
        tenant: &TenantId,
        id: Digest,
        now: Timestamp,
    ) -> anyhow::Result<bool> {
        let forget = now.checked_sub(DELIVERIES_KEPT)?;
        Ok(self
            .store
            .is_first_delivery(tenant, id, now, forget)
            .await?)
    }
}
