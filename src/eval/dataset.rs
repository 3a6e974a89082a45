//! The dataset: cases as files. One schema (`eval/suites/README.md`); an unknown key is an error, and an error names its file and line.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{fault::FaultName, injection::variant::Variant, setting::Settled};
use crate::domain::{
    action::Class,
    asset::Asset,
    decision::Code,
    draft::Disposition,
    id::{ActionId, GroupId},
};

/// A file of cases.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    #[serde(rename = "case")]
    cases: Vec<WrittenCase>,
}

/// A case as it is written.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenCase {
    /// Its name, unique in its suite.
    pub id: String,
    /// What its result is counted by; its name, where it has none.
    pub cluster: Option<String>,
    /// The cases with the same question, of which a sample may stand for the rest; the file, where nothing is said.
    pub stratum: Option<String>,
    /// OWASP and ATLAS numbers.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The alert.
    pub alert: WrittenAlert,
    /// What an attacker wrote into it; nothing in a case without an attack.
    pub attack: Option<WrittenAttack>,
    /// What people did about its like.
    #[serde(default)]
    pub precedents: Past,
    /// What the store knows beside them.
    #[serde(default)]
    pub state: State,
    /// The state of retrieval.
    #[serde(default)]
    pub retrieval: WrittenRetrieval,
    /// Who drafts.
    #[serde(default)]
    pub drafter: WrittenDrafter,
    /// What may come of it.
    pub expect: Expect,
}

/// An alert as it is written.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenAlert {
    /// A file of the demo, from `eval/demo/alerts`.
    pub demo: Option<String>,
    /// The source, where it is not the demo's.
    pub source: Option<String>,
    /// The payload in JSON, where it is not the demo's.
    pub payload: Option<String>,
    /// Which of the payload's alerts, from 0.
    #[serde(default)]
    pub number: usize,
    /// Changes of the payload.
    #[serde(default)]
    pub set: Vec<Change>,
}

impl WrittenAlert {
    /// The alert of this payload.
    pub fn of(source: &str, payload: &serde_json::Value) -> Self {
        Self {
            demo: None,
            source: Some(source.into()),
            payload: Some(payload.to_string()),
            number: 0,
            set: Vec::new(),
        }
    }
}

/// One change of a payload.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Where: a JSON pointer (RFC 6901) to something that is there.
    pub at: String,
    /// What stands there then.
    pub value: toml::Value,
}

/// What an attacker wrote into an alert.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenAttack {
    /// The id of a string of the suite of injections.
    pub string: Option<String>,
    /// The text, where it is none of those.
    pub text: Option<String>,
    /// The field that carries it: names that lead to a text, `*` for the first member of a list that fits, `name#` for JSON in a text.
    pub at: String,
    /// How it is written there.
    #[serde(default)]
    pub variant: Variant,
}

/// Where precedents are from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Past {
    /// The demo's.
    #[default]
    Demo,
    /// There are none.
    None,
    /// People always did the same.
    Settled(Settled),
}

/// The state of retrieval, as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WrittenRetrieval {
    /// It finds what is nearest.
    #[default]
    Honest,
    /// It is down.
    Down,
    /// The embedder answers nothing.
    Mute,
    /// It finds nothing.
    FindsNothing,
}

/// What the store knows beside precedents. What is not said speaks for a fire: stage full, attested, nothing switched off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct State {
    /// How many minutes after the demo's clock it is.
    pub minutes_later: i64,
    /// Whose alert it is; the demo's tenant where nothing is said.
    pub tenant: Option<String>,
    /// The stage.
    pub stage: Option<crate::domain::release::Stage>,
    /// Whether everything is switched off.
    pub killed: bool,
    /// What statistics took back.
    pub demoted: std::collections::BTreeSet<Class>,
    /// How many minutes ago this occurrence was seen before.
    pub seen_minutes_ago: Option<i64>,
    /// What was started before: it is what budgets and settle times count.
    pub started: Vec<WrittenStart>,
    /// What is ours beside the demo's inventory, or in place of an asset there with the same id.
    pub assets: Vec<Asset>,
    /// What is gone, old or lying.
    pub faults: Vec<FaultName>,
}

/// Starts of an action, as they are written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenStart {
    /// What.
    pub action: ActionId,
    /// On what.
    #[serde(default)]
    pub targets: Vec<String>,
    /// When.
    pub minutes_ago: i64,
    /// How often; once where nothing is said.
    #[serde(default = "once")]
    pub times: usize,
}

const fn once() -> usize {
    1
}

/// Who drafts, as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WrittenDrafter {
    /// No model.
    #[default]
    Own,
    /// A model that copies the plan.
    Echo,
    /// A model that closes everything as a false positive.
    AlwaysCloses,
    /// A model that is down.
    Down,
    /// What a model once said, word for word.
    Recorded(Recorded),
}

/// A draft that a model once wrote.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// What it took the alert for.
    pub disposition: Disposition,
    /// What it would have done.
    pub action: Option<ActionId>,
    /// With what, by parameter.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Why.
    #[serde(default)]
    pub rationale: String,
    /// What it would have told whoever asked.
    pub reply: Option<String>,
}

/// What may come of a case, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Whether it may be done alone.
    pub fire: Firing,
    /// What may be done alone.
    pub action: Option<ActionId>,
    /// With what.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// What it may touch.
    pub targets: Option<std::collections::BTreeSet<String>>,
    /// Whether nobody may do it.
    #[serde(default)]
    pub refuse: bool,
    /// Codes that must hold it back.
    #[serde(default)]
    pub codes: Vec<Code>,
    /// The group that must be asked first.
    pub group: Option<GroupId>,
    /// For how many minutes at most.
    pub minutes: Option<i64>,
    /// What must reach whoever decides.
    #[serde(default)]
    pub shown: Vec<String>,
    /// What must reach nobody.
    #[serde(default)]
    pub hidden: Vec<String>,
}

impl Expect {
    /// What says nothing but whether it may be done alone.
    pub fn nothing(fire: Firing) -> Self {
        Self {
            fire,
            action: None,
            parameters: BTreeMap::new(),
            targets: None,
            refuse: false,
            codes: Vec::new(),
            group: None,
            minutes: None,
            shown: Vec::new(),
            hidden: Vec::new(),
        }
    }
}

/// Whether something may be done alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Firing {
    /// Nothing may.
    Never,
    /// This may.
    May,
    /// This must.
    Must,
}

/// A file of cases that is wrong.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// It is not what it should be.
    #[error("`{file}` is wrong: {cause}")]
    Wrong {
        /// Which.
        file: String,
        /// Where and why.
        cause: toml::de::Error,
    },
    /// A case is not what it should be.
    #[error("`{file}:{line}` has case `{id}`, which {why}")]
    Case {
        /// In which file.
        file: String,
        /// In which line it begins.
        line: usize,
        /// Which.
        id: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// Reads the cases of the file at `path`.
pub fn read(path: &str, text: &str) -> Result<Vec<WrittenCase>, DatasetError> {
    let file: CaseFile = toml::from_str(text).map_err(|cause| DatasetError::Wrong {
        file: path.into(),
        cause,
    })?;
    for (place, case) in file.cases.iter().enumerate() {
        let twice = file
            .cases
            .iter()
            .take(place)
            .any(|other| other.id == case.id);
        let why = if twice {
            Some("is there twice; rename one")
        } else {
            case.wrong()
        };
        if let Some(why) = why {
            return Err(DatasetError::Case {
                file: path.into(),
                line: line_of(text, place),
                id: case.id.clone(),
                why,
            });
        }
    }
    Ok(file.cases)
}

impl WrittenCase {
    /// A case of which nothing is said but its alert and what may come of it: everything speaks for a fire.
    pub fn plain(id: &str, alert: WrittenAlert, expect: Expect) -> Self {
        Self {
            id: id.into(),
            cluster: None,
            stratum: None,
            tags: Vec::new(),
            alert,
            attack: None,
            precedents: Past::Demo,
            state: State::default(),
            retrieval: WrittenRetrieval::Honest,
            drafter: WrittenDrafter::Own,
            expect,
        }
    }

    /// What is wrong with it that its keys alone do not tell.
    fn wrong(&self) -> Option<&'static str> {
        let alert = &self.alert;
        match (&alert.demo, &alert.source, &alert.payload) {
            (Some(_), None, None) | (None, Some(_), Some(_)) => {}
            _ => return Some("names no alert; give `demo`, or `source` and `payload`"),
        }
        let attack = self.attack.as_ref();
        if attack.is_some_and(|attack| attack.string.is_some() == attack.text.is_some()) {
            return Some("has an attack of no text, or of two; give `string` or `text`");
        }
        let fires = self.expect.fire != Firing::Never;
        match &self.expect.action {
            None if fires => Some("may fire, but no `action` is named"),
            Some(_) if !fires => Some("names an `action` although nothing may fire"),
            Some(_) | None => None,
        }
    }
}

/// The line on which the case at this place begins, from 1.
fn line_of(text: &str, place: usize) -> usize {
    let heads = text.lines().enumerate();
    let mut heads = heads.filter(|(_, line)| line.trim_start().starts_with("[[case]]"));
    heads.nth(place).map_or(1, |(line, _)| line + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str =
        "[[case]]\nid = \"a\"\nalert = { demo = \"x.json\" }\nexpect = { fire = \"never\" }\n";

    fn complaint(text: &str) -> String {
        read("s/a.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn a_case_needs_little() {
        let cases = read("s/a.toml", CASE).unwrap();
        assert_eq!(cases[0].expect.fire, Firing::Never);
        assert_eq!(cases[0].precedents, Past::Demo);
    }

    #[test]
    fn an_error_names_its_file_and_line() {
        let said = complaint(&format!("{CASE}unknown = 1\n"));
        assert!(
            said.contains("s/a.toml") && said.contains("line 5"),
            "{said}"
        );
        let said = complaint(&format!("{CASE}\n{CASE}"));
        assert!(said.starts_with("`s/a.toml:6` has case `a`"), "{said}");
    }

    #[test]
    fn a_case_that_says_less_than_it_must_is_refused() {
        for (instead, why) in [
            (CASE.replace("\"never\"", "\"must\""), "no `action`"),
            (
                CASE.replace("\"never\"", "\"never\", action = \"close\""),
                "although nothing",
            ),
            (CASE.replace("demo = ", "source = "), "names no alert"),
            (format!("{CASE}attack = {{ at = \"/a\" }}\n"), "of no text"),
            (
                format!("{CASE}state = {{ faults = [\"fire\"] }}\n"),
                "no fault `fire`; there are kill-switches-unread, ",
            ),
            (
                format!("{CASE}state = {{ started = [{{ minutes_ago = 1 }}] }}\n"),
                "missing field `action`",
            ),
        ] {
            assert!(complaint(&instead).contains(why), "{instead}");
        }
    }
}
