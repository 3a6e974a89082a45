//! The same over Socket Mode: what is acknowledged, and what happens when a connection ends.

use serde_json::json;

use super::workspace::{Workspace, answers, command, filled, press, values};

const MORE: &str = "shadow_cards_from = \"informational\"\napp_token = { file = \"app\" }";

#[tokio::test]
async fn a_press_a_form_and_a_command_come_over_the_socket() {
    let it = Workspace::with(MORE).await;
    let card = it.asked().await;
    let id = it
        .double
        .sends(
            "slash_commands",
            &command(it.double.port, "queue", "U0MIRA"),
        )
        .await;
    assert_eq!(
        it.double.acknowledged(&id).await,
        json!({ "envelope_id": id })
    );
    it.told("wait for a person").await;
    let id = it
        .double
        .sends("interactive", &press(&card, "resolve", "U0MIRA"))
        .await;
    it.double.acknowledged(&id).await;
    let form = it.double.comes("views.open", 1).await.remove(0);
    let id = it
        .double
        .sends("interactive", &filled(&form, "U0MIRA", &json!({})))
        .await;
    let said = it.double.acknowledged(&id).await;
    assert_eq!(said["payload"]["response_action"], "errors", "{said}");
    let given = values(&[
        ("disposition", "benign_positive"),
        ("reason", "planned work"),
    ]);
    it.double
        .sends("interactive", &filled(&form, "U0MIRA", &given))
        .await;
    let seen = it
        .double
        .says("chat.update", "resolved by *mira*: benign positive")
        .await;
    assert!(answers(&seen).is_empty());
}

#[tokio::test]
async fn a_connection_that_ends_is_opened_again_and_nothing_unknown_breaks_it() {
    let it = Workspace::with(MORE).await;
    let card = it.asked().await;
    for text in [
        "no json",
        "{}",
        r#"{"type": "new", "envelope_id": "a"}"#,
        r#"{"envelope_id": "b", "type": "events_api"}"#,
    ] {
        it.double.raw(text.into()).await;
    }
    it.double.acknowledged("b").await;
    it.double
        .raw(r#"{"type": "disconnect", "reason": "refresh_requested"}"#.into())
        .await;
    while it.double.sockets() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    it.double.raw("close".into()).await;
    while it.double.sockets() < 3 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    it.double
        .sends("interactive", &press(&card, "claim", "U0MIRA"))
        .await;
    it.double.says("chat.update", "claimed by *mira*").await;
}
