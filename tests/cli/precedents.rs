//! Precedents at the command line: what is brought in ranks and does not count, until a curator who did not bring it in confirms it.

use serde_json::{Value, json};

use super::site::Site;

const HEADER: &str = "Opened,Rule,Verdict,What was done,Instance,Notes";
const ROWS: &str = "2026-08-25T07:10:00Z,UnauthorizedAccess:EC2/SSHBruteForce,False Positive,close,i-1,\"our scanner, again\"\n\
     2026-08-26T07:10:00Z,UnauthorizedAccess:EC2/SSHBruteForce,True positive,,i-2,a real one\n";
const MAP: [&str; 14] = [
    "--set",
    "source=guardduty",
    "--map",
    "Opened=received_at",
    "--map",
    "Rule=detection_id",
    "--map",
    "Verdict=disposition",
    "--map",
    "What was done=action",
    "--map",
    "Instance=facet.instance",
    "--map",
    "Notes=summary",
];

fn import(site: &Site, text: &str) -> super::run::Ran {
    let file = site.folder.write("old.csv", format!("{HEADER}\n{text}"));
    let import = ["precedents", "import", &file, "--json"];
    site.run(&[&import[..], &MAP].concat())
}

fn list(site: &Site) -> Vec<Value> {
    site.run(&["precedents", "list", "--json"]).objects()
}

/// Makes whoever runs the tests another person, in these groups.
fn become_another(site: &Site, id: &str, groups: &str) {
    let people = std::fs::read_to_string(site.folder.path().join("people.toml")).unwrap();
    let people = people.replace("id = \"me\"", &format!("id = \"{id}\""));
    let people = people.replace(
        "groups = [\"soc\", \"soc-lead\"]\nidentities = { os_user",
        &format!("groups = [{groups}]\nidentities = {{ os_user"),
    );
    site.folder.write("people.toml", people);
}

#[test]
fn an_import_twice_is_as_once_and_counts_in_nothing() {
    let site = Site::new();
    let first = &import(&site, ROWS).ended(0).objects()[0];
    assert_eq!((&first["added"], &first["present"]), (&json!(2), &json!(0)));
    let twice = format!("{ROWS}{ROWS}");
    let second = &import(&site, &twice).ended(0).objects()[0];
    assert_eq!(
        (&second["added"], &second["present"], &second["repeated"]),
        (&json!(0), &json!(2), &json!(2))
    );
    let rows = list(&site);
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!(
            (&row["counts"], &row["origin"]),
            (&json!("unconfirmed"), &json!("imported"))
        );
        assert_eq!(row["said_by"], "me");
    }
    let scanner = rows
        .iter()
        .find(|row| row["summary"] == "our scanner, again");
    let scanner = scanner.unwrap();
    assert_eq!(scanner["disposition"], "false_positive");
    assert_eq!(scanner["facets"], json!({ "instance": "i-1" }));
    site.run(&["store", "check"]).good();
}

#[test]
fn a_row_that_is_wrong_names_its_line_and_nothing_of_the_file_is_brought_in() {
    let site = Site::new();
    let text = format!(
        "{ROWS}yesterday,r,maybe,reboot,i-3,x\n2026-08-26T07:10:00Z,r,False positive,block-ip,i-4,y\n2999-01-01T00:00:00Z,,False positive,close,i-5,\n1,2\n"
    );
    let ran = import(&site, &text).ended(2);
    let found: Vec<(u64, String)> = ran
        .objects()
        .iter()
        .map(|row| {
            assert!(!row["cure"].as_str().unwrap().is_empty(), "{row}");
            let field = row["field"].as_str().unwrap().to_owned();
            (row["line"].as_u64().unwrap(), field)
        })
        .collect();
    let expected = [
        (4, "received_at"),
        (4, "action"),
        (4, "disposition"),
        (5, "parameter.address"),
        (6, "received_at"),
        (6, "detection_id"),
        (6, "summary"),
        (7, "the row"),
    ];
    for (line, field) in expected {
        assert!(
            found.contains(&(line, field.to_owned())),
            "{line} {field}: {found:?}"
        );
    }
    assert_eq!(found.len(), expected.len(), "{found:?}");
    ran.says("4 of 6 rows are wrong");
    assert_eq!(list(&site).len(), 0);
    let plain = site.folder.write("old.csv", format!("{HEADER}\n{text}"));
    let import = ["precedents", "import", &plain];
    let plain = site.run(&[&import[..], &MAP].concat()).ended(2);
    plain.says("line 4: disposition `maybe`: it is no disposition; write true_positive");
}

#[test]
fn a_curator_who_did_not_bring_it_in_confirms_one_and_it_counts_from_that_day() {
    let site = Site::new();
    import(&site, ROWS).ended(0);
    let id = list(&site)[0]["id"].as_str().unwrap().to_owned();
    let confirm = ["precedents", "confirm", id.as_str()];
    site.run(&confirm)
        .ended(1)
        .says("`me` may not confirm precedents")
        .says("`curators`");
    become_another(&site, "me", "\"curators\"");
    site.run(&confirm)
        .ended(1)
        .says("another person must confirm it");
    become_another(&site, "me", "\"curators\"");
    let people = std::fs::read_to_string(site.folder.path().join("people.toml")).unwrap();
    let people = people.replace("id = \"me\"", "id = \"tess\"");
    site.folder.write("people.toml", people);
    let confirmed = site.object(&confirm);
    assert_eq!(
        (
            &confirmed["counts"],
            &confirmed["origin"],
            &confirmed["confirmed"]["by"]
        ),
        (&json!("counts"), &json!("lived"), &json!("tess"))
    );
    assert_eq!(confirmed["confirmed"]["at"], confirmed["received_at"]);
    site.run(&confirm).ended(1).says("waits for a confirmation");
    site.run(&["precedents", "confirm", "nothing"])
        .ended(2)
        .says("no precedent `nothing`");
    let again = &import(&site, ROWS).ended(0).objects()[0];
    assert_eq!(
        again["added"], 0,
        "what was confirmed is not brought in anew"
    );
    let counting = list(&site)
        .iter()
        .filter(|row| row["counts"] == "counts")
        .count();
    assert_eq!(counting, 1);
    site.run(&["store", "check"]).good();
}

#[test]
fn what_is_in_quarantine_counts_no_more_and_is_not_confirmed() {
    let site = Site::new();
    import(&site, ROWS).ended(0);
    let id = list(&site)[0]["id"].as_str().unwrap().to_owned();
    let quarantine = [
        "precedents",
        "quarantine",
        &id,
        "--reason",
        "wrong\u{1b}[31m host",
    ];
    let done = site.object(&quarantine);
    assert_eq!((&done["by"], &done["operation"]), (&json!("me"), &json!(1)));
    site.run(&quarantine).ended(1).says("is in quarantine");
    let listed = site.run(&["precedents", "list", "--quarantined"]).good();
    assert!(
        listed.contains("quarantined by me: wrong\\u{1b}[31m host"),
        "{listed}"
    );
    assert!(!listed.contains('\u{1b}'), "{listed}");
    assert!(
        listed.contains(&id),
        "an id that is cut names nothing: {listed}"
    );
    become_another(&site, "tess", "\"curators\"");
    site.run(&["precedents", "confirm", &id])
        .ended(1)
        .says("is in quarantine");
    let missing = ["precedents", "quarantine", "nothing", "--reason", "x"];
    site.run(&missing).ended(2).says("no precedent `nothing`");
    let export = site.run(&["precedents", "export"]);
    assert_eq!(export.objects().len(), 1);
}

#[test]
fn what_is_exported_can_be_imported_elsewhere() {
    let (site, other) = (Site::new(), Site::new());
    let id = site.blocked();
    import(&site, ROWS).ended(0);
    let text = site.run(&["precedents", "export"]).good();
    let file = other.folder.write("export.jsonl", &text);
    let done = other.object(&["precedents", "import", &file]);
    assert_eq!(done["added"], 3);
    assert_eq!(
        done["ignored_columns"],
        json!(["counts", "id", "origin", "said_by"])
    );
    let rows = list(&other);
    assert!(
        rows.iter()
            .all(|row| row["counts"] == "unconfirmed" && row["id"] != id.as_str())
    );
    let blocked = rows.iter().find(|row| row["action"] == "block-ip").unwrap();
    assert_eq!(blocked["parameters"], json!({ "address": "source.ip" }));
    let dry = ["precedents", "import", &file, "--dry-run", "--json"];
    assert_eq!(site.run(&dry).objects()[0]["present"], 2);
}

#[test]
fn a_mapping_that_fits_no_field_or_no_column_is_refused_before_anything_is_read() {
    let site = Site::new();
    let file = site.folder.write("old.csv", format!("{HEADER}\n{ROWS}"));
    for (map, cause) in [
        ("Opened=when", "is no field"),
        ("Opened", "it has no `=`"),
        ("Closed=closed_at", "has the column `Closed`"),
    ] {
        let ran = site.run(&["precedents", "import", &file, "--map", map]);
        ran.ended(2).says(cause);
    }
    site.folder.write("people.toml", "");
    import(&site, ROWS)
        .ended(1)
        .says("is nobody in the people file");
}
