//! What may be shown of a case that is asked blind: the alert, its look-alikes and what people did, but nothing that the agent thought of it.

use super::{Case, Phase};
use crate::domain::{
    event::{Body, Event, Sight},
    facts::StoreKind,
};

impl Case {
    /// Whether a person is asked who must see neither plan nor draft nor verdict, and has not answered yet.
    pub fn is_blind(&self) -> bool {
        let answered = matches!(
            self.phase,
            Phase::Approved(_) | Phase::Proposed(_) | Phase::Concluded(..)
        );
        let ask = self.ask.as_ref();
        !answered && ask.is_some_and(|ask| ask.sight == Sight::Blind)
    }

    /// Whether what the agent thinks of it is shown to nobody now: it is asked blind, or it may still come to be.
    fn is_sealed(&self, store: StoreKind) -> bool {
        let undecided = matches!(
            self.phase,
            Phase::Received | Phase::Retrieved | Phase::Planned | Phase::Drafted | Phase::Decided
        );
        let unasked = self.ask.is_none() && self.attempt.is_none();
        self.is_blind() || (store != StoreKind::Demo && undecided && unasked)
    }

    /// The case with nothing in it that may not be shown now.
    #[must_use]
    pub fn shown(mut self, store: StoreKind) -> Self {
        if self.is_sealed(store) {
            (self.plan, self.draft, self.decided) = (None, None, None);
            if let Some(ask) = self.ask.as_mut() {
                ask.offered = None;
                ask.targets.clear();
            }
        }
        self
    }

    /// Those of its `events` that may be shown now. What is left out leaves a gap in the numbers.
    pub fn shown_events<'a>(
        &self,
        events: &'a [Event],
        store: StoreKind,
    ) -> impl Iterator<Item = &'a Event> + use<'a> {
        let sealed = self.is_sealed(store);
        events.iter().filter(move |event| {
            let of_the_agent = matches!(
                event.body,
                Body::Planned { .. }
                    | Body::Called { .. }
                    | Body::Drafted { .. }
                    | Body::Decided { .. }
            );
            !(sealed && of_the_agent)
        })
    }
}
