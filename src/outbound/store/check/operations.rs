//! Operations: a tenant's chain, and what is switched off, in quarantine and promoted by it against the rows that say so.

use std::collections::{BTreeMap, BTreeSet};

use super::{Backing, Look, RESTORE, count};
use crate::{
    domain::{
        canonical::{Digest, to_bytes},
        id::TenantId,
        operation::{Deed, Operation, Standing},
    },
    outbound::store::{Store, error::StoreError},
};

const COLUMNS: &str =
    "select number, kind, at, hash from operations where tenant = $1 order by number";
const KILLS: &str = "select what from kills where tenant = $1";
const STAGES: &str = "select hex(release), stage from stages where tenant = $1";
const QUARANTINE: &str = "select precedent_id from quarantine where tenant = $1";

/// Number, kind, time and hash of an operation.
type Column = (i64, String, i64, Vec<u8>);

impl Look {
    pub(super) async fn operations(
        &mut self,
        store: &Store,
        tenant: &TenantId,
        backing: &mut Backing,
    ) -> Result<(), StoreError> {
        let operations = match store.operations(tenant).await {
            Ok(operations) => operations,
            Err(error) => return self.take(error),
        };
        self.found.counted.operations += count(operations.len());
        let mut standing = Standing::default();
        let mut own = Vec::with_capacity(operations.len());
        for operation in &operations {
            standing.apply(operation)?;
            own.push(column(operation)?);
            if let Deed::Confirmed { precedent } = &operation.deed {
                backing.confirmed.insert(precedent.clone());
            }
        }
        let columns: Vec<Column> = sqlx::query_as(COLUMNS)
            .bind(tenant.as_str())
            .fetch_all(&self.pool)
            .await?;
        if columns != own {
            let what = format!("the chain of operations of tenant `{tenant}`");
            self.damaged(&what, "has rows that are not what they say", RESTORE);
        }
        self.kills(tenant, &standing).await?;
        self.stages(tenant, &standing).await?;
        self.quarantine(tenant, &standing).await
    }

    async fn kills(&mut self, tenant: &TenantId, standing: &Standing) -> Result<(), StoreError> {
        let stored = self.texts(KILLS, tenant).await?;
        let mut told = BTreeSet::new();
        for kill in &standing.kills {
            let bytes = to_bytes(kill)?;
            told.insert(String::from_utf8_lossy(&bytes).into_owned());
        }
        for what in told.difference(&stored) {
            let name = format!("kill switch `{what}` of tenant `{tenant}`");
            let cause = "was switched off by its chain, and nothing is switched off";
            self.damaged(&name, cause, "switch it off again by `tierone kill on`");
        }
        for what in stored.difference(&told) {
            let name = format!("kill switch `{what}` of tenant `{tenant}`");
            let cause = "is switched off, and no operation of its chain says who did it";
            let cure = "switch it off again by `tierone kill on`, so that it is on record";
            self.damaged(&name, cause, cure);
        }
        Ok(())
    }

    async fn stages(&mut self, tenant: &TenantId, standing: &Standing) -> Result<(), StoreError> {
        let rows: Vec<(String, String)> = sqlx::query_as(STAGES)
            .bind(tenant.as_str())
            .fetch_all(&self.pool)
            .await?;
        let stored = rows
            .into_iter()
            .map(|(release, stage)| (release.to_lowercase(), stage));
        let stored: BTreeMap<String, String> = stored.collect();
        let told = standing.stages.iter();
        let told: BTreeMap<String, String> = told
            .map(|(release, stage)| (release.to_string(), stage.word().to_owned()))
            .collect();
        let releases: BTreeSet<&String> = stored.keys().chain(told.keys()).collect();
        for release in releases {
            if stored.get(release) != told.get(release) {
                let name = format!("the stage of release `{release}`");
                let cause = "is not the one that the chain of operations says";
                let cure = "take the stage back by `tierone release halt`, then promote again";
                self.damaged(&name, cause, cure);
            }
        }
        Ok(())
    }

    async fn quarantine(
        &mut self,
        tenant: &TenantId,
        standing: &Standing,
    ) -> Result<(), StoreError> {
        let stored = self.texts(QUARANTINE, tenant).await?;
        let told = standing.quarantine.iter();
        let told: BTreeSet<String> = told.map(ToString::to_string).collect();
        for id in told.difference(&stored) {
            let cause = "was put into quarantine, and counts again";
            let cure = "put it there again by `tierone precedents quarantine`";
            self.damaged(&format!("precedent `{id}`"), cause, cure);
        }
        for id in stored.difference(&told) {
            let cause = "is in quarantine, and no operation of its chain says who put it there";
            let cure =
                "put it there again by `tierone precedents quarantine`, so that it is on record";
            self.damaged(&format!("precedent `{id}`"), cause, cure);
        }
        Ok(())
    }

    async fn texts(
        &self,
        statement: &'static str,
        tenant: &TenantId,
    ) -> Result<BTreeSet<String>, StoreError> {
        let rows: Vec<String> = sqlx::query_scalar(statement)
            .bind(tenant.as_str())
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().collect())
    }
}

fn column(operation: &Operation) -> Result<Column, StoreError> {
    let hash = Digest::of_bytes(&operation.bytes()?);
    Ok((
        i64::try_from(operation.number).unwrap_or(i64::MAX),
        operation.deed.kind().into(),
        operation.at.as_microsecond(),
        hash.as_bytes().to_vec(),
    ))
}
