//! `[server]`: where `tierone serve` listens, and the bounds of everything that callers can make it do.

use std::{
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
    num::{NonZeroU32, NonZeroU64, NonZeroUsize},
};

use serde::Deserialize;

/// `[server]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port. Beyond loopback only where there is an API key.
    pub listen: SocketAddr,
    /// Bytes of one post.
    pub body_max_bytes: NonZeroUsize,
    /// Bytes of all posts that are read and stored at once; more are told to come back. At least one post of the largest size fits in.
    pub posts_max_bytes: NonZeroUsize,
    /// Connections that are open at once; more wait.
    pub connections_max: NonZeroUsize,
    /// Seconds for the head of a request, from the first byte or from the answer before it.
    pub head_timeout_seconds: NonZeroU64,
    /// Seconds for the body of a request.
    pub body_timeout_seconds: NonZeroU64,
    /// The longest `?wait=`, in seconds.
    pub wait_max_seconds: NonZeroU64,
    /// Cases that are worked on at once.
    pub workers: NonZeroUsize,
    /// Cases that wait for a worker before posts are told to come back.
    pub queue_max: NonZeroUsize,
    /// Seconds after which a sender that was told to come back does so.
    pub retry_after_seconds: NonZeroU32,
    /// Seconds for what is under way when the service is told to end.
    pub drain_seconds: NonZeroU64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 8080)),
            body_max_bytes: count(20_000_000),
            posts_max_bytes: count(64_000_000),
            connections_max: count(1_024),
            head_timeout_seconds: seconds(10),
            body_timeout_seconds: seconds(30),
            wait_max_seconds: seconds(60),
            workers: count(8),
            queue_max: count(10_000),
            retry_after_seconds: NonZeroU32::MIN.saturating_add(4),
            drain_seconds: seconds(30),
        }
    }
}

const fn count(number: usize) -> NonZeroUsize {
    NonZeroUsize::MIN.saturating_add(number - 1)
}

const fn seconds(number: u64) -> NonZeroU64 {
    NonZeroU64::MIN.saturating_add(number - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_listens_on_loopback_unless_it_is_told_otherwise() {
        let server = ServerConfig::default();
        assert_eq!(server.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(server.body_max_bytes.get(), 20_000_000);
        assert_eq!(toml::from_str::<ServerConfig>("").unwrap(), server);
    }

    #[test]
    fn nothing_may_be_bounded_by_nought() {
        let error = toml::from_str::<ServerConfig>("workers = 0").unwrap_err();
        assert!(error.to_string().contains("line 1"), "{error}");
    }
}
