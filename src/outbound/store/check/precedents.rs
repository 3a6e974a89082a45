//! Precedents: each document against its row, and whether something in the store says why it counts.

use super::{Backing, Look, RESTORE};
use crate::{
    domain::{
        canonical::to_bytes,
        facts::StoreKind,
        id::TenantId,
        precedent::{Precedent, PrecedentOrigin},
    },
    outbound::store::{Store, error::StoreError, precedent::read},
};

const ROWS: &str = "select id, document, source, detection_id, origin, received_at \
     from precedents where tenant = $1 order by id";
/// The letters of a case's id, with which the id of a precedent begins that was made of it.
const CASE_ID: usize = 36;

/// Id, document, source, detection, origin and time of receipt.
type Row = (String, String, String, String, String, i64);

impl Look {
    pub(super) async fn precedents(
        &mut self,
        store: &Store,
        tenant: &TenantId,
        backing: &Backing,
    ) -> Result<(), StoreError> {
        let rows: Vec<Row> = sqlx::query_as(ROWS)
            .bind(tenant.as_str())
            .fetch_all(&self.pool)
            .await?;
        for row in rows {
            self.found.counted.precedents += 1;
            let pair = (row.0.clone(), row.1.clone());
            let precedent = match read(&pair) {
                Ok(precedent) => precedent,
                Err(error) => {
                    self.take(error)?;
                    continue;
                }
            };
            let what = format!("precedent `{}`", precedent.id);
            if !is_its_row(tenant, &precedent, &row)? {
                self.damaged(&what, "has a row that is not what it says", RESTORE);
            }
            if store.kind() == StoreKind::Live && !backing.backs(&precedent) {
                let cause = "counts, and neither a case nor a confirmation of this store says why";
                let cure = "put it into quarantine by `tierone precedents quarantine`, and ask who could write to the file";
                self.damaged(&what, cause, cure);
            }
        }
        Ok(())
    }
}

impl Backing {
    /// Whether something says why it counts, if it does.
    fn backs(&self, precedent: &Precedent) -> bool {
        let id = precedent.id.as_str();
        precedent.origin != PrecedentOrigin::Lived
            || self.confirmed.contains(&precedent.id)
            || id
                .get(..CASE_ID)
                .is_some_and(|case| self.cases.contains(case))
    }
}

fn is_its_row(tenant: &TenantId, precedent: &Precedent, row: &Row) -> Result<bool, StoreError> {
    let (id, document, source, detection_id, origin, received_at) = row;
    Ok(precedent.id.as_str() == id
        && precedent.scope.tenant == *tenant
        && precedent.scope.source.as_str() == source
        && precedent.scope.detection_id == *detection_id
        && precedent.origin.word() == origin
        && precedent.received_at.as_microsecond() == *received_at
        && to_bytes(precedent)? == document.as_bytes())
}
