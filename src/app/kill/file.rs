//! The kill file: while it is there, everything is switched off. Who made it and why stands in it; that it is there is what counts.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Read as _, Write as _},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{app::facts::KillFile, domain::id::PersonId};

/// The most of a kill file that is read.
const NOTE_MAX_BYTES: u64 = 64 * 1024;

/// What stands in a kill file that `tierone kill on` made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Who made it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why; may be empty.
    pub reason: String,
}

/// What became of a kill file that was to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// The store did it alone.
    NotNeeded,
    /// The config names none.
    NotNamed,
    /// It was made.
    Made(PathBuf),
    /// It was there before.
    Stood(PathBuf),
    /// It could not be made.
    Failed(PathBuf, String),
}

/// A kill file as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileSwitch {
    /// The config names none.
    NotNamed,
    /// It is not there.
    Absent(PathBuf),
    /// It is there; who made it by hand left no note that is read.
    Present(PathBuf, Option<Note>),
    /// It cannot be told, which counts as there.
    Unreadable(PathBuf, String),
}

/// What became of a kill file that was to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removed {
    /// There was none to remove.
    Nothing,
    /// It is gone.
    Gone(PathBuf),
    /// It is still there.
    Failed(PathBuf, String),
}

impl Written {
    /// Why it does not switch anything off; `None` where it does.
    pub(super) fn why_not(&self) -> Option<String> {
        match self {
            Self::NotNeeded | Self::Made(_) | Self::Stood(_) => None,
            Self::NotNamed => Some("the config names no kill file".into()),
            Self::Failed(path, cause) => Some(format!(
                "kill file `{}` cannot be made: {cause}",
                path.display()
            )),
        }
    }
}

/// Makes the kill file.
pub(super) fn write(path: Option<&Path>, note: &Note) -> Written {
    let Some(path) = path else {
        return Written::NotNamed;
    };
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => {
            let text = serde_json::to_string(note).unwrap_or_default();
            // It is there, and that is what counts, also where the disk has no room for what stands in it.
            let noted = writeln!(file, "{text}").and_then(|()| file.sync_all());
            match noted.and_then(|()| sync_folder(path)) {
                Ok(()) | Err(_) => Written::Made(path.into()),
            }
        }
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Written::Stood(path.into()),
        Err(cause) => Written::Failed(path.into(), cause.to_string()),
    }
}

/// Its name outlives the machine's power, too.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// What the kill file says now.
pub fn read(path: Option<&Path>) -> FileSwitch {
    let Some(path) = path else {
        return FileSwitch::NotNamed;
    };
    match KillFile::at(Some(path)) {
        KillFile::Absent => FileSwitch::Absent(path.into()),
        KillFile::Present => FileSwitch::Present(path.into(), note(path)),
        KillFile::Unreadable(cause) => FileSwitch::Unreadable(path.into(), cause),
    }
}

/// Removes the kill file.
pub(super) fn remove(path: Option<&Path>) -> Removed {
    let Some(path) = path else {
        return Removed::Nothing;
    };
    match fs::remove_file(path) {
        Ok(()) => Removed::Gone(path.into()),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Removed::Nothing,
        Err(cause) => Removed::Failed(path.into(), cause.to_string()),
    }
}

fn note(path: &Path) -> Option<Note> {
    // Nothing waits on a pipe that somebody put in its place.
    if !fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).ok()?;
    file.take(NOTE_MAX_BYTES).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}
