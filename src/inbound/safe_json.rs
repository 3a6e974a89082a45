//! JSON for a terminal: the same values, with every hidden character as a `\u` escape, so that nothing in it can act.

use std::io;

use serde::Serialize;
use serde_json::{
    Serializer,
    ser::{CompactFormatter, Formatter},
};

use super::shown::is_hidden;

/// Writes `value` as one line of JSON.
pub fn write_line<T: Serialize>(out: &mut impl io::Write, value: &T) -> io::Result<()> {
    value
        .serialize(&mut Serializer::with_formatter(&mut *out, Safe))
        .map_err(io::Error::from)?;
    out.write_all(b"\n")
}

struct Safe;

impl Formatter for Safe {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut units = [0; 2];
        for character in fragment.chars() {
            if is_hidden(character) {
                for unit in character.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            } else {
                let mut bytes = [0; 4];
                let text = character.encode_utf8(&mut bytes);
                CompactFormatter.write_string_fragment(writer, text)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_the_same_and_nothing_hidden_is_in_the_bytes() -> io::Result<()> {
        let text = "a\u{202e}\u{e0041}\u{9b}\u{7f}\n\"é";
        let mut out = Vec::new();
        write_line(&mut out, &text)?;
        let line = String::from_utf8(out).unwrap();
        assert!(!line.trim_end().chars().any(is_hidden), "{line:?}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
        Ok(())
    }
}
