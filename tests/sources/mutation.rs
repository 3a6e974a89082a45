//! Changes to payloads as somebody who tries to break a reader would make them, drawn from a seed.

use serde_json::{Map, Value, json};

/// The most that one payload is changed at once.
const CHANGES_MAX: usize = 4;

/// Chance from a seed: `SplitMix64`, whose only duty here is to be the same everywhere.
pub struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    pub fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// `bytes` after some changes; parts of `others` may come in.
pub fn mutated(bytes: &[u8], others: &[Value], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = match serde_json::from_slice::<Value>(bytes) {
        Ok(mut body) if chance.below(8) > 0 => {
            for _ in 0..=chance.below(CHANGES_MAX) {
                change(&mut body, others, chance);
            }
            written(&body, others, chance)
        }
        _ => bytes.to_vec(),
    };
    if chance.below(4) == 0 {
        for _ in 0..=chance.below(CHANGES_MAX) {
            break_bytes(&mut bytes, chance);
        }
    }
    bytes
}

/// `body` as it is, in a list, or with another one on a line of its own.
fn written(body: &Value, others: &[Value], chance: &mut Chance) -> Vec<u8> {
    let text = match chance.below(32) {
        0 => format!("[{body},{}]", chance.of(others)),
        1 => format!("{body}\n{}\n", chance.of(others)),
        2 => format!("{body:#}"),
        _ => body.to_string(),
    };
    text.into_bytes()
}

fn odd(chance: &mut Chance) -> Value {
    let texts = [
        "",
        " ",
        "null",
        "[",
        "{\"a\":1}",
        "[[[[\"x\"]]]]",
        "0001-01-01T00:00:00Z",
        "2027-01-01 00:00:00.123456789 +0530",
        "1795496266123456789",
        "9999999999999999999999",
        "-1",
        "1e999",
        "T1110.001",
        "arn:aws:iam::111122223333:user/x",
        "::ffff:192.0.2.1",
        "192.0.2.1:99999",
        "[2001:db8::1]:443",
        "a@b.example",
        "hxxp://a[.]example",
        "\u{202e}\u{0}\u{e0041}",
        "CEF:0|a|b|c|d|e|10|src=1 msg=a=b",
        "<191>1 - h p - - x",
        "resolved",
        "critical",
        "alert/1",
        "é\u{ffff}",
        "\\u0000",
    ];
    match chance.below(14) {
        0 => Value::Null,
        1 => json!(chance.below(2) == 0),
        2 => json!(i64::MIN),
        3 => json!(u64::MAX),
        4 => json!(-0.0),
        5 => json!(1e308),
        6 => json!([]),
        7 => json!({}),
        8 => json!("x".repeat(1 << chance.below(14))),
        9 => nested(chance.below(120)),
        _ => json!(chance.of(&texts)),
    }
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, level| {
        if level % 2 == 0 {
            json!([inner])
        } else {
            json!({ "data": inner })
        }
    })
}

fn change(body: &mut Value, others: &[Value], chance: &mut Chance) {
    let count = size(body);
    let mut place = chance.below(count);
    let Some(node) = node(body, &mut place) else {
        return;
    };
    match chance.below(12) {
        0..3 => *node = odd(chance),
        3 => *node = json!(node.to_string()),
        4 => *node = json!([node.clone(), node.clone()]),
        5 => *node = json!({ "value": node.clone() }),
        6 => *node = part(chance.of(others), chance),
        7 => {
            if let Value::Object(fields) = node {
                lose(fields, chance);
            }
        }
        8 => {
            if let Value::Object(fields) = node {
                rename(fields, chance);
            }
        }
        9 => {
            if let Value::Array(items) = node {
                let item = items.first().cloned().unwrap_or(Value::Null);
                items.extend(vec![item; chance.below(40)]);
            }
        }
        10 => {
            if let (Value::Object(fields), Value::Object(more)) = (&mut *node, chance.of(others)) {
                fields.extend(more.clone());
            }
        }
        _ => {
            if let Value::String(text) = node {
                let at = text.floor_char_boundary(chance.below(text.len() + 1));
                text.insert_str(at, odd(chance).as_str().unwrap_or("\u{1b}"));
            }
        }
    }
}

fn part(of: &Value, chance: &mut Chance) -> Value {
    let mut copy = of.clone();
    let mut place = chance.below(size(of));
    node(&mut copy, &mut place).map_or(Value::Null, Value::take)
}

fn lose(fields: &mut Map<String, Value>, chance: &mut Chance) {
    let lost = chance.below(fields.len());
    let key = fields.keys().nth(lost).cloned();
    if let Some(key) = key {
        fields.remove(&key);
    }
}

fn rename(fields: &mut Map<String, Value>, chance: &mut Chance) {
    let names = [
        "id", "title", "severity", "time", "host", "alerts", "events", "data", "detail", "Message",
        "control", "", "a.b.c",
    ];
    let from = chance.below(fields.len());
    let key = fields.keys().nth(from).cloned();
    if let Some(value) = key.and_then(|key| fields.remove(&key)) {
        fields.insert((*chance.of(&names)).to_owned(), value);
    }
}

fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(fields) => fields.values().map(size).sum(),
        _ => 0,
    }
}

/// The node with this number, in the order of the text.
fn node<'a>(value: &'a mut Value, place: &mut usize) -> Option<&'a mut Value> {
    if *place == 0 {
        return Some(value);
    }
    *place -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| node(item, place)),
        Value::Object(fields) => fields.values_mut().find_map(|field| node(field, place)),
        _ => None,
    }
}

fn break_bytes(bytes: &mut Vec<u8>, chance: &mut Chance) {
    let at = chance.below(bytes.len() + 1);
    let end = (at + chance.below(32)).min(bytes.len());
    match chance.below(6) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let copy = bytes[at..end].to_vec();
            bytes.splice(at..at, copy);
        }
        3 => {
            let bit = 1 << chance.below(8);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= bit;
            }
        }
        4 => {
            let text = [
                "\n", "{", "[", "\"", "\\ud800", "\u{feff}", "}{", ",", "\0", "NaN", "1e999",
            ];
            bytes.splice(at..at, chance.of(&text).bytes());
        }
        _ => bytes.insert(at, u8::try_from(chance.below(256)).unwrap()),
    }
}
