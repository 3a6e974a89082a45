//! Files beside a store: names for them, making them for their owner's eyes only, and getting them onto the disk.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use sqlx::{Connection as _, SqliteConnection};

use super::{error::StoreError, schema};

const INTO: &str = "vacuum into $1";
/// What `SQLite` keeps beside a database: the write-ahead log, its index, and the journal.
pub(super) const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// `path` with `ending` after it.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// Makes an empty file for its owner's eyes only, where there is none.
pub(super) async fn create(path: &Path) -> std::io::Result<()> {
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path).await.map(drop)
}

/// The same; [`StoreError::Refused`] where something has its name already.
pub(super) async fn claim(path: &Path, cure: &str) -> Result<(), StoreError> {
    match create(path).await {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(StoreError::Refused {
                url: path.display().to_string(),
                cause: "a file of this name is there already".into(),
                cure: cure.into(),
            })
        }
        Err(error) => Err(StoreError::from(error).at(&path.display().to_string())),
    }
}

/// Copies the database at `from` into the empty file `to`, as of one moment and while others write. `VACUUM INTO` is `SQLite`'s own way to do
/// this in one read transaction, and what was deleted is not in the copy.
pub(super) async fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let options = schema::existing(from).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let name = to.to_str().ok_or_else(|| StoreError::Refused {
        url: to.display().to_string(),
        cause: "its name is no Unicode".into(),
        cure: "name another path".into(),
    })?;
    sqlx::query(INTO)
        .bind(name)
        .execute(&mut connection)
        .await?;
    Ok(connection.close().await?)
}

/// Removes what was begun. What cannot be removed stays, and the error that led here is told.
pub(super) async fn forget(path: &Path) {
    for ending in [""].into_iter().chain(COMPANIONS) {
        match tokio::fs::remove_file(beside(path, ending)).await {
            Ok(()) | Err(_) => {}
        }
    }
}

/// Has the file's content on the disk when it returns.
pub(super) async fn sync(path: &Path) -> Result<(), StoreError> {
    Ok(tokio::fs::File::open(path).await?.sync_all().await?)
}

/// Has the names in the folder of `path` on the disk when it returns.
pub(super) async fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    sync(folder.unwrap_or(Path::new("."))).await
}
