//! Health: whether the store can be written to and is sound, as far as was seen, and looking again.

use super::{Store, error::StoreError, schema};

const LOOK: &str = "pragma quick_check(1)";
const SOUND: &str = "ok";

/// What was seen of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Whether the last write went through.
    pub writes: bool,
    /// Whether everything that was read was what was written, or was found sound since.
    pub sound: bool,
}

impl Store {
    /// What was seen of the store so far. Nothing is read.
    pub fn seen_so_far(&self) -> Seen {
        let health = self.writer.health();
        Seen {
            writes: health.writes(),
            sound: !health.is_damaged(),
        }
    }

    /// Writes what is there already, to see whether it can be.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.writer.probe().await
    }

    /// Takes note of what went wrong in reading: what is damaged stays so until the file is found sound.
    pub fn note(&self, error: &StoreError) {
        if matches!(error, StoreError::Corrupt { .. }) {
            self.writer.health().damaged(true);
        }
    }

    /// Looks through the pages of the database, by a connection of its own that has seen none of them yet.
    pub async fn look_again(&self) -> Result<(), StoreError> {
        let Some(path) = self.writer.path() else {
            return Ok(());
        };
        let pool = schema::frozen(path).await?;
        let said: Vec<String> = sqlx::query_scalar(LOOK).fetch_all(&pool).await?;
        pool.close().await;
        if let Some(damage) = said.into_iter().find(|line| line != SOUND) {
            return Err(StoreError::corrupt("the store", &damage));
        }
        self.writer.health().damaged(false);
        Ok(())
    }
}
