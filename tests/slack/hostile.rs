//! With every string of the attackers in every field of an alert, no card and no form carries a live mention, link or image of it.

use serde_json::Value;
use tierone::{
    domain::{
        case::Case,
        event::Sight,
        id::{PersonId, PrecedentId},
    },
    eval::injection::strings,
    inbound::slack::{card::Here, form},
};

use super::cards::{NONE, asked, shown, within_limits};
use crate::support::world::World;

/// What Slack's clients make something of, wherever it is.
pub const LIVE: [&str; 12] = [
    "<!channel> <!here> <!everyone>",
    "<@U0MIRA> <#C0SOC|x> <!subteam^S1|@soc>",
    "<https://evil.example/x|click me> https://evil.example http://198.51.100.7/x",
    "[click](https://evil.example) ![image](https://evil.example/a.png)",
    "<!date^1|{date}^https://evil.example|x>",
    "*bold* _it_ ~no~ `code` ```block``` > quote",
    ":fire: :custom_image: @here @channel @mira #general",
    "mailto:a@evil.example tel:+49123 www.evil.example evil.example/path",
    "&lt;!channel&gt; &amp;lt;",
    "</text> \"}], \"type\": \"image\", \"image_url\": \"https://evil.example/a.png",
    "\u{202e}gnp.exe\u{202c} \u{200b}<!\u{200b}channel>",
    "javascript:alert(1) data:text/html,x slack://channel?id=1",
];

fn attacks() -> Vec<String> {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("eval/suites/injection/strings");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        files.push((name, std::fs::read_to_string(path).unwrap()));
    }
    let read = strings::read(
        files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    );
    let own = read
        .unwrap()
        .into_iter()
        .map(|attack| attack.parts.concat());
    own.chain(LIVE.map(Into::into)).collect()
}

#[test]
fn no_card_or_form_carries_anything_live_of_an_attacker() {
    let attacks = attacks();
    assert!(attacks.len() > 200, "only {} strings", attacks.len());
    for attack in attacks {
        let world = hostile(&attack);
        let case = asked(&world);
        let blind = {
            let mut blind = case.clone();
            blind.ask.as_mut().unwrap().sight = Sight::Blind;
            blind
        };
        for case in [&case, &blind] {
            let body = shown(&world, case, Here::Asked).body("C0SOC");
            within_limits(&body);
            is_dead(&body, &attack);
        }
        forms(&world, &case, &attack);
    }
}

fn forms(world: &World, case: &Case, attack: &str) {
    let mask = tierone::app::seen::mask(case).unwrap();
    for name in ["reject", "edit", "escalate"] {
        if let Ok(view) = form::view(name, "case digest", case, &world.rules, NONE, &mask) {
            is_dead(&view, attack);
        }
    }
}

fn hostile(attack: &str) -> World {
    let mut world = World::holding();
    world.facts.gate.stage =
        tierone::domain::facts::Known::Read(tierone::domain::release::Stage::Shadow);
    world.alert.title = attack.into();
    world.alert.detection_id = Some(attack.into());
    world.alert.raw_severity = Some(attack.into());
    world.alert.owner_hints = vec![attack.into()];
    world.alert.links = vec![attack.into()];
    for entity in &mut world.alert.entities {
        entity.value = attack.into();
    }
    for facet in &mut world.alert.facets {
        facet.value = Some(attack.into());
    }
    for (row, number) in world.rows().iter_mut().zip(0..) {
        row.summary = attack.into();
        row.id = PrecedentId::new(format!("{attack}{number}"));
        row.confirmed_by = PersonId::new(attack);
    }
    world
}

/// Nothing in it is markup that was not ours, and no address is whole.
fn is_dead(value: &Value, attack: &str) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| is_dead(value, attack)),
        Value::Object(fields) => {
            let kind = fields.get("type").and_then(Value::as_str).unwrap_or("");
            assert!(!["image", "rich_text", "video"].contains(&kind), "{attack}");
            if kind == "mrkdwn" {
                assert_eq!(fields["verbatim"], true);
                no_markup(fields["text"].as_str().unwrap(), attack);
            }
            if kind == "plain_text" {
                assert_eq!(fields["emoji"], false);
                no_address(fields["text"].as_str().unwrap(), attack);
            }
            for (name, value) in fields {
                assert!(
                    !["url", "image_url", "slack_file"].contains(&name.as_str()),
                    "{attack}"
                );
                is_dead(value, attack);
            }
            if let Some(text) = fields.get("text").and_then(Value::as_str)
                && fields.contains_key("blocks")
            {
                no_markup(text, attack);
            }
        }
        _ => {}
    }
}

fn no_markup(text: &str, attack: &str) {
    assert!(!text.contains(['<', '>']), "{text} of {attack}");
    for (place, _) in text.match_indices('&') {
        let rest = text.get(place..).unwrap();
        assert!(
            ["&amp;", "&lt;", "&gt;"]
                .iter()
                .any(|own| rest.starts_with(own)),
            "{text} of {attack}"
        );
    }
    no_address(text, attack);
}

fn no_address(text: &str, attack: &str) {
    for live in [
        "://",
        "mailto:",
        "tel:",
        "www.",
        "evil.example",
        "198.51.100.7",
        "@here",
        "@channel",
        "#general",
    ] {
        assert!(
            !text.to_lowercase().contains(live),
            "{live} in {text} of {attack}"
        );
    }
    assert!(
        !text
            .chars()
            .any(|one| one != '\n' && tierone::inbound::shown::is_hidden(one)),
        "{text:?}"
    );
}
