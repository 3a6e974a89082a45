//! The sources that ship, over our own fixtures and what can be made of them: what holds for every source and any payload.

mod finder;
mod fuzz;
mod hostile;
mod leaves;
mod mutation;
mod sameness;
mod samples;

use std::{fs, path::Path, sync::OnceLock};

use tierone::{
    app::rules,
    config::Config,
    domain::{
        alert::{Alert, Origin, Reading},
        canonical::to_bytes,
        id::{SourceId, TenantId},
        severity::Severity,
    },
    pipeline::normalise::{Asked, Intake, Item, Sources, normalise},
};

/// A payload and the source that it is for.
pub struct Payload {
    pub source: String,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The sources of this build, compiled once.
pub fn shipped() -> &'static Sources {
    static SOURCES: OnceLock<Sources> = OnceLock::new();
    SOURCES
        .get_or_init(|| Sources::compile(rules::source_files(&Config::default()).unwrap()).unwrap())
}

/// The names of those, and `None` for a source that is guessed.
pub fn every_way(sources: &Sources) -> Vec<Option<String>> {
    let names = sources.names().map(|id| Some(id.as_str().to_owned()));
    names.chain([None]).collect()
}

/// Our own payloads, by source and name.
pub fn fixtures() -> Vec<Payload> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    folders(&root.join("tests/fixtures/sources"))
}

/// The payloads in the folders below `root`, each of the source that its folder is named after.
pub fn folders(root: &Path) -> Vec<Payload> {
    let mut payloads = Vec::new();
    for folder in listed(root).into_iter().filter(|path| path.is_dir()) {
        let source = folder.file_name().unwrap().to_string_lossy().into_owned();
        for file in listed(&folder) {
            if file.extension().is_some_and(|ending| ending == "json") {
                payloads.push(Payload {
                    source: source.clone(),
                    name: format!("{source}/{}", file.file_name().unwrap().to_string_lossy()),
                    bytes: fs::read(&file).unwrap(),
                });
            }
        }
    }
    payloads
}

fn listed(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// What comes of `bytes`, by the source of this name or by a guess.
pub fn read(sources: &Sources, source: Option<&str>, bytes: &[u8]) -> Vec<Item> {
    let source = source.map_or(Asked::Auto, |id| Asked::Source {
        id: SourceId::new(id),
        origin: Origin::Named,
    });
    let intake = Intake {
        tenant: TenantId::new("default"),
        name: "post.json".into(),
        bytes,
        source,
        received_at: "2026-11-24T05:00:00Z".parse().unwrap(),
    };
    normalise(sources, &intake)
}

/// The alerts among `items`.
pub fn alerts(items: Vec<Item>) -> Vec<Alert> {
    let alerts = items.into_iter().filter_map(|item| match item {
        Item::Alert(alert) => Some(alert),
        Item::Control { .. } => None,
    });
    alerts.collect()
}

/// What is wrong with `items`, whatever they were made of: nothing is lost, all can be stored and is within its bounds.
pub fn complaint(items: &[Item]) -> Option<String> {
    if items.is_empty() {
        return Some("nothing came of it".into());
    }
    items.iter().find_map(|item| match item {
        Item::Control { control, .. } => control.is_empty().then(|| "no control".into()),
        Item::Alert(alert) => complaint_of(alert),
    })
}

fn complaint_of(alert: &Alert) -> Option<String> {
    let unreadable = matches!(alert.reading, Reading::Unreadable { .. });
    if unreadable && alert.severity != Some(Severity::High) {
        return Some("unreadable, and not high".into());
    }
    if alert.title.is_empty() || alert.title.chars().count() > 500 {
        return Some("no title, or a long one".into());
    }
    let lists = [
        (alert.entities.len(), 1_000),
        (alert.facets.len(), 64),
        (alert.links.len(), 100),
        (alert.attack.len(), 100),
        (alert.owner_hints.len(), 100),
    ];
    if let Some((length, max)) = lists.into_iter().find(|(length, max)| length > max) {
        return Some(format!("{length} of {max}"));
    }
    let stored = match to_bytes(alert) {
        Ok(stored) => stored,
        Err(cause) => return Some(format!("not canonical: {cause}")),
    };
    match serde_json::from_slice::<Alert>(&stored) {
        Ok(again) if again.fingerprint == alert.fingerprint => None,
        Ok(_) => Some("another one came back from the store".into()),
        Err(cause) => Some(format!("cannot come back from the store: {cause}")),
    }
}
