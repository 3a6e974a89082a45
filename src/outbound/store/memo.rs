//! Memo: the evidence that was last read from the same text, so that a hundred precedents are not parsed for each alert of a rule.
//!
//! It is asked by the text that the database has now, never by a key alone: what another process changed is another text.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::domain::{facts::Evidence, id::TenantId};

/// The most text that is remembered, in bytes of all keys together; what was parsed from it takes some times as much.
const TEXT_MAX_BYTES: usize = 4 * 1024 * 1024;

/// Evidence by key. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Memo {
    read: Arc<Mutex<Remembered>>,
}

#[derive(Debug, Default)]
struct Remembered {
    keys: HashMap<Key, (Text, Evidence)>,
    bytes: usize,
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
        if let Some((known, evidence)) = self.locked().keys.get(&key)
            && *known == text
        {
            return Ok(evidence.clone());
        }
        let evidence = read(&text)?;
        self.locked().put(key, text, evidence.clone());
        Ok(evidence)
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Remembered> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    fn put(&mut self, key: Key, text: Text, evidence: Evidence) {
        let bytes = text.bytes();
        if self.bytes + bytes > TEXT_MAX_BYTES {
            *self = Self::default();
        }
        if bytes <= TEXT_MAX_BYTES {
            let before = self.keys.insert(key, (text, evidence));
            self.bytes += bytes;
            self.bytes -= before.map_or(0, |(text, _)| text.bytes());
        }
    }
}

impl Text {
    fn bytes(&self) -> usize {
        self.quarantine.len() + self.documents.as_ref().map_or(0, String::len)
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

    #[test]
    fn no_more_text_is_remembered_than_there_is_room_for() -> Result<(), String> {
        let memo = Memo::default();
        let third = "x".repeat(TEXT_MAX_BYTES / 3);
        for number in 0..20_i64 {
            let key = (TenantId::new("a"), (number % 7).to_string(), None);
            let text = Text {
                total: number,
                documents: Some(third.clone()),
                quarantine: "[]".into(),
            };
            memo.evidence(key, text, read)?;
            let remembered = memo.locked();
            let bytes: usize = remembered.keys.values().map(|(text, _)| text.bytes()).sum();
            assert_eq!(remembered.bytes, bytes);
            assert!(bytes <= TEXT_MAX_BYTES && bytes > 0, "{bytes}");
        }
        Ok(())
    }
}
