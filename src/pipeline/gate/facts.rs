//! From the case and the store's facts to the context of one evaluation. Pure; every unreadable fact stays unreadable.

use std::collections::BTreeSet;

use jiff::{Timestamp, tz::TimeZone};

use super::{
    attested::Attested,
    completeness::{missing_fields, origin, readable, replay},
    context::{
        Agreed, Autonomy, Breaker, Calibrated, Context, Count, Drawn, Level, Listed, Permission,
        Planned, Reversal, SecondKey, Switch, Undo,
    },
    petition::petition,
    spending::Spent,
    targets::{Target, targets},
    typing::problems,
};
use crate::{
    domain::{
        action::{Action, Class},
        alert::Alert,
        decision::Principal,
        draft::{Draft, Drafter, KeyRule, Standing},
        evidence::{Agreement, Assessment, Spread},
        facts::{EVIDENCE_MAX_ROWS, Facts, Kill, Known},
        proposal::{Plan, Proposal, Proposer},
        residency::Region,
        severity::Severity,
    },
    pipeline::rules::Rules,
};

/// Distinct days and clusters that evidence must be spread over.
pub const DAYS: u64 = 3;
/// Distinct clusters.
pub const CLUSTERS: u64 = 3;
/// Distinct days, where the environment fixes the cluster.
pub const DAYS_OF_ONE_CLUSTER: u64 = 10;

/// What one evaluation is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The alert that is decided on.
    pub alert: &'a Alert,
    /// The gravest severity of the case.
    pub urgency: Severity,
    /// The agent's plan.
    pub plan: &'a Plan,
    /// The draft, and whether it is a key.
    pub draft: Option<(&'a Draft, &'a Standing)>,
    /// What is decided on.
    pub proposal: Option<&'a Proposal>,
    /// On whose word.
    pub principal: &'a Principal,
    /// The evidence, assessed.
    pub assessment: &'a Assessment,
    /// The facts.
    pub facts: &'a Facts,
    /// The rules.
    pub rules: &'a Rules,
    /// The time.
    pub now: Timestamp,
}

/// The context of an evaluation, and the targets that it found.
pub fn context(subject: Subject<'_>) -> (Context, Vec<Target<'_>>) {
    let act = Act::of(subject);
    let targets = act.targets(subject);
    let Subject { alert, facts, .. } = subject;
    let all = |problem: &dyn Fn(&Target<'_>) -> Option<String>| {
        act.action
            .map(|_| targets.iter().filter_map(problem).collect::<Vec<_>>())
    };
    let context = Context {
        kill_global: switch(facts, &Kill::Global),
        kill_tenant: switch(facts, &Kill::Tenant(alert.tenant.clone())),
        kill_action: act
            .proposal
            .map(|p| switch(facts, &Kill::Action(p.action.clone()))),
        attestation: Attested::of(&facts.gate, &subject.rules.release, subject.now),
        stage: Drawn {
            stage: facts.gate.stage.clone(),
            draw: facts.draw,
        },
        exists: act.listed(),
        autonomous: act.action.map(autonomy),
        reversible: act.action.map(|action| reversal(action, subject)),
        parameters: act
            .action
            .zip(act.proposal)
            .map(|(action, p)| problems(p, action, alert)),
        plan: planned(subject),
        draft: act.proposal.map(|proposal| second_key(subject, proposal)),
        target_tenant: all(&|target| target.outside_tenant(&alert.tenant)),
        target_never: all(&|target| target.never(act.action?, subject.rules)),
        target_protected: act.action.map(|_| protected(&targets, subject.rules)),
        target_critical: all(&|target| target.critical()),
        target_known: act
            .action
            .map(|action| unknown(action, &targets, subject.rules)),
        injection_signs: subject.rules.signs.found(&alert.raw),
        precedents_complete: complete(facts),
        precedents_days: days(subject.assessment),
        precedents_clusters: clusters(subject.assessment),
        precedents_agree: agreed(subject.assessment),
        precedents_oldest: subject
            .assessment
            .oldest
            .map(|at| subject.now.duration_since(at)),
        precedents_fresh: subject
            .assessment
            .newest
            .map(|at| subject.now.duration_since(at)),
        precedents_quarantine: quarantine(facts),
        risk_level: act.class.as_ref().map(|class| level(subject, class)),
        risk_calibration: calibrated(subject),
        budget_action: act.budget(subject, Spent::Action, &targets),
        budget_target: act.budget(subject, Spent::Target, &targets),
        budget_tenant: act.budget(subject, Spent::Tenant, &targets),
        budget_settle: act.settle(subject, &targets),
        breaker: act.class.as_ref().map(|class| breaker(facts, class)),
        readable: readable(alert),
        fields: missing_fields(alert),
        age: alert.occurred_at.map(|at| subject.now.duration_since(at)),
        replay: replay(subject),
        origin: origin(subject, &targets),
        endpoints: Region::of(alert, subject.rules).breaches(&facts.endpoints),
        site_policy: act
            .class
            .as_ref()
            .map(|class| permission(subject, class, &targets)),
    };
    (context, targets)
}

/// The proposal with its catalogue entry.
pub struct Act<'a> {
    pub(super) proposal: Option<&'a Proposal>,
    pub(super) action: Option<&'a Action>,
    pub(super) class: Option<Class>,
}

impl<'a> Act<'a> {
    fn of(subject: Subject<'a>) -> Self {
        let proposal = subject.proposal;
        let action = proposal.and_then(|p| subject.rules.catalogue.action(&p.action));
        Self {
            proposal,
            action,
            class: action.map(|action| action.class(subject.alert, subject.urgency)),
        }
    }

    fn targets(&self, subject: Subject<'a>) -> Vec<Target<'a>> {
        match (self.proposal, self.action) {
            (Some(proposal), Some(action)) => targets(
                proposal,
                action,
                subject.alert,
                subject.rules.inventory.as_ref(),
            ),
            _ => Vec::new(),
        }
    }

    fn listed(&self) -> Option<Listed> {
        self.proposal.map(|proposal| match self.action {
            Some(_) => Listed::Yes,
            None => Listed::No(proposal.action.to_string()),
        })
    }
}

fn switch(facts: &Facts, kill: &Kill) -> Known<Switch> {
    match &facts.gate.kills {
        Known::Unreadable(cause) => Known::Unreadable(cause.clone()),
        Known::Read(kills) if kills.contains(kill) => Known::Read(Switch::On),
        Known::Read(_) => Known::Read(Switch::Off),
    }
}

fn autonomy(action: &Action) -> Autonomy {
    if action.autonomous {
        Autonomy::Granted
    } else {
        Autonomy::Never
    }
}

fn reversal(action: &Action, subject: Subject<'_>) -> Reversal {
    Reversal {
        undo: if action.reversible && action.undo.is_some() {
            Undo::Possible
        } else {
            Undo::Impossible
        },
        radius: action.radius_on(subject.alert, subject.urgency),
    }
}

fn planned(subject: Subject<'_>) -> Planned {
    match (
        subject.proposal.map(|proposal| &proposal.proposer),
        subject.plan,
    ) {
        (Some(Proposer::Person(id)), _) => Planned::ByPerson(id.clone()),
        (_, Plan::Complete { .. }) => Planned::Complete,
        (_, Plan::Incomplete { missing, .. }) => Planned::Incomplete(
            missing
                .iter()
                .map(|(name, why)| format!("{name}: {why}"))
                .collect::<Vec<_>>()
                .join("; "),
        ),
        (_, Plan::None { why }) => Planned::None(why.clone()),
    }
}

fn second_key(subject: Subject<'_>, proposal: &Proposal) -> SecondKey {
    if subject.rules.key == KeyRule::WhenAsking {
        return SecondKey::NotAsked;
    }
    let Some((draft, standing)) = subject.draft else {
        return SecondKey::NoKey("there is no draft".into());
    };
    if let Standing::Shown { because } = standing {
        return SecondKey::NoKey(because.clone());
    }
    if subject.rules.key == KeyRule::Always && !matches!(draft.drafter, Drafter::Model(_)) {
        return SecondKey::NoKey("no model wrote the draft, and one is configured".into());
    }
    let (drafted, planned) = (draft.substance(), proposal.substance());
    if drafted == planned {
        return SecondKey::Agrees;
    }
    SecondKey::Differs(
        if drafted.action != planned.action {
            "another action"
        } else if drafted.parameters != planned.parameters {
            "other parameters"
        } else {
            "another disposition"
        }
        .into(),
    )
}

/// Whose a target is, only the people file tells: without one nothing is known to be nobody's account, whatever the action touches.
fn protected(targets: &[Target<'_>], rules: &Rules) -> Vec<String> {
    match &rules.people {
        None => vec!["no people file".into()],
        Some(people) => targets
            .iter()
            .filter_map(|target| target.protected(people))
            .collect(),
    }
}

fn unknown(action: &Action, targets: &[Target<'_>], rules: &Rules) -> Vec<String> {
    let absent = [
        rules.inventory.is_none().then_some("no inventory file"),
        rules.never.is_none().then_some("no never list file"),
    ];
    let absent: Vec<String> = absent.into_iter().flatten().map(Into::into).collect();
    if !absent.is_empty() {
        return absent;
    }
    if action.targets_alert() && targets.is_empty() {
        return vec!["the alert names no target".into()];
    }
    targets.iter().filter_map(Target::unknown).collect()
}

fn complete(facts: &Facts) -> Count {
    Count {
        is: facts.evidence.total,
        bound: EVIDENCE_MAX_ROWS as u64,
    }
}

fn days(assessment: &Assessment) -> Count {
    Count {
        is: u64::from(
            assessment
                .leading
                .as_ref()
                .map_or(0, |leading| leading.days),
        ),
        bound: match assessment.spread {
            Spread::Free => DAYS,
            Spread::Fixed => DAYS_OF_ONE_CLUSTER,
        },
    }
}

fn clusters(assessment: &Assessment) -> Count {
    Count {
        is: u64::from(
            assessment
                .leading
                .as_ref()
                .map_or(0, |leading| leading.clusters),
        ),
        bound: match assessment.spread {
            Spread::Free => CLUSTERS,
            Spread::Fixed => 1,
        },
    }
}

fn agreed(assessment: &Assessment) -> Agreed {
    match assessment.agree {
        Agreement::All => Agreed::All(assessment.in_scope),
        Agreement::NoRows => Agreed::NoRows,
        Agreement::Contradicted(rows) => Agreed::Contradicted {
            rows,
            of: assessment.in_scope,
        },
    }
}

fn quarantine(facts: &Facts) -> Known<usize> {
    match &facts.evidence.quarantine {
        Known::Read(ids) => Known::Read(ids.len()),
        Known::Unreadable(cause) => Known::Unreadable(cause.clone()),
    }
}

fn level(subject: Subject<'_>, class: &Class) -> Level {
    let leading = subject.assessment.leading.as_ref();
    Level {
        level: leading.map_or(0, |leading| leading.level),
        rung: subject
            .rules
            .calibration
            .as_ref()
            .and_then(|calibration| calibration.rung(class)),
    }
}

fn calibrated(subject: Subject<'_>) -> Calibrated {
    let Some(calibration) = &subject.rules.calibration else {
        return Calibrated::Absent;
    };
    if calibration.origin != subject.facts.store.counts() {
        return Calibrated::Stale(format!("it is of origin {}", calibration.origin.word()));
    }
    if let Some(tenant) = &calibration.tenant
        && *tenant != subject.alert.tenant
    {
        return Calibrated::Stale("it is another tenant's".into());
    }
    let then: BTreeSet<_> = calibration.quarantine.iter().collect();
    match &subject.facts.evidence.quarantine {
        Known::Read(now) if now.iter().collect::<BTreeSet<_>>() == then => {
            Calibrated::Current(calibration.at)
        }
        Known::Read(_) => Calibrated::Stale("precedents were quarantined since".into()),
        Known::Unreadable(_) => Calibrated::Current(calibration.at),
    }
}

fn breaker(facts: &Facts, class: &Class) -> Known<Breaker> {
    match &facts.gate.demoted {
        Known::Unreadable(cause) => Known::Unreadable(cause.clone()),
        Known::Read(demoted) if demoted.contains(class) => Known::Read(Breaker::Demoted),
        Known::Read(_) => Known::Read(Breaker::Closed),
    }
}

fn permission(subject: Subject<'_>, class: &Class, targets: &[Target<'_>]) -> Permission {
    match &subject.rules.policy {
        None => Permission::Absent,
        Some(policy) => {
            let utc = subject.now.to_zoned(TimeZone::UTC);
            policy.permission(&petition(subject, class, targets, &utc))
        }
    }
}
