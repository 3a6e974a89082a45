//! Watch: whether what is loaded is still what is on the disk. Each look costs a `stat` a file; a file is read again where its mark moved.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use super::mark::{Mark, read};
use crate::domain::canonical::Digest;

/// The most of a file that is read.
const FILE_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The files that were loaded.
#[derive(Debug, Default)]
pub struct Watch {
    files: BTreeMap<String, Loaded>,
    folders: Vec<Folder>,
    seen: Mutex<BTreeMap<String, (Mark, Found)>>,
}

/// A file, and the digest of what was loaded from it.
#[derive(Debug)]
struct Loaded {
    path: PathBuf,
    digest: Digest,
}

/// A folder that is loaded whole: a file that is new in it was not.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    prefix: &'static str,
    ending: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Same,
    Other,
}

impl Watch {
    /// Has the file at `path` watched, from which something of this digest was loaded.
    pub(in crate::app) fn file(&mut self, name: impl Into<String>, path: &Path, digest: Digest) {
        let path = path.to_owned();
        self.files.insert(name.into(), Loaded { path, digest });
    }

    /// Has the folder at `path` watched for files with this ending. Each is called by its name after `prefix`.
    pub(in crate::app) fn folder(
        &mut self,
        path: &Path,
        prefix: &'static str,
        ending: &'static str,
    ) {
        let path = path.to_owned();
        self.folders.push(Folder {
            path,
            prefix,
            ending,
        });
    }

    /// The names of what is no longer as it was loaded: changed, gone, unreadable or new.
    pub(super) fn outdated(&self) -> Vec<String> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = self
            .files
            .iter()
            .filter(|(name, loaded)| loaded.found(name, &mut seen) == Found::Other);
        let mut names: Vec<String> = changed.map(|(name, _)| name.clone()).collect();
        for folder in &self.folders {
            match folder.names() {
                Ok(found) => names.extend(
                    found
                        .into_iter()
                        .filter(|name| !self.files.contains_key(name)),
                ),
                Err(_) => names.push(folder.prefix.to_owned()),
            }
        }
        names
    }
}

impl Loaded {
    fn found(&self, name: &str, seen: &mut BTreeMap<String, (Mark, Found)>) -> Found {
        // The mark is older than what is read under it: what changes in between moves it again.
        let Ok(mark) = Mark::of(&self.path) else {
            seen.remove(name);
            return Found::Other;
        };
        match seen.get(name) {
            Some((known, found)) if *known == mark => *found,
            Some(_) | None => {
                let found = match read(&self.path, FILE_MAX_BYTES) {
                    Ok(bytes) if Digest::of_bytes(&bytes) == self.digest => Found::Same,
                    Ok(_) | Err(_) => Found::Other,
                };
                seen.insert(name.to_owned(), (mark, found));
                found
            }
        }
    }
}

impl Folder {
    fn names(&self) -> std::io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            if name.ends_with(self.ending) {
                names.push(format!("{}/{name}", self.prefix));
            }
        }
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    type Change = fn(&Path);

    #[test]
    fn what_is_changed_gone_new_or_unreadable_is_named_and_what_is_put_back_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut watch = Watch::default();
        for name in ["people", "sources/a.jq"] {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), name).unwrap();
            watch.file(name, &at(name), Digest::of_bytes(name.as_bytes()));
        }
        watch.folder(&at("sources"), "sources", ".jq");
        let steps: [(Change, &[&str]); 8] = [
            (|_| (), &[]),
            (
                |at| fs::write(at.join("people"), "peoplf").unwrap(),
                &["people"],
            ),
            (|at| fs::write(at.join("people"), "people").unwrap(), &[]),
            (
                |at| fs::write(at.join("sources/b.jq"), "").unwrap(),
                &["sources/b.jq"],
            ),
            (
                |at| fs::rename(at.join("sources/b.jq"), at.join("sources/b.md")).unwrap(),
                &[],
            ),
            (
                |at| fs::rename(at.join("people"), at.join("persons")).unwrap(),
                &["people"],
            ),
            (
                |at| fs::rename(at.join("persons"), at.join("people")).unwrap(),
                &[],
            ),
            (
                |at| fs::remove_dir_all(at.join("sources")).unwrap(),
                &["sources/a.jq", "sources"],
            ),
        ];
        for (number, (change, names)) in steps.into_iter().enumerate() {
            change(folder.path());
            assert_eq!(watch.outdated(), names, "step {number}");
        }
    }
}
