//! Times as vendors write them: RFC 3339 and its variants, and epochs in seconds, milli-, micro- or nanoseconds. No time is guessed.

use jiff::{
    Timestamp,
    civil::DateTime,
    fmt::{rfc2822, strtime::BrokenDownTime},
    tz::Offset,
};
use serde_json::Value;

/// A value that no time can be read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotATime;

const NANOS_PER_SECOND: i128 = 1_000_000_000;
/// Other ways to write a moment, of which each says which number is the day and which the month. Without a zone it is UTC.
const FORMS: [&str; 6] = [
    "%Y/%m/%d %H:%M:%S",
    "%Y.%m.%d %H:%M:%S",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y %H:%M",
    "%b %d %Y %H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
];

/// The time in `value`; `None` where it says that there is none: null, empty, year 1, or the epoch itself.
pub fn read(value: &Value) -> Result<Option<Timestamp>, NotATime> {
    let time = match value {
        Value::Null => return Ok(None),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => from_text(text.trim()),
        Value::Number(number) => from_epoch(&number.to_string()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let time = time.ok_or(NotATime)?;
    let unset = time == Timestamp::UNIX_EPOCH || Offset::UTC.to_datetime(time).year() <= 1;
    Ok((!unset).then_some(time))
}

fn from_text(text: &str) -> Option<Timestamp> {
    if text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return from_epoch(text);
    }
    let bare = text
        .strip_suffix(" UTC")
        .or_else(|| text.strip_suffix(" (UTC)"))
        .or_else(|| text.strip_suffix(" GMT"))
        .unwrap_or(text)
        .trim_end();
    from_iso(bare).or_else(|| from_words(text))
}

fn from_iso(text: &str) -> Option<Timestamp> {
    let (moment, zone) = split_zone(text)?;
    let moment: DateTime = short_fraction(moment).parse().ok()?;
    zone.to_timestamp(moment).ok()
}

/// `Tue, 24 Nov 2026 04:57:46 GMT` (RFC 2822) and the like; `UTC` may stand anywhere.
fn from_words(text: &str) -> Option<Timestamp> {
    if text.len() > 64 {
        return None;
    }
    if let Ok(moment) = rfc2822::parse(text) {
        return Some(moment.timestamp());
    }
    let words = text
        .split_ascii_whitespace()
        .filter(|word| !matches!(*word, "UTC" | "GMT"));
    let text = words.collect::<Vec<_>>().join(" ");
    let read = |form: &&str| BrokenDownTime::parse(form, &text).ok()?.to_datetime().ok();
    let moment = FORMS.iter().find_map(read)?;
    Offset::UTC.to_timestamp(moment).ok()
}

/// Splits `2026-11-24 04:57:46 +0100` into its date and time and its offset; without one it is UTC.
fn split_zone(text: &str) -> Option<(&str, Offset)> {
    let clock = text.find(['T', 't', ' '])? + 1;
    if let Some(moment) = text.strip_suffix(['Z', 'z']) {
        return Some((moment.trim_end(), Offset::UTC));
    }
    let Some(sign) = text.get(clock..)?.rfind(['+', '-']) else {
        return Some((text, Offset::UTC));
    };
    let (moment, zone) = text.split_at_checked(clock + sign)?;
    Some((moment.trim_end(), offset(zone)?))
}

/// `+01:00`, `+0100` or `+01`.
fn offset(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("-", digits) => (-1, digits),
        (_, digits) => (1, digits),
    };
    let digits = digits.replace(':', "");
    let (hours, minutes) = match digits.len() {
        2 => (digits.as_str(), "0"),
        4 => digits.split_at_checked(2)?,
        _ => return None,
    };
    let (hours, minutes): (i32, i32) = (digits_of(hours)?, digits_of(minutes)?);
    let seconds = (minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))?;
    Offset::from_seconds(seconds).ok()
}

fn digits_of<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// Fractions beyond nanoseconds are dropped.
fn short_fraction(moment: &str) -> &str {
    let end = moment.find(['.', ',']).map(|dot| dot + 1 + 9);
    end.and_then(|end| moment.get(..end)).unwrap_or(moment)
}

/// Seconds below 10^11 (year 5138), milliseconds below 10^14, microseconds below 10^17, else nanoseconds. Exact: no float is used.
fn from_epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: i128 = digits_of(whole)?;
    let unit = match whole {
        ..100_000_000_000 => NANOS_PER_SECOND,
        100_000_000_000..100_000_000_000_000 => 1_000_000,
        100_000_000_000_000..100_000_000_000_000_000 => 1_000,
        _ => 1,
    };
    let fraction: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    let part = digits_of::<i128>(&fraction)? * unit / NANOS_PER_SECOND;
    Timestamp::from_nanosecond(whole.checked_mul(unit)?.checked_add(part)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: &Value, expected: Result<Option<&str>, NotATime>) {
        let read = read(value).map(|time| time.map(|time| time.to_string()));
        assert_eq!(
            read,
            expected.map(|time| time.map(str::to_owned)),
            "{value}"
        );
    }

    #[test]
    fn every_way_to_write_one_time_is_read_alike() {
        for value in [
            json!("2026-11-24T04:57:46Z"),
            json!("2026-11-24T04:57:46z"),
            json!("2026-11-24t04:57:46Z"),
            json!("2026-11-24T04:57:46"),
            json!("2026-11-24 04:57:46"),
            json!("2026-11-24 04:57:46 UTC"),
            json!("2026-11-24 04:57:46 (UTC)"),
            json!("2026-11-24 04:57:46 +0000 UTC"),
            json!("2026-11-24T04:57:46+0000"),
            json!("2026-11-24T04:57:46+00:00"),
            json!("2026-11-24T05:57:46+01:00"),
            json!("2026-11-24T05:57:46+0100"),
            json!("2026-11-24T05:57:46 +01"),
            json!("2026-11-23T23:27:46-0530"),
            json!("2026-11-24T04:57:46.000000000Z"),
            json!(" 2026-11-24T04:57:46.000Z "),
            json!("Tue, 24 Nov 2026 04:57:46 GMT"),
            json!("Tue, 24 Nov 2026 05:57:46 +0100"),
            json!("24 Nov 2026 04:57:46 UTC"),
            json!("Nov 24 2026 04:57:46"),
            json!("Tue Nov 24 04:57:46 UTC 2026"),
            json!("2026/11/24 04:57:46"),
            json!("2026.11.24 04:57:46"),
            json!(1_795_496_266),
            json!(1_795_496_266.0),
            json!(1_795_496_266_000_u64),
            json!(1_795_496_266_000_000_u64),
            json!(1_795_496_266_000_000_000_u64),
            json!("1795496266"),
            json!("1795496266.000"),
            json!("1795496266000"),
            json!("1795496266000000"),
            json!("1795496266000000000"),
        ] {
            check(&value, Ok(Some("2026-11-24T04:57:46Z")));
        }
    }

    #[test]
    fn fractions_are_exact() {
        for (value, expected) in [
            (
                json!("2026-11-24T04:57:46.123456789Z"),
                "2026-11-24T04:57:46.123456789Z",
            ),
            (
                json!("2026-11-24T04:57:46.1234567891234Z"),
                "2026-11-24T04:57:46.123456789Z",
            ),
            (json!("2026-11-24T04:57:46,5"), "2026-11-24T04:57:46.5Z"),
            (json!(1_795_496_266.123_f64), "2026-11-24T04:57:46.123Z"),
            (json!("1795496266000.25"), "2026-11-24T04:57:46.00025Z"),
            // Past 2^53, where a float would be 123456768.
            (
                json!(1_795_496_266_123_456_789_u64),
                "2026-11-24T04:57:46.123456789Z",
            ),
            (
                json!("1795496266123456789"),
                "2026-11-24T04:57:46.123456789Z",
            ),
        ] {
            check(&value, Ok(Some(expected)));
        }
    }

    #[test]
    fn what_says_that_there_is_no_time_is_none() {
        for value in [
            json!(null),
            json!(""),
            json!(" "),
            json!("0001-01-01T00:00:00Z"),
            json!("0001-01-01T00:00:00"),
            json!("0001-01-01 00:00:00 +0000 UTC"),
            json!("1970-01-01T00:00:00Z"),
            json!(0),
            json!("0"),
        ] {
            check(&value, Ok(None));
        }
    }

    #[test]
    fn what_is_no_time_is_not_guessed() {
        for value in [
            json!("yesterday"),
            json!("2026-11-24"),
            json!("2026-13-24T04:57:46Z"),
            json!("2026-11-24T04:57:46+99:00"),
            json!("2026-11-24T04:57:46+00:61"),
            json!("2026-11-24T04:57:46+1é"),
            json!("04:57:46"),
            json!("T"),
            json!("."),
            json!("1.2.3"),
            json!(-1),
            json!(true),
            json!([1_795_496_266]),
            json!("99999999999999999999999999999999999999999999"),
            json!("9999999999999999999999"),
        ] {
            check(&value, Err(NotATime));
        }
    }
}
