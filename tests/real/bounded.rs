//! The prompts of a site with a tiny model: those of this build, and in the form of a reply a bound for each list and text, which llama.cpp keeps.
//! Without them such a model says the same words again until it is cut.

use std::path::{Path, PathBuf};

/// What stands in the form, and what stands there with a bound.
const BOUNDS: [(&str, &str); 5] = [
    (
        r#""parameters": {
      "type": "array","#,
        r#""parameters": {
      "type": "array", "maxItems": 2,"#,
    ),
    (
        r#""citations": {"type": "array","#,
        r#""citations": {"type": "array", "maxItems": 2,"#,
    ),
    (
        r#""missing": {"type": "array", "items": {"type": "string"}}"#,
        r#""missing": {"type": "array", "maxItems": 1, "items": {"type": "string", "maxLength": 60}}"#,
    ),
    (
        r#""rationale": {"type": "string"}"#,
        r#""rationale": {"type": "string", "minLength": 1, "maxLength": 200}"#,
    ),
    (
        r#""reply": {"type": ["string", "null"]}"#,
        r#""reply": {"type": "null"}"#,
    ),
];

/// Writes them into `folder`, and says where they are.
pub fn prompts(folder: &Path) -> PathBuf {
    let own = folder.join("prompts");
    std::fs::create_dir_all(&own).unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts");
    for name in tierone::pipeline::prompt::FILES {
        let mut text = std::fs::read_to_string(shipped.join(name)).unwrap();
        if name == "reply.json" {
            for (unbound, bound) in BOUNDS {
                assert!(text.contains(unbound), "the form has no {unbound}");
                text = text.replace(unbound, bound);
            }
        }
        std::fs::write(own.join(name), text).unwrap();
    }
    own
}

#[test]
fn every_bound_finds_its_place_in_the_form() {
    let folder = tempfile::tempdir().unwrap();
    let form = std::fs::read_to_string(prompts(folder.path()).join("reply.json")).unwrap();
    assert_eq!(form.matches("maxItems").count(), 3);
}
