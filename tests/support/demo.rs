//! The demo as worlds: its rules and precedents, and each of its alerts.

use std::{path::Path, sync::OnceLock};

use tierone::{
    app::{demo, rules},
    config::Config,
    domain::{
        alert::{Origin, Status},
        facts::StoreKind,
        id::SourceId,
        precedent::Precedent,
    },
    pipeline::{
        normalise::{Asked, Intake, Item, Sources, normalise},
        rules::Rules,
    },
};

use super::world::{Drafting, World, facts};

/// The demo's rules, read once.
pub fn demo_rules() -> Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    let read = || rules::load(&Config::default(), StoreKind::Demo).unwrap();
    RULES.get_or_init(read).clone()
}

/// The demo's precedents.
pub fn demo_precedents() -> Vec<Precedent> {
    demo::precedents(&demo::tenant()).unwrap()
}

/// A world for each firing alert of the demo, at the demo's clock.
pub fn demo_worlds() -> Vec<World> {
    let sources = Sources::compile(rules::source_files(&Config::default()).unwrap()).unwrap();
    let (rules, rows) = (demo_rules(), demo_precedents());
    let now = demo::clock(StoreKind::Demo).unwrap().unwrap();
    let mut worlds = Vec::new();
    for (source, bytes) in files() {
        let intake = Intake {
            tenant: demo::tenant(),
            name: source.clone(),
            bytes: &bytes,
            source: Asked::Source {
                id: SourceId::new(source),
                origin: Origin::Named,
            },
            received_at: now,
        };
        for item in normalise(&sources, &intake) {
            let Item::Alert(alert) = item else {
                continue;
            };
            if alert.status == Status::Resolved {
                continue;
            }
            let of_key = |row: &&Precedent| {
                row.scope.source == alert.source
                    && Some(&row.scope.detection_id) == alert.detection_id.as_ref()
            };
            let rows = rows.iter().filter(of_key).cloned().collect();
            worlds.push(World {
                facts: facts(StoreKind::Demo, rows, &rules, now),
                alert,
                rules: rules.clone(),
                now,
                drafting: Drafting::Own,
            });
        }
    }
    worlds
}

/// Every alert file with the name of its folder, by path.
fn files() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("eval/demo/alerts");
    let mut paths: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .collect();
    paths.sort();
    let folder = |path: &Path| path.parent()?.file_name()?.to_str().map(ToOwned::to_owned);
    paths
        .iter()
        .map(|path| (folder(path).unwrap(), std::fs::read(path).unwrap()))
        .collect()
}
