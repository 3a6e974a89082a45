//! The gate: conditions in code that nothing can switch off, then the site's policy, which can only narrow them.
//!
//! `evaluate` is pure and authorises nothing. Only `decide`, over the whole list of conditions, makes a `Decision`.

pub mod attested;
pub mod check;
pub mod completeness;
pub mod conditions;
pub mod consequence;
pub mod context;
pub mod facts;
pub mod injection;
pub mod petition;
pub mod site_policy;
pub mod spending;
pub mod targets;
pub mod typing;
pub mod undo;

use jiff::{SignedDuration, Timestamp};

use self::{
    conditions::{CONDITIONS, Condition},
    context::Context,
    facts::Subject,
    targets::Target,
};
use super::{plan, rules::Rules};
use crate::domain::{
    action::Action,
    alert::Alert,
    canonical::NotCanonical,
    case::{Case, Illegal},
    decision::{ActionDigest, Code, Decision, Effect, Principal, Rank, Verdict},
    evidence::{Assessment, assess},
    facts::Facts,
    id::{GroupId, PersonId},
    proposal::{Plan, Proposal, Proposer},
    step::Word,
};

/// Codes whose failing means that nobody may do the action: a draft's action that fails one is not even offered.
const REFUSING: [Code; 4] = [
    Code::Exists,
    Code::Parameters,
    Code::TargetTenant,
    Code::TargetNever,
];
/// The radius from which the proposer may not approve.
const PROPOSER_MAX_RADIUS: u8 = 1;

/// Why the gate made no decision.
#[derive(Debug, thiserror::Error)]
pub enum Undecided {
    /// The case has nothing to decide on.
    #[error(transparent)]
    Case(#[from] Illegal),
    /// The decision cannot be hashed.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
}

/// What the gate looks at.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The case.
    pub case: &'a Case,
    /// On whose word.
    pub word: &'a Word,
    /// The facts.
    pub facts: &'a Facts,
    /// The rules.
    pub rules: &'a Rules,
    /// The time.
    pub now: Timestamp,
}

/// What `conditions` say of `context`, for `principal`, on an action of this radius. It authorises nothing.
pub fn evaluate(
    conditions: &[Condition],
    context: &Context,
    principal: &Principal,
    radius: u8,
) -> Verdict {
    let findings = conditions
        .iter()
        .map(|condition| condition.find(context))
        .collect();
    consequence::verdict(findings, principal, radius)
}

/// The effect with `fire_share` = 1 and a valid attestation, and the codes that fail then.
pub fn would(verdict: &Verdict, principal: &Principal, radius: u8) -> (Effect, Vec<Code>) {
    let findings = verdict
        .findings
        .iter()
        .filter(|finding| !matches!(finding.code, Code::Attestation | Code::Stage))
        .cloned()
        .collect();
    let verdict = consequence::verdict(findings, principal, radius);
    (verdict.effect, verdict.held_by())
}

/// Decides, over every condition.
pub fn decide(question: Question<'_>) -> Result<Decision, Undecided> {
    let matter = Matter::of(question)?;
    let (context, targets) = facts::context(matter.subject(question, matter.proposal.as_ref()));
    let radius = matter.radius(question);
    let mut verdict = evaluate(&CONDITIONS, &context, &matter.principal, radius);
    let quorum = verdict.quorum.max(matter.quorum(question));
    verdict.quorum = quorum;
    let floor = floor(question, quorum, radius, &matter);
    verdict.effect = verdict.effect.max(floor);
    let (would, held_by) = would(&verdict, &matter.principal, radius);
    let values = |targets: &[Target<'_>]| {
        targets
            .iter()
            .map(|target| target.value.to_owned())
            .collect()
    };
    let (offered, targets) = match (verdict.effect, &matter.proposal) {
        (Effect::Ask, None) => matter.drafted(question),
        (Effect::Ask, Some(proposal)) => (Some(proposal.clone()), values(&targets)),
        (Effect::Fire | Effect::Refuse, _) => (None, values(&targets)),
    };
    let ruling = Ruling {
        rank: matter.rank(question),
        verdict,
        would: would.max(floor),
        held_by,
        offered,
        targets,
    };
    matter.decision(question, ruling)
}

/// What was found, before it is made a decision.
struct Ruling {
    rank: Option<Rank>,
    verdict: Verdict,
    would: Effect,
    held_by: Vec<Code>,
    offered: Option<Proposal>,
    targets: Vec<String>,
}

/// The evaluation of an alert about which nothing is to be done, as it is shown for a resolve or a repeat, with the codes that hold
/// it back. There is no plan for it, so `catalogue.plan` is always among them.
pub fn evaluate_without_action(
    alert: &Alert,
    case: &Case,
    facts: &Facts,
    rules: &Rules,
    now: Timestamp,
) -> (Verdict, Vec<Code>) {
    let assessment = assess(&facts.evidence, alert, facts.store);
    let nothing = Plan::None {
        why: "nothing is decided on a resolve or on a repeat that brings nothing new".into(),
    };
    let principal = Principal::Agent;
    let (context, _) = facts::context(Subject {
        alert,
        urgency: case.urgency,
        plan: &nothing,
        draft: None,
        proposal: None,
        principal: &principal,
        assessment: &assessment,
        facts,
        rules,
        now,
    });
    let verdict = evaluate(&CONDITIONS, &context, &principal, 0);
    let (_, held_by) = would(&verdict, &principal, 0);
    (verdict, held_by)
}

/// What a decision is about, gathered from the case.
struct Matter<'a> {
    alert: &'a Alert,
    plan: Plan,
    principal: Principal,
    proposal: Option<Proposal>,
    assessment: Assessment,
}

impl<'a> Matter<'a> {
    fn of(question: Question<'a>) -> Result<Self, Illegal> {
        let case = question.case;
        let alert = case.alert()?;
        let plan = case.plan.clone().unwrap_or_else(|| Plan::None {
            why: "nothing was planned".into(),
        });
        let (principal, proposal) = match question.word {
            Word::Agent => (Principal::Agent, plan.proposal().cloned()),
            Word::Proposal(id) => (Principal::Person(id.clone()), case.proposed.clone()),
            Word::Approval(id) => (
                Principal::Person(id.clone()),
                case.ask.as_ref().and_then(|ask| ask.offered.clone()),
            ),
        };
        Ok(Self {
            alert,
            plan,
            principal,
            proposal,
            assessment: assess(&question.facts.evidence, alert, question.facts.store),
        })
    }

    fn subject<'b>(
        &'b self,
        question: Question<'b>,
        proposal: Option<&'b Proposal>,
    ) -> Subject<'b> {
        Subject {
            alert: self.alert,
            urgency: question.case.urgency,
            plan: &self.plan,
            draft: question
                .case
                .draft
                .as_ref()
                .and_then(|(draft, standing)| Some((draft.content()?, standing))),
            proposal,
            principal: &self.principal,
            assessment: &self.assessment,
            facts: question.facts,
            rules: question.rules,
            now: question.now,
        }
    }

    fn action<'b>(&self, question: Question<'b>) -> Option<&'b Action> {
        let catalogue = &question.rules.catalogue;
        catalogue.action(&self.proposal.as_ref()?.action)
    }

    fn radius(&self, question: Question<'_>) -> u8 {
        self.action(question).map_or(0, |action| {
            action.radius_on(self.alert, question.case.urgency)
        })
    }

    fn rank(&self, question: Question<'_>) -> Option<Rank> {
        let leading = self.assessment.leading.as_ref();
        Some(Rank {
            class: self
                .action(question)?
                .class(self.alert, question.case.urgency),
            level: leading.map_or(0, |leading| leading.level),
        })
    }

    fn quorum(&self, question: Question<'_>) -> u8 {
        self.action(question).map_or(1, |action| action.quorum)
    }

    /// Where there is no plan, the draft's action is put to a person if it passes the refusing codes; with what it would touch.
    fn drafted(&self, question: Question<'_>) -> (Option<Proposal>, Vec<String>) {
        let draft = question.case.draft.as_ref();
        let proposal = draft.and_then(|(draft, _)| {
            plan::proposal_of_draft(draft.content()?, self.alert, question.rules)
        });
        let Some(proposal) = proposal else {
            return (None, Vec::new());
        };
        let (context, targets) = facts::context(self.subject(question, Some(&proposal)));
        let refusing = CONDITIONS
            .iter()
            .filter(|condition| REFUSING.contains(&condition.code));
        if refusing
            .map(|condition| condition.find(&context))
            .any(|finding| !finding.holds)
        {
            return (None, Vec::new());
        }
        let targets = targets
            .iter()
            .map(|target| target.value.to_owned())
            .collect();
        (Some(proposal), targets)
    }

    /// The groups that are asked in turn. A draft's action changes neither them nor their time.
    fn chain(&self, question: Question<'_>) -> Vec<GroupId> {
        self.action(question).map_or_else(
            || question.rules.catalogue.asks.default_chain.clone(),
            |action| action.approvers.clone(),
        )
    }

    fn decision(self, question: Question<'_>, ruling: Ruling) -> Result<Decision, Undecided> {
        let minutes = question
            .rules
            .catalogue
            .expiry_minutes(question.case.urgency);
        let expires_at = question.now + SignedDuration::from_mins(i64::from(minutes));
        let put = match ruling.verdict.effect {
            Effect::Fire => self.proposal.as_ref(),
            Effect::Ask => ruling.offered.as_ref(),
            Effect::Refuse => None,
        };
        let digest = ActionDigest {
            tenant: &question.case.tenant,
            case: question.case.id,
            number: question.case.events + 1,
            proposal: put,
            targets: &ruling.targets,
            release: question.rules.data.release,
            expires_at,
        }
        .digest()?;
        Ok(Decision {
            chain: self.chain(question),
            principal: self.principal,
            verdict: ruling.verdict,
            would: ruling.would,
            held_by: ruling.held_by,
            proposal: self.proposal,
            offered: ruling.offered,
            targets: ruling.targets,
            digest,
            expires_at,
            data: question.rules.data.clone(),
            rank: ruling.rank,
        })
    }
}

/// The mildest effect that this word can have: a proposal is asked anew, an approval counts only with its quorum.
fn floor(question: Question<'_>, quorum: u8, radius: u8, matter: &Matter<'_>) -> Effect {
    match question.word {
        Word::Agent => Effect::Fire,
        Word::Proposal(_) => Effect::Ask,
        Word::Approval(_) => {
            let approvals = question.case.ask.iter().flat_map(|ask| &ask.approvals);
            let counted = approvals
                .filter(|by| may_approve(by, radius, matter))
                .count();
            if counted >= usize::from(quorum) {
                Effect::Fire
            } else {
                Effect::Ask
            }
        }
    }
}

fn may_approve(by: &PersonId, radius: u8, matter: &Matter<'_>) -> bool {
    match matter.proposal.as_ref().map(|proposal| &proposal.proposer) {
        Some(Proposer::Person(proposer)) => proposer != by || radius <= PROPOSER_MAX_RADIUS,
        Some(Proposer::Agent) | None => true,
    }
}
