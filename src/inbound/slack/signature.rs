//! Whether a request is Slack's: the `v0` signature, HMAC-SHA-256 over `v0:TIMESTAMP:BODY` with the raw bytes of the body, and not older or
//! newer than five minutes (<https://docs.slack.dev/authentication/verifying-requests-from-slack>).

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

const SIGNATURE: &str = "x-slack-signature";
const TIMESTAMP: &str = "x-slack-request-timestamp";
const VERSION: &str = "v0";
/// Seconds between the clocks, either way.
const WINDOW_SECONDS: u64 = 300;
/// Digits of a time in seconds, for some centuries.
const TIMESTAMP_MAX_DIGITS: usize = 11;
/// Hexadecimal digits of SHA-256.
const DIGITS: usize = 64;

/// Why a request is not taken for Slack's. Who sent it is told nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// A header is not there once and only once, or not in its form.
    #[error("a header of the signature is missing, doubled or not in its form")]
    Form,
    /// It is too old, or from the future.
    #[error("the request is more than five minutes away from this clock")]
    Time,
    /// It was not signed with this secret.
    #[error("the signature does not fit")]
    Signature,
}

/// Whether `body` came with a signature of `secret`, at about `now`.
pub fn verify(
    secret: &SecretString,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Forged> {
    let stamp = only(headers, TIMESTAMP)?;
    let seconds = seconds(stamp)?;
    let (version, digits) = only(headers, SIGNATURE)?
        .split_once('=')
        .ok_or(Forged::Form)?;
    if version != VERSION || digits.len() != DIGITS {
        return Err(Forged::Form);
    }
    let given = hex::decode(digits).map_err(|_| Forged::Form)?;
    if now.as_second().abs_diff(seconds) > WINDOW_SECONDS {
        return Err(Forged::Time);
    }
    let key = secret.expose_secret().as_bytes();
    if key.is_empty() {
        return Err(Forged::Signature);
    }
    let mut code = Hmac::<Sha256>::new_from_slice(key).map_err(|_| Forged::Signature)?;
    for part in [VERSION.as_bytes(), b":", stamp.as_bytes(), b":", body] {
        code.update(part);
    }
    // In constant time.
    code.verify_slice(&given).map_err(|_| Forged::Signature)
}

fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Forged> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| Forged::Form),
        _ => Err(Forged::Form),
    }
}

fn seconds(text: &str) -> Result<i64, Forged> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || text.len() > TIMESTAMP_MAX_DIGITS {
        return Err(Forged::Form);
    }
    text.parse().map_err(|_| Forged::Form)
}
