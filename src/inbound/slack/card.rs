//! The card of a case: what happened, what is asked and why it was not done alone, and the buttons that answer. Once nothing is asked any more it has no
//! button. It is made anew from the case each time, so that what is shown is never older than what was read.

use serde_json::{Value, json};

use super::{
    blocks::{
        BLOCKS_MAX, HEADER_MAX, Look, button, buttons, context, divider, fields, header, section,
        words,
    },
    history,
    offer::{action, proposed, why},
    precedents::{self, Likeness},
    safe_text::{code, ours, plain, units},
};
use crate::{
    app::Story,
    domain::{
        alert::{Alert, Status},
        case::{Ask, Case, Lateness, Phase},
        decision::{Decision, Principal},
        draft::{Disposition, Draft, Drafter},
        event::Sight,
        precedent::Precedent,
        request,
        severity::Severity,
    },
    pipeline::{gate::targets::assets, plan::owner, rules::Rules},
};

/// The block of the buttons.
pub const ANSWERS: &str = "tierone-answers";
/// The block of the button that takes back what was done.
const TAKE_BACK: &str = "tierone-undo";
/// Units of a value, a name and a sentence on a card.
const VALUE_MAX: usize = 120;
const NAME_MAX: usize = 60;
const SENTENCE_MAX: usize = 300;
/// Units of a title or a rationale that has a section for itself.
const TEXT_MAX: usize = 900;
/// Units before the title in a header.
const PREFIX_MAX: usize = 30;
const ASSETS_MAX: usize = 4;

/// What a card is made of.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The case with its events.
    pub story: &'a Story,
    /// The precedents that it looked at or rests on.
    pub precedents: &'a [Precedent],
    /// What is ours, and what can be done.
    pub rules: &'a Rules,
    /// Whether this channel is asked.
    pub here: Here,
}

/// Whether a channel is the one that is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here {
    /// It is, if anyone is.
    Asked,
    /// Another one is by now.
    PassedOn,
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// What a notification says.
    pub text: String,
    /// What is shown.
    pub blocks: Vec<Value>,
}

/// The card.
pub fn card(scene: Scene<'_>) -> Message {
    let case = &scene.story.case;
    let alert = case.alert.content();
    let title = alert.map_or("an alert that was erased", |alert| alert.title.as_str());
    let mut blocks = vec![
        header(&format!(
            "{} {} · {}",
            mark(case.urgency),
            case.urgency,
            plain(title, HEADER_MAX)
        )),
        context(&[identity(case, alert)]),
    ];
    if units(title) > HEADER_MAX - PREFIX_MAX {
        blocks.push(words(&plain(title, TEXT_MAX)));
    }
    if let Some(matter) = alert.and_then(matter) {
        blocks.push(words(&plain(matter, TEXT_MAX)));
    }
    let open = open_ask(case).filter(|_| scene.here == Here::Asked);
    blocks.push(fields(&facts(scene, alert, open)));
    match (sight(case), &case.decided) {
        (Sight::Blind, Some(_)) => blocks.push(section(&[
            "*Asked blind*: look at the alert itself and say what it was, or what to do. What tierone would do is shown to nobody before that.".into(),
        ])),
        (Sight::Open, Some((_, decision))) => blocks.extend(seen(scene, decision, open)),
        (_, None) => {}
    }
    let told = history::lines(&scene.story.events);
    if !told.is_empty() {
        blocks.push(divider());
        blocks.push(context(&told));
    }
    match open {
        Some(ask) => blocks.push(buttons(ANSWERS, answers(case, ask))),
        None => blocks.push(section(&[standing(case, scene.here)])),
    }
    blocks.extend(take_back(scene));
    blocks.truncate(BLOCKS_MAX);
    Message {
        text: format!("{}: {}", case.urgency, code(title, SENTENCE_MAX)),
        blocks,
    }
}

/// The same with the case's name and nothing of what is in it, where Slack does not take the card.
pub fn bare(case: &Case) -> Message {
    let text = format!(
        "{} case {}: its card cannot be shown; look with `tierone cases show {}`",
        case.urgency, case.id, case.id
    );
    Message {
        blocks: vec![section(std::slice::from_ref(&text))],
        text,
    }
}

/// What whoever asked for something wrote, where that is more than its title.
fn matter(alert: &Alert) -> Option<&str> {
    request::matter(alert).filter(|text| text.trim() != alert.title)
}

/// The ask that can be answered now.
fn open_ask(case: &Case) -> Option<&Ask> {
    case.ask.as_ref().filter(|_| case.phase == Phase::Asked)
}

/// What may be seen. An ask that is over keeps its sight until the case is.
pub(super) fn sight(case: &Case) -> Sight {
    match (&case.ask, case.is_open()) {
        (Some(ask), true) => ask.sight,
        _ => Sight::Open,
    }
}

const fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "\u{1f6a8}",
        Severity::High => "\u{1f534}",
        Severity::Medium => "\u{1f7e0}",
        Severity::Low => "\u{1f7e1}",
        Severity::Informational => "\u{1f535}",
    }
}

fn identity(case: &Case, alert: Option<&Alert>) -> String {
    let mut parts = vec![format!("`{}`", case.id)];
    if let Some(alert) = alert {
        parts.push(code(alert.source.as_str(), NAME_MAX));
        let detection = alert.detection_id.as_deref().unwrap_or("no detection");
        parts.push(code(detection, VALUE_MAX));
    }
    if case.occurrences > 1 {
        parts.push(format!("seen {} times", case.occurrences));
    }
    if case.signal == Status::Resolved {
        parts.push("the signal is off, which closes nothing".into());
    }
    parts.join(" · ")
}

fn facts(scene: Scene<'_>, alert: Option<&Alert>, open: Option<&Ask>) -> Vec<String> {
    let case = &scene.story.case;
    let inventory = scene.rules.inventory.as_ref();
    let mut facts = Vec::new();
    if let Some(alert) = alert {
        facts.push(format!("*Asset*\n{}", touched(alert, scene.rules)));
        let owner = owner(alert, inventory)
            .map_or("not known".into(), |team| code(team.as_str(), NAME_MAX));
        facts.push(format!("*Owner*\n{owner}"));
    }
    if sight(case) == Sight::Open {
        facts.push(format!("*Taken for*\n{}", taken_for(case)));
    }
    if let Some(ask) = open {
        let group = ask.group.as_ref();
        let group = group.map_or("anyone".into(), |group| ours(group.as_str(), NAME_MAX));
        let until = ask.expires_at.strftime("%d %b %H:%M UTC");
        facts.push(match ask.lateness {
            Lateness::InTime => format!("*Asked*\n{group}, until {until}"),
            Lateness::Overdue => format!("*Asked*\n{group}, *overdue* since {until}"),
        });
    }
    if let Some(person) = &case.claimed_by {
        facts.push(format!("*Claimed by*\n{}", ours(person.as_str(), NAME_MAX)));
    }
    facts
}

/// The alert's targets and what the inventory knows of them; where it names no target, what it names first.
fn touched(alert: &Alert, rules: &Rules) -> String {
    let targets: Vec<_> = alert.targets().collect();
    let entities = match targets.as_slice() {
        [] => alert.fields().collect(),
        _ => targets,
    };
    let lines = entities.iter().take(ASSETS_MAX).map(|entity| {
        let known = assets(entity.kind, &entity.value, rules.inventory.as_ref());
        let own = known.iter().find(|asset| asset.tenant == alert.tenant);
        let value = code(&entity.value, VALUE_MAX);
        match own {
            Some(asset) => {
                let environment = asset.environment.as_deref().unwrap_or("ours");
                format!("{value} ({})", ours(environment, NAME_MAX))
            }
            None => format!("{value} ({}, not in the inventory)", entity.kind.word()),
        }
    });
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return "the alert names none".into();
    }
    lines.join("\n")
}

fn taken_for(case: &Case) -> String {
    let decided = case.decided.as_ref().map(|(_, decision)| decision);
    let offered = decided.and_then(|decision| decision.offered.as_ref());
    let drafted = draft(case).map(|draft| draft.disposition);
    let taken = case.closed.as_ref().map(|(_, disposition)| *disposition);
    let taken = taken.or(offered.map(|offered| offered.disposition));
    named(taken.or(drafted).unwrap_or(Disposition::Undetermined)).into()
}

/// A disposition, for people.
pub const fn named(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::TruePositive => "true positive",
        Disposition::BenignPositive => "benign positive",
        Disposition::FalsePositive => "false positive",
        Disposition::Undetermined => "undetermined",
    }
}

fn draft(case: &Case) -> Option<&Draft> {
    case.draft.as_ref().and_then(|(draft, _)| draft.content())
}

/// What of a decision people see who are not asked blind.
fn seen(scene: Scene<'_>, decision: &Decision, open: Option<&Ask>) -> Vec<Value> {
    let case = &scene.story.case;
    if open.is_none() {
        let tried = decision
            .proposal
            .as_ref()
            .filter(|_| case.attempt.is_some());
        let alone = decision.principal == Principal::Agent;
        let tried = tried.map(|tried| {
            let mut lines = vec![format!("*Action*: {}", action(tried))];
            if alone {
                lines.push("*Done alone*: nobody was asked, because every condition held.".into());
            }
            section(&lines)
        });
        return tried.into_iter().collect();
    }
    let mut blocks = vec![
        section(&proposed(scene, decision, open)),
        section(&why(case, decision)),
    ];
    let offered = decision.offered.as_ref();
    let found = Likeness {
        found: &case.found,
        rows: scene.precedents,
        offered,
    };
    blocks.extend(precedents::blocks(found));
    if let Some(draft) = draft(case)
        && let Drafter::Model(name) = &draft.drafter
    {
        let by = plain(name, NAME_MAX);
        blocks.push(words(&format!(
            "{by} writes: {}",
            plain(&draft.rationale, TEXT_MAX)
        )));
    }
    blocks
}

/// What a button carries: the case and the digest of what is asked, so that what is pressed is what was seen.
pub fn token(case: &Case, ask: &Ask) -> String {
    format!("{} {}", case.id, ask.digest)
}

fn answers(case: &Case, ask: &Ask) -> Vec<Value> {
    let value = token(case, ask);
    let button = |action: &str, label: &str, look| button(action, label, &value, look);
    let mut answers = Vec::new();
    if ask.offered.is_some() && ask.sight == Sight::Open {
        answers.push(button("approve", "Approve", Look::Primary));
        answers.push(button("reject", "Reject…", Look::Danger));
    }
    answers.push(button("resolve", "Resolve…", Look::Plain));
    answers.push(button("edit", "Edit…", Look::Plain));
    answers.push(button("escalate", "Escalate…", Look::Plain));
    answers.push(button("snooze", "Snooze…", Look::Plain));
    if case.claimed_by.is_none() {
        answers.push(button("claim", "Claim", Look::Plain));
    }
    answers
}

/// The button that takes back what was done, while it stands and the catalogue knows a way back.
fn take_back(scene: Scene<'_>) -> Option<Value> {
    let case = &scene.story.case;
    case.can_undo().filter(|_| scene.here == Here::Asked)?;
    let (_, decision) = case.decided.as_ref()?;
    let done = scene.story.carried_out()?.proposal.as_ref()?;
    let undo = scene.rules.catalogue.action(&done.action)?.undo.as_ref()?;
    let value = format!("{} {}", case.id, decision.digest);
    let label = format!("Undo ({})…", plain(undo, NAME_MAX));
    Some(buttons(
        TAKE_BACK,
        vec![button("undo", &label, &value, Look::Plain)],
    ))
}

/// Where a case stands of which nothing is asked here.
fn standing(case: &Case, here: Here) -> String {
    match (&case.phase, here) {
        (Phase::Asked, Here::PassedOn) => {
            let group = case.ask.as_ref().and_then(|ask| ask.group.as_ref());
            let group = group.map_or("another channel".into(), |group| {
                format!("*{}*", ours(group.as_str(), NAME_MAX))
            });
            format!("This was passed on to {group}.")
        }
        (Phase::Closed | Phase::Learned, _) => match &case.closed {
            Some((by, disposition)) => format!(
                "*Closed* as {} on the word of {}.",
                named(*disposition),
                ours(&by.to_string(), NAME_MAX)
            ),
            None => "*Closed*.".into(),
        },
        (Phase::Started, _) => "Under way…".into(),
        (Phase::Executed | Phase::Verified, _) => "Done; it is being looked at.".into(),
        (phase, _) => format!("The case is {}.", phase.word()),
    }
}

impl Message {
    /// The message as a body of `chat.postMessage` or `chat.update`: nothing in it unfurls, and no name in it becomes a link.
    pub fn body(&self, channel: &str) -> Value {
        json!({
            "channel": channel, "text": self.text, "blocks": self.blocks,
            "unfurl_links": false, "unfurl_media": false, "link_names": false, "parse": "none",
        })
    }
}
