//! `calibrate`: by a named person, on a store that is there, into a file that need not be.

use serde_json::{Value, json};

use super::site::Site;

#[test]
fn a_first_calibration_is_written_where_the_config_expects_it_and_grants_nothing_that_was_not_earned()
 {
    let site = Site::new();
    site.alerted("guardduty/ssh-guessing-bastion.json");
    let config = site.config.clone();
    let text = std::fs::read_to_string(&config).unwrap();
    let named = text.replace("[files]\n", "[files]\ncalibration = \"earned.json\"\n");
    assert_ne!(named, text, "the site names its files");
    std::fs::write(&config, named).unwrap();
    // What decides waits for the file; what makes it does not.
    assert_eq!(site.run(&["cases", "list"]).code, 2);
    let table = site.run(&["calibrate"]).good();
    for said in [
        "0 cases are over",
        "close at radius 1",
        "nothing",
        "written to",
    ] {
        assert!(table.contains(said), "{said} in {table}");
    }
    let file = std::fs::read(site.folder.at("earned.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    assert_eq!(
        (&file["classes"], &file["tenant"], &file["origin"]),
        (&json!([]), &json!("default"), &json!("lived"))
    );
    site.run(&["cases", "list"]).good();
    let again = site.object(&["calibrate"]);
    let needed = |said: &Value| said["classes"][0]["needed"].as_u64().unwrap();
    // Each look makes the next one harder: a first look at eleven classes or so takes some hundreds of clean trials.
    assert!(needed(&again) > 300, "{again}");
    let harder = site.object(&["calibrate"]);
    assert!(needed(&harder) > needed(&again), "{again} {harder}");
}
