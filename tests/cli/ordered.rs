//! JSON that remembers the order of its keys, and that there is each only once.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A value, as far as keys go.
#[derive(Debug)]
pub enum Ordered {
    /// An object's members, in their order.
    Members(Vec<(String, Ordered)>),
    /// A list's items.
    Items(Vec<Ordered>),
    /// Anything else.
    Leaf,
}

impl Ordered {
    /// The keys of an object.
    pub fn keys(&self) -> Vec<&str> {
        match self {
            Self::Members(members) => members.iter().map(|(key, _)| key.as_str()).collect(),
            Self::Items(_) | Self::Leaf => panic!("not an object: {self:?}"),
        }
    }

    /// A member of an object.
    pub fn member(&self, name: &str) -> &Self {
        match self {
            Self::Members(members) => &members.iter().find(|(key, _)| key == name).unwrap().1,
            Self::Items(_) | Self::Leaf => panic!("not an object: {self:?}"),
        }
    }

    /// The items of a list.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::Items(items) => items,
            Self::Members(_) | Self::Leaf => panic!("not a list: {self:?}"),
        }
    }
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Ordered;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Ordered::Members(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Ordered, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Ordered::Items(items))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Ordered, E> {
        Ok(Ordered::Leaf)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Ordered, E> {
        Ok(Ordered::Leaf)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Ordered, E> {
        Ok(Ordered::Leaf)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Ordered, E> {
        Ok(Ordered::Leaf)
    }

    fn visit_str<E>(self, _: &str) -> Result<Ordered, E> {
        Ok(Ordered::Leaf)
    }

    fn visit_unit<E>(self) -> Result<Ordered, E> {
        Ok(Ordered::Leaf)
    }
}
