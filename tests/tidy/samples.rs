//! A bad sample for every check, which proves that it can fail.

use std::fmt::Write as _;

use super::{FILE_MAX_LINES, FUNCTION_MAX_LINES, RUN_MAX_PRECEDENTS};

/// Bad samples: the check, the file's path, its text, and how the complaint begins.
#[rustfmt::skip]
pub fn samples() -> Vec<(&'static str, &'static str, String, String)> {
    let row = |check, path, text: &str, begins: &str| (check, path, text.to_owned(), begins.to_owned());
    let long = "//! Long.\n".to_owned() + &"const A: u8 = 0;\n".repeat(FILE_MAX_LINES);
    let function = "//! Long.\nfn f() {\n".to_owned() + &"    g();\n".repeat(FUNCTION_MAX_LINES) + "}\n";
    let machine_path = format!("see {}/x\n", ["", "work"].join("/"));
    let registry = format!("url = \"https://{}\"\n", ["index.crates", "io"].join("."));
    let mut precedents = String::new();
    for id in 0..=RUN_MAX_PRECEDENTS {
        let _written = write!(precedents, "[[precedent]]\nid = \"p{id}\"\nsummary = \"{id}: It was the nightly Backup job.\"\n");
    }
    vec![
        row("imports", "src/domain/a.rs", "//! A.\nuse crate::pipeline::plan;\n", "src/domain/a.rs:2:"),
        row("imports", "src/pipeline/a.rs", "//! A.\nuse crate::{\n    domain::b,\n    app::App,\n};\n", "src/pipeline/a.rs:4:"),
        row("imports", "src/outbound/a.rs", "//! A.\nfn f() -> crate::pipeline::Plan {}\n", "src/outbound/a.rs:2:"),
        row("imports", "src/ports.rs", "//! A.\nuse super::app;\n", "src/ports.rs:2:"),
        row("imports", "src/domain/case/a.rs", "//! A.\nuse super::super::super::app;\n", "src/domain/case/a.rs:2:"),
        row("imports", "src/main.rs", "//! A.\nuse tierone::{app, outbound::store};\n", "src/main.rs:2:"),
        row("imports", "src/strange/a.rs", "//! A.\nuse crate::domain;\n", "src/strange/a.rs:2:"),
        row("sizes of files", "src/a.rs", &long, "src/a.rs:401:"),
        row("sizes of functions", "src/a.rs", &function, "src/a.rs:2:"),
        row("first lines", "src/a.rs", "use std::fmt;\n", "src/a.rs:1:"),
        row("first lines", "benches/a.rs", "", "benches/a.rs:1:"),
        row("first lines", "sources/a.jq", "def alerts: .;\n", "sources/a.jq:1:"),
        row("tenants", "src/outbound/store/a.rs", "//! A.\nimpl Store {\n    pub async fn a(\n        &self,\n    ) -> u8 {\n", "src/outbound/store/a.rs:3:"),
        row("purity", "src/domain/a.rs", "//! A.\npub async fn a() {}\n", "src/domain/a.rs:2:"),
        row("purity", "src/pipeline/gate/a.rs", "//! A.\nuse std::{\n    fmt,\n    fs::read,\n};\n", "src/pipeline/gate/a.rs:4:"),
        row("purity", "src/pipeline/plan.rs", "//! A.\nlet now = Timestamp::now();\n", "src/pipeline/plan.rs:2:"),
        row("decisions", "src/pipeline/plan.rs", "//! A.\nOk(Decision {\n    chain,\n})\n", "src/pipeline/plan.rs:2:"),
        row("names", "src/domain/utils.rs", "//! A.\n", "src/domain/utils.rs:1:"),
        row("names", "tests/common/mod.rs", "//! A.\n", "tests/common/mod.rs:1:"),
        row("panics", "src/a.rs", "//! A.\nfn f() {\n    x\n        .unwrap();\n}\n", "src/a.rs:4:"),
        row("panics", "src/a.rs", "//! A.\nlet x = y.expect(\"z\");\n", "src/a.rs:2:"),
        row("panics", "src/a.rs", "//! A.\ntodo!()\n", "src/a.rs:2:"),
        row("places", "README.md", &machine_path, "README.md:1:"),
        row("places", "Cargo.toml", &registry, "Cargo.toml:1:"),
        row("words of the demo", "eval/demo/precedents/a.toml", &precedents, "eval/demo/precedents/a.toml:1:"),
        row("words of the demo", "eval/demo/precedents/a.toml", "[[precedent]\n", "eval/demo/precedents/a.toml:1:"),
    ]
}
