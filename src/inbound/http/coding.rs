//! Content codings of a body (RFC 9110, 8.4): gzip and zstd are unpacked, never beyond a bound.

use std::io::{Cursor, Read as _};

use axum::http::{HeaderMap, StatusCode, header::CONTENT_ENCODING};
use flate2::read::MultiGzDecoder;

use super::problem::Problem;

/// The largest window of a zstd frame, as a power of two: what the format advises every reader to take (RFC 8878, 3.1.1.1.2).
const WINDOW_LOG_MAX: u32 = 23;

/// How a body is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Not at all.
    Identity,
    /// gzip (RFC 1952).
    Gzip,
    /// zstd (RFC 8878).
    Zstd,
}

/// It holds more than may be read.
#[derive(Debug)]
pub struct TooLarge;

impl Coding {
    /// What the head of a request says.
    pub fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(coding) = headers.get(CONTENT_ENCODING) else {
            return Ok(Self::Identity);
        };
        let known = [
            ("identity", Self::Identity),
            ("gzip", Self::Gzip),
            ("x-gzip", Self::Gzip),
            ("zstd", Self::Zstd),
        ];
        let name = coding.as_bytes();
        let own = known
            .into_iter()
            .find(|(own, _)| name.eq_ignore_ascii_case(own.as_bytes()));
        own.map(|(_, coding)| coding).ok_or_else(|| {
            Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the body is coded in a way that is not known here; send it as gzip, as zstd, or as it is",
            )
        })
    }

    /// What `body` holds, of at most `max` bytes. One that is damaged stays as it came: its sender may show a key, and what such a
    /// sender sends is never lost for being unreadable.
    pub fn unpacked(self, body: Vec<u8>, max: usize) -> Result<Vec<u8>, TooLarge> {
        let most = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
        let mut unpacked = Vec::new();
        let read = match self {
            Self::Identity => return Ok(body),
            Self::Gzip => MultiGzDecoder::new(Cursor::new(&body))
                .take(most)
                .read_to_end(&mut unpacked),
            Self::Zstd => zstd::Decoder::new(Cursor::new(&body)).and_then(|mut decoder| {
                decoder.window_log_max(WINDOW_LOG_MAX)?;
                decoder.take(most).read_to_end(&mut unpacked)
            }),
        };
        match read {
            Ok(_) if unpacked.len() > max => Err(TooLarge),
            Ok(_) => Ok(unpacked),
            Err(cause) => {
                tracing::warn!(coding = ?self, %cause, "a body cannot be unpacked, it is taken as it came");
                Ok(body)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn packed(coding: Coding, bytes: &[u8]) -> Vec<u8> {
        match coding {
            Coding::Identity => bytes.to_vec(),
            Coding::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Coding::Zstd => zstd::encode_all(bytes, 19).unwrap(),
        }
    }

    #[test]
    fn what_was_packed_is_read_up_to_the_bound_and_what_is_damaged_stays() {
        let text = vec![b'x'; 1_000_000];
        for coding in [Coding::Gzip, Coding::Zstd] {
            let whole = packed(coding, &text);
            assert!(whole.len() < 5_000);
            assert_eq!(coding.unpacked(whole.clone(), 1_000_000).unwrap(), text);
            assert!(coding.unpacked(whole.clone(), 999_999).is_err());
            let cut = whole[..whole.len() / 2].to_vec();
            assert_eq!(coding.unpacked(cut.clone(), 1_000_000).unwrap(), cut);
            let none = b"{\"a\": 1}".to_vec();
            assert_eq!(coding.unpacked(none.clone(), 10).unwrap(), none);
        }
    }
}
