//! Cards as they are sent, one snapshot a kind, and Block Kit's limits over the worst alerts.

use proptest::prelude::*;
use serde_json::{Value, json};
use tierone::{
    app::{Story, seen::mask},
    domain::{
        answer::{Answer, Closing, Mattered},
        case::{Case, Phase},
        draft::Disposition,
        event::{Body, Sight},
        id::{GroupId, PersonId},
        person::Proof,
        sealed::Sealed,
        severity::Severity,
    },
    inbound::slack::{
        card::{Here, Message, Scene, bare, card},
        form::{self, Alike},
    },
};

use crate::support::{
    doubles::{Echo, Says, reply},
    world::{BUCKET, World},
};

/// Nothing to hold a scope against.
pub const NONE: Alike<'static> = Alike {
    cases: &[],
    sight: Sight::Open,
};

/// The world's case, asked about, and what its card is made of.
pub fn asked(world: &World) -> Case {
    asked_as(world, Sight::Open)
}

fn asked_as(world: &World, sight: Sight) -> Case {
    let mut case = world.decided();
    ask(world, &mut case, sight);
    case
}

fn ask(world: &World, case: &mut Case, sight: Sight) {
    let (number, decision) = case.decided.clone().unwrap();
    let event = case.event(
        Body::Asked {
            decided: number,
            digest: decision.digest,
            group: Some(GroupId::new("soc")),
            expires_at: decision.expires_at,
            sight,
        },
        world.now,
    );
    case.apply(&event).unwrap();
}

pub fn shown(world: &World, case: &Case, here: Here) -> Message {
    let story = Story {
        case: case.clone(),
        events: vec![],
    };
    told(world, &story, here)
}

fn told(world: &World, story: &Story, here: Here) -> Message {
    card(Scene {
        story,
        precedents: &world.facts.evidence.rows,
        rules: &world.rules,
        here,
    })
}

/// A world that asks: in shadow, with one precedent that says otherwise.
fn asking() -> World {
    let mut world = World::holding();
    world.facts.gate.stage =
        tierone::domain::facts::Known::Read(tierone::domain::release::Stage::Shadow);
    world
}

fn closing(disposition: Disposition) -> Closing {
    Closing {
        disposition,
        reason: Sealed::new("as before".into(), [7; 32]).unwrap(),
        mattered: Mattered::default(),
    }
}

#[test]
fn a_card_shows_what_is_asked_and_why() {
    let world = asking();
    insta::assert_json_snapshot!(
        "open",
        shown(&world, &asked(&world), Here::Asked).body("C0SOC")
    );
}

#[test]
fn the_nearest_precedent_that_says_otherwise_is_on_the_card() {
    let mut world = asking();
    world.rows()[3].disposition = Disposition::FalsePositive;
    world.rows()[3].action = None;
    let message = shown(&world, &asked(&world), Here::Asked);
    let text = json!(message.blocks).to_string();
    assert!(
        text.contains("but differently: false positive, did nothing (mira"),
        "{text}"
    );
}

#[test]
fn a_card_that_is_asked_blind_shows_neither_draft_nor_verdict() {
    let world = asking();
    let case = asked_as(&world, Sight::Blind);
    let message = shown(&world, &case, Here::Asked);
    let text = json!(message.blocks).to_string();
    for hidden in [
        "Proposed",
        "make-bucket-private",
        "Why not",
        "Before",
        "p-1",
        "true positive",
        "Approve",
        "Taken for",
    ] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    assert!(text.contains("Resolve") && text.contains("Edit"));
    insta::assert_json_snapshot!("blind", message.body("C0SOC"));
}

#[test]
fn a_model_that_writes_is_named_and_its_words_are_plain() {
    let world = asking();
    let said = Says(Ok(reply(Disposition::TruePositive, None, &[])));
    let mut case = world.decided_by(Some(&said));
    ask(&world, &mut case, Sight::Open);
    let message = shown(&world, &case, Here::Asked);
    let own = message
        .blocks
        .iter()
        .find(|block| block.to_string().contains("writes:"));
    assert_eq!(own.unwrap()["text"]["type"], "plain_text");
    let echoed = world.decided_by(Some(&Echo));
    assert!(echoed.decided.is_some());
}

#[test]
fn a_card_of_two_approvals_says_how_many_there_are() {
    let mut world = asking();
    let asset = &mut world.rules.inventory.as_mut().unwrap().assets[0];
    asset.critical = true;
    let case = asked(&world);
    let text = json!(shown(&world, &case, Here::Asked).blocks).to_string();
    assert!(text.contains("*2 people* must approve"), "{text}");
    assert!(
        text.contains("a target is critical: two people decide"),
        "{text}"
    );
    let one = world.answered(case, "mira", Answer::Approve);
    let text = json!(shown(&world, &one, Here::Asked).blocks).to_string();
    assert!(
        one.phase != Phase::Asked || text.contains("*1 of 2*: mira"),
        "{:?} {text}",
        one.phase
    );
}

#[test]
fn what_is_decided_has_no_buttons() {
    let world = asking();
    let mut story = Story {
        case: asked(&world),
        events: vec![],
    };
    let digest = story.case.ask.as_ref().unwrap().digest;
    let answered = Body::Answered {
        digest,
        by: PersonId::new("mira"),
        proof: Proof::Slack,
        answer: Answer::Reject {
            closing: closing(Disposition::FalsePositive),
        },
    };
    let closed = Body::Closed {
        by: tierone::domain::decision::Principal::Person(PersonId::new("mira")),
        disposition: Disposition::FalsePositive,
        reason: Sealed::new("as before".into(), [7; 32]).unwrap(),
        mattered: Mattered::default(),
    };
    for body in [answered, closed] {
        let event = story.case.event(body, world.now);
        story.case.apply(&event).unwrap();
        story.events.push(event);
    }
    let message = told(&world, &story, Here::Asked);
    assert!(!json!(message.blocks).to_string().contains("\"button\""));
    insta::assert_json_snapshot!("closed", message.body("C0SOC"));
    let passed = shown(&world, &asked(&world), Here::PassedOn);
    let text = json!(passed.blocks).to_string();
    assert!(
        !text.contains("\"button\"") && text.contains("passed on to *soc*"),
        "{text}"
    );
}

#[test]
fn what_nobody_may_do_is_not_offered() {
    let mut world = asking();
    let never = "[[never]]\nkind = \"bucket\"\nvalues = [\"research-share\"]\nreason = \"ours\"\n";
    world.rules.never = Some(toml::from_str(never).unwrap());
    let case = asked(&world);
    let text = json!(shown(&world, &case, Here::Asked).blocks).to_string();
    assert!(
        text.contains("*Nothing is offered*") && !text.contains("Approve"),
        "{text}"
    );
    assert!(text.contains("a target is on the never list"), "{text}");
}

#[test]
fn the_forms_are_as_they_were() {
    let world = asking();
    let case = asked(&world);
    let mask = mask(&case).unwrap();
    for name in ["reject", "edit", "escalate", "snooze"] {
        let view = form::view(name, "case digest", &case, &world.rules, NONE, &mask).unwrap();
        within_limits(&view);
        insta::assert_json_snapshot!(format!("form-{name}"), view);
    }
    assert!(form::view("delete-everything", "x", &case, &world.rules, NONE, &mask).is_err());
}

/// Whatever is in an alert, Slack takes its card.
fn hard() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,200}",
        "[&<>`*_~|@#:/.]{0,4000}",
        Just("\u{1f600}".repeat(3_000)),
        Just("&".repeat(20_000)),
        Just("\u{202e}".repeat(5_000)),
        Just(String::new()),
        Just("a.bc ".repeat(4_000)),
    ]
}

fn worst(texts: &[String]) -> World {
    let mut world = asking();
    let text = |place: usize| texts[place % texts.len()].clone();
    world.alert.title = text(0);
    world.alert.detection_id = Some(text(1));
    world.alert.severity = Some(Severity::Critical);
    for (place, entity) in world.alert.entities.iter_mut().enumerate() {
        if entity.value != BUCKET {
            entity.value = text(place);
        }
    }
    for number in 0..60 {
        let mut entity = world.alert.entities[0].clone();
        entity.value = format!("{}{number}", text(number));
        world.alert.entities.push(entity);
        let mut facet = world.alert.facets[0].clone();
        facet.key = format!("{}{number}", text(number + 1));
        facet.value = Some(text(number + 2));
        world.alert.facets.push(facet);
    }
    for row in world.rows() {
        row.summary = text(2);
        row.id = tierone::domain::id::PrecedentId::new(format!("{}{}", row.id, text(3)));
        row.confirmed_by = PersonId::new(text(4));
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn slack_takes_every_card_and_form(texts in proptest::collection::vec(hard(), 3..6)) {
        let world = worst(&texts);
        let case = asked(&world);
        for message in [shown(&world, &case, Here::Asked), shown(&world, &case, Here::PassedOn), bare(&case)] {
            within_limits(&message.body("C0SOC"));
        }
        let mask = mask(&case).unwrap();
        for name in ["reject", "edit", "escalate", "snooze"] {
            if let Ok(view) = form::view(name, "case digest", &case, &world.rules, NONE, &mask) {
                within_limits(&view);
            }
        }
    }
}

/// Slack's limits of blocks, texts, options and ids, on whatever is in `value`.
pub fn within_limits(value: &Value) {
    let blocks = value["blocks"].as_array().unwrap();
    assert!(!blocks.is_empty() && blocks.len() <= 50);
    assert!(units(&value["text"]) <= 40_000);
    for block in blocks {
        block_within(block);
    }
    if value["type"] == "modal" {
        for key in ["title", "submit", "close"] {
            assert!(units(&value[key]["text"]) <= 24);
        }
        assert!(units(&value["private_metadata"]) <= 3_000 && units(&value["callback_id"]) <= 255);
    }
}

fn block_within(block: &Value) {
    assert!(units(&block["block_id"]) <= 255);
    match block["type"].as_str().unwrap() {
        "header" => text_within(&block["text"], 150),
        "section" => {
            if let Some(fields) = block["fields"].as_array() {
                assert!(!fields.is_empty() && fields.len() <= 10);
                for field in fields {
                    text_within(field, 2_000);
                }
            } else {
                text_within(&block["text"], 3_000);
            }
        }
        "context" => {
            let elements = block["elements"].as_array().unwrap();
            assert!(!elements.is_empty() && elements.len() <= 10);
            for element in elements {
                text_within(element, 3_000);
            }
        }
        "actions" => {
            let elements = block["elements"].as_array().unwrap();
            assert!(!elements.is_empty() && elements.len() <= 25);
            for element in elements {
                element_within(element);
            }
        }
        "input" => {
            text_within(&block["label"], 2_000);
            element_within(&block["element"]);
        }
        "divider" => {}
        other => panic!("{other} is not used"),
    }
}

fn element_within(element: &Value) {
    assert!(units(&element["action_id"]) <= 255);
    match element["type"].as_str().unwrap() {
        "button" => {
            text_within(&element["text"], 75);
            assert!(units(&element["value"]) <= 2_000);
        }
        "static_select" | "checkboxes" => {
            let most = if element["type"] == "checkboxes" {
                10
            } else {
                100
            };
            let options = element["options"].as_array().unwrap();
            assert!(!options.is_empty() && options.len() <= most);
            let mut values = std::collections::BTreeSet::new();
            for option in options {
                text_within(&option["text"], 75);
                assert!(units(&option["value"]) <= 150);
                assert!(
                    values.insert(option["value"].to_string()),
                    "{option} is there twice"
                );
                if !option["description"].is_null() {
                    text_within(&option["description"], 75);
                }
            }
        }
        "plain_text_input" => assert!(element["max_length"].as_u64().unwrap() <= 3_000),
        other => panic!("{other} is not used"),
    }
}

fn text_within(text: &Value, max: usize) {
    let length = units(&text["text"]);
    assert!(length > 0 && length <= max, "{length} of {max}: {text}");
}

fn units(text: &Value) -> usize {
    text.as_str().unwrap_or("").encode_utf16().count()
}
