//! Which addresses may be called: public ones over TLS, others only where the site's configuration names them.
//!
//! A name is resolved here, every address is checked, and the connection goes to the checked addresses and nowhere else, so that
//! a name server cannot answer twice.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// IPv4 that is not the public internet: the IANA special-purpose registry (RFC 6890 and its updates), multicast, reserved.
const NOT_PUBLIC_V4: [Ipv4Net; 15] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];
/// All of IPv6 that is given out as global unicast. Loopback, ULA, link-local, multicast and NAT64 lie outside.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 3);
/// What is not public inside of it: protocol assignments with Teredo, documentation, 6to4, documentation.
const NOT_PUBLIC_V6: [Ipv6Net; 4] = [
    v6(0x2001, 0, 23),
    v6(0x2001, 0xdb8, 32),
    v6(0x2002, 0, 16),
    v6(0x3fff, 0, 20),
];

/// Checks addresses, and resolves names to checked ones.
#[derive(Clone, Debug)]
pub struct Guard {
    allow_private: Arc<[IpNet]>,
    wire: Wire,
}

/// What the bytes travel in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// TLS.
    Sealed,
    /// Nothing: everyone on the way can read and change them.
    Plain,
}

/// An address that may not be called.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It is not on the public internet.
    #[error("address `{0}` is not public; name its network in allow_private if it is meant")]
    NotPublic(IpAddr),
    /// It is, and the URL is no `https`.
    #[error("address `{0}` is public and the url is not https; use https")]
    NotSealed(IpAddr),
    /// The name has no address.
    #[error("host `{0}` has no address; correct the url")]
    NoAddress(String),
}

impl Guard {
    /// A guard for one URL.
    pub fn new(allow_private: &[IpNet], wire: Wire) -> Self {
        Self {
            allow_private: allow_private.into(),
            wire,
        }
    }

    /// Whether `address` may be called.
    pub fn check(&self, address: IpAddr) -> Result<(), Refused> {
        let plain = address.to_canonical();
        if self.allow_private.iter().any(|net| net.contains(&plain)) {
            return Ok(());
        }
        if !is_public(plain) {
            return Err(Refused::NotPublic(plain));
        }
        match self.wire {
            Wire::Sealed => Ok(()),
            Wire::Plain => Err(Refused::NotSealed(plain)),
        }
    }
}

impl Guard {
    /// The addresses of a name or of a spelled-out address, every one of them checked.
    pub async fn addresses(
        &self,
        host: &str,
        port: u16,
    ) -> Result<Vec<SocketAddr>, Box<dyn std::error::Error + Send + Sync>> {
        let found = tokio::net::lookup_host((host, port)).await?;
        let addresses: Vec<SocketAddr> = found.collect();
        for address in &addresses {
            self.check(address.ip())?;
        }
        if addresses.is_empty() {
            return Err(Refused::NoAddress(host.into()).into());
        }
        Ok(addresses)
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let addresses = guard.addresses(name.as_str(), 0).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is on the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !NOT_PUBLIC_V4.iter().any(|net| net.contains(&v4)),
        IpAddr::V6(v6) => {
            GLOBAL_V6.contains(&v6) && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&v6))
        }
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(first: u16, second: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        let not = "0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.9.9.9 169.254.169.254 172.31.0.1 192.168.1.1 198.19.0.1 224.0.0.1 \
            255.255.255.255 :: ::1 ::ffff:10.0.0.1 ::ffff:127.0.0.1 64:ff9b::a00:1 fc00::1 fd12::1 fe80::1 ff02::1 2002:7f00:1::1 \
            2001:0:1::1 2001:db8::1";
        for text in not.split_whitespace() {
            let address: IpAddr = text.parse().unwrap();
            assert!(!is_public(address.to_canonical()), "{text}");
        }
        let public = "1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.32.0.1 192.167.1.1 2606:4700::1111 2a00:1450::1 ::ffff:8.8.8.8";
        for text in public.split_whitespace() {
            let address: IpAddr = text.parse().unwrap();
            assert!(is_public(address.to_canonical()), "{text}");
        }
    }

    #[test]
    fn a_named_network_is_allowed_and_plain_text_only_there() {
        let named = ["10.0.0.0/8".parse().unwrap()];
        let plain = Guard::new(&named, Wire::Plain);
        assert!(plain.check("10.1.1.1".parse().unwrap()).is_ok());
        assert!(plain.check("::ffff:10.1.1.1".parse().unwrap()).is_ok());
        assert!(matches!(
            plain.check("8.8.8.8".parse().unwrap()),
            Err(Refused::NotSealed(_))
        ));
        assert!(matches!(
            plain.check("127.0.0.1".parse().unwrap()),
            Err(Refused::NotPublic(_))
        ));
        let sealed = Guard::new(&named, Wire::Sealed);
        assert!(sealed.check("8.8.8.8".parse().unwrap()).is_ok());
    }
}
