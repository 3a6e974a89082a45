//! How a reply's form is asked for: the strictest way that an endpoint takes, found out once.

use std::sync::atomic::{AtomicU8, Ordering};

/// One way of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rung {
    /// `json_schema`, strict: the endpoint keeps to the schema.
    Schema,
    /// `json_object`: the endpoint keeps to JSON.
    Object,
    /// Not at all: the prompt alone says it.
    Plain,
}

/// The rung that is used, which only goes down.
#[derive(Debug, Default)]
pub struct Ladder(AtomicU8);

impl Ladder {
    /// The rung to use.
    pub fn rung(&self) -> Rung {
        match self.0.load(Ordering::Relaxed) {
            0 => Rung::Schema,
            1 => Rung::Object,
            _ => Rung::Plain,
        }
    }

    /// Goes one rung down from `refused`, and says which is next; `None` below the last. Where another call was first, it stays.
    pub fn down(&self, refused: Rung) -> Option<Rung> {
        let below = match refused {
            Rung::Schema => Rung::Object,
            Rung::Object => Rung::Plain,
            Rung::Plain => return None,
        };
        self.0.fetch_max(below.number(), Ordering::Relaxed);
        Some(self.rung())
    }
}

impl Rung {
    /// The word, as it is sent.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Schema => "json_schema",
            Self::Object => "json_object",
            Self::Plain => "nothing",
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Schema => 0,
            Self::Object => 1,
            Self::Plain => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_down_one_rung_a_refusal_and_never_up() {
        let ladder = Ladder::default();
        assert_eq!(ladder.rung(), Rung::Schema);
        assert_eq!(ladder.down(Rung::Schema), Some(Rung::Object));
        assert_eq!(
            ladder.down(Rung::Schema),
            Some(Rung::Object),
            "two calls that were refused together go down one rung"
        );
        assert_eq!(ladder.down(Rung::Object), Some(Rung::Plain));
        assert_eq!(ladder.down(Rung::Schema), Some(Rung::Plain));
        assert_eq!(ladder.down(Rung::Plain), None);
        assert_eq!(ladder.rung(), Rung::Plain);
    }
}
