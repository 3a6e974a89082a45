//! A decision: what the gate said, with every condition's word, and the digest that an answer must name.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    action::Class,
    canonical::{Digest, NotCanonical},
    id::{CaseId, GroupId, PersonId, TenantId},
    proposal::Proposal,
};

/// What happens with a case next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The action may be admitted without a person.
    Fire,
    /// A person decides.
    Ask,
    /// Nobody may do this action through tierone; the case still goes to a person, without it.
    Refuse,
}

/// On whose word something is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// The agent alone.
    Agent,
    /// A named person.
    Person(PersonId),
}

/// One condition's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which condition.
    pub code: Code,
    /// Whether it holds.
    pub holds: bool,
    /// What was found.
    pub observed: String,
    /// What is required.
    pub required: String,
}

/// What an evaluation says. It authorises nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The most severe consequence of any failing condition.
    pub effect: Effect,
    /// How many people must approve.
    pub quorum: u8,
    /// Every condition's word, in the gate's order.
    pub findings: Vec<Finding>,
}

/// What the gate decided on one proposal, made only by `gate::decide` over the whole list of conditions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// On whose word.
    pub principal: Principal,
    /// The verdict as things stand.
    pub verdict: Verdict,
    /// The effect of the same evaluation with `fire_share` = 1 and a valid attestation.
    pub would: Effect,
    /// The codes that fail then: empty exactly when it would fire.
    pub held_by: Vec<Code>,
    /// What was decided on; `None` where there is no action to decide on.
    pub proposal: Option<Proposal>,
    /// What is put to a person; `None` where only the case is.
    pub offered: Option<Proposal>,
    /// The values that the proposal would touch.
    pub targets: Vec<String>,
    /// The groups that are asked in turn.
    pub chain: Vec<GroupId>,
    /// SHA-256 of the canonical {tenant, case, number, proposal, targets, release, expiry}.
    pub digest: Digest,
    /// When an ask made from it passes to the next group.
    pub expires_at: Timestamp,
    /// The data that it rests on beside the release, by name.
    pub data: Data,
    /// What statistics count it by; `None` where there is no action of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<Rank>,
}

/// What statistics count a decision by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rank {
    /// The class of its action.
    pub class: Class,
    /// The evidence level: the distinct groups that agree.
    pub level: u32,
}

/// Digests of the data that a decision rests on beside its release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// The release.
    pub release: Digest,
    /// The inventory.
    pub inventory: Digest,
    /// The calibration; `None` where there is none.
    pub calibration: Option<Digest>,
}

/// What the action digest is of.
#[derive(Debug, Serialize)]
pub struct ActionDigest<'a> {
    /// Whose.
    pub tenant: &'a TenantId,
    /// Which case.
    pub case: CaseId,
    /// The number of the `Decided` event, which is the ask's id too.
    pub number: u64,
    /// What was put to the person, or decided on.
    pub proposal: Option<&'a Proposal>,
    /// The values it would touch.
    pub targets: &'a [String],
    /// The release.
    pub release: Digest,
    /// When it expires.
    pub expires_at: Timestamp,
}

impl ActionDigest<'_> {
    /// The digest.
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        Digest::of(self)
    }
}

impl Decision {
    /// Whether the agent would have acted alone but for what was granted to it: every condition holds that is not about the release, the risk
    /// or the breaker. Only such cases are drawn.
    pub fn is_eligible(&self) -> bool {
        let granted = |finding: &Finding| {
            matches!(
                finding.code,
                Code::Attestation
                    | Code::Stage
                    | Code::RiskLevel
                    | Code::RiskCalibration
                    | Code::BreakerClass
            )
        };
        let mut findings = self.verdict.findings.iter();
        self.principal == Principal::Agent
            && self.proposal.is_some()
            && findings.all(|finding| finding.holds || granted(finding))
    }

    /// Whether nothing but the draw holds it back.
    pub fn is_only_drawn(&self) -> bool {
        self.verdict.held_by() == [Code::Stage]
    }
}

impl Verdict {
    /// The codes of the failing conditions.
    pub fn held_by(&self) -> Vec<Code> {
        self.findings
            .iter()
            .filter(|finding| !finding.holds)
            .map(|finding| finding.code)
            .collect()
    }
}

impl Effect {
    /// The word, as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fire => "fire",
            Self::Ask => "ask",
            Self::Refuse => "refuse",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent => f.write_str("the agent"),
            Self::Person(id) => id.fmt(f),
        }
    }
}

macro_rules! codes {
    ($(#[doc = $doc:literal] $name:ident = $text:literal),+ $(,)?) => {
        /// The gate's conditions by their fixed names, in the order in which they are shown.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Code {
            $(#[doc = $doc] #[serde(rename = $text)] $name),+
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// When the condition holds, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $doc.trim_start()),+
                }
            }

            /// The code's name, as in JSON.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text),+
                }
            }
        }
    };
}

codes! {
    /// Nothing is switched off everywhere.
    KillGlobal = "kill_switch.global",
    /// The tenant is not switched off.
    KillTenant = "kill_switch.tenant",
    /// The action is not switched off.
    KillAction = "kill_switch.action",
    /// This release is attested, today.
    Attestation = "release.attestation",
    /// The draw is under the stage's share of fires.
    Stage = "release.stage",
    /// The action is in the catalogue.
    Exists = "catalogue.exists",
    /// The catalogue lets the agent do it alone.
    Autonomous = "catalogue.autonomous",
    /// It is reversible or its radius is 0.
    Reversible = "catalogue.reversible",
    /// Its parameters have the right kinds.
    Parameters = "catalogue.parameters",
    /// There is a complete plan.
    Plan = "catalogue.plan",
    /// The draft equals the plan.
    Draft = "catalogue.draft",
    /// Every target is inside the tenant.
    TargetTenant = "target.tenant",
    /// No target is on the never list.
    TargetNever = "target.never",
    /// No target is protected.
    TargetProtected = "target.protected",
    /// No target is critical.
    TargetCritical = "target.critical",
    /// Every target is known for ours, or provably is not ours.
    TargetKnown = "target.known",
    /// No sign of an injection in any string of the payload.
    InjectionSigns = "injection.signs",
    /// The evidence could be counted whole.
    PrecedentsComplete = "precedents.complete",
    /// It is spread over days.
    PrecedentsDays = "precedents.days",
    /// It is spread over clusters.
    PrecedentsClusters = "precedents.clusters",
    /// All of it agrees.
    PrecedentsAgree = "precedents.agree",
    /// It has been known for a while.
    PrecedentsOldest = "precedents.oldest",
    /// Some of it is recent.
    PrecedentsFresh = "precedents.fresh",
    /// The quarantine list could be read.
    PrecedentsQuarantine = "precedents.quarantine",
    /// The evidence reaches the rung granted to this class.
    RiskLevel = "risk.level",
    /// The calibration is not stale.
    RiskCalibration = "risk.calibration",
    /// The action's budget has something left.
    BudgetAction = "budget.action",
    /// The target's budget has something left.
    BudgetTarget = "budget.target",
    /// The tenant's budget has something left.
    BudgetTenant = "budget.tenant",
    /// It was not done on this target within its settle time.
    BudgetSettle = "budget.settle",
    /// The class is not demoted.
    BreakerClass = "breaker.class",
    /// The payload could be read.
    Readable = "completeness.readable",
    /// What must be present is.
    Fields = "completeness.fields",
    /// It happened lately.
    Times = "completeness.times",
    /// This occurrence was not seen before.
    Replay = "completeness.replay",
    /// It is known where it came from.
    Origin = "completeness.origin",
    /// The data went only where it may.
    Endpoints = "residency.endpoints",
    /// The site's policy allows it.
    SitePolicy = "site_policy.allow",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
