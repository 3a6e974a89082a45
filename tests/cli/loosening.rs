//! A person may say how little of an alert mattered. Alone they drop none of the environment's facets that is the last: until a second
//! person has confirmed it, the precedent counts where all of its facets are equal.

use serde_json::{Value, json};

use super::site::Site;

/// An alert whose facets are of both kinds: `principal` is the environment's, `api` is its author's.
const KEY: &str = "guardduty/key-with-talking-user-agent.json";

/// Makes whoever runs the tests this person, in these groups.
fn become_person(site: &Site, id: &str, groups: &[&str]) {
    let path = site.folder.path().join("people.toml");
    let people = std::fs::read_to_string(&path).unwrap();
    let (others, mine) = people.rsplit_once("[[person]]").unwrap();
    let identities = mine.rsplit_once("identities").unwrap().1;
    let groups = groups.join("\", \"");
    let mine =
        format!("[[person]]\nid = \"{id}\"\ngroups = [\"{groups}\"]\nidentities{identities}");
    std::fs::write(path, format!("{others}{mine}")).unwrap();
}

/// Ends a case of [`KEY`] in this way, and gives what was said of it.
fn ended(site: &Site, how: &[&str]) -> Value {
    let id = site.alerted(KEY);
    let resolve = [
        "cases",
        "resolve",
        &id,
        "--disposition",
        "true_positive",
        "--reason",
        "a stolen key",
    ];
    site.object(&[&resolve[..], how].concat())
}

fn only(site: &Site, more: &[&str]) -> Value {
    let list = ["precedents", "list", "--json"];
    let rows = site.run(&[&list[..], more].concat()).objects();
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0].clone()
}

#[test]
fn it_counts_strictly_until_a_second_person_who_may_has_confirmed_it() {
    let site = Site::new();
    let resolved = ended(&site, &["--mattered", "api"]);
    let id = resolved["precedent"].as_str().unwrap().to_owned();
    let waiting =
        json!({"precedent": id, "mattered": ["api"], "meanwhile": "strictly", "group": "curators"});
    assert_eq!(resolved["waiting"], waiting);
    let row = only(&site, &["--unconfirmed"]);
    assert_eq!(
        (&row["counts"], &row["origin"], &row["breadth"]),
        (&json!("counts strictly"), &json!("lived"), &json!("strict"))
    );
    assert!(row["facets"].as_object().unwrap().len() > 1, "{row}");
    assert_eq!(row["wider"], json!({"api": row["facets"]["api"]}));
    let show = site.run(&["cases", "show", &id]).good();
    assert!(show.contains("that only api mattered waits"), "{show}");
    assert!(
        show.contains("to confirm:  tierone precedents confirm"),
        "{show}"
    );
    let listed = site.run(&["precedents", "list"]).good();
    assert!(listed.contains("counts strictly; wider: api="), "{listed}");

    let confirm = ["precedents", "confirm", id.as_str()];
    for (person, groups, why) in [
        ("me", &["soc"][..], "may not confirm precedents"),
        ("me", &["soc", "curators"], "another person must confirm it"),
        ("tess", &["soc"], "may not confirm precedents"),
        ("tess", &["curators"], "`tess` may not close"),
    ] {
        become_person(&site, person, groups);
        site.run(&confirm).ended(1).says(why);
        assert_eq!(only(&site, &[]), row);
    }
    become_person(&site, "tess", &["soc", "curators"]);
    let confirmed = site.object(&confirm);
    assert_eq!(
        (
            &confirmed["counts"],
            &confirmed["breadth"],
            &confirmed["facets"]
        ),
        (&json!("counts"), &json!("loosened"), &row["wider"])
    );
    assert_eq!(
        (&confirmed["said_by"], &confirmed["confirmed"]["by"]),
        (&json!("me"), &json!("tess"))
    );
    assert_eq!(confirmed["received_at"], row["received_at"]);
    assert_eq!(confirmed["wider"], Value::Null);
    site.run(&confirm).ended(1).says("waits for a confirmation");
    let show = site.run(&["cases", "show", &id]).good();
    assert!(!show.contains("to confirm:"), "{show}");
    site.run(&["store", "check"]).good();
}

#[test]
fn what_is_taken_back_is_not_confirmed() {
    let site = Site::new();
    let resolved = ended(&site, &["--mattered", "api"]);
    let id = resolved["precedent"].as_str().unwrap();
    site.run(&["cases", "reopen", id, "--reason", "look again"])
        .good();
    become_person(&site, "tess", &["soc", "curators"]);
    site.run(&["precedents", "confirm", id])
        .ended(1)
        .says("is in quarantine");
    assert_eq!(only(&site, &[])["counts"], "quarantined");
}

#[test]
fn what_keeps_a_facet_of_the_environment_waits_for_nobody() {
    let site = Site::new();
    let resolved = ended(&site, &["--mattered", "api", "--mattered", "principal"]);
    assert_eq!(resolved["waiting"], Value::Null);
    let row = only(&site, &[]);
    let keys: Vec<&String> = row["facets"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["api", "principal"]);
    assert_eq!(
        (&row["counts"], &row["breadth"], &row["wider"]),
        (&json!("counts"), &json!("loosened"), &Value::Null)
    );
}

#[test]
fn a_facet_without_a_value_cannot_have_mattered() {
    let site = Site::new();
    let path = format!("{}/{KEY}", super::run::ALERTS);
    let mut alert: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut stripped = 0;
    strip(&mut alert, "userName", &mut stripped);
    assert!(stripped > 0);
    let file = site.folder.write("guardduty/bare.json", alert.to_string());
    let id = site.object(&["triage", &file])["case_id"].clone();
    let id = id.as_str().unwrap();
    let resolve = [
        "cases",
        "resolve",
        id,
        "--disposition",
        "true_positive",
        "--reason",
        "x",
        "--mattered",
        "api",
        "--mattered",
        "principal",
    ];
    site.run(&resolve).ended(1).says("no facet `principal`");
}

/// [`KEY`] again, from another address and with another user agent.
fn again(site: &Site, user_agent: Option<&str>) -> String {
    let path = format!("{}/{KEY}", super::run::ALERTS);
    let mut alert: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    alert["updatedAt"] = "2026-10-15T02:36:08.318Z".into();
    let call = &mut alert["service"]["action"]["awsApiCallAction"];
    call["remoteIpDetails"]["ipAddressV4"] = "203.0.113.92".into();
    if let Some(user_agent) = user_agent {
        call["userAgent"] = user_agent.into();
    }
    let file = site.folder.write("guardduty/again.json", alert.to_string());
    let case = site.object(&["triage", &file])["case_id"].clone();
    case.as_str().unwrap().to_owned()
}

#[test]
fn what_came_after_the_ask_is_not_learnt_as_if_it_had_been_seen() {
    for (user_agent, counts, meanwhile) in [
        (None, "counts", None),
        (Some("a tool for attacks"), "unconfirmed", Some("not")),
    ] {
        let site = Site::new();
        let id = site.alerted(KEY);
        let digest = site.digest(&id);
        assert_eq!(again(&site, user_agent), id);
        assert_eq!(site.digest(&id), digest, "the ask is the one that was seen");
        let reject = [
            "cases",
            "reject",
            &id,
            "--digest",
            &digest,
            "--disposition",
            "benign_positive",
            "--reason",
            "a drill",
        ];
        let rejected = site.object(&reject);
        assert_eq!(only(&site, &[])["counts"], counts);
        let waiting = rejected["waiting"]["meanwhile"].as_str();
        assert_eq!(waiting, meanwhile);
        if meanwhile.is_none() {
            continue;
        }
        let show = site.run(&["cases", "show", &id]).good();
        assert!(show.contains("meanwhile it counts nowhere"), "{show}");
        become_person(&site, "tess", &["soc", "curators"]);
        let confirmed = site.object(&["precedents", "confirm", &id]);
        assert_eq!(confirmed["counts"], "counts");
        assert_eq!(confirmed["facets"]["user_agent"], "a tool for attacks");
    }
}

/// Takes every member of this name out.
fn strip(value: &mut Value, name: &str, stripped: &mut u32) {
    match value {
        Value::Object(members) => {
            *stripped += u32::from(members.remove(name).is_some());
            for (_, member) in members.iter_mut() {
                strip(member, name, stripped);
            }
        }
        Value::Array(items) => {
            for item in items {
                strip(item, name, stripped);
            }
        }
        _ => {}
    }
}
