//! `config check`: everything that is wrong, not just the first of it, and what is in effect.

use serde_json::{Value, json};

use super::{
    run::{Folder, tierone},
    site::Site,
};

fn checked(config: &str, code: i32) -> Value {
    let ran = tierone(["config", "check", "--config", config, "--json"]).ended(code);
    ran.objects().remove(0)
}

#[test]
fn a_site_in_order_has_nothing_wrong_and_its_secrets_are_not_shown() {
    let site = Site::new();
    let said = site.run(&["config", "check"]).good();
    assert!(said.ends_with("nothing is wrong\n"), "{said}");
    for text in [
        "store.url",
        "which is made when it is first used",
        "9 people; nobody is in curators",
        "block-ip, ",
        "anyone on this machine",
    ] {
        assert!(said.contains(text), "no `{text}` in {said}");
    }
    assert!(!said.contains("dGllcm9uZ"), "{said}");
    assert!(!site.folder.path().join("live.db").exists());
    site.run(&["keys", "create", "--scope", "read"]).good();
    let said = site.run(&["config", "check"]).good();
    assert!(
        said.contains("a live store, with 1 valid API keys"),
        "{said}"
    );
    assert!(said.contains("holders of an API key"), "{said}");
}

#[test]
fn what_is_absent_is_said_to_ask() {
    let folder = Folder::new();
    let config = folder.write("tierone.toml", "");
    let said = checked(&config, 0);
    assert_eq!(said["problems"], json!([]));
    let parts = said["parts"].as_array().unwrap();
    let effect = |key: &str| {
        let part = parts.iter().find(|part| part["key"] == key).unwrap();
        assert_eq!(part["value"], Value::Null, "{part}");
        part["effect"].as_str().unwrap().to_owned()
    };
    assert!(effect("gate.policies").contains("everything asks"));
    assert!(effect("files.people").contains("nobody may answer"));
    assert!(effect("files.calibration").contains("everything asks"));
    assert!(effect("webhook.url").contains("not carried out: "));
    assert!(effect("model").contains("no model is asked"));
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let folder = Folder::new();
    folder.write("people.toml", "[[person]]\nid = \"a\"\nidentities = { os_user = \"x\" }\n[[person]]\nid = \"b\"\nidentities = { os_user = \"x\" }\n");
    folder.write("inventory.toml", "[[asset]\n");
    folder.write(
        "sources/good.jq",
        "# Good.\ndef recognises: false;\ndef alerts: empty;\n",
    );
    folder.write("sources/bad.jq", "def recognises: (");
    folder.write("sources/worse.jq", "def alerts: env;");
    let config = folder.write(
        "tierone.toml",
        "[server]\nlisten = \"0.0.0.0:8080\"\n\
         [store]\nurl = \"sqlite://no/such/folder/x.db\"\nurk = 1\n\
         [gate]\npolicies = \"nowhere\"\nkill_file = \"no/such/stop\"\n\
         [files]\npeople = \"people.toml\"\ninventory = \"inventory.toml\"\nnever = \"missing.toml\"\ncalibration = \"missing.json\"\nsources = \"sources\"\n\
         [model]\nname = \"small-1\"\nbase_url = \"https://models.example/v1\"\napi_key = { env = \"TIERONE_NO_SUCH_KEY\" }\n\
         [webhook]\nurl = \"http://127.0.0.1/\"\nsecret = { env = \"TIERONE_NO_SUCH_SECRET\" }\n\
         [pagerduty]\nrouting_key = \"in the clear\"\n",
    );
    let said = checked(&config, 2);
    let problems = said["problems"].as_array().unwrap();
    let causes: Vec<&str> = problems
        .iter()
        .map(|problem| problem["cause"].as_str().unwrap())
        .collect();
    for cause in [
        "urk",
        "its folder is not there",
        "actions.toml",
        "injection.toml",
        "gate.cedar`",
        "gate.cedarschema",
        "can never be made",
        "so that it proves nobody",
        "the inventory file",
        "missing.toml",
        "missing.json",
        "source `bad:",
        "source `worse:",
        "TIERONE_NO_SUCH_SECRET",
        "TIERONE_NO_SUCH_KEY",
        "is not public",
        "never the secret itself",
        "is reached from other machines",
    ] {
        let found = causes.iter().any(|said| said.contains(cause))
            || problems
                .iter()
                .any(|said| said["cure"].to_string().contains(cause));
        assert!(found, "no `{cause}` in {causes:#?}");
    }
    assert!(!said.to_string().contains("in the clear"), "{said}");
    let plain = tierone(["config", "check", "--config", &config]).ended(2);
    plain.says("things are wrong").says("wrong: ");
}

#[test]
fn a_config_that_cannot_be_read_is_said_to_be_wrong() {
    let folder = Folder::new();
    for (config, cause) in [
        (folder.at("missing.toml"), "cannot be read"),
        (folder.write("wrong.toml", "[store\n"), "line 1"),
    ] {
        let ran = tierone(["config", "check", "--config", &config]);
        ran.ended(2).says(cause);
    }
}

#[test]
fn what_is_wrong_with_slack_is_said_and_what_is_right_tells_who_may_answer() {
    let folder = Folder::new();
    let config = folder.write(
        "tierone.toml",
        "[slack]\nteam = \"my team\"\nchannel = \"#soc\"\nchannels = { soc = \"soc\" }\nbot_token = { env = \"TIERONE_NO_SUCH_TOKEN\" }\nurl = \"https://slack.com/api\"\n",
    );
    let said = checked(&config, 2);
    let problems = said["problems"].to_string();
    for text in [
        "`my team` of slack.team is no id of a workspace",
        "slack.channel is no id of a channel",
        "slack.channels.soc is no id of a channel",
        "neither `app_token` nor `signing_secret`",
        "`slack.bot_token`",
        "does not end with `/`",
    ] {
        let text = serde_json::to_string(text).unwrap();
        assert!(
            problems.contains(text.trim_matches('"')),
            "no {text} in {problems}"
        );
    }
    let site = Site::with(
        "[slack]\nteam = \"T0TEAM\"\nchannel = \"C0SOC\"\nbot_token = { file = \"secret\" }\napp_token = { file = \"secret\" }\n",
    );
    let said = site.run(&["config", "check"]).good();
    assert!(
        said.contains("is asked in C0SOC over a socket; 8 people may answer there"),
        "{said}"
    );
    assert!(!said.contains("dGllcm9uZ"), "{said}");
}
