//! Question: a question about one case is answered from its own record, with citations. Pure; nothing here changes a case.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    prompt::{
        Prompt, PromptError, Prompts,
        budget::{Limits, NoPrompt},
        elsewhere,
        fence::{Fence, JOINT, marked},
        handles::Handles,
        tokens::Tokens,
        veil::Veil,
    },
    redact::Redaction,
    reply::{Unusable, read, revealed, unverified::Spoken, within},
    residency::may_see,
    rules::Rules,
};
use crate::domain::{
    alert::Alert,
    decision::Principal,
    event::{Body, Event},
    id::PersonId,
    precedent::Precedent,
    residency::Region,
};

/// The most characters of an answer.
pub const ANSWER_MAX: usize = 800;
/// The most characters of a question.
pub const QUESTION_MAX: usize = 500;
/// The most lines of a record that are put to a model; the latest are.
const LINES_MAX: usize = 60;
const LINE_MAX_CHARS: usize = 400;
/// The most lines that an answer without a model has.
const TOLD_MAX: usize = 6;
/// Shorter words tell no line from another.
const WORD_MIN_CHARS: usize = 4;

/// A line of a case's record.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is cited by: `#4` an event, `P2` a precedent.
    pub handle: String,
    /// What it says.
    pub text: String,
    /// How much it has to do with why the case stands where it does.
    pub weight: Weight,
    /// The precedent, where it is one: what another case was about is not what this one's models may see.
    pub precedent: Option<Precedent>,
}

/// How much a line has to do with why a case stands where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It is part of the story.
    Story,
    /// It is what held the action back, or let it go.
    Reason,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What it says.
    pub answer: String,
    /// The lines that it rests on.
    pub citations: Vec<String>,
    /// Who says it: `record`, or `model:NAME`.
    pub by: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    answer: String,
    citations: Vec<String>,
}

#[derive(Serialize)]
struct Shown {
    handle: String,
    text: String,
}

/// The answer that the record gives by itself: the lines that say why, and those that have the question's words.
pub fn from_record(record: &[Line], question: &str) -> Answer {
    let asked = words(question);
    let mut ranked: Vec<(usize, usize, &Line)> = record
        .iter()
        .enumerate()
        .map(|(place, line)| (words(&line.text).intersection(&asked).count(), place, line))
        .filter(|(shared, _, line)| *shared > 0 || line.weight == Weight::Reason)
        .collect();
    ranked.sort_by_key(|(shared, place, line)| (std::cmp::Reverse((*shared, line.weight)), *place));
    ranked.truncate(TOLD_MAX);
    ranked.sort_by_key(|(_, place, _)| *place);
    let told = ranked
        .iter()
        .map(|(_, _, line)| format!("{} {}", line.handle, line.text));
    let answer = told.collect::<Vec<_>>().join("\n");
    let mut citations: Vec<String> = Vec::new();
    for (_, _, line) in &ranked {
        if !citations.contains(&line.handle) {
            citations.push(line.handle.clone());
        }
    }
    Answer {
        answer: if answer.is_empty() {
            "The record does not say it.".into()
        } else {
            answer
        },
        citations,
        by: "record".into(),
    }
}

/// The lines of `record` that models of the region of `alert` may see.
pub fn visible(record: &[Line], alert: &Alert, rules: &Rules) -> Vec<Line> {
    let region = Region::of(alert, rules);
    let seen = |line: &&Line| {
        let precedent = line.precedent.as_ref();
        precedent.is_none_or(|row| may_see(&region, row))
    };
    record.iter().filter(seen).cloned().collect()
}

/// Everybody on whose word something happened.
pub fn people(events: &[Event]) -> BTreeSet<PersonId> {
    let on_whose_word = |event: &Event| match &event.body {
        Body::Answered { by, .. }
        | Body::Undone { by, .. }
        | Body::Claimed { by }
        | Body::Escalated { by, .. }
        | Body::Snoozed { by, .. }
        | Body::Reopened { by, .. } => Some(by.clone()),
        Body::Closed { by, .. } => person(by),
        Body::Decided { decision } => person(&decision.principal),
        Body::Received { .. }
        | Body::Repeated { .. }
        | Body::Resolved { .. }
        | Body::Retrieved { .. }
        | Body::Planned { .. }
        | Body::Called { .. }
        | Body::Drafted { .. }
        | Body::Asked { .. }
        | Body::Expired { .. }
        | Body::Started { .. }
        | Body::Executed { .. }
        | Body::Failed { .. }
        | Body::InDoubt { .. }
        | Body::Verified { .. }
        | Body::Learned { .. } => None,
    };
    events.iter().filter_map(on_whose_word).collect()
}

fn person(principal: &Principal) -> Option<PersonId> {
    match principal {
        Principal::Person(person) => Some(person.clone()),
        Principal::Agent => None,
    }
}

/// The prompt that puts `question` to a model. The oldest lines are left out where room is short.
pub fn prompt(
    (record, question): (&[Line], &str),
    (handles, alert): (&Handles, &Alert),
    (prompts, redaction): (&Prompts, &Redaction),
    (tokens, limits): (Tokens, Limits),
    chance: [u8; 32],
) -> Result<Prompt, NoPrompt> {
    let names = handles.names(alert, redaction);
    let veil = Veil::new(redaction, names.clone());
    let covered = |line: &Line| match &line.precedent {
        None => veil.cover(&line.text),
        Some(row) => {
            let others = elsewhere::of_precedent(row, None);
            Veil::new(redaction, names.clone().into_iter().chain(others)).cover(&line.text)
        }
    };
    let short = |text: &str| text.chars().take(LINE_MAX_CHARS).collect::<String>();
    let mut shown: Vec<Shown> = record
        .iter()
        .skip(record.len().saturating_sub(LINES_MAX))
        .map(|line| Shown {
            handle: line.handle.clone(),
            text: marked(&short(&covered(line))),
        })
        .collect();
    let question = marked(&veil.cover(question));
    let texts = shown
        .iter()
        .map(|line| line.text.as_str())
        .chain(std::iter::once(question.as_str()));
    let fence = Fence::around(&texts, chance).ok_or(NoPrompt::NoFence)?;
    let system = BTreeMap::from([
        ("joint", JOINT.to_string()),
        ("answer_max", ANSWER_MAX.to_string()),
    ]);
    let system = prompts.text("question-system.txt", system)?;
    loop {
        let citations: BTreeSet<&str> = shown.iter().map(|line| line.handle.as_str()).collect();
        let schema =
            prompts.schema("answer.json", serde_json::json!({ "citations": citations }))?;
        let user =
            serde_json::json!({"fence": fence.mark(), "record": shown, "question": question});
        let user = prompts.text("question.txt", user)?;
        let schema_text = schema.to_string();
        let has = tokens.of_request([system.as_str(), &user, &schema_text].into_iter());
        if has <= limits.prompt() {
            let digest = Prompt::digest_of(&system, &user, &schema, fence.mark());
            return Ok(Prompt {
                digest: digest.map_err(PromptError::from)?,
                system,
                user,
                schema,
                precedents: 0,
                tokens: has,
            });
        }
        if shown.len() <= 1 {
            let limit = limits.prompt();
            return Err(NoPrompt::TooLong { has, limit });
        }
        shown.remove(0);
    }
}

/// Reads an answer and grounds it: what it cites is in the record, and what it names beside the alert and the record is marked.
pub fn ground(
    text: &str,
    record: &[Line],
    handles: &Handles,
    alert: &Alert,
) -> Result<Answer, Unusable> {
    let form: Form = read(text)?;
    within("answer", &form.answer, ANSWER_MAX)?;
    if form.answer.trim().is_empty() {
        return Err(Unusable::plain("its answer is empty"));
    }
    if form.citations.is_empty() {
        return Err(Unusable::plain("it cites nothing"));
    }
    let known = |handle: &String| record.iter().any(|line| line.handle == *handle);
    if let Some(unknown) = form.citations.iter().find(|handle| !known(handle)) {
        let told = format!("citation `{unknown}` is not in the record");
        return Err(Unusable::new("it cites what was not shown", &told));
    }
    let said = form.answer.replace(JOINT, " ");
    let record = record.iter().map(|line| line.text.as_str());
    let marked = Spoken::about(alert, handles).and(record).mark(&said);
    Ok(Answer {
        answer: revealed(&marked.text, handles),
        citations: form.citations,
        by: String::new(),
    })
}

fn words(text: &str) -> BTreeSet<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|character: char| !character.is_alphanumeric());
    words
        .filter(|word| word.chars().count() >= WORD_MIN_CHARS)
        .map(ToOwned::to_owned)
        .collect()
}
