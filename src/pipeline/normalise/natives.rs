//! Filters of our own in place of jaq's: `fromjson` and `length` because jaq's are not safe for any value, the others because jaq
//! defines them in jq, and sources call them for every field (`type` alone is some fifteen steps of the interpreter). `text`, `obj`, `list`, `dig`,
//! `by_name` and `present` are no jq: the first four are what a source asks of each field, the others find values by name where no path is known.

use jaq_core::{
    DataT, Error, Native, RunPtr, ValR, ValT as _,
    native::{Filter, Fun, bome, run, unary, v},
};
use jaq_json::{Map, Val};

use super::{names, steps::Language, value};

/// All of them.
pub(super) fn natives() -> impl Iterator<Item = Fun<Language>> {
    [empty(), fromjson(), by_name()]
        .into_iter()
        .chain(selections())
        .chain(values().into_iter().chain(types()).map(run))
}

fn values<D: for<'a> DataT<V<'a> = Val>>() -> [Filter<RunPtr<D>>; 19] {
    [
        // jaq's own overflows at the smallest integer.
        ("length", v(0), |cv| {
            bome(value::length(&cv.1).ok_or_else(|| Error::str("this has no length")))
        }),
        ("true", v(0), |_| bome(Ok(Val::Bool(true)))),
        ("false", v(0), |_| bome(Ok(Val::Bool(false)))),
        ("null", v(0), |_| bome(Ok(Val::Null))),
        ("not", v(0), |cv| bome(Ok(Val::Bool(!cv.1.as_bool())))),
        ("type", v(0), |cv| bome(Ok(Val::utf8_str(kind(&cv.1))))),
        ("any", v(0), |cv| {
            bome(members(&cv.1).map(|mut all| Val::Bool(all.any(Val::as_bool))))
        }),
        ("all", v(0), |cv| {
            bome(members(&cv.1).map(|mut all| Val::Bool(all.all(Val::as_bool))))
        }),
        ("add", v(0), |cv| {
            bome(
                members(&cv.1)
                    .and_then(|mut all| all.try_fold(Val::Null, |sum, one| sum + one.clone())),
            )
        }),
        ("unique", v(0), |cv| bome(unique(cv.1))),
        ("split", v(1), |cv| unary(cv, split)),
        ("join", v(1), |cv| {
            unary(cv, |list, between| join(&list, &between))
        }),
        ("to_entries", v(0), |cv| {
            bome(cv.1.key_values().map(|pair| pair.map(entry)).collect())
        }),
        ("tostring", v(0), |cv| bome(Ok(tostring(cv.1)))),
        // What jq has no word for, and every source needs for every field.
        ("text", v(0), |cv| bome(Ok(text(cv.1)))),
        ("obj", v(0), |cv| {
            bome(Ok(match cv.1 {
                Val::Obj(_) => cv.1,
                _ => Val::obj(Map::default()),
            }))
        }),
        ("list", v(0), |cv| {
            bome(Ok(match cv.1 {
                Val::Arr(_) => cv.1,
                _ => std::iter::empty().collect(),
            }))
        }),
        ("dig", v(1), |cv| {
            unary(cv, |value, path| dig(&value, &path))
        }),
        ("present", v(1), |cv| {
            unary(cv, |index, wanted| names::present(&index, &wanted))
        }),
    ]
}

/// jaq's own has no limit of depth or size, and takes more than JSON.
fn fromjson() -> Fun<Language> {
    let native = Native::<Language>::new(|cv| {
        let json = value::parse(&cv.1, cv.0.data().values);
        Box::new(std::iter::once(json))
    });
    ("fromjson", v(0), native)
}

fn by_name() -> Fun<Language> {
    let native = Native::<Language>::new(|mut cv| {
        let wrappers = cv.0.pop_var();
        let names = names::by_name(&cv.1, &wrappers, cv.0.data().values);
        Box::new(std::iter::once(names))
    });
    ("by_name", v(1), native)
}

/// `type == "string"` in one step, under names that no file can call (see `steps`).
pub(super) const IS_OF_TYPE: [(&str, &str); 6] = [
    ("null", "!null"),
    ("boolean", "!boolean"),
    ("number", "!number"),
    ("string", "!string"),
    ("array", "!array"),
    ("object", "!object"),
];

fn types<D: for<'a> DataT<V<'a> = Val>>() -> [Filter<RunPtr<D>>; 6] {
    fn is<const KINDS: u8>(value: &Val) -> Val {
        Val::Bool(bit(value) & KINDS != 0)
    }
    [
        ("!null", v(0), |cv| bome(Ok(is::<NULL>(&cv.1)))),
        ("!boolean", v(0), |cv| bome(Ok(is::<BOOLEAN>(&cv.1)))),
        ("!number", v(0), |cv| bome(Ok(is::<NUMBER>(&cv.1)))),
        ("!string", v(0), |cv| bome(Ok(is::<STRING>(&cv.1)))),
        ("!array", v(0), |cv| bome(Ok(is::<ARRAY>(&cv.1)))),
        ("!object", v(0), |cv| bome(Ok(is::<OBJECT>(&cv.1)))),
    ]
}

/// `values`, `strings` and their like: the input where it is of one of these kinds, else nothing; also as paths, and to be updated.
fn selections() -> [Fun<Language>; 7] {
    [
        selection::<{ !NULL }>("values"),
        selection::<NULL>("nulls"),
        selection::<BOOLEAN>("booleans"),
        selection::<NUMBER>("numbers"),
        selection::<STRING>("strings"),
        selection::<ARRAY>("arrays"),
        selection::<OBJECT>("objects"),
    ]
}

fn selection<const KINDS: u8>(name: &'static str) -> Fun<Language> {
    let native = Native::<Language>::new(|cv| {
        let kept = bit(&cv.1) & KINDS != 0;
        Box::new(kept.then_some(Ok(cv.1)).into_iter())
    })
    .with_paths(|cv| {
        let kept = bit(&cv.1.0) & KINDS != 0;
        Box::new(kept.then_some(Ok(cv.1)).into_iter())
    })
    .with_update(|cv, update| {
        if bit(&cv.1) & KINDS != 0 {
            update(cv.1)
        } else {
            bome(Ok(cv.1))
        }
    });
    (name, v(0), native)
}

const NULL: u8 = 1;
const BOOLEAN: u8 = 2;
const NUMBER: u8 = 4;
const STRING: u8 = 8;
const ARRAY: u8 = 16;
const OBJECT: u8 = 32;

const fn bit(value: &Val) -> u8 {
    match value {
        Val::Null => NULL,
        Val::Bool(_) => BOOLEAN,
        Val::Num(_) => NUMBER,
        Val::BStr(_) | Val::TStr(_) => STRING,
        Val::Arr(_) => ARRAY,
        Val::Obj(_) => OBJECT,
    }
}

/// `empty`, also on the left of an assignment, where it changes nothing.
fn empty() -> Fun<Language> {
    let native = Native::<Language>::new(|_| Box::new(std::iter::empty()))
        .with_paths(|_| Box::new(std::iter::empty()))
        .with_update(|cv, _| bome(Ok(cv.1)));
    ("empty", v(0), native)
}

const fn kind(value: &Val) -> &'static str {
    match value {
        Val::Null => "null",
        Val::Bool(_) => "boolean",
        Val::Num(_) => "number",
        Val::BStr(_) | Val::TStr(_) => "string",
        Val::Arr(_) => "array",
        Val::Obj(_) => "object",
    }
}

fn members(value: &Val) -> Result<Box<dyn Iterator<Item = &Val> + '_>, Error<Val>> {
    match value {
        Val::Arr(items) => Ok(Box::new(items.iter())),
        Val::Obj(fields) => Ok(Box::new(fields.values())),
        _ => Err(Error::typ(value.clone(), "iterable (array or object)")),
    }
}

/// What is equal to another, once, in order.
fn unique(list: Val) -> ValR<Val> {
    let Val::Arr(items) = list else {
        return Err(Error::typ(list, "array"));
    };
    let mut items = Vec::clone(&items);
    items.sort();
    items.dedup();
    Ok(items.into_iter().collect())
}

fn split(text: Val, between: Val) -> ValR<Val> {
    if bit(&text) & bit(&between) & STRING == 0 {
        return Err(Error::str("split input and separator must be strings"));
    }
    text / between
}

fn tostring(value: Val) -> Val {
    match value {
        Val::TStr(_) | Val::BStr(_) => value,
        other => Val::from(other.to_string()),
    }
}

/// A text that is not empty, a number or a boolean, as text; else null.
pub(super) fn text(value: Val) -> Val {
    match value {
        Val::TStr(ref text) | Val::BStr(ref text) if text.is_empty() => Val::Null,
        Val::TStr(_) | Val::BStr(_) => value,
        Val::Num(_) | Val::Bool(_) => Val::from(value.to_string()),
        Val::Null | Val::Arr(_) | Val::Obj(_) => Val::Null,
    }
}

/// The value at `path`, names with dots between them; null where something else than objects is on the way. Of a list of paths the first value
/// that is neither null nor false, else that of the last path: what `//` between them would give.
fn dig(value: &Val, path: &Val) -> ValR<Val> {
    let Val::Arr(paths) = path else {
        return at(value, path);
    };
    let mut found = Val::Null;
    for path in paths.iter() {
        found = at(value, path)?;
        if found.as_bool() {
            break;
        }
    }
    Ok(found)
}

fn at(value: &Val, path: &Val) -> ValR<Val> {
    let Val::TStr(path) = path else {
        return Err(Error::typ(path.clone(), "string"));
    };
    let mut value = value;
    for name in path.split(|byte| *byte == b'.') {
        let Val::Obj(fields) = value else {
            return Ok(Val::Null);
        };
        let Some(field) = fields.get(&Val::utf8_str(name.to_vec())) else {
            return Ok(Val::Null);
        };
        value = field;
    }
    Ok(value.clone())
}

fn join(list: &Val, between: &Val) -> ValR<Val> {
    let (Val::TStr(between), items) = (between, members(list)?) else {
        return Err(Error::typ(between.clone(), "string"));
    };
    let mut joined = Vec::new();
    for (at, item) in items.enumerate() {
        if at > 0 {
            joined.extend_from_slice(between);
        }
        match item {
            Val::TStr(text) | Val::BStr(text) => joined.extend_from_slice(text),
            other => joined.extend_from_slice(other.to_string().as_bytes()),
        }
    }
    Ok(Val::utf8_str(joined))
}

fn entry((key, value): (Val, Val)) -> Val {
    let fields = [("key", key), ("value", value)];
    Val::obj(
        fields
            .into_iter()
            .map(|(name, field)| (Val::from(name.to_owned()), field))
            .collect(),
    )
}
