//! Opening the database: its pragmas, its migrations, and the kind and secret that it keeps for life.

use std::{path::Path, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions, Connection, SqlSafeStr, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::time::{Instant, sleep};

use super::{
    BEGIN,
    error::{StoreError, is_busy},
    files::create,
    url::{StoreUrl, scheme},
    writer::Health,
};
use crate::domain::facts::StoreKind;

/// How long a statement waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long until an opening that was told "locked" is tried again.
const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// How long a caller waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections that only read.
const READERS_MAX: u32 = 4;

/// The newest schema that this build reads.
pub(super) const SCHEMA: i64 = 8;

/// The secret of demo stores, so that their draws are the same every time. It protects nothing.
const DEMO_SECRET: [u8; 32] = *b"tierone demo store: not a secret";

const TABLES: &str = "select name from sqlite_master where type = 'table'";
const VERSION: &str = "select coalesce(max(version), 0) from _sqlx_migrations";
const READ_META: &str = "select kind, secret from meta";
/// Changes nothing, and fails where nothing can be changed. `BEGIN IMMEDIATE` does not: on a read-only file it begins to read.
const MAY_WRITE: &str = "update meta set only = only where false";
const WRITE_META: &str = "insert into meta (only, kind, secret) values (1, $1, $2)";

/// The one connection that writes to the file at `path`. `SQLite` waits by itself for another process, except where both make a new
/// file's journal: the later one is told at once that it is locked (<https://www.sqlite.org/wal.html>), so it asks again here.
pub(super) async fn writer(path: &Path, health: &Arc<Health>) -> Result<SqlitePool, StoreError> {
    let patience = Instant::now() + BUSY_TIMEOUT;
    loop {
        match pool(1, health).connect_with(writable(path)).await {
            Err(cause) if is_busy(&cause) && Instant::now() < patience => sleep(BUSY_PAUSE).await,
            opened => return Ok(opened?),
        }
    }
}

/// The connections that read the file at `path`, made when they are needed.
pub(super) fn readers(path: &Path, health: &Arc<Health>) -> SqlitePool {
    pool(READERS_MAX, health).connect_lazy_with(file(path).read_only(true))
}

fn pool(connections_max: u32, health: &Arc<Health>) -> SqlitePoolOptions {
    let health = Arc::clone(health);
    SqlitePoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_release(move |connection, _| {
            let damaged = health.is_damaged();
            Box::pin(async move { Ok(is_sound(connection).await? && !damaged) })
        })
}

/// Whether a connection may serve again. `SQLite` ends a transaction by itself when the disk is full; sqlx 0.9 then fails to roll it
/// back and counts it as open for ever, so such a connection is closed. The ping comes after a rollback that is under way.
/// Where something was damaged every connection is, because it may remember pages that are not what is on the disk by now.
async fn is_sound(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// Makes the file where there is none, for its owner's eyes only.
pub(super) async fn touch(path: &Path) -> Result<(), StoreError> {
    match create(path).await {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A connection to the file at `path`.
pub(super) fn file(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

/// A connection to the file at `path`, which must be there.
pub(super) fn existing(path: &Path) -> SqliteConnectOptions {
    file(path).create_if_missing(false)
}

/// One connection that sees the file at `path` as it is at its first look, and can write nothing.
pub(super) async fn frozen(path: &Path) -> Result<SqlitePool, StoreError> {
    Ok(pool(1, &Arc::default())
        .after_connect(|connection, _| Box::pin(look(connection)))
        .connect_with(existing(path).read_only(true))
        .await?)
}

/// Begins the one transaction in which everything is read.
async fn look(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("begin").execute(connection).await.map(drop)
}

/// A connection that may write to the file at `path`.
fn writable(path: &Path) -> SqliteConnectOptions {
    file(path).journal_mode(SqliteJournalMode::Wal)
}

/// A connection to a database that is gone when it is closed.
pub(super) async fn memory() -> Result<SqlitePool, StoreError> {
    let options = SqliteConnectOptions::new()
        .in_memory(true)
        .foreign_keys(true)
        .disable_statement_logging();
    Ok(pool(1, &Arc::default()).connect_with(options).await?)
}

/// Brings the database to this build's schema, all or nothing, and returns the store's secret.
pub(super) async fn prepare(writer: &SqlitePool, url: &StoreUrl) -> Result<Vec<u8>, StoreError> {
    let mut transaction = writer.begin_with(BEGIN).await?;
    refuse_others(&mut transaction, url).await?;
    migrator()
        .run_direct(None, &mut *transaction, false)
        .await?;
    let secret = meta(&mut transaction, url).await?;
    sqlx::query(MAY_WRITE).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(secret)
}

/// What a file that is a store says of itself.
pub(super) struct Made {
    /// Its kind, for life.
    pub(super) kind: StoreKind,
    /// Its secret.
    pub(super) secret: Vec<u8>,
    /// The schema that it has.
    pub(super) schema: Schema,
}

/// The schema of a store that this build can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schema {
    /// This build's.
    Own,
    /// An older one.
    Older(i64),
}

/// What the database says of itself, without changing it. One that is empty, somebody else's or a newer build's is refused.
pub(super) async fn made(
    connection: &mut SqliteConnection,
    url: &StoreUrl,
) -> Result<Made, StoreError> {
    let empty = || StoreError::Refused {
        url: url.path.clone(),
        cause: "there is no store in it".into(),
        cure: "name a file that tierone made".into(),
    };
    let found = refuse_others(connection, url).await?.ok_or_else(empty)?;
    let (kind, secret) = kept(connection, url).await?.ok_or_else(empty)?;
    Ok(Made {
        kind,
        secret,
        schema: if found < SCHEMA {
            Schema::Older(found)
        } else {
            Schema::Own
        },
    })
}

/// Refuses a database that someone else or a newer build made, and gives its schema; `None` where it is empty.
async fn refuse_others(
    connection: &mut SqliteConnection,
    url: &StoreUrl,
) -> Result<Option<i64>, StoreError> {
    let tables: Vec<String> = sqlx::query_scalar(TABLES)
        .fetch_all(&mut *connection)
        .await?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    if tables.is_empty() {
        return Ok(None);
    }
    if !has("_sqlx_migrations") || !has("meta") {
        return Err(StoreError::Refused {
            url: format!("{}://{}", scheme(url.kind), url.path),
            cause: "the file is a database that tierone did not make".into(),
            cure: "name another path".into(),
        });
    }
    refuse_newer(connection).await.map(Some)
}

/// Refuses a schema that a newer build made, also while this one has it open, and gives what it found.
pub(super) async fn refuse_newer(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let found: i64 = sqlx::query_scalar(VERSION).fetch_one(connection).await?;
    if found > SCHEMA {
        return Err(StoreError::Newer {
            what: "the store".into(),
            found,
            known: SCHEMA,
        });
    }
    Ok(found)
}

/// The store's secret; on the first opening its kind and secret are written.
async fn meta(connection: &mut SqliteConnection, url: &StoreUrl) -> Result<Vec<u8>, StoreError> {
    let Some((made, secret)) = kept(connection, url).await? else {
        let secret = new_secret(url.kind)?;
        sqlx::query(WRITE_META)
            .bind(url.kind.word())
            .bind(secret.as_slice())
            .execute(connection)
            .await?;
        return Ok(secret.into());
    };
    if made != url.kind {
        return Err(wrong_kind(made, url));
    }
    Ok(secret)
}

/// The kind and the secret that were written on the first opening.
async fn kept(
    connection: &mut SqliteConnection,
    url: &StoreUrl,
) -> Result<Option<(StoreKind, Vec<u8>)>, StoreError> {
    let row: Option<(String, Vec<u8>)> =
        sqlx::query_as(READ_META).fetch_optional(connection).await?;
    let Some((word, secret)) = row else {
        return Ok(None);
    };
    let made = [StoreKind::Live, StoreKind::Demo, StoreKind::Simulated]
        .into_iter()
        .find(|kind| kind.word() == word)
        .ok_or_else(|| StoreError::corrupt(&url.path, &format!("its kind is `{word}`")))?;
    Ok(Some((made, secret)))
}

/// The store at `url` is of kind `made`.
pub(super) fn wrong_kind(made: StoreKind, url: &StoreUrl) -> StoreError {
    StoreError::WrongKind {
        path: url.path.clone(),
        made,
        opened: url.kind,
        url: format!("{}://{}", scheme(made), url.path),
    }
}

fn new_secret(kind: StoreKind) -> Result<[u8; 32], StoreError> {
    match kind {
        StoreKind::Demo => Ok(DEMO_SECRET),
        StoreKind::Live | StoreKind::Simulated => {
            let mut secret = [0; 32];
            getrandom::fill(&mut secret)
                .map_err(|cause| StoreError::unavailable(&cause, "try again"))?;
            Ok(secret)
        }
    }
}

fn migrator() -> Migrator {
    let migration = |version, description: &'static str, sql: &'static str| {
        let sql = sql.into_sql_str();
        Migration::new(
            version,
            description.into(),
            MigrationType::Simple,
            sql,
            false,
        )
    };
    Migrator::with_migrations(vec![
        migration(
            1,
            "store",
            include_str!("../../../migrations/sqlite/0001_store.sql"),
        ),
        migration(
            2,
            "operations",
            include_str!("../../../migrations/sqlite/0002_operations.sql"),
        ),
        migration(
            3,
            "due",
            include_str!("../../../migrations/sqlite/0003_due.sql"),
        ),
        migration(
            4,
            "api keys",
            include_str!("../../../migrations/sqlite/0004_api_keys.sql"),
        ),
        migration(
            5,
            "stages",
            include_str!("../../../migrations/sqlite/0005_stages.sql"),
        ),
        migration(
            6,
            "append",
            include_str!("../../../migrations/sqlite/0006_append.sql"),
        ),
        migration(
            7,
            "slack",
            include_str!("../../../migrations/sqlite/0007_slack.sql"),
        ),
        migration(
            SCHEMA,
            "requests",
            include_str!("../../../migrations/sqlite/0008_requests.sql"),
        ),
    ])
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => cause.into(),
            other => Self::corrupt("the store", &other),
        }
    }
}
