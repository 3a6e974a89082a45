//! Between JSON and jq: every integer stays exact, and nothing made by a source can overflow a stack or fill the memory.

use std::cell::Cell;

use jaq_core::{Error, Exn, ValX};
use jaq_json::{Num, Val};
use serde_json::{Map, Number, Value};

use super::{caps, steps};

/// The greatest integer up to which RFC 8785 JSON is exact: 2^53 − 1.
const SAFE_INTEGER: u64 = (1 << 53) - 1;

/// `text` as one JSON value, nested at most [`caps::TEXT_MAX_DEPTH`] deep, which takes its size from `left`. Where too little is left the run
/// ends: a value in memory is many times as large as its text, and a source opens the same text more than once.
pub(super) fn parse<'a>(text: &Val, left: &Cell<usize>) -> ValX<'a, Val> {
    let Val::TStr(bytes) = text else {
        return Err(Error::str("only text can be read as JSON").into());
    };
    let shape = shape(bytes);
    if shape.depth > caps::TEXT_MAX_DEPTH {
        return Err(Error::str("text is JSON that is nested too deep").into());
    }
    let rest = left.get().checked_sub(shape.values);
    left.set(rest.ok_or_else(|| Exn::halt(steps::OUT_OF_VALUES))?);
    serde_json::from_slice(bytes)
        .map_err(|cause| Error::str(format!("text is no JSON: {cause}")).into())
}

/// How large JSON is: of text that is no JSON, at least as large as what is read of it before that shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Levels of brackets.
    pub(super) depth: usize,
    /// Values, or a few more.
    pub(super) values: usize,
}

/// The shape of `json`, by what stands outside of its strings.
pub(super) fn shape(json: &[u8]) -> Shape {
    let mut shape = Shape::default();
    let mut depth = 0_usize;
    let (mut in_string, mut escaped) = (false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                shape.depth = shape.depth.max(depth);
                shape.values += 1;
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            b',' if !in_string => shape.values += 1,
            _ => {}
        }
    }
    shape
}

/// jq's `length`, total on integers.
pub(super) fn length(value: &Val) -> Option<Val> {
    match value {
        Val::Null => Some(Val::from(0_usize)),
        Val::Num(Num::Int(number)) => Some(Val::Num(Num::from_integral(number.unsigned_abs()))),
        Val::Num(number) => Some(Val::from(number.to_string().parse::<f64>().ok()?.abs())),
        Val::TStr(bytes) => Some(Val::from(String::from_utf8_lossy(bytes).chars().count())),
        Val::BStr(bytes) => Some(Val::from(bytes.len())),
        Val::Arr(items) => Some(Val::from(items.len())),
        Val::Obj(fields) => Some(Val::from(fields.len())),
        Val::Bool(_) => None,
    }
}

/// A value that is nested too deep, or for which no bytes are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TooMuch {
    Deep,
    Large,
}

impl TooMuch {
    pub(super) const fn cause(self) -> &'static str {
        match self {
            Self::Deep => "it is nested too deep",
            Self::Large => "it is too large",
        }
    }
}

/// `value` as JSON, taking its size from `bytes`.
///
/// Integers beyond 2^53 become strings of digits, because canonical JSON, in which alerts are hashed and stored, would round them.
pub(super) fn from_jq(value: &Val, bytes: &mut usize) -> Result<Value, TooMuch> {
    convert(value, bytes, caps::OUTPUT_MAX_DEPTH)
}

fn convert(value: &Val, bytes: &mut usize, depth: usize) -> Result<Value, TooMuch> {
    let depth = depth.checked_sub(1).ok_or(TooMuch::Deep)?;
    take(bytes, size_of::<Value>())?;
    Ok(match value {
        Val::Null => Value::Null,
        Val::Bool(truth) => Value::Bool(*truth),
        Val::Num(number) => from_number(number),
        Val::BStr(text) | Val::TStr(text) => {
            take(bytes, text.len())?;
            Value::String(String::from_utf8_lossy(text).into_owned())
        }
        Val::Arr(items) => Value::Array(
            items
                .iter()
                .map(|item| convert(item, bytes, depth))
                .collect::<Result<_, _>>()?,
        ),
        Val::Obj(fields) => {
            let mut map = Map::new();
            for (key, value) in fields.iter() {
                map.insert(key_text(key, bytes, depth)?, convert(value, bytes, depth)?);
            }
            Value::Object(map)
        }
    })
}

fn key_text(key: &Val, bytes: &mut usize, depth: usize) -> Result<String, TooMuch> {
    Ok(match convert(key, bytes, depth)? {
        Value::String(text) => text,
        other => other.to_string(),
    })
}

fn take(bytes: &mut usize, size: usize) -> Result<(), TooMuch> {
    *bytes = bytes.checked_sub(size).ok_or(TooMuch::Large)?;
    Ok(())
}

fn from_number(number: &Num) -> Value {
    match number {
        Num::Int(whole) if whole.unsigned_abs() as u64 <= SAFE_INTEGER => Value::from(*whole),
        Num::Int(whole) => Value::String(whole.to_string()),
        Num::BigInt(whole) => Value::String(whole.to_string()),
        Num::Float(float) => Number::from_f64(*float).map_or(Value::Null, Value::Number),
        Num::Dec(text) => Value::String(text.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn through(value: &Value) -> Result<Value, Box<dyn std::error::Error>> {
        let mut bytes = usize::MAX;
        from_jq(&serde_json::from_value(value.clone())?, &mut bytes)
            .map_err(|why| why.cause().into())
    }

    #[test]
    fn json_comes_back_as_it_went_in() -> Result<(), Box<dyn std::error::Error>> {
        for value in [
            json!({"b": [1, -1, 1.5, null, true, "é\u{0}"], "a": {}}),
            json!(SAFE_INTEGER),
            json!([]),
        ] {
            assert_eq!(through(&value)?, value);
        }
        Ok(())
    }

    #[test]
    fn integers_that_canonical_json_would_round_become_digits()
    -> Result<(), Box<dyn std::error::Error>> {
        for (value, expected) in [
            (json!(1_795_496_266_123_456_789_u64), "1795496266123456789"),
            (json!(u64::MAX), "18446744073709551615"),
            (json!(i64::MIN), "-9223372036854775808"),
        ] {
            assert_eq!(through(&value)?, json!(expected));
        }
        Ok(())
    }

    #[test]
    fn text_that_is_json_has_a_depth_of_its_own() {
        let nested = |levels: usize| "[".repeat(levels) + "\"]\\\"[\"" + &"]".repeat(levels);
        let max = caps::TEXT_MAX_DEPTH;
        let parse = |text: String| parse(&Val::from(text), &Cell::new(usize::MAX));
        assert!(parse(nested(max)).is_ok());
        let refused = parse(nested(max + 1)).map_err(Exn::get_err);
        assert!(refused.is_err_and(|cause| cause.is_ok_and(|cause| cause.to_string().contains("too deep"))));
        assert!(parse("[".repeat(1_000_000)).is_err());
    }

    #[test]
    fn values_are_counted_before_they_are_made() {
        for (json, values) in [
            ("[{},{},{}]", 6),
            (r#"{"a,{": "[,\",", "b": [1, 2]}"#, 4),
            ("1", 0),
        ] {
            assert_eq!(shape(json.as_bytes()).values, values, "{json}");
        }
        let left = Cell::new(6);
        let text = Val::from("[{},{},{}]".to_owned());
        assert!(parse(&text, &left).is_ok());
        assert!(parse(&text, &left).is_err_and(|ended| ended.get_halt().is_ok()));
    }

    #[test]
    fn what_is_too_deep_or_too_large_is_refused() {
        let mut deep = Val::Null;
        for _ in 0..=caps::OUTPUT_MAX_DEPTH {
            deep = std::iter::once(deep).collect();
        }
        assert_eq!(from_jq(&deep, &mut usize::MAX.clone()), Err(TooMuch::Deep));
        let large = Val::from("x".repeat(1000));
        assert_eq!(from_jq(&large, &mut 999), Err(TooMuch::Large));
    }
}
