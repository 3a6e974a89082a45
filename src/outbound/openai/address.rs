//! Where an endpoint is and with which key it is asked. Nothing is taken from the environment, as the library's own settings would.

use std::net::{Ipv4Addr, Ipv6Addr};

use async_openai::config::Config;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::{
    Url,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    OpenAiSettings,
    verdict::{Peer, Provider},
};
use crate::{
    outbound::endpoint::{
        guard::{Guard, Wire, is_public},
        read, spelled_out,
    },
    ports::Fault,
};

const API_KEY: HeaderName = HeaderName::from_static("api-key");
const LOOPBACK: [IpNet; 2] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
];

/// An endpoint's URL, and the headers that say who asks.
#[derive(Clone, Debug)]
pub struct Address {
    base: Url,
    headers: HeaderMap,
    version: Option<String>,
    key: SecretString,
    model: String,
}

impl Address {
    /// The address that `settings` say, or why it is none.
    pub fn new(settings: &OpenAiSettings) -> Result<Self, Fault> {
        let mut base = read(&settings.base_url)?;
        if base.query().is_some() || base.fragment().is_some() {
            let what = "base_url has a query or a fragment; take it out, and set api_version if it is Azure";
            return Err(Fault::Permanent(what.into()));
        }
        if base.scheme() == "https" && settings.api_key.is_none() {
            let what =
                "there is no key; name one by api_key = { env = \"NAME\" } or { file = \"PATH\" }";
            return Err(Fault::Permanent(what.into()));
        }
        let azure = settings.api_version.is_some();
        if let (true, Ok(mut path)) = (azure, base.path_segments_mut()) {
            path.pop_if_empty();
            path.extend(["openai", "deployments", &settings.name]);
        }
        Ok(Self {
            headers: headers(settings.api_key.as_ref(), azure)?,
            base,
            version: settings.api_version.clone(),
            key: settings.api_key.clone().unwrap_or_default(),
            model: settings.name.clone(),
        })
    }

    /// Which addresses may be called: what the site spelled out is meant, and what a name leads to is checked.
    pub fn guard(&self, allow_private: &[IpNet]) -> Result<Guard, Fault> {
        let wire = match self.base.scheme() {
            "https" => Wire::Sealed,
            _ => Wire::Plain,
        };
        let mut allowed = allow_private.to_vec();
        let address = spelled_out(&self.base);
        allowed.extend(
            address
                .filter(|address| !is_public(*address))
                .map(IpNet::from),
        );
        if self.base.host_str() == Some("localhost") {
            allowed.extend(LOOPBACK);
        }
        let guard = Guard::new(&allowed, wire);
        if let Some(address) = address {
            let checked = guard.check(address);
            checked.map_err(|refused| Fault::Permanent(refused.to_string()))?;
        }
        Ok(guard)
    }

    /// Whom faults and spans name.
    pub fn peer(&self) -> Peer {
        Peer {
            host: self.base.host_str().unwrap_or_default().to_owned(),
            port: self.base.port_or_known_default().unwrap_or_default(),
            model: self.model.clone(),
            provider: match self.version {
                Some(_) => Provider::Azure,
                None => Provider::OpenAi,
            },
        }
    }
}

impl Config for Address {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }

    fn query(&self) -> Vec<(&str, &str)> {
        let version = self.version.as_deref();
        version
            .map(|version| ("api-version", version))
            .into_iter()
            .collect()
    }

    fn api_base(&self) -> &str {
        self.base.as_str()
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}

/// The key as a header that is in no `Debug`. One that cannot be a header would make the library panic.
fn headers(key: Option<&SecretString>, azure: bool) -> Result<HeaderMap, Fault> {
    let mut headers = HeaderMap::new();
    let Some(key) = key else {
        return Ok(headers);
    };
    let (name, value) = if azure {
        (API_KEY, key.expose_secret().to_owned())
    } else {
        (AUTHORIZATION, format!("Bearer {}", key.expose_secret()))
    };
    let mut value = HeaderValue::try_from(value).map_err(|_| {
        Fault::Permanent("the key has a line break or another control character in it; store the key alone, on one line".into())
    })?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(headers)
}
