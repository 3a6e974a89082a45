//! The words of sources that jq does not have: what they ask of nearly every payload, as one step of the interpreter in place of ten.

use jaq_core::{
    Bind, DataT, Error, RunPtr, ValR, ValT as _,
    native::{Filter, Fun, bome, run, unary, v},
};
use jaq_json::{Map, Rc, Val};

use super::{natives::text, steps::Language};

/// Names in a path that `nested` makes of one field. The Elastic Common Schema has no more than six.
const PATH_MAX: usize = 16;

/// Fields with dots in their names in one document, each of which may become a path of objects. An index holds 1,000 unless it is told to.
const DOTTED_MAX: usize = 4096;

/// All of them.
pub(super) fn vocabulary() -> impl Iterator<Item = Fun<Language>> {
    words().into_iter().map(run)
}

fn words<D: for<'a> DataT<V<'a> = Val>>() -> [Filter<RunPtr<D>>; 8] {
    let filter = || [Bind::Fun(())].into();
    [
        // How many outputs of a filter are neither null nor false: a source is told by several marks, never by one.
        ("count", filter(), |mut cv| {
            let (of, context) = cv.0.pop_fun();
            let counted = of.run((context, cv.1)).try_fold(0_usize, |count, output| {
                output.map(|output| count + usize::from(output.as_bool()))
            });
            Box::new(std::iter::once(counted.map(Val::from)))
        }),
        // The first output of a filter that has a text, as that text; else null.
        ("first_text", filter(), |mut cv| {
            let (of, context) = cv.0.pop_fun();
            let mut texts = of.run((context, cv.1)).map(|output| output.map(text));
            let first = texts.find(|text| !matches!(text, Ok(Val::Null)));
            Box::new(std::iter::once(first.unwrap_or(Ok(Val::Null))))
        }),
        // The text of the input as an entity of this kind and role, from a path that its vendor defines; nothing where there is none.
        ("entity", v(2), |mut cv| {
            let (role, kind) = (cv.0.pop_var(), cv.0.pop_var());
            let value = Some(text(cv.1)).filter(|value| !matches!(value, Val::Null));
            Box::new(value.map(|value| Ok(entity(kind, value, role))).into_iter())
        }),
        ("settled", v(0), |cv| bome(settled(&cv.1))),
        ("has_any", v(1), |cv| {
            unary(cv, |object, keys| has_any(&object, &keys))
        }),
        ("texts", v(0), |cv| bome(Ok(texts(cv.1)))),
        ("nested", v(1), |cv| {
            unary(cv, |object, kept| nested(object, &kept))
        }),
        ("below", v(1), |cv| {
            unary(cv, |object, prefix| below(&object, &prefix))
        }),
    ]
}

fn entity(kind: Val, value: Val, role: Val) -> Val {
    let fields = [
        ("kind", kind),
        ("value", value),
        ("role", role),
        ("provenance", Val::utf8_str("field")),
    ];
    Val::obj(
        fields
            .into_iter()
            .map(|(name, field)| (Val::utf8_str(name), field))
            .collect(),
    )
}

/// A plan needs one entity in a role: of several that would be the target in one role the first is, the others are related.
fn settled(entities: &Val) -> ValR<Val> {
    let Val::Arr(entities) = entities else {
        return Err(Error::typ(entities.clone(), "array"));
    };
    let [kind, value, role] = ["kind", "value", "role"].map(Val::utf8_str);
    let mut held: Map = Map::default();
    let settle = |one: &Val| {
        let Val::Obj(fields) = one else {
            return one.clone();
        };
        let (Some(Val::TStr(place)), Some(is)) = (fields.get(&role), fields.get(&value)) else {
            return one.clone();
        };
        if !place.starts_with(b"target.") {
            return one.clone();
        }
        let place = Val::TStr(place.clone());
        if held.entry(place).or_insert_with(|| is.clone()) == is {
            return one.clone();
        }
        let mut fields = Map::clone(fields);
        if let Some(Val::TStr(kind)) = fields.get(&kind) {
            let mut related = b"related.".to_vec();
            related.extend_from_slice(kind);
            fields.insert(role.clone(), Val::utf8_str(related));
        }
        Val::obj(fields)
    };
    Ok(entities.iter().map(settle).collect())
}

/// Whether the input is an object with one of these keys.
fn has_any(object: &Val, keys: &Val) -> ValR<Val> {
    let Val::Arr(keys) = keys else {
        return Err(Error::typ(keys.clone(), "array"));
    };
    let has = match object {
        Val::Obj(fields) => keys.iter().any(|key| fields.contains_key(key)),
        _ => false,
    };
    Ok(Val::Bool(has))
}

/// The input, where what a field with dots in its name holds is also found as a path: `{"a.b": 1}` gets `{"a": {"b": 1}}`. Fields whose
/// names begin with one of `kept` are left alone; so are paths that lead through something else than an object, or too deep.
fn nested(object: Val, kept: &Val) -> ValR<Val> {
    let (Val::Obj(fields), Val::Arr(kept)) = (&object, kept) else {
        return Err(Error::typ(object, "object"));
    };
    let has_path = |name: &[u8]| {
        let names = name.split(|byte| *byte == b'.').count();
        (2..=PATH_MAX).contains(&names)
            && !kept
                .iter()
                .any(|prefix| bytes(prefix).is_some_and(|prefix| name.starts_with(prefix)))
    };
    let mut whole = Map::clone(fields);
    let mut dotted = 0;
    for (name, value) in fields.iter() {
        let Some(name) = bytes(name).filter(|name| has_path(name)) else {
            continue;
        };
        dotted += 1;
        if dotted > DOTTED_MAX {
            return Err(Error::str(
                "it has too many fields with dots in their names",
            ));
        }
        put(&mut whole, name, value);
    }
    Ok(Val::obj(whole))
}

/// Puts a value at the path that the dots of `name` make, unless something else than an object is in its way.
fn put(fields: &mut Map, name: &[u8], value: &Val) {
    let mut names = name.splitn(2, |byte| *byte == b'.');
    let (first, rest) = (names.next().unwrap_or_default(), names.next());
    let slot = fields
        .entry(Val::utf8_str(first.to_vec()))
        .or_insert(Val::Null);
    let Some(rest) = rest else {
        *slot = value.clone();
        return;
    };
    if matches!(slot, Val::Null) {
        *slot = Val::obj(Map::default());
    }
    if let Val::Obj(inner) = slot {
        put(Rc::make_mut(inner), rest, value);
    }
}

/// The fields whose names begin with `prefix`, by the rest of their names.
fn below(object: &Val, prefix: &Val) -> ValR<Val> {
    let (Val::Obj(fields), Some(prefix)) = (object, bytes(prefix)) else {
        return Err(Error::typ(object.clone(), "object"));
    };
    let rest = |(name, value): (&Val, &Val)| {
        let rest = bytes(name)?.strip_prefix(prefix)?;
        Some((Val::utf8_str(rest.to_vec()), value.clone()))
    };
    Ok(Val::obj(fields.iter().filter_map(rest).collect()))
}

fn bytes(value: &Val) -> Option<&[u8]> {
    match value {
        Val::TStr(text) | Val::BStr(text) => Some(text),
        _ => None,
    }
}

/// A text, of a list its different ones with commas between them; else null. Some tools store every field as a list of one.
fn texts(value: Val) -> Val {
    let Val::Arr(items) = value else {
        return text(value);
    };
    let member = |item: &Val| match item {
        Val::Arr(inner) => inner.first().cloned().unwrap_or_default(),
        item => item.clone(),
    };
    let mut texts: Vec<Val> = items
        .iter()
        .map(|item| text(member(item)))
        .filter(|text| !matches!(text, Val::Null))
        .collect();
    texts.sort();
    texts.dedup();
    let mut joined = Vec::new();
    for (at, item) in texts.iter().enumerate() {
        if at > 0 {
            joined.push(b',');
        }
        if let Val::TStr(item) | Val::BStr(item) = item {
            joined.extend_from_slice(item);
        }
    }
    text(Val::utf8_str(joined))
}
