//! Operations: one hash chain a tenant, and what is switched off, in quarantine and promoted, written in the same transaction.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    Store, error::StoreError, precedent::add_quarantine, stage, to_its_end, writer::Writer,
};
use crate::domain::{
    canonical::{Digest, to_bytes},
    facts::Kill,
    id::{PersonId, TenantId},
    operation::{Deed, Operation, Standing, everyone},
    sealed::Seal,
};

const HEAD: &str =
    "select number, hash from operations where tenant = $1 order by number desc limit 1";
const ADD: &str = "insert into operations (tenant, number, kind, at, hash, payload, bytes) \
     values ($1, $2, $3, $4, $5, $6, $7)";
const ADD_PAYLOAD: &str = "insert into payloads (tenant, digest, salt, bytes) values ($1, $2, $3, $4) \
     on conflict (tenant, digest) do nothing";
const ALL: &str = "select o.bytes, p.salt, p.bytes from operations o \
     left join payloads p on p.tenant = o.tenant and p.digest = o.payload \
     where o.tenant = $1 order by o.number";
const KILL: &str = "insert into kills (tenant, what, since) values ($1, $2, $3) \
     on conflict (tenant, what) do nothing";
const UNKILL: &str = "delete from kills where tenant = $1 and what = $2";
const KILLS: &str = "select what from kills where tenant = $1 or tenant = $2";

/// An operation's bytes, and the salt and bytes of what lies beside it.
type Row = (Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>);

impl Store {
    /// Appends what `by` did to the chain of `tenant`, with what follows from it, and returns the operation.
    pub async fn operate(
        &self,
        tenant: &TenantId,
        by: &PersonId,
        deed: Deed,
        at: Timestamp,
    ) -> Result<Operation, StoreError> {
        let (tenant, by) = (tenant.clone(), by.clone());
        to_its_end(operate(self.writer.clone(), tenant, by, deed, at)).await
    }

    /// What is switched off for `tenant`: its own and what is off for everyone.
    pub async fn kills(&self, tenant: &TenantId) -> Result<BTreeSet<Kill>, StoreError> {
        let mut connection = self.readers.acquire().await?;
        kills(&mut connection, tenant).await
    }

    /// The chain of `tenant`, oldest first, every link checked.
    pub async fn operations(&self, tenant: &TenantId) -> Result<Vec<Operation>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(ALL)
            .bind(tenant.as_str())
            .fetch_all(&self.readers)
            .await?;
        let mut standing = Standing::default();
        let mut operations = Vec::with_capacity(rows.len());
        for row in rows {
            let operation = read(&row, &standing)?;
            standing.apply(&operation)?;
            operations.push(operation);
        }
        Ok(operations)
    }
}

/// What is switched off for `tenant`, as this connection sees it.
pub(super) async fn kills(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
) -> Result<BTreeSet<Kill>, StoreError> {
    let rows: Vec<String> = sqlx::query_scalar(KILLS)
        .bind(tenant.as_str())
        .bind(everyone().as_str())
        .fetch_all(connection)
        .await?;
    rows.iter().map(|what| switch(what)).collect()
}

/// What is switched off by a JSON array of the column.
pub(super) fn of_kills(rows: &str) -> Result<BTreeSet<Kill>, StoreError> {
    let rows: Vec<String> = serde_json::from_str(rows)
        .map_err(|cause| StoreError::corrupt("the kill switches", &cause))?;
    rows.iter().map(|what| switch(what)).collect()
}

fn switch(what: &str) -> Result<Kill, StoreError> {
    serde_json::from_str(what).map_err(|cause| StoreError::corrupt("a kill switch", &cause))
}

async fn operate(
    writer: Writer,
    tenant: TenantId,
    by: PersonId,
    deed: Deed,
    at: Timestamp,
) -> Result<Operation, StoreError> {
    let mut transaction = writer.begin().await?;
    let operation = operate_in(&mut transaction, &tenant, by, deed, at).await?;
    transaction.commit().await?;
    Ok(operation)
}

/// The same, in an open transaction.
pub(super) async fn operate_in(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    by: PersonId,
    deed: Deed,
    at: Timestamp,
) -> Result<Operation, StoreError> {
    let standing = head(connection, tenant).await?;
    let operation = standing.operation(tenant, by, deed, at);
    write(connection, &operation).await?;
    follow(connection, &operation).await?;
    Ok(operation)
}

/// The end of the chain, to which the next operation is linked.
async fn head(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
) -> Result<Standing, StoreError> {
    let row: Option<(i64, Vec<u8>)> = sqlx::query_as(HEAD)
        .bind(tenant.as_str())
        .fetch_optional(connection)
        .await?;
    let Some((number, hash)) = row else {
        return Ok(Standing::default());
    };
    let hash: [u8; 32] = hash
        .try_into()
        .map_err(|_| StoreError::corrupt("an operation", &"its hash is not 32 bytes"))?;
    Ok(Standing {
        operations: number.unsigned_abs(),
        head: Some(Digest::from_bytes(hash)),
        ..Standing::default()
    })
}

async fn write(connection: &mut SqliteConnection, operation: &Operation) -> Result<(), StoreError> {
    let bytes = operation.bytes()?;
    let payload = operation.deed.payload();
    sqlx::query(ADD)
        .bind(operation.tenant.as_str())
        .bind(i64::try_from(operation.number).unwrap_or(i64::MAX))
        .bind(operation.deed.kind())
        .bind(operation.at.as_microsecond())
        .bind(Digest::of_bytes(&bytes).as_bytes().as_slice())
        .bind(payload.map(|payload| payload.name().as_bytes().to_vec()))
        .bind(bytes)
        .execute(&mut *connection)
        .await?;
    if let Some(stored) = payload.and_then(Seal::stored) {
        sqlx::query(ADD_PAYLOAD)
            .bind(operation.tenant.as_str())
            .bind(stored.digest.as_bytes().as_slice())
            .bind(stored.salt.as_slice())
            .bind(stored.bytes)
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// What follows from an operation in the derived tables.
async fn follow(
    connection: &mut SqliteConnection,
    operation: &Operation,
) -> Result<(), StoreError> {
    let tenant = operation.tenant.as_str();
    match &operation.deed {
        Deed::Killed { what, .. } => {
            sqlx::query(KILL)
                .bind(tenant)
                .bind(canonical(what)?)
                .bind(operation.at.as_microsecond())
                .execute(connection)
                .await?;
        }
        Deed::Unkilled { what, .. } => {
            sqlx::query(UNKILL)
                .bind(tenant)
                .bind(canonical(what)?)
                .execute(connection)
                .await?;
        }
        Deed::Quarantined { precedents, .. } => {
            add_quarantine(connection, &operation.tenant, precedents, operation.at).await?;
        }
        Deed::Promoted {
            release, stage: to, ..
        } => {
            let tenant = &operation.tenant;
            stage::promote(connection, tenant, *release, *to, operation.at).await?;
        }
        Deed::Halted { .. } => stage::halt(connection, &operation.tenant).await?,
        Deed::Confirmed { .. } | Deed::Looked { .. } | Deed::KeyChanged { .. } => {}
    }
    Ok(())
}

fn canonical(what: &Kill) -> Result<String, StoreError> {
    String::from_utf8(to_bytes(what)?).map_err(|cause| StoreError::corrupt("a kill switch", &cause))
}

fn read(row: &Row, before: &Standing) -> Result<Operation, StoreError> {
    let damaged =
        |cause: &dyn std::fmt::Display| StoreError::corrupt("the chain of operations", cause);
    let mut operation: Operation =
        serde_json::from_slice(&row.0).map_err(|cause| damaged(&cause))?;
    let follows = operation.number == before.operations + 1
        && operation.previous == before.head.unwrap_or(Digest::ZERO)
        && operation.bytes()? == row.0;
    if !follows {
        return Err(damaged(&format!(
            "operation {} does not follow",
            operation.number
        )));
    }
    if let (Some(payload), (_, Some(salt), Some(bytes))) = (operation.deed.payload_mut(), row) {
        let salt = salt
            .as_slice()
            .try_into()
            .map_err(|_| damaged(&"a salt is not 32 bytes"))?;
        payload.fill(salt, bytes).map_err(|cause| damaged(&cause))?;
    }
    Ok(operation)
}
