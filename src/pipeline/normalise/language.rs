//! The language of source files: the part of jq that always ends and reaches nothing but its payload.
//!
//! What is allowed is listed here by name and arity; all else of jq is absent, not merely refused. Left out on purpose: every way to loop
//! (`recurse`, `range`, `limit`, …), the outside (`env`, `now`, `input`, …), regular expressions (compiled at each call), `*` (repeats
//! strings), and floating-point curiosities (`nan` has no place in an order).

use jaq_core::{load::parse::Def, native::Fun};

use super::{
    natives,
    steps::{self, Language},
    vocabulary,
};

/// What files may call that is built in.
const NATIVES: &[&str] = &[
    // jaq-core
    "error_empty/0",
    "first/1",
    "key_values/0",
    "keys_unsorted/0",
    "last/1",
    "path/1",
    "path_value/1",
    // jaq-std
    "ascii_downcase/0",
    "ascii_upcase/0",
    "ceil/0",
    "decode_base64/0",
    "encode_base64/0",
    "endswith/1",
    "explode/0",
    "floor/0",
    "group_by/1",
    "ltrim/0",
    "ltrimstr/1",
    "max_by_or_empty/1",
    "min_by_or_empty/1",
    "reverse/0",
    "round/0",
    "rtrim/0",
    "rtrimstr/1",
    "sort/0",
    "sort_by/1",
    "startswith/1",
    "trim/0",
    "utf8bytelength/0",
    // jaq-json; `fromjson` and `length` are our own
    "contains/1",
    "has/1",
    "indices/1",
    "tojson/0",
];

/// What files may call that is defined in jq itself.
const DEFINITIONS: &[&str] = &[
    // jaq-core
    "all/1",
    "all/2",
    "any/1",
    "any/2",
    "del/1",
    "delpaths/1",
    "error/0",
    "error/1",
    "first/0",
    "from_entries/0",
    "getpath/1",
    "isempty/1",
    "last/0",
    "map/1",
    "map_values/1",
    "nth/1",
    "select/1",
    "setpath/2",
    "with_entries/1",
    // jaq-std
    "@base64/0",
    "@base64d/0",
    "@text/0",
    "abs/0",
    "add/1",
    "isarray/0",
    "isboolean/0",
    "isnumber/0",
    "isobject/0",
    "isstring/0",
    "iterables/0",
    "keys/0",
    "max/0",
    "max_by/1",
    "min/0",
    "min_by/1",
    "pick/1",
    "scalars/0",
    "unique_by/1",
    // jaq-json
    "@json/0",
    "in/1",
    "index/1",
    "inside/1",
    "rindex/1",
    "toboolean/0",
    "tonumber/0",
    "totype/2",
];

/// Those of them that run an argument once for each of many values.
const LOOPS: &[&str] = &[
    "add/1",
    "all/1",
    "all/2",
    "any/1",
    "any/2",
    "group_by/1",
    "map/1",
    "map_values/1",
    "max_by/1",
    "max_by_or_empty/1",
    "min_by/1",
    "min_by_or_empty/1",
    "sort_by/1",
    "unique_by/1",
    "with_entries/1",
];

/// Our own built-in filters, which stand before jaq's of the same name, and those that jq does not have.
const OWN: &[&str] = &[
    "add/0",
    "all/0",
    "any/0",
    "arrays/0",
    "below/1",
    "booleans/0",
    "by_name/1",
    "count/1",
    "dig/1",
    "empty/0",
    "entity/2",
    "false/0",
    "first_text/1",
    "fromjson/0",
    "has_any/1",
    "join/1",
    "length/0",
    "list/0",
    "nested/1",
    "not/0",
    "null/0",
    "nulls/0",
    "numbers/0",
    "obj/0",
    "objects/0",
    "present/1",
    "settled/0",
    "split/1",
    "strings/0",
    "text/0",
    "texts/0",
    "to_entries/0",
    "tostring/0",
    "true/0",
    "type/0",
    "unique/0",
    "values/0",
];

/// Names that people will look for, why they are not here, and what to write.
const REFUSED: &[(&[&str], &str, &str)] = &[
    (
        &[
            "recurse",
            "repeat",
            "while",
            "until",
            "range",
            "limit",
            "skip",
            "combinations",
            "walk",
            "paths",
            "flatten",
            "transpose",
            "..",
            "..?",
        ],
        "a source file may not loop",
        "name each path, or iterate with `.[]`",
    ),
    (
        &[
            "env",
            "$ENV",
            "now",
            "input",
            "inputs",
            "halt",
            "halt_error",
            "debug",
            "stderr",
            "input_filename",
            "localtime",
            "strflocaltime",
            "$__loc__",
            "$__prog_args",
        ],
        "a source file may not reach outside of its payload",
        "take the value from the payload, or leave it null",
    ),
    (
        &[
            "test", "match", "matches", "capture", "scan", "split", "splits", "sub", "gsub",
        ],
        "regular expressions are compiled anew at each call",
        "use `startswith`, `endswith`, `split/1`, `ltrimstr` or `index`",
    ),
    (
        &["import", "include", "module"],
        "a source file stands alone",
        "copy the definitions that it needs",
    ),
    (
        &["*", "*="],
        "`*` may repeat a string without bound",
        "merge objects with `+`, and let times and severities be scaled by tierone",
    ),
];

/// Whether a file may call `name` with `arity` arguments, besides what it defines.
pub(super) fn allows(name: &str, arity: usize) -> bool {
    let wanted = format!("{name}/{arity}");
    let listed = |list: &[&str]| list.contains(&wanted.as_str());
    listed(OWN) || listed(NATIVES) || listed(DEFINITIONS)
}

/// Whether `name` runs its argument once for each of many values.
pub(super) fn loops(name: &str, arity: usize) -> bool {
    arity > 0 && LOOPS.contains(&format!("{name}/{arity}").as_str())
}

/// Every name that a file may call, with its arity.
#[cfg(test)]
pub(super) fn every_name() -> impl Iterator<Item = (&'static str, usize)> {
    let names = OWN.iter().chain(NATIVES).chain(DEFINITIONS);
    names.filter_map(|name| {
        let (name, arity) = name.split_once('/')?;
        Some((name, arity.parse().ok()?))
    })
}

/// Why `name` is not in the language, and what to write instead.
pub(super) fn refusal(name: &str) -> (&'static str, &'static str) {
    let known = REFUSED.iter().find(|(names, ..)| names.contains(&name));
    known.map_or(
        (
            "it is not defined in this file nor in the language of source files",
            "define it above its first use, or use another filter of jq",
        ),
        |(_, cause, cure)| (cause, cure),
    )
}

/// The allowed definitions of jq.
pub(super) fn definitions() -> impl Iterator<Item = Def<&'static str>> {
    jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs())
        .filter(|def| DEFINITIONS.contains(&format!("{}/{}", def.name, def.args.len()).as_str()))
}

/// The allowed built-in filters, and our own.
pub(super) fn natives() -> impl Iterator<Item = Fun<Language>> {
    let theirs = jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs())
        .filter(|(name, args, _)| NATIVES.contains(&format!("{name}/{}", args.len()).as_str()));
    let ours = std::iter::once(steps::native())
        .chain(natives::natives())
        .chain(vocabulary::vocabulary());
    ours.chain(theirs)
}
