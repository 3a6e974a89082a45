//! Admission: everything that can have changed is read again and the start is appended, in one transaction.
//!
//! What must still hold is not decided here: the caller's check is run on what was read.

use super::{
    Store,
    error::StoreError,
    figures,
    fresh::{Fresh, Wanted, fresh},
    rows::Append,
    to_its_end,
};
use crate::domain::{case::Case, event::Event, id::TenantId};

/// What came of an admission.
#[derive(Clone, Debug)]
pub enum Admitted<R> {
    /// The start is appended.
    Started {
        /// The case after it.
        case: Box<Case>,
        /// The start.
        event: Box<Event>,
    },
    /// The check refused it; nothing was written.
    Refused(R),
}

impl Store {
    /// Reads what can have changed since `case` was decided, and where `check` gives a start on it, appends that, all in one
    /// transaction that no other writer can come between.
    pub async fn admit<R: Send + 'static>(
        &self,
        tenant: &TenantId,
        case: &Case,
        wanted: Wanted,
        check: impl FnOnce(&Case, Fresh) -> Result<Event, R> + Send + 'static,
    ) -> Result<Admitted<R>, StoreError> {
        let (tenant, case) = (tenant.clone(), case.clone());
        let (writer, memo) = (self.writer.clone(), self.memo.clone());
        let news = self.news.clone();
        let admitted = to_its_end(async move {
            let mut transaction = writer.begin().await?;
            let alert = case.alert()?.clone();
            let sealed = case.alert.digest();
            let fresh = fresh(&mut transaction, &memo, &tenant, &alert, sealed, wanted).await?;
            let event = match check(&case, fresh) {
                Ok(event) => event,
                Err(refusal) => {
                    transaction.rollback().await?;
                    return Ok(Admitted::Refused(refusal));
                }
            };
            let mut after = case.clone();
            let event = after.record(event)?;
            let append = Append::new(
                &tenant,
                Some(&case),
                &after,
                std::slice::from_ref(&event),
                &event,
            )?;
            append.write(&mut transaction).await?;
            transaction.commit().await?;
            figures::appended(&news, &after, [&*event]);
            Ok(Admitted::Started {
                case: Box::new(after),
                event: Box::new(event.into_event()),
            })
        });
        self.writer.watch(admitted.await)
    }
}
