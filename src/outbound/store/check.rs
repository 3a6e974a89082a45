//! Check: the pages of the database, every chain, every case's fold against its row, and every row that is derived, as of one moment. Nothing
//! is written, and nothing is repaired: what a person would have to believe is not made up here.

mod cases;
mod operations;
mod precedents;

use std::collections::BTreeSet;

use sqlx::SqlitePool;

use super::{Store, error::StoreError, frozen::look, schema::Schema, url::StoreUrl};
use crate::domain::{
    id::{PrecedentId, TenantId},
    soundness::{Damage, Depth, Soundness},
};

const PAGES: &str = "pragma integrity_check(100)";
const STRAYS: &str =
    "select distinct \"table\", parent from pragma_foreign_key_check order by 1, 2";
const SOUND: &str = "ok";

/// What is done about what is not as it was written.
const RESTORE: &str = "restore the store from a backup that `tierone store check` finds sound";

impl Store {
    /// Looks through the whole store at `url` and says what is damaged. An error is a store that cannot be looked through.
    pub async fn check(url: &str) -> Result<Soundness, StoreError> {
        let url = StoreUrl::parse(url)?;
        let checked = checked(&url).await;
        checked.map_err(|error| error.at(&url.path))
    }
}

/// The same, by a URL that was read.
pub(super) async fn checked(url: &StoreUrl) -> Result<Soundness, StoreError> {
    let (pool, made) = look(url).await?;
    let mut look = Look {
        found: Soundness::default(),
        pool: pool.clone(),
    };
    look.pages().await?;
    match made.schema {
        Schema::Older(found) => look.found.depth = Depth::Pages(found),
        Schema::Own => {
            let store = Store::of_frozen(pool.clone(), &made)?;
            for tenant in store.all_tenants().await? {
                look.tenant(&store, &tenant).await?;
            }
        }
    }
    pool.close().await;
    Ok(look.found)
}

/// A look through a store.
struct Look {
    found: Soundness,
    pool: SqlitePool,
}

/// What gives a precedent of one tenant the right to count.
#[derive(Default)]
struct Backing {
    /// The cases.
    cases: BTreeSet<String>,
    /// What was confirmed.
    confirmed: BTreeSet<PrecedentId>,
}

impl Look {
    async fn pages(&mut self) -> Result<(), StoreError> {
        let said: Vec<String> = sqlx::query_scalar(PAGES).fetch_all(&self.pool).await?;
        for line in said.into_iter().filter(|line| line != SOUND) {
            self.damaged("the database file", &line, RESTORE);
        }
        let strays: Vec<(String, String)> = sqlx::query_as(STRAYS).fetch_all(&self.pool).await?;
        for (table, parent) in strays {
            let cause = format!("has rows that belong to no row of `{parent}`");
            self.damaged(&format!("table `{table}`"), &cause, RESTORE);
        }
        Ok(())
    }

    async fn tenant(&mut self, store: &Store, tenant: &TenantId) -> Result<(), StoreError> {
        let mut backing = Backing::default();
        self.operations(store, tenant, &mut backing).await?;
        self.cases(store, tenant, &mut backing).await?;
        self.precedents(store, tenant, &backing).await?;
        match store.keys(tenant).await {
            Ok(keys) => self.found.counted.keys += count(keys.len()),
            Err(error) => self.take(error)?,
        }
        Ok(())
    }

    fn damaged(&mut self, what: &str, cause: &str, cure: &str) {
        self.found.add(Damage {
            what: what.into(),
            cause: cause.into(),
            cure: cure.into(),
        });
    }

    /// Takes an error for the damage that it tells of; one that tells of none is the caller's.
    fn take(&mut self, error: StoreError) -> Result<(), StoreError> {
        match error {
            StoreError::Corrupt { what, cause } => {
                self.damaged(&what, &format!("is damaged: {cause}"), RESTORE);
                Ok(())
            }
            StoreError::NotCanonical(cause) => {
                self.damaged("a value", &format!("is damaged: {cause}"), RESTORE);
                Ok(())
            }
            StoreError::Newer { what, found, known } => {
                let cause = format!("has version {found}, and this build reads up to {known}");
                self.damaged(&what, &cause, "it is not damaged: upgrade tierone");
                Ok(())
            }
            other => Err(other),
        }
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
