//! Filters of our own in place of jaq's: `fromjson` and `length` because jaq's are not safe for any value, the others because jaq
//! defines them in jq, and sources call them for every field (`type` alone is some fifteen steps of the interpreter).

use jaq_core::{
    DataT, Error, Native, RunPtr, ValR, ValT as _,
    native::{Filter, Fun, bome, run, unary, v},
};
use jaq_json::Val;

use super::{steps::Language, value};

/// All of them.
pub(super) fn natives() -> impl Iterator<Item = Fun<Language>> {
    std::iter::once(empty()).chain(values().into_iter().map(run))
}

fn values<D: for<'a> DataT<V<'a> = Val>>() -> [Filter<RunPtr<D>>; 11] {
    [
        // jaq's own has no limit of depth and takes more than JSON.
        ("fromjson", v(0), |cv| bome(value::parse(&cv.1))),
        // jaq's own overflows at the smallest integer.
        ("length", v(0), |cv| {
            bome(value::length(&cv.1).ok_or_else(|| Error::str("this has no length")))
        }),
        ("true", v(0), |_| bome(Ok(Val::Bool(true)))),
        ("false", v(0), |_| bome(Ok(Val::Bool(false)))),
        ("null", v(0), |_| bome(Ok(Val::Null))),
        ("not", v(0), |cv| bome(Ok(Val::Bool(!cv.1.as_bool())))),
        ("type", v(0), |cv| {
            bome(Ok(Val::from(kind(&cv.1).to_owned())))
        }),
        ("any", v(0), |cv| {
            bome(members(&cv.1).map(|mut all| Val::Bool(all.any(Val::as_bool))))
        }),
        ("all", v(0), |cv| {
            bome(members(&cv.1).map(|mut all| Val::Bool(all.all(Val::as_bool))))
        }),
        ("join", v(1), |cv| {
            unary(cv, |list, between| join(&list, &between))
        }),
        ("to_entries", v(0), |cv| {
            bome(cv.1.key_values().map(|pair| pair.map(entry)).collect())
        }),
    ]
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
