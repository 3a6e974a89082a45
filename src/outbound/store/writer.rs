//! The writer: the one connection that writes. Before it does, it looks whether the store is still the one that was opened; and it
//! remembers whether the last write went through, so that whoever asks whether alerts can be taken in is told without one.

use std::{
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sqlx::{Sqlite, SqlitePool, Transaction, pool::PoolConnection};

use super::{BEGIN, error::StoreError, schema};

/// Writes a page, and changes nothing.
const PROBE: &str = "update meta set only = only";

/// The one connection that writes. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    pub(super) pool: SqlitePool,
    place: Option<Arc<Place>>,
    health: Arc<Health>,
}

/// What was seen of the disk.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// The last write did not go through.
    failing: AtomicBool,
    /// Something that was read is not what was written, and the file was not found sound since.
    damaged: AtomicBool,
}

/// The file that was opened.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Health {
    /// Whether something that was read is not what was written.
    pub(super) fn is_damaged(&self) -> bool {
        self.damaged.load(Ordering::Relaxed)
    }

    /// Whether the last write went through.
    pub(super) fn writes(&self) -> bool {
        !self.failing.load(Ordering::Relaxed)
    }

    /// The file was found sound, or something that was read of it was not.
    pub(super) fn damaged(&self, is_damaged: bool) {
        self.damaged.store(is_damaged, Ordering::Relaxed);
    }
}

impl Writer {
    /// A writer to a database that has no file of its own.
    pub(super) fn placeless(pool: SqlitePool) -> Self {
        Self {
            pool,
            place: None,
            health: Arc::default(),
        }
    }

    /// A writer to the file at `path`, which is there.
    pub(super) async fn at(path: &Path) -> Result<Self, StoreError> {
        let health = Arc::<Health>::default();
        let pool = schema::writer(path, &health).await?;
        let file = tokio::fs::metadata(path).await?;
        Ok(Self {
            pool,
            place: Some(Arc::new(Place {
                path: path.to_owned(),
                device: file.dev(),
                inode: file.ino(),
            })),
            health,
        })
    }

    /// The file; `None` where there is none.
    pub(super) fn path(&self) -> Option<&Path> {
        self.place.as_ref().map(|place| place.path.as_path())
    }

    /// What was seen of the disk.
    pub(super) const fn health(&self) -> &Arc<Health> {
        &self.health
    }

    /// The connection that writes, to the store that was opened. For what is a transaction by itself and looks at the schema.
    pub(super) async fn connection(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        if let Some(place) = &self.place {
            place.is_kept()?;
        }
        Ok(self.pool.acquire().await?)
    }

    /// Begins a transaction that writes, in the store that was opened and as this build reads it.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        if let Some(place) = &self.place {
            place.is_kept()?;
        }
        let mut transaction = self.pool.begin_with(BEGIN).await?;
        schema::refuse_newer(&mut transaction).await?;
        Ok(transaction)
    }

    /// Remembers whether a write went through. A conflict is no fault of the disk.
    pub(super) fn watch<T>(&self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        match &done {
            Ok(_) => self.health.failing.store(false, Ordering::Relaxed),
            Err(StoreError::Unavailable { .. } | StoreError::Newer { .. }) => {
                self.health.failing.store(true, Ordering::Relaxed);
            }
            Err(StoreError::Corrupt { .. }) => self.health.damaged(true),
            Err(
                StoreError::Conflict { .. }
                | StoreError::WrongKind { .. }
                | StoreError::Refused { .. }
                | StoreError::Taken { .. }
                | StoreError::Misplaced { .. }
                | StoreError::NotCanonical(_),
            ) => {}
        }
        done
    }

    /// Writes to the disk what is there already.
    pub(super) async fn probe(&self) -> Result<(), StoreError> {
        let probed = async {
            let mut transaction = self.begin().await?;
            sqlx::query(PROBE).execute(&mut *transaction).await?;
            Ok(transaction.commit().await?)
        };
        self.watch(probed.await)
    }
}

impl Place {
    /// What is written to a file that lost its name is lost with it.
    fn is_kept(&self) -> Result<(), StoreError> {
        let cure = "put it back, or restart tierone over what is there now";
        let gone = |cause: &dyn std::fmt::Display| {
            Err(StoreError::unavailable(cause, cure).at(&self.path.display().to_string()))
        };
        match std::fs::metadata(&self.path) {
            Ok(file) if (file.dev(), file.ino()) == (self.device, self.inode) => Ok(()),
            Ok(_) => gone(&"another file has taken its place since it was opened"),
            Err(cause) => gone(&format!("its file cannot be found any more: {cause}")),
        }
    }
}
