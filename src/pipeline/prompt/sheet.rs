//! Sheet: what a model sees of one alert, as typed and capped fields with everything withheld that must not leave.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    elsewhere,
    fence::{clean, marked},
    handles::{Handles, Sight, shows},
    known::{known, prose, when},
    lines::{
        ActionLine, AlertLines, CaseLine, EntityLine, FacetLine, ParameterLine, SchemaPart,
        UserPart,
    },
    veil::Veil,
};
use crate::{
    domain::{
        alert::Alert, asset::Inventory, facet::SetBy, person::Proof, precedent::Precedent,
        residency::Region,
    },
    pipeline::{redact::Redaction, residency::may_see, rules::Rules},
};

/// The most precedents that are shown.
pub const PRECEDENTS_MAX: usize = 6;
/// The most characters of a rationale.
pub const RATIONALE_MAX: usize = 600;
/// The most characters of a reply to whoever asked.
pub const REPLY_MAX: usize = 600;
/// The most things that are missing.
pub const MISSING_MAX: usize = 5;

const TITLE_MAX_BYTES: usize = 240;
const WORD_MAX_BYTES: usize = 60;
const VALUE_MAX_BYTES: usize = 120;
const FACETS_MAX: usize = 16;
const ATTACK_MAX: usize = 8;
pub(super) const ROLES_MAX: usize = 4;

/// What a draft is to be written about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The alert.
    pub alert: &'a Alert,
    /// Precedents, nearest first; of the same tenant.
    pub precedents: &'a [Seen<'a>],
    /// The rules.
    pub rules: &'a Rules,
    /// The time.
    pub now: Timestamp,
}

/// A precedent as it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The precedent.
    pub row: &'a Precedent,
    /// Whether it counts for this alert.
    pub in_scope: bool,
}

/// How much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Precedents.
    pub precedents: usize,
    /// Bytes of a text or a summary.
    pub text_bytes: usize,
}

/// What a model sees, before it is cut to the room that there is.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The handles.
    pub handles: Handles,
    alert: AlertLines,
    texts: Vec<String>,
    cases: Vec<CaseLine>,
    actions: Vec<ActionLine>,
}

impl Sheet {
    /// What a model sees of `subject`.
    pub fn of(subject: &Subject<'_>, redaction: &Redaction) -> Self {
        let Subject { alert, rules, .. } = subject;
        let region = Region::of(alert, rules);
        let seen = subject.precedents.iter();
        let seen = seen.filter(|seen| may_see(&region, seen.row));
        let seen: Vec<Seen<'_>> = seen.take(PRECEDENTS_MAX).copied().collect();
        let handles = Handles::of(alert, seen.iter().map(|seen| &seen.row.id), rules);
        let names = handles.names(alert, redaction);
        let handles = handles.without_secrets(&names, redaction);
        let people = people(&seen);
        let cases = seen.iter().zip(&handles.precedents);
        let cases = cases.map(|(seen, (handle, _))| {
            let who = people.get(seen.row.confirmed_by.as_str());
            let who = who.map_or("?", String::as_str);
            let others = elsewhere::of_precedent(seen.row, rules.people.as_ref());
            let veil = Veil::new(redaction, names.clone().into_iter().chain(others));
            case_line(*seen, handle, who, &veil, subject.now)
        });
        let cases = cases.collect();
        let veil = Veil::new(redaction, names);
        Self {
            alert: alert_lines(alert, &handles, &veil, rules.inventory.as_ref()),
            texts: prose(&alert.raw, &alert.title)
                .into_iter()
                .map(|text| veil.cover(text))
                .collect(),
            cases,
            actions: action_lines(&handles),
            handles,
        }
    }

    /// Every text of it that somebody else wrote.
    pub fn untrusted(&self) -> impl Iterator<Item = &str> + Clone {
        let alert = &self.alert;
        let entities = alert
            .entities
            .iter()
            .flat_map(|line| [&line.roles, &line.value]);
        let facets = alert.facets.iter().map(|line| &line.text);
        let cases = self
            .cases
            .iter()
            .flat_map(|line| [&line.action, &line.summary]);
        [
            &alert.source,
            &alert.detection,
            &alert.severity,
            &alert.title,
            &alert.attack,
        ]
        .into_iter()
        .chain(entities)
        .chain(facets)
        .chain(cases)
        .chain(&self.texts)
        .map(String::as_str)
    }

    /// The user's part with a fence of this mark, in this room.
    pub fn user<'a>(&'a self, fence: &'a str, room: Room) -> UserPart<'a> {
        let texts = self
            .texts
            .iter()
            .map(|text| marked(&cut(text, room.text_bytes)));
        let cases = self.cases.iter().take(room.precedents).cloned();
        UserPart {
            fence,
            alert: AlertLines {
                texts: texts.filter(|text| !text.is_empty()).collect(),
                ..self.alert.clone()
            },
            precedents: cases
                .map(|line| CaseLine {
                    summary: marked(&cut(&line.summary, room.text_bytes)),
                    ..line
                })
                .collect(),
            actions: &self.actions,
        }
    }

    /// What a reply may name, in this room. Where there is nothing to name, an unused word keeps the schema one.
    pub fn schema(&self, room: Room) -> SchemaPart {
        let offers = &self.handles.offers;
        let actions = offers.iter().map(|offer| offer.action.to_string());
        let mut parameters: Vec<String> = Vec::new();
        let mut handles: Vec<String> = Vec::new();
        for (name, choices) in offers.iter().flat_map(|offer| &offer.parameters) {
            parameters.push(name.clone());
            handles.extend(choices.iter().map(|choice| choice.handle.clone()));
        }
        let shown = self.handles.precedents.iter().take(room.precedents);
        let some = |mut words: Vec<String>| {
            words.sort();
            words.dedup();
            if words.is_empty() {
                words.push("none".into());
            }
            words
        };
        SchemaPart {
            actions: actions.chain(["none".into()]).collect(),
            parameters: some(parameters),
            handles: some(handles),
            citations: some(shown.map(|(handle, _)| handle.clone()).collect()),
        }
    }
}

fn alert_lines(
    alert: &Alert,
    handles: &Handles,
    veil: &Veil<'_>,
    inventory: Option<&Inventory>,
) -> AlertLines {
    let field = |text: &str, max: usize| marked(&cut(&veil.cover(text), max));
    let entities = handles.entities.iter().map(|named| EntityLine {
        handle: named.handle.clone(),
        kind: named.kind.word(),
        roles: marked(&cut(
            &named
                .roles
                .iter()
                .take(ROLES_MAX)
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
            VALUE_MAX_BYTES,
        )),
        known: known(alert, named.kind, &named.value, inventory),
        value: match shows(named.kind) {
            Sight::Open => field(&named.value, VALUE_MAX_BYTES),
            Sight::Withheld => String::new(),
        },
    });
    let facets = alert.facets.iter().take(FACETS_MAX).map(|facet| FacetLine {
        text: field(
            // Together, because the key may be what says that the value is secret.
            &format!(
                "{}={}",
                facet.key,
                facet.value.as_deref().unwrap_or("(absent)")
            ),
            VALUE_MAX_BYTES,
        ),
        set_by: match facet.set_by {
            SetBy::Environment => "the environment",
            SetBy::Actor => "the actor",
        },
    });
    let attack: Vec<String> = alert.attack.iter().take(ATTACK_MAX).cloned().collect();
    AlertLines {
        source: field(alert.source.as_str(), WORD_MAX_BYTES),
        detection: field(
            alert.detection_id.as_deref().unwrap_or("unknown"),
            VALUE_MAX_BYTES,
        ),
        severity: format!(
            "{} (theirs: {})",
            alert.urgency(),
            field(
                alert.raw_severity.as_deref().unwrap_or("none"),
                WORD_MAX_BYTES
            )
        ),
        when: when(alert.occurred_at),
        title: field(&alert.title, TITLE_MAX_BYTES),
        attack: field(&attack.join(" "), VALUE_MAX_BYTES),
        entities: entities.collect(),
        facets: facets.collect(),
        texts: Vec::new(),
    }
}

/// A letter for each person, so that a model can tell whether it was the same one.
fn people<'a>(seen: &[Seen<'a>]) -> BTreeMap<&'a str, String> {
    let mut letters = BTreeMap::new();
    for seen in seen {
        let next = format!("person {}", letters.len() + 1);
        letters
            .entry(seen.row.confirmed_by.as_str())
            .or_insert(next);
    }
    letters
}

fn case_line(seen: Seen<'_>, handle: &str, who: &str, veil: &Veil<'_>, now: Timestamp) -> CaseLine {
    let row = seen.row;
    let roles = row
        .parameters
        .iter()
        .map(|(name, role)| format!("{name} = {role}"));
    let roles = roles.collect::<Vec<_>>().join(", ");
    let action = match &row.action {
        None => "nothing".into(),
        Some(action) if roles.is_empty() => action.to_string(),
        Some(action) => format!("{action} with {roles}"),
    };
    let days = now.duration_since(row.closed_at).as_hours() / 24;
    let proof = match row.proof {
        Proof::OsUser => "a login",
        Proof::ApiKey => "an API key",
        Proof::Oidc => "single sign-on",
        Proof::Slack => "chat",
    };
    let sight = if row.seen_draft {
        "after seeing a draft"
    } else {
        "without seeing a draft"
    };
    CaseLine {
        handle: handle.into(),
        scope: if seen.in_scope {
            "in scope"
        } else {
            "not in scope"
        },
        disposition: row.disposition.word(),
        action: marked(&cut(&veil.cover(&action), VALUE_MAX_BYTES)),
        confirmed: format!(
            "confirmed by {who} by {proof} {sight}, {} origin, {}",
            row.origin.word(),
            ago(days)
        ),
        summary: veil.cover(&row.summary),
    }
}

/// Coarse, so that a prompt is the same for more than a day.
fn ago(days: i64) -> &'static str {
    match days {
        ..7 => "this week",
        7..31 => "this month",
        31..92 => "in the last three months",
        _ => "longer ago",
    }
}

fn action_lines(handles: &Handles) -> Vec<ActionLine> {
    let offers = handles.offers.iter().map(|offer| ActionLine {
        id: offer.action.to_string(),
        summary: clean(&cut(&offer.summary, VALUE_MAX_BYTES)),
        parameters: offer
            .parameters
            .iter()
            .map(|(name, choices)| ParameterLine {
                name: name.clone(),
                handles: choices
                    .iter()
                    .map(|choice| match (choice.sight, choice.handle.as_str()) {
                        (Sight::Open, handle) => format!("{handle} ({})", choice.value),
                        (Sight::Withheld, "T1") => "T1 (the owner)".into(),
                        (Sight::Withheld, handle) => handle.into(),
                    })
                    .collect::<Vec<_>>()
                    .join(", "),
            })
            .collect(),
    });
    offers.collect()
}

/// `text`, where it is longer with its middle cut out and a mark there.
fn cut(text: &str, max: usize) -> String {
    const GAP: &str = " [cut] ";
    if text.len() <= max {
        return text.into();
    }
    let room = max.saturating_sub(GAP.len());
    let head = text.floor_char_boundary(room - room / 3);
    let tail = text.ceil_char_boundary(text.len() - room / 3);
    let part = |text: Option<&str>| text.unwrap_or_default().to_owned();
    part(text.get(..head)) + GAP + &part(text.get(tail..))
}

/// The precedents in the order in which they are shown: nearest first, but the nearest that contradicts the first of all comes second, so that
/// it is among the last to go where room is short.
pub fn ordered<'a>(mut seen: Vec<Seen<'a>>) -> Vec<Seen<'a>> {
    let Some(first) = seen.first().copied() else {
        return seen;
    };
    let contradicts = |other: &Seen<'a>| {
        other.row.disposition.side() != first.row.disposition.side()
            || other.row.action != first.row.action
    };
    if let Some(place) = seen.iter().position(contradicts) {
        let contradicting = seen.remove(place);
        seen.insert(1, contradicting);
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_loses_its_middle_and_says_so() {
        let text = format!("{}é{}", "a".repeat(100), "b".repeat(100));
        for max in 0..210 {
            let cut = cut(&text, max);
            assert!(cut.len() <= max.max(7) || max >= text.len(), "{max}: {cut}");
            assert_eq!(cut.contains("[cut]"), max < text.len());
        }
    }
}
