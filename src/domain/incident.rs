//! An incident is only a view: cases of one tenant that name the same thing within a day. Here is what counts as the same thing.

use std::net::IpAddr;

use super::{
    alert::Alert,
    canonical::Digest,
    entity::{Entity, EntityKind},
};

/// The most things of one alert that are compared.
const ENTITIES_MAX: usize = 16;

/// What a structured field of `alert` names that is one thing and no other. An account, a network or a service is named by too much to join
/// anything, and an address that is not public is another machine in each network.
pub fn strong(alert: &Alert) -> Vec<&Entity> {
    let mut strong: Vec<&Entity> = Vec::new();
    for entity in alert.fields() {
        let named = strong
            .iter()
            .any(|own| (own.kind, &own.value) == (entity.kind, &entity.value));
        if identifies(entity) && !named && strong.len() < ENTITIES_MAX {
            strong.push(entity);
        }
    }
    strong
}

/// What is compared: the kind and the value.
pub fn name(entity: &Entity) -> Digest {
    Digest::of_bytes(format!("{} {}", entity.kind.word(), entity.value).as_bytes())
}

/// The sides of an alert that it is about; what is only related to it joins nothing.
const SIDES: [&str; 3] = ["actor.", "source.", "target."];

fn identifies(entity: &Entity) -> bool {
    let role = entity.role.as_str();
    SIDES.iter().any(|side| role.starts_with(side)) && is_one_thing(entity)
}

fn is_one_thing(entity: &Entity) -> bool {
    match entity.kind {
        EntityKind::Host
        | EntityKind::User
        | EntityKind::Arn
        | EntityKind::Hash
        | EntityKind::Email
        | EntityKind::Container
        | EntityKind::Pod
        | EntityKind::Badge
        | EntityKind::Bucket
        | EntityKind::AccessKey
        | EntityKind::Instance => true,
        EntityKind::Ip => entity.value.parse().is_ok_and(is_public),
        EntityKind::Url
        | EntityKind::Domain
        | EntityKind::Process
        | EntityKind::File
        | EntityKind::Door
        | EntityKind::Account
        | EntityKind::Service
        | EntityKind::Network => false,
    }
}

/// Whether an address is not of a private, local or shared network (RFC 1918, 3927, 4193, 4291, 6598).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(own) => {
            let [first, second, ..] = own.octets();
            let shared = first == 100 && (64..128).contains(&second);
            !(own.is_private()
                || own.is_loopback()
                || own.is_link_local()
                || own.is_unspecified()
                || shared)
        }
        IpAddr::V6(own) => {
            !(own.is_loopback()
                || own.is_unspecified()
                || own.is_unique_local()
                || own.is_unicast_link_local())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entity::{Handshake, Provenance, Role};

    #[test]
    fn only_what_is_one_thing_joins_cases() {
        for (kind, value, joins) in [
            (EntityKind::Host, "related.host", false),
            (EntityKind::User, "mira", true),
            (EntityKind::Instance, "i-1", true),
            (EntityKind::Ip, "198.51.100.7", true),
            (EntityKind::Ip, "2001:db8::1", true),
            (EntityKind::Ip, "10.0.0.1", false),
            (EntityKind::Ip, "100.64.3.1", false),
            (EntityKind::Ip, "fe80::1", false),
            (EntityKind::Ip, "not an address", false),
            (EntityKind::Account, "111122223333", false),
            (EntityKind::Process, "sh", false),
        ] {
            let role = if value.starts_with("related.") {
                value
            } else {
                "target.it"
            };
            let entity = Entity {
                kind,
                value: value.into(),
                role: Role::new(role),
                provenance: Provenance::Field,
                handshake: Handshake::Unproven,
            };
            assert_eq!(identifies(&entity), joins, "{value}");
        }
    }
}
