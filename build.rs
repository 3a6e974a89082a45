//! Rebuilds when a folder that is part of the binary gets or loses a file.

fn main() {
    for folder in [
        "sources",
        "policies",
        "prompts",
        "eval/demo",
        "eval/suites",
        "migrations",
    ] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
