//! What tierone does by itself: close, route, comment, answer. Nothing leaves.
//!
//! The effect of such an action is the event that records it: the case is closed by `Closed`, routed by what follows `Executed`. So there is
//! nothing here that could be done twice, and a probe about it holds by definition.

use async_trait::async_trait;

use crate::{
    domain::{
        event::Probe,
        order::{Authorized, Order},
    },
    ports::{Executor, Fault, Repetition},
};

/// Probes whose answer is that the event is there.
const BY_DEFINITION: [&str; 3] = ["none", "case-closed", "ticket-exists"];

/// The store's own actions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Internal;

#[async_trait]
impl Executor for Internal {
    fn repetition(&self) -> Repetition {
        Repetition::Idempotent
    }

    fn preview(&self, order: &Order) -> Result<String, Fault> {
        Ok(format!("nothing leaves tierone; {}", order.text()))
    }

    fn preview_undo(&self, order: &Order, undo: &str) -> Result<String, Fault> {
        Ok(format!("nothing leaves tierone; {}", undone(order, undo)))
    }

    async fn execute(&self, authorized: &Authorized) -> Result<String, Fault> {
        Ok(authorized.order().text())
    }

    async fn undo(&self, authorized: &Authorized, undo: &str) -> Result<String, Fault> {
        Ok(undone(authorized.order(), undo))
    }

    async fn verify(&self, _order: &Order, probe: &str) -> Result<Probe, Fault> {
        if BY_DEFINITION.contains(&probe) {
            return Ok(Probe::Held);
        }
        Err(Fault::Permanent(format!(
            "tierone has no probe `{probe}` of its own; use one of {} in the catalogue",
            BY_DEFINITION.join(", ")
        )))
    }
}

fn undone(order: &Order, undo: &str) -> String {
    format!("{undo}: {} on case {}", order.action, order.case)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::tests::order;

    #[tokio::test]
    async fn it_says_the_catalogues_text_and_its_own_probes_hold() {
        let order = order();
        let authorized = Authorized::for_test(order.clone(), 1);
        assert_eq!(
            Internal.execute(&authorized).await.unwrap(),
            "Block 203.0.113.9."
        );
        let undone = Internal.undo(&authorized, "reopen").await.unwrap();
        assert!(undone.starts_with("reopen: block-ip on case "), "{undone}");
        for probe in BY_DEFINITION {
            assert_eq!(Internal.verify(&order, probe).await, Ok(Probe::Held));
        }
        let other = Internal.verify(&order, "address-blocked").await;
        assert!(matches!(other, Err(Fault::Permanent(_))), "{other:?}");
    }
}
