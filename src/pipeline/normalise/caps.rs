//! The bounds of normalising, in one place: an alert that meets one is cut with a mark, never lost.

/// Bytes of one post or file.
pub const PAYLOAD_MAX_BYTES: usize = 20 * 1024 * 1024;
/// Values of one post or file, and again of the JSON in its texts that one source opens: each takes up to some 300 bytes.
pub const VALUES_MAX: usize = 1_000_000;
/// Alerts and control messages made of one post or file.
pub const ITEMS_MAX: usize = 10_000;
/// Bytes of the raw parts that the alerts of one post keep together.
pub const RAW_MAX_BYTES: usize = 128 * 1024 * 1024;
/// Bytes of all else that a source makes of one post.
pub const FIELDS_MAX_BYTES: usize = 256 * 1024 * 1024;
/// Levels of nesting in what a source makes. `serde_json` reads 127: what is stored around an alert must still fit.
pub const OUTPUT_MAX_DEPTH: usize = 120;
/// Levels of nesting in text that a source reads as JSON.
pub const TEXT_MAX_DEPTH: usize = 64;
/// Bytes kept of a payload that cannot be read.
pub const UNREADABLE_MAX_BYTES: usize = 256 * 1024;
/// Characters of a title.
pub const TITLE_MAX_CHARS: usize = 500;
/// Bytes of any other text.
pub const TEXT_MAX_BYTES: usize = 4 * 1024;
/// Bytes of a cause or a mark.
pub const CAUSE_MAX_BYTES: usize = 256;
/// Entities of one alert.
pub const ENTITIES_MAX: usize = 1_000;
/// Bytes of text of one alert that are searched for entities …
pub const FOUND_TEXT_MAX_BYTES: usize = 32 * 1024;
/// … and how many each search adds.
pub const FOUND_MAX: usize = 64;
/// Facets of one alert.
pub const FACETS_MAX: usize = 64;
/// Members of any other list of one alert.
pub const LIST_MAX: usize = 100;
/// Marks of one alert.
pub const MARKS_MAX: usize = 20;
/// Steps that a source may take on any payload …
pub const STEPS_BASE: u64 = 1_000_000;
/// … and on top of them for each byte.
pub const STEPS_PER_BYTE: u64 = 20;
/// Bytes of a source file.
pub const SOURCE_MAX_BYTES: usize = 64 * 1024;
/// Brackets open at one place of a source file.
pub const SOURCE_MAX_DEPTH: usize = 100;
