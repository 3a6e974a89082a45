//! Forms: how an answer that needs words is asked for, and what was filled in becomes a wish. Nothing is typed that is executed: what may be done instead is
//! a list that is made from the alert, and a person picks from it.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    blocks::{LABEL_MAX, context, plain_text, with},
    card::named,
    choices::choices,
    incoming::{Submission, Values},
    safe_text::{plain, units},
};
use crate::{
    app::answer::{Ending, Wish},
    domain::{
        alert::Alert,
        canonical::Digest,
        case::Case,
        draft::{Disposition, Side},
        event::Sight,
        facet::Facet,
        id::GroupId,
        precedent::Scope,
    },
    pipeline::{mask::Mask, rules::Rules},
};

/// The blocks of forms.
const DISPOSITION: &str = "disposition";
const REASON: &str = "reason";
const MATTERED: &str = "mattered";
const CHOICE: &str = "choice";
const GROUP: &str = "group";
const UNTIL: &str = "until";
/// Slack's bounds: of options in a list, of boxes, of an option's value, of a form's title.
pub(super) const OPTIONS_MAX: usize = 100;
const BOXES_MAX: usize = 10;
const OPTION_MAX: usize = 75;
pub(super) const TITLE_MAX: usize = 24;
const HINT_MAX: usize = 150;
const REASON_MAX: usize = 1_000;
const DISPOSITIONS: [Disposition; 4] = [
    Disposition::TruePositive,
    Disposition::BenignPositive,
    Disposition::FalsePositive,
    Disposition::Undetermined,
];
const HOURS: [(&str, i64); 4] = [("1", 1), ("4", 4), ("24", 24), ("72", 72)];

/// What was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filled {
    /// Do not do it.
    Reject(Ending),
    /// It is over without it.
    Resolve(Ending),
    /// Do this instead: the id of a choice.
    Edit(String, Option<Disposition>),
    /// Another group.
    Escalate(GroupId, String),
    /// Later, in hours.
    Snooze(i64, String),
    /// Take back what was done.
    Undo(String),
}

/// What a scope is held against: other cases of the same detection, and whether what they were may be seen.
#[derive(Clone, Copy, Debug)]
pub struct Alike<'a> {
    /// The last of them.
    pub cases: &'a [Case],
    /// Neither draft nor verdict where it is blind.
    pub sight: Sight,
}

/// What is missing, by block.
pub type Missing = Vec<(&'static str, String)>;

/// The form of a button. What it says of `case` is masked; what is chosen in it names what is beneath.
pub fn view(
    form: &str,
    token: &str,
    case: &Case,
    rules: &Rules,
    alike: Alike<'_>,
    mask: &Mask<'_>,
) -> anyhow::Result<Value> {
    let (title, submit, blocks) = match form {
        "reject" => ("Reject", "Reject", ending(case, alike, mask)),
        "resolve" => ("Resolve", "Resolve", ending(case, alike, mask)),
        "undo" => ("Undo", "Undo", vec![reason()]),
        "edit" => ("Do something else", "Ask for it", edit(case, rules, mask)?),
        "escalate" => ("Escalate", "Hand over", vec![groups(rules), reason()]),
        "snooze" => ("Snooze", "Put off", vec![hours(), reason()]),
        other => bail!("`{other}` is no button of a card; look at the case again"),
    };
    Ok(json!({
        "type": "modal", "callback_id": form, "private_metadata": token,
        "title": plain_text(title, TITLE_MAX), "submit": plain_text(submit, TITLE_MAX),
        "close": plain_text("Cancel", TITLE_MAX), "blocks": blocks,
    }))
}

fn ending(case: &Case, alike: Alike<'_>, mask: &Mask<'_>) -> Vec<Value> {
    let mut blocks = vec![taken_for(), reason()];
    if let Some(alert) = case.alert.content() {
        blocks.extend(mattered(alert, alike, mask));
    }
    blocks
}

fn taken_for() -> Value {
    let dispositions = DISPOSITIONS.map(|one| option(named(one), one.word(), None));
    input(DISPOSITION, "What was it?", &select(&dispositions))
}

/// The facets, each with what would count too if it were left out.
fn mattered(alert: &Alert, alike: Alike<'_>, mask: &Mask<'_>) -> Option<Value> {
    let facets = alert.facets.iter();
    let named: Vec<(&Facet, &str)> = facets
        .filter(|facet| units(&facet.key) <= OPTION_MAX)
        .filter_map(|facet| {
            let value = facet.value.as_deref().filter(|value| !value.is_empty())?;
            Some((facet, value))
        })
        .collect();
    let boxes: Vec<Value> = named
        .iter()
        .take(BOXES_MAX)
        .map(|(facet, value)| {
            let others = named.iter().map(|(other, _)| other.key.clone());
            let others: Vec<String> = others.filter(|key| *key != facet.key).collect();
            let label = mask.text(&format!("{} = {value}", facet.key));
            let note = if others.is_empty() {
                "the only one there is: it matters".to_owned()
            } else {
                let without = Scope::loosened(alert, &others);
                format!("if it did not matter: {}", alike.counted(&without))
            };
            option(&label, &facet.key, Some(&note))
        })
        .collect();
    if boxes.is_empty() {
        return None;
    }
    let boxes = json!({ "type": "checkboxes", "action_id": MATTERED, "options": boxes });
    let strict = alike.counted(&Scope::strict(alert));
    let hint =
        format!("None checked: all of them ({strict}), and it counts for the same again only.");
    let mattered = with(input(MATTERED, "What mattered?", &boxes), "optional", true);
    Some(with(mattered, "hint", plain_text(&hint, HINT_MAX)))
}

impl Alike<'_> {
    /// How many of the cases a scope would have covered.
    fn counted(&self, scope: &Scope) -> String {
        let all = self.cases.len();
        if all == 0 {
            return "no other case yet".into();
        }
        let covered = |case: &&Case| case.alert.content().is_some_and(|own| scope.covers(own));
        let covered: Vec<&Case> = self.cases.iter().filter(covered).collect();
        let grave = covered.iter().filter(|case| {
            let closed = case.closed.as_ref();
            closed.is_some_and(|(_, taken)| taken.side() == Some(Side::True))
        });
        let (number, grave) = (covered.len(), grave.count());
        match (self.sight, grave) {
            (Sight::Open, 1..) => format!("{number} of the last {all}, {grave} true positive"),
            (Sight::Open, 0) | (Sight::Blind, _) => format!("{number} of the last {all} cases"),
        }
    }
}

fn edit(case: &Case, rules: &Rules, mask: &Mask<'_>) -> anyhow::Result<Vec<Value>> {
    let choices = choices(case, rules);
    if choices.is_empty() {
        bail!(
            "nothing in the catalogue can be filled from this alert; resolve the case, or escalate it"
        );
    }
    let options = choices.iter().take(OPTIONS_MAX).map(|choice| {
        option(
            &mask.text(&choice.label),
            &choice.id,
            choice.note.as_deref(),
        )
    });
    let blind = case.is_blind();
    let label = if blind {
        "What should be done?"
    } else {
        "What should be done instead?"
    };
    let choice = input(CHOICE, label, &select(&options.collect::<Vec<_>>()));
    let note =
        context(&["It is put to the gate and asked anew: somebody then approves it.".into()]);
    // What was asked says what it is taken for, unless it was asked blind.
    let taken_for = blind.then(taken_for);
    Ok(std::iter::once(choice)
        .chain(taken_for)
        .chain([note])
        .collect())
}

fn groups(rules: &Rules) -> Value {
    let people = rules.people.as_ref();
    let people = people.map_or(&[][..], |people| &people.people);
    let own = people.iter().flat_map(|person| &person.groups);
    let groups: BTreeSet<&GroupId> = own.chain(&rules.catalogue.asks.default_chain).collect();
    let options = groups
        .into_iter()
        .filter(|group| units(group.as_str()) <= OPTION_MAX)
        .take(OPTIONS_MAX)
        .map(|group| option(group.as_str(), group.as_str(), None));
    input(
        GROUP,
        "Who should have it?",
        &select(&options.collect::<Vec<_>>()),
    )
}

fn hours() -> Value {
    let options = HOURS.map(|(hours, _)| {
        let label = match hours {
            "1" => "for an hour".to_owned(),
            other => format!("for {other} hours"),
        };
        option(&label, hours, None)
    });
    input(UNTIL, "How long?", &select(&options))
}

fn reason() -> Value {
    input(
        REASON,
        "Why?",
        &json!({ "type": "plain_text_input", "action_id": REASON, "multiline": true, "max_length": REASON_MAX }),
    )
}

pub(super) fn input(block: &str, label: &str, element: &Value) -> Value {
    json!({ "type": "input", "block_id": block, "label": plain_text(label, LABEL_MAX), "element": element })
}

pub(super) fn select(options: &[Value]) -> Value {
    json!({ "type": "static_select", "action_id": "pick", "placeholder": plain_text("Pick one", LABEL_MAX), "options": options })
}

pub(super) fn option(label: &str, value: &str, note: Option<&str>) -> Value {
    let option =
        json!({ "text": plain_text(&plain(label, OPTION_MAX), OPTION_MAX), "value": value });
    match note {
        Some(note) => with(
            option,
            "description",
            plain_text(&plain(note, OPTION_MAX), OPTION_MAX),
        ),
        None => option,
    }
}

/// What was filled into a form, or what is missing. Needs nothing but the form, so that it is said before the form closes.
pub fn filled(form: &Submission) -> Result<Filled, Missing> {
    let mut missing = Vec::new();
    let filled = match form.form.as_str() {
        "reject" => said_ending(form, &mut missing).map(Filled::Reject),
        "resolve" => said_ending(form, &mut missing).map(Filled::Resolve),
        "edit" => picked(&form.values, CHOICE, &mut missing)
            .map(|id| Filled::Edit(id.into(), disposition(&form.values))),
        "escalate" => {
            let group = picked(&form.values, GROUP, &mut missing).map(GroupId::new);
            let reason = said_reason(form, &mut missing);
            group
                .zip(reason)
                .map(|(group, reason)| Filled::Escalate(group, reason))
        }
        "snooze" => {
            let hours = picked(&form.values, UNTIL, &mut missing);
            let hours = hours.and_then(|given| HOURS.iter().find(|(own, _)| *own == given));
            let reason = said_reason(form, &mut missing);
            hours
                .zip(reason)
                .map(|((_, hours), reason)| Filled::Snooze(*hours, reason))
        }
        "undo" => said_reason(form, &mut missing).map(Filled::Undo),
        _ => None,
    };
    match filled {
        Some(filled) if missing.is_empty() => Ok(filled),
        _ => Err(missing),
    }
}

fn said_ending(form: &Submission, missing: &mut Missing) -> Option<Ending> {
    let disposition =
        picked(&form.values, DISPOSITION, missing).and_then(|_| disposition(&form.values));
    let reason = said_reason(form, missing);
    Some(Ending {
        disposition: disposition?,
        reason: reason?,
        mattered: form.values.all(MATTERED).to_vec(),
    })
}

fn disposition(values: &Values) -> Option<Disposition> {
    let given = values.one(DISPOSITION)?;
    DISPOSITIONS.into_iter().find(|own| own.word() == given)
}

/// What was picked in a block; where nothing was, that is missing.
pub(super) fn picked<'a>(
    values: &'a Values,
    block: &'static str,
    missing: &mut Missing,
) -> Option<&'a str> {
    let picked = values.one(block);
    if picked.is_none() {
        missing.push((block, "pick one".into()));
    }
    picked
}

fn said_reason(form: &Submission, missing: &mut Missing) -> Option<String> {
    let said = form
        .values
        .one(REASON)
        .filter(|text| !text.trim().is_empty());
    if said.is_none() {
        missing.push((REASON, "say why in a few words".into()));
    }
    said.map(ToOwned::to_owned)
}

/// The wish that a form says.
pub fn wish(
    filled: &Filled,
    digest: Digest,
    case: &Case,
    rules: &Rules,
    now: Timestamp,
) -> anyhow::Result<Wish> {
    Ok(match filled {
        Filled::Reject(ending) => Wish::Reject(digest, ending.clone()),
        Filled::Resolve(ending) => Wish::Resolve(ending.clone()),
        Filled::Edit(id, disposition) => {
            let choice = choices(case, rules)
                .into_iter()
                .find(|choice| choice.id == *id);
            let choice = choice
                .context("the alert no longer names what was chosen; look at the case again")?;
            Wish::Propose {
                digest,
                action: Some(choice.action),
                set: choice.set,
                disposition: *disposition,
            }
        }
        Filled::Escalate(group, reason) => Wish::Escalate(group.clone(), reason.clone()),
        Filled::Undo(_) => bail!("an undo is no answer to an ask; report this fault"),
        Filled::Snooze(hours, reason) => {
            let until = now.checked_add(SignedDuration::from_hours(*hours))?;
            Wish::Snooze(until, reason.clone())
        }
    })
}
