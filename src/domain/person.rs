//! People: who may be asked, and what proves that it was they who answered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{GroupId, PersonId};

/// The group whose people may confirm precedents that were brought in or loosened too far. Where nobody is in it, nobody may.
pub const CURATORS: &str = "curators";

/// The people of a site, from `people.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// The people.
    #[serde(default, rename = "person")]
    pub people: Vec<Person>,
}

/// One person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// The groups they are in.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// What proves that it is they. These identities are protected assets themselves.
    #[serde(default)]
    pub identities: BTreeMap<Proof, String>,
}

/// A kind of proof of identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The operating system's user.
    OsUser,
    /// An API key.
    ApiKey,
    /// An `OpenID` Connect subject or verified e-mail.
    Oidc,
    /// A Slack user.
    Slack,
}

impl People {
    /// The person with this id.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == *id)
    }

    /// The person whom `identity` proves, exactly; nobody where two people claim it.
    pub fn identified(&self, proof: Proof, identity: &str) -> Option<&Person> {
        let mut claims = self.people.iter().filter(|person| {
            person
                .identities
                .get(&proof)
                .is_some_and(|own| own == identity)
        });
        match (claims.next(), claims.next()) {
            (Some(person), None) => Some(person),
            _ => None,
        }
    }

    /// The person whose account `value` is: their id or one of their identities, compared without case, by its last part too
    /// (`arn:…:user/mira`, `user:mira@example.com`), because a person's account has a different form in each system.
    pub fn holder_of(&self, value: &str) -> Option<&Person> {
        let account = account_forms(value);
        self.people.iter().find(|person| {
            person.forms().any(|identity| {
                account_forms(identity)
                    .iter()
                    .any(|form| account.contains(form))
            })
        })
    }
}

impl Person {
    /// Every text that names them: their id and their identities.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        let identities = self.identities.values().map(String::as_str);
        identities.chain([self.id.as_str()])
    }
}

/// The whole text and the bare account name in it, lower-case.
pub(super) fn account_forms(text: &str) -> [String; 2] {
    let whole = text.trim().to_lowercase();
    let last = whole.rsplit(['/', '\\', ':']).next().unwrap_or(&whole);
    let bare = last.split('@').next().unwrap_or(last).to_owned();
    [whole, bare]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_known_in_each_of_its_forms() {
        let people = People {
            people: vec![Person {
                id: PersonId::new("mira"),
                groups: vec![],
                identities: BTreeMap::from([(Proof::Oidc, "mira@example.com".to_owned())]),
            }],
        };
        for form in [
            "mira",
            "MIRA",
            "mira@example.com",
            "arn:aws:iam::111122223333:user/mira",
            r"CORP\Mira",
            "user:mira@example.com",
            "AROAEXAMPLE:mira",
        ] {
            assert!(people.holder_of(form).is_some(), "{form}");
        }
        assert!(people.holder_of("miranda").is_none());
    }
}
