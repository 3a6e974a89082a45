//! The page about models has the table of what endpoints do, row by row as its test saw it.

use std::path::Path;

const TABLE: &str = "src/outbound/openai/tests/snapshots/tierone__outbound__openai__tests__faults__each_thing_that_an_endpoint_does_has_one_meaning_and_is_asked_once.snap";
const PAGE: &str = "docs/model.md";
/// Where the name of a row ends.
const NAME_CHARS: usize = 34;

#[test]
fn the_page_about_models_has_every_fault_as_it_was_seen() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let (seen, page) = (read(TABLE), read(PAGE));
    let rows: Vec<String> = seen
        .splitn(3, "---\n")
        .last()
        .unwrap()
        .lines()
        .map(|line| {
            let (name, came) = line.split_at(NAME_CHARS);
            format!("| {} | {} |", name.trim_end(), came.trim_start())
        })
        .collect();
    let told: Vec<&str> = page
        .lines()
        .skip_while(|line| !line.starts_with("| the endpoint |"))
        .skip(2)
        .collect();
    assert!(rows.len() > 60, "{}", rows.len());
    assert_eq!(told, rows, "write the rows of {TABLE} into {PAGE}");
}
