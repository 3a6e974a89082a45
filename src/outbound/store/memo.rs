//! Memo: the evidence that was last read from the same text, so that a hundred precedents are not parsed for each alert of a rule.
//!
//! It is asked by the text that the database has now, never by a key alone: what another process changed is another text.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::domain::{facts::Evidence, id::TenantId};

/// The most keys that are remembered.
const KEYS_MAX: usize = 256;
/// The longest text that is remembered, in bytes.
const TEXT_MAX_BYTES: usize = 256 * 1024;

/// Evidence by key. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Memo {
    read: Arc<Mutex<HashMap<Key, (Text, Evidence)>>>,
}

/// Tenant, source and detection.
pub(super) type Key = (TenantId, String, Option<String>);

/// What evidence was read from: how many rows the key has, their documents, and the ids in quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) total: i64,
    pub(super) documents: Option<String>,
    pub(super) quarantine: String,
}

impl Memo {
    /// The evidence in `text`: the one that was read from it before, else what `read` makes of it.
    pub(super) fn evidence<E>(
        &self,
        key: Key,
        text: Text,
        read: impl FnOnce(&Text) -> Result<Evidence, E>,
    ) -> Result<Evidence, E> {
        if let Some((known, evidence)) = self.locked().get(&key)
            && *known == text
        {
            return Ok(evidence.clone());
        }
        let evidence = read(&text)?;
        let long = text.quarantine.len() + text.documents.as_ref().map_or(0, String::len);
        if long <= TEXT_MAX_BYTES {
            let mut remembered = self.locked();
            if remembered.len() >= KEYS_MAX {
                remembered.clear();
            }
            remembered.insert(key, (text, evidence.clone()));
        }
        Ok(evidence)
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<Key, (Text, Evidence)>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::facts::Known;

    fn read(text: &Text) -> Result<Evidence, String> {
        if text.quarantine == "broken" {
            return Err("broken".into());
        }
        Ok(Evidence {
            rows: Arc::default(),
            total: text.total.unsigned_abs(),
            quarantine: Known::Read(BTreeSet::new()),
        })
    }

    #[test]
    fn only_the_same_text_is_not_read_again() -> Result<(), String> {
        let memo = Memo::default();
        let key = || (TenantId::new("a"), "s".to_owned(), None);
        let text = |total: i64, quarantine: &str| Text {
            total,
            documents: None,
            quarantine: quarantine.into(),
        };
        let unread = |_: &Text| Err::<Evidence, String>("read again".into());
        assert_eq!(memo.evidence(key(), text(1, "[]"), read)?.total, 1);
        assert_eq!(memo.evidence(key(), text(1, "[]"), unread)?.total, 1);
        assert_eq!(memo.evidence(key(), text(2, "[]"), read)?.total, 2);
        assert!(memo.evidence(key(), text(1, "[]"), unread).is_err());
        assert!(memo.evidence(key(), text(2, "[\"p\"]"), unread).is_err());
        let stranger = (TenantId::new("b"), "s".to_owned(), None);
        assert!(memo.evidence(stranger, text(2, "[]"), unread).is_err());
        assert!(memo.evidence(key(), text(3, "broken"), read).is_err());
        assert!(memo.evidence(key(), text(3, "broken"), unread).is_err());
        Ok(())
    }
}
