//! API keys: making, revoking, and knowing one again. A secret is shown once and kept nowhere.

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use subtle::ConstantTimeEq as _;

use super::{App, answer::Claimant};
use crate::{
    domain::{
        canonical::Digest,
        id::{PersonId, TenantId},
        key::{ApiKey, KeyId, PREFIX, Scope},
        operation::everyone,
        person::{People, Proof},
    },
    outbound::store::{KeyCount, StoreError, StoredKey},
};

/// A key that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// Its id; one is made up where none is given.
    pub id: Option<KeyId>,
    /// Whose data it opens.
    pub tenant: TenantId,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The inventory asset that sends with it.
    pub sender: Option<String>,
}

/// A key that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeKey {
    /// The key.
    pub key: ApiKey,
    /// What its holder shows. It can never be had again.
    pub token: String,
}

impl App {
    /// Makes a key, on the word of `by`.
    pub async fn make_key(
        &self,
        new: NewKey,
        by: &Claimant,
        now: Timestamp,
    ) -> anyhow::Result<MadeKey> {
        if new.tenant == everyone() || new.tenant.as_str().is_empty() {
            bail!("`{}` is no tenant; name one with --tenant", new.tenant);
        }
        self.knows_sender(&new)?;
        let id = match new.id {
            Some(id) => id,
            None => hex::encode(random::<6>()?).parse()?,
        };
        let secret = URL_SAFE_NO_PAD.encode(random::<32>()?);
        let mut scopes = new.scopes;
        scopes.sort();
        scopes.dedup();
        let key = ApiKey {
            id,
            tenant: new.tenant,
            scopes,
            sender: new.sender,
            created_at: now,
            revoked_at: None,
        };
        let token = format!("{PREFIX}_{}_{secret}", key.id);
        let stored = StoredKey {
            key,
            secret: Digest::of_bytes(secret.as_bytes()),
        };
        let (key, by) = (&stored.key, self.named(by));
        let added = self.store.add_key(&key.tenant, &stored, &by);
        match added.await {
            Ok(()) => {}
            Err(StoreError::Conflict { .. }) => {
                bail!("a key `{}` was made before; give another --id", key.id)
            }
            Err(error) => return Err(error.into()),
        }
        Ok(MadeKey {
            key: stored.key,
            token,
        })
    }

    /// Revokes the key `id`, on the word of `by`: from now on it opens nothing.
    pub async fn revoke_key(
        &self,
        id: &KeyId,
        by: &Claimant,
        now: Timestamp,
    ) -> anyhow::Result<ApiKey> {
        let stored = self.store.key(id).await?;
        let stored = stored.with_context(|| format!("no key `{id}`; see `keys list`"))?;
        if let Some(since) = stored.key.revoked_at {
            bail!("key `{id}` is revoked since {since}; nothing is left to do");
        }
        self.store
            .revoke_key(&stored.key.tenant, id, &self.named(by), now)
            .await?;
        Ok(stored.key)
    }

    /// The keys of `tenant`, revoked ones too, oldest first.
    pub async fn keys(&self, tenant: &TenantId) -> anyhow::Result<Vec<ApiKey>> {
        Ok(self.store.keys(tenant).await?)
    }

    /// How many keys there are, of any tenant.
    pub async fn key_count(&self) -> anyhow::Result<KeyCount> {
        Ok(self.store.key_count().await?)
    }

    /// The key that `token` is, if it is one and is not revoked. How long this takes says nothing about the secret.
    pub async fn key_of(&self, token: &str) -> anyhow::Result<Option<ApiKey>> {
        let Some((id, secret)) = parts(token) else {
            return Ok(None);
        };
        let Some(stored) = self.store.key(&id).await? else {
            return Ok(None);
        };
        let shown = Digest::of_bytes(secret.as_bytes());
        let same = bool::from(shown.as_bytes().ct_eq(stored.secret.as_bytes()));
        Ok((same && stored.key.revoked_at.is_none()).then_some(stored.key))
    }

    /// A sender that is misspelt would never be the attacked host, and its alerts would be believed.
    fn knows_sender(&self, new: &NewKey) -> anyhow::Result<()> {
        let (Some(sender), Some(inventory)) = (&new.sender, &self.rules.inventory) else {
            return Ok(());
        };
        let own = |asset: &&crate::domain::asset::Asset| asset.tenant == new.tenant;
        if !inventory
            .assets
            .iter()
            .filter(own)
            .any(|asset| asset.id == *sender)
        {
            bail!(
                "sender `{sender}` is no asset of tenant {}; give the id of one of the inventory",
                new.tenant
            );
        }
        Ok(())
    }

    /// The first key is made before there are people.
    fn named(&self, by: &Claimant) -> PersonId {
        named(self.rules.people.as_ref(), by)
    }
}

/// The person whom the people file knows, else what proves them: for what must not wait until there are people.
pub(super) fn named(people: Option<&People>, by: &Claimant) -> PersonId {
    let proof = match by.proof {
        Proof::OsUser => "os_user",
        Proof::ApiKey => "api_key",
        Proof::Oidc => "oidc",
        Proof::Slack => "slack",
    };
    let known = people.and_then(|people| people.identified(by.proof, &by.identity));
    match known {
        Some(person) => person.id.clone(),
        None => PersonId::new(format!("{proof}:{}", by.identity)),
    }
}

fn parts(token: &str) -> Option<(KeyId, &str)> {
    let rest = token.strip_prefix(PREFIX)?.strip_prefix('_')?;
    let (id, secret) = rest.split_once('_')?;
    Some((id.parse().ok()?, secret))
}

fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).context("the operating system gave no randomness; try again")?;
    Ok(bytes)
}
