//! What the tests of executors share: an order, a receiver that misbehaves as told, and settings to reach it.

pub mod receiver;
pub mod tls;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::endpoint::EndpointSettings;
use crate::domain::{
    draft::Disposition,
    id::{ActionId, CaseId, TenantId},
    order::{Authorized, Order},
};

pub const KEY: &str = "0190b0b0-0000-7000-8000-000000000001-7";

pub fn order() -> Order {
    let pair = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    Order {
        tenant: TenantId::new("acme"),
        case: CaseId::new(uuid::Uuid::from_u128(1)),
        action: ActionId::new("block-ip"),
        parameters: pair("address", "203.0.113.9"),
        targets: vec!["203.0.113.9".into()],
        disposition: Disposition::TruePositive,
        texts: pair("text", "Block 203.0.113.9."),
        idempotency_key: KEY.into(),
    }
}

pub fn authorized() -> Authorized {
    Authorized::for_test(order(), 1)
}

/// Settings for `url`, with loopback named or not.
pub fn settings(url: &str, allow_private: &[&str]) -> EndpointSettings {
    EndpointSettings {
        url: url.into(),
        connect_timeout_ms: 500,
        total_timeout_ms: 1_000,
        allow_private: allow_private
            .iter()
            .map(|net| net.parse().unwrap())
            .collect(),
    }
}

/// The crate that verifies signatures in these tests looks at the real clock.
#[expect(
    clippy::disallowed_methods,
    reason = "standardwebhooks verifies against the real clock"
)]
pub fn clock() -> Timestamp {
    Timestamp::now()
}
