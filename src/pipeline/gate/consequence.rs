//! What a failing condition means: the design's table, row by row.

use crate::domain::decision::{Code, Effect, Finding, Principal, Verdict};

/// What follows from a failing condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// For the agent.
    pub effect: Effect,
    /// How many people must then approve.
    pub quorum: u8,
    /// Whether it binds a person too.
    pub person: Binds,
}

/// Whether a failing condition binds a person too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binds {
    /// It does.
    Yes,
    /// It does, but for actions of radius 0.
    UnlessHarmless,
    /// By the number of people.
    AsQuorum,
    /// It does not, and is shown.
    No,
}

/// The table. The budget conditions are evaluated against the ceiling where a person is the principal, so that they bind as they are;
/// the settle time has no ceiling, so it binds nobody but the agent.
pub const fn of(code: Code) -> Consequence {
    match code {
        Code::Exists | Code::Parameters | Code::TargetTenant | Code::TargetNever => {
            row(Effect::Refuse, 1, Binds::Yes)
        }
        Code::KillGlobal | Code::KillTenant | Code::KillAction => {
            row(Effect::Ask, 1, Binds::UnlessHarmless)
        }
        Code::TargetProtected | Code::TargetCritical => row(Effect::Ask, 2, Binds::AsQuorum),
        Code::SitePolicy | Code::BudgetAction | Code::BudgetTarget | Code::BudgetTenant => {
            row(Effect::Ask, 1, Binds::Yes)
        }
        Code::Attestation
        | Code::Stage
        | Code::Autonomous
        | Code::Reversible
        | Code::Plan
        | Code::Draft
        | Code::TargetKnown
        | Code::InjectionSigns
        | Code::PrecedentsComplete
        | Code::PrecedentsDays
        | Code::PrecedentsClusters
        | Code::PrecedentsAgree
        | Code::PrecedentsOldest
        | Code::PrecedentsFresh
        | Code::PrecedentsQuarantine
        | Code::RiskLevel
        | Code::RiskCalibration
        | Code::BudgetSettle
        | Code::BreakerClass
        | Code::Readable
        | Code::Fields
        | Code::Times
        | Code::Replay
        | Code::Origin
        | Code::Endpoints => row(Effect::Ask, 1, Binds::No),
    }
}

const fn row(effect: Effect, quorum: u8, person: Binds) -> Consequence {
    Consequence {
        effect,
        quorum,
        person,
    }
}

/// The verdict over `findings` for `principal`, on an action of this radius: the most severe consequence wins.
pub fn verdict(findings: Vec<Finding>, principal: &Principal, radius: u8) -> Verdict {
    let failing = || {
        findings
            .iter()
            .filter(|finding| !finding.holds)
            .map(|finding| of(finding.code))
    };
    let effect = failing()
        .filter(|consequence| binds(*consequence, principal, radius))
        .map(|consequence| consequence.effect)
        .max()
        .unwrap_or(Effect::Fire);
    let quorum = failing()
        .map(|consequence| consequence.quorum)
        .max()
        .unwrap_or(1);
    Verdict {
        effect,
        quorum,
        findings,
    }
}

fn binds(consequence: Consequence, principal: &Principal, radius: u8) -> bool {
    match (principal, consequence.person) {
        (Principal::Agent, _) | (Principal::Person(_), Binds::Yes) => true,
        (Principal::Person(_), Binds::UnlessHarmless) => radius > 0,
        (Principal::Person(_), Binds::AsQuorum | Binds::No) => false,
    }
}
