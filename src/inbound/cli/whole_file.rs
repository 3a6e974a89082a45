//! A file that a command leaves for a running service: that sees the whole of it, or the one before it.

use std::path::Path;

use anyhow::Context as _;

/// Writes `bytes` to `path`; `what` it is, for people.
pub fn write(path: &Path, what: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = folder
        .unwrap_or(Path::new("."))
        .join(format!(".{name}.part"));
    let written = std::fs::write(&part, bytes);
    written
        .and_then(|()| std::fs::rename(&part, path))
        .with_context(|| format!("{what} `{}` cannot be written", path.display()))
}
