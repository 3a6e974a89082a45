//! Reply: what a model said becomes a draft only through code. Handles must exist and fit, citations must have been shown, the action must have
//! been offered; what the model names beside that and the alert does not is marked.

pub mod unverified;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use regex::Regex;
use serde::{Deserialize, de::DeserializeOwned};

use self::unverified::{Marked, Spoken};
use super::prompt::{
    fence::JOINT,
    handles::{Handles, Offer},
    sheet::{MISSING_MAX, RATIONALE_MAX, REPLY_MAX},
};
use crate::domain::{
    alert::Alert,
    draft::Disposition,
    id::{ActionId, PrecedentId},
};

/// The most bytes of a reply that are read.
const REPLY_MAX_BYTES: usize = 32 << 10;
/// The most characters of something that is missing.
const MISSING_MAX_CHARS: usize = 160;
/// The most characters of what is said to be wrong.
const ERROR_MAX_CHARS: usize = 300;
const TOO_LONG: &str = "it is too long";
const PARAMETERS: &str = "its parameters do not fit its action";
/// The word for no action.
const NONE: &str = "none";

/// What a model says, in terms of this alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Grounded {
    /// What it takes the alert for.
    pub disposition: Disposition,
    /// What it would do.
    pub action: Option<ActionId>,
    /// With what, by parameter.
    pub parameters: BTreeMap<String, String>,
    /// On which precedents.
    pub citations: Vec<PrecedentId>,
    /// What would settle it.
    pub missing: Vec<String>,
    /// Why, with values for handles and marks at what nothing bears out.
    pub rationale: String,
    /// Text for whoever asked, likewise.
    pub reply: Option<String>,
    /// What was marked.
    pub unverified: Vec<String>,
}

/// Why a reply cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Unusable {
    /// What is wrong, in words of ours: they are logged, and stay in the case's log when texts are erased.
    pub what: &'static str,
    /// What the model is told. It may repeat what the model said, and is kept nowhere.
    pub told: String,
}

impl Unusable {
    /// What is wrong, and what the model is told of it, bounded.
    pub fn new(what: &'static str, told: &str) -> Self {
        let told = told.chars().take(ERROR_MAX_CHARS).collect();
        Self { what, told }
    }

    /// What is wrong, and the model is told no more.
    pub fn plain(what: &'static str) -> Self {
        Self::new(what, what)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    disposition: Disposition,
    action: String,
    parameters: Vec<Filled>,
    citations: Vec<String>,
    missing: Vec<String>,
    rationale: String,
    reply: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filled {
    name: String,
    handle: String,
}

/// Reads a reply and grounds it in `alert`, whose handles these are.
pub fn ground(text: &str, handles: &Handles, alert: &Alert) -> Result<Grounded, Unusable> {
    let form: Form = read(text)?;
    within("rationale", &form.rationale, RATIONALE_MAX)?;
    if form.rationale.trim().is_empty() {
        return Err(Unusable::plain("its rationale is empty"));
    }
    within(
        "reply",
        form.reply.as_deref().unwrap_or_default(),
        REPLY_MAX,
    )?;
    if form.missing.len() > MISSING_MAX {
        let told = format!("`missing` has more than {MISSING_MAX} entries");
        return Err(Unusable::new(TOO_LONG, &told));
    }
    let (action, parameters) = filled(&form, handles)?;
    let spoken = Spoken::about(alert, handles);
    let mut unverified = BTreeSet::new();
    let mut told = |text: &str| {
        let Marked { text, marked } = spoken.mark(&text.replace(JOINT, " "));
        unverified.extend(marked);
        revealed(&text, handles)
    };
    let short = |text: &String| text.chars().take(MISSING_MAX_CHARS).collect::<String>();
    Ok(Grounded {
        disposition: form.disposition,
        action,
        parameters,
        citations: cited(&form.citations, handles)?,
        missing: form.missing.iter().map(|text| told(&short(text))).collect(),
        rationale: told(&form.rationale),
        reply: form
            .reply
            .as_deref()
            .filter(|text| !text.trim().is_empty())
            .map(&mut told),
        unverified: unverified.into_iter().collect(),
    })
}

/// Reads the one JSON object of a reply, also inside the fence in which models like to put it.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unusable> {
    if text.len() > REPLY_MAX_BYTES {
        return Err(Unusable::plain(TOO_LONG));
    }
    let text = text.trim();
    let inside = text
        .strip_prefix("```json")
        .or_else(|| text.strip_prefix("```"))
        .and_then(|text| text.strip_suffix("```"));
    serde_json::from_str(inside.unwrap_or(text))
        .map_err(|cause| Unusable::new("it is not the form that was asked for", &cause.to_string()))
}

/// Refuses a text that is too long.
pub fn within(name: &str, text: &str, max: usize) -> Result<(), Unusable> {
    let has = text.chars().count();
    if has > max {
        let why = format!("`{name}` has {has} characters, at most {max} are allowed");
        return Err(Unusable::new(TOO_LONG, &why));
    }
    Ok(())
}

type Filling = (Option<ActionId>, BTreeMap<String, String>);

fn filled(form: &Form, handles: &Handles) -> Result<Filling, Unusable> {
    if form.action == NONE {
        return Ok((None, BTreeMap::new()));
    }
    let offer = handles
        .offers
        .iter()
        .find(|offer| offer.action.as_str() == form.action)
        .ok_or_else(|| {
            Unusable::new(
                "its action was not offered",
                &format!("action `{}` was not offered", form.action),
            )
        })?;
    let mut values = BTreeMap::new();
    for one in &form.parameters {
        let value = value(one, offer)?;
        if values.insert(one.name.clone(), value).is_some() {
            let told = format!("parameter `{}` stands there twice", one.name);
            return Err(Unusable::new(PARAMETERS, &told));
        }
    }
    match offer
        .parameters
        .keys()
        .find(|name| !values.contains_key(*name))
    {
        Some(name) => {
            let why = format!("parameter `{name}` of `{}` is not filled", form.action);
            Err(Unusable::new(PARAMETERS, &why))
        }
        None => Ok((Some(offer.action.clone()), values)),
    }
}

fn value(one: &Filled, offer: &Offer) -> Result<String, Unusable> {
    let choices = offer.parameters.get(&one.name).ok_or_else(|| {
        let told = format!("`{}` has no parameter `{}`", offer.action, one.name);
        Unusable::new(PARAMETERS, &told)
    })?;
    let choice = choices.iter().find(|choice| choice.handle == one.handle);
    choice.map(|choice| choice.value.clone()).ok_or_else(|| {
        let listed: Vec<&str> = choices
            .iter()
            .map(|choice| choice.handle.as_str())
            .collect();
        let listed = listed.join(", ");
        let why = format!(
            "`{}` cannot fill `{}`, only {listed} can",
            one.handle, one.name
        );
        Unusable::new(PARAMETERS, &why)
    })
}

fn cited(handles_said: &[String], handles: &Handles) -> Result<Vec<PrecedentId>, Unusable> {
    let mut cited: Vec<PrecedentId> = Vec::new();
    for handle in handles_said.iter().filter(|handle| *handle != NONE) {
        let id = handles.precedent(handle).ok_or_else(|| {
            let told = format!("citation `{handle}` was not shown");
            Unusable::new("it cites what was not shown", &told)
        })?;
        if !cited.contains(id) {
            cited.push(id.clone());
        }
    }
    Ok(cited)
}

/// `text` with what its handles stand for.
pub fn revealed(text: &str, handles: &Handles) -> String {
    static HANDLE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\b[EPTCH][0-9]{1,3}\b").ok());
    let Some(pattern) = HANDLE.as_ref() else {
        return text.to_owned();
    };
    let value = |hit: &regex::Captures<'_>| {
        let handle = hit.get(0).map_or("", |hit| hit.as_str());
        handles.value(handle).unwrap_or(handle).to_owned()
    };
    pattern.replace_all(text, value).into_owned()
}
