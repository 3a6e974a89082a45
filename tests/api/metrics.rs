//! `GET /metrics`: what was counted, and that no text of an alert, no tenant and no person is in it.

use serde_json::json;
use tierone::telemetry;

use super::server::{TestServer, approval, of};

/// Cases of the demo's alert that are not over.
const OPEN: &str = r#"tierone_cases_open{urgency="low"}"#;

/// The value of a figure with these labels.
fn value(text: &str, figure: &str) -> f64 {
    let own = text.lines().find_map(|line| line.strip_prefix(figure));
    let own = own.unwrap_or_else(|| panic!("no `{figure}` in {text}"));
    own.trim().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_is_counted_and_nothing_of_it_is_told() {
    telemetry::keep_figures().unwrap();
    let server = TestServer::open().await;
    let key = server
        .key("desk-mira", &["ingest:*", "read", "approve"])
        .await;
    let scrape = server.key("prometheus", &["metrics"]).await;
    let case = server.asked(&key).await;
    let scraped = async || {
        let said = server.get("/metrics", &scrape).await;
        assert_eq!(said.status, 200);
        assert!(
            said.head
                .contains("content-type: text/plain; version=0.0.4")
        );
        said.body
    };
    let open = scraped().await;
    assert!(value(&open, OPEN) > 0.5);
    let path = of(&case, "/approve");
    server.command(&path, &key, approval(&case)).await.with(200);
    let text = scraped().await;
    // Other tests of this process count too.
    for figure in [
        r#"tierone_events_total{kind="received"}"#,
        r#"tierone_decisions_total{by="agent",effect="ask"}"#,
        r#"tierone_decisions_total{by="person",effect="fire"}"#,
        r#"tierone_held_by_total{code="release.attestation"}"#,
        r#"tierone_answers_total{answer="approve"}"#,
        r#"tierone_actions_started_total{action="block-ip"}"#,
        "tierone_time_to_detect_seconds_count",
        "tierone_time_to_acknowledge_seconds_count",
        r#"tierone_time_to_resolve_seconds_count{by="person"}"#,
        r#"tierone_ready{part="store_writes"}"#,
    ] {
        assert!(value(&text, figure) >= 1.0, "{figure}");
    }
    assert!(value(&text, OPEN) < 0.5);
    assert!(value(&text, "tierone_oldest_due_seconds") < 0.5);
    for hidden in ["198.51.100.77", "mira", "default", "i-0a1b2c3d"] {
        assert!(!text.contains(hidden), "{hidden} is in {text}");
    }
    for (key, status) in [(&key, 403), (&String::new(), 401)] {
        server.get("/metrics", key).await.with(status);
    }
    let switch = json!({ "turn": "on", "what": "tenant", "reason": "x" });
    server.command("/v1/kill", &scrape, switch).await.with(403);
}

#[test]
fn the_rules_that_ship_are_about_figures_that_are_there() {
    const RULES: &str = include_str!("../../docs/operations/alerts.yml");
    const MADE: [&str; 2] = [
        include_str!("../../src/outbound/store/figures.rs"),
        include_str!("../../src/inbound/http/metrics.rs"),
    ];
    let expressions = RULES.lines().filter_map(|line| line.split_once("expr: "));
    let mut figures = 0;
    for (_, expression) in expressions {
        let is_ours = |word: &&str| word.starts_with("tierone_");
        let mut words =
            expression.split(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
        let name = words.find(is_ours).unwrap();
        let made = MADE
            .iter()
            .any(|text| text.contains(&format!("\"{name}\"")));
        assert!(made, "`{name}` is counted nowhere");
        figures += 1;
    }
    assert!(figures > 5, "{figures}");
}
