//! API keys: their rows, and the operation that says who made or revoked each, in one transaction. Whether a secret fits is not decided here.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{Store, case::time, error::StoreError, operation::operate_in, to_its_end};
use crate::domain::{
    canonical::Digest,
    id::{PersonId, TenantId},
    key::{ApiKey, KeyId},
    operation::{Deed, KeyChange},
};

const ADD: &str = "insert into api_keys (id, tenant, secret, scopes, sender, created_at) \
     values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing";
const REVOKE: &str =
    "update api_keys set revoked_at = $3 where tenant = $1 and id = $2 and revoked_at is null";
const OF_TENANT: &str = "select id, tenant, secret, scopes, sender, created_at, revoked_at from api_keys \
     where tenant = $1 order by created_at, id";
const ONE: &str =
    "select id, tenant, secret, scopes, sender, created_at, revoked_at from api_keys where id = $1";
const COUNT: &str = "select count(*), count(*) filter (where revoked_at is null) from api_keys";

/// Id, tenant, digest of the secret, scopes, sender, and the times of making and revoking.
type Row = (
    String,
    String,
    Vec<u8>,
    String,
    Option<String>,
    i64,
    Option<i64>,
);

/// A key, with the SHA-256 of its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// The key.
    pub key: ApiKey,
    /// The digest of its secret.
    pub secret: Digest,
}

/// How many keys the store has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyCount {
    /// All that were ever made.
    pub made: u64,
    /// Those that are not revoked.
    pub valid: u64,
}

impl Store {
    /// Adds a key of `tenant`, made by `by`. [`StoreError::Conflict`] where its id was ever given out, in whatever tenant.
    pub async fn add_key(
        &self,
        tenant: &TenantId,
        stored: &StoredKey,
        by: &PersonId,
    ) -> Result<(), StoreError> {
        let (tenant, stored, by) = (tenant.clone(), stored.clone(), by.clone());
        let writer = self.writer.clone();
        to_its_end(async move {
            let mut transaction = writer.begin().await?;
            let (id, at) = (stored.key.id.clone(), stored.key.created_at);
            if !add(&mut transaction, &tenant, &stored).await? {
                return Err(taken(&id));
            }
            let deed = changed(&id, KeyChange::Created);
            operate_in(&mut transaction, &tenant, by, deed, at).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// Revokes a key of `tenant`. [`StoreError::Conflict`] where it is revoked already or is not there.
    pub async fn revoke_key(
        &self,
        tenant: &TenantId,
        id: &KeyId,
        by: &PersonId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (tenant, id, by) = (tenant.clone(), id.clone(), by.clone());
        let writer = self.writer.clone();
        to_its_end(async move {
            let mut transaction = writer.begin().await?;
            let done = sqlx::query(REVOKE)
                .bind(tenant.as_str())
                .bind(id.as_str())
                .bind(at.as_microsecond())
                .execute(&mut *transaction)
                .await?;
            if done.rows_affected() != 1 {
                return Err(taken(&id));
            }
            let deed = changed(&id, KeyChange::Revoked);
            operate_in(&mut transaction, &tenant, by, deed, at).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// The keys of `tenant`, revoked ones too, oldest first.
    pub async fn keys(&self, tenant: &TenantId) -> Result<Vec<ApiKey>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(OF_TENANT)
            .bind(tenant.as_str())
            .fetch_all(&self.readers)
            .await?;
        rows.into_iter()
            .map(|row| read(row).map(|stored| stored.key))
            .collect()
    }

    /// The key with this id: it is the key that says whose tenant a caller is.
    pub async fn key(&self, id: &KeyId) -> Result<Option<StoredKey>, StoreError> {
        let row: Option<Row> = sqlx::query_as(ONE)
            .bind(id.as_str())
            .fetch_optional(&self.readers)
            .await?;
        row.map(read).transpose()
    }

    /// How many keys there are, of any tenant.
    pub async fn key_count(&self) -> Result<KeyCount, StoreError> {
        let (made, valid): (i64, i64) = sqlx::query_as(COUNT).fetch_one(&self.readers).await?;
        Ok(KeyCount {
            made: made.unsigned_abs(),
            valid: valid.unsigned_abs(),
        })
    }
}

/// Whether the key was added: an id is given out once.
async fn add(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    stored: &StoredKey,
) -> Result<bool, StoreError> {
    let key = &stored.key;
    let scopes = serde_json::to_string(&key.scopes)
        .map_err(|cause| StoreError::corrupt("an API key", &cause))?;
    let done = sqlx::query(ADD)
        .bind(key.id.as_str())
        .bind(tenant.as_str())
        .bind(stored.secret.as_bytes().as_slice())
        .bind(scopes)
        .bind(key.sender.as_deref())
        .bind(key.created_at.as_microsecond())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

fn read(
    (id, tenant, secret, scopes, sender, created_at, revoked_at): Row,
) -> Result<StoredKey, StoreError> {
    let what = || format!("API key `{id}`");
    let secret = <[u8; 32]>::try_from(secret.as_slice())
        .map_err(|cause| StoreError::corrupt(what(), &cause))?;
    let scopes =
        serde_json::from_str(&scopes).map_err(|cause| StoreError::corrupt(what(), &cause))?;
    let key = ApiKey {
        id: id
            .parse()
            .map_err(|cause| StoreError::corrupt(what(), &cause))?,
        tenant: TenantId::new(tenant),
        scopes,
        sender,
        created_at: time(created_at)?,
        revoked_at: revoked_at.map(time).transpose()?,
    };
    Ok(StoredKey {
        key,
        secret: Digest::from_bytes(secret),
    })
}

fn changed(id: &KeyId, change: KeyChange) -> Deed {
    Deed::KeyChanged {
        key: id.to_string(),
        change,
    }
}

fn taken(id: &KeyId) -> StoreError {
    StoreError::Conflict {
        what: format!("API key `{id}`"),
    }
}
