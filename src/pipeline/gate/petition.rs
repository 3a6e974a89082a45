//! From the subject of an evaluation to what the site's policy sees of it.

use std::collections::BTreeSet;

use jiff::Zoned;

use super::{
    facts::Subject,
    site_policy::{CaseView, Circumstances, Petition},
    targets::Target,
};
use crate::domain::{
    action::Class,
    alert::Alert,
    attack::{Tactics, tactics},
    decision::Principal,
    draft::Disposition,
    entity::EntityKind,
    id::GroupId,
};

/// The petition for an action of this class at this time.
pub fn petition(
    subject: Subject<'_>,
    class: &Class,
    targets: &[Target<'_>],
    utc: &Zoned,
) -> Petition {
    let assets = || {
        targets
            .iter()
            .flat_map(|target| target.assets.iter().copied())
    };
    let leading = subject.assessment.leading.as_ref();
    Petition {
        principal: subject.principal.clone(),
        groups: groups(subject),
        action: class.action.clone(),
        case: CaseView {
            tenant: subject.alert.tenant.to_string(),
            source: subject.alert.source.to_string(),
            detection_id: subject.alert.detection_id.clone().unwrap_or_default(),
            severity: subject.urgency.word().into(),
            radius: i64::from(class.radius),
            disposition: disposition(subject).word().into(),
            physical: is_physical(subject.alert),
            tactics: tactics_of(subject.alert),
            techniques: techniques_of(subject.alert),
        },
        circumstances: Circumstances {
            hour_utc: i64::from(utc.hour()),
            weekday: i64::from(utc.weekday().to_monday_one_offset()),
            target_kinds: targets
                .iter()
                .map(|target| target.kind.word().into())
                .collect(),
            target_tags: assets()
                .flat_map(|asset| asset.tags.iter().cloned())
                .collect(),
            target_environments: assets()
                .filter_map(|asset| asset.environment.clone())
                .collect(),
            evidence_level: leading.map_or(0, |leading| i64::from(leading.level)),
        },
    }
}

fn groups(subject: Subject<'_>) -> Vec<GroupId> {
    match subject.principal {
        Principal::Agent => Vec::new(),
        Principal::Person(id) => {
            let person = subject
                .rules
                .people
                .as_ref()
                .and_then(|people| people.person(id));
            person
                .map(|person| person.groups.clone())
                .unwrap_or_default()
        }
    }
}

fn disposition(subject: Subject<'_>) -> Disposition {
    subject
        .proposal
        .map_or(Disposition::Undetermined, |proposal| proposal.disposition)
}

/// Whether the alert is about doors or badges.
fn is_physical(alert: &Alert) -> bool {
    alert
        .fields()
        .any(|entity| matches!(entity.kind, EntityKind::Door | EntityKind::Badge))
}

fn tactics_of(alert: &Alert) -> BTreeSet<String> {
    let of = |id: &String| match tactics(id) {
        Tactics::Is(tactic) => vec![tactic.to_owned()],
        Tactics::Of(tactics) => tactics.iter().map(|&tactic| tactic.to_owned()).collect(),
        Tactics::Unknown => Vec::new(),
    };
    alert.attack.iter().flat_map(of).collect()
}

fn techniques_of(alert: &Alert) -> BTreeSet<String> {
    let technique = |id: &&String| !matches!(tactics(id), Tactics::Is(_));
    alert.attack.iter().filter(technique).cloned().collect()
}
