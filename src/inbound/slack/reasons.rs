//! Why something is not done without a person, in words: one for each condition of the gate, as it reads where it fails.

use crate::domain::decision::Code;

/// What a failing condition means to whoever is asked.
pub const fn words(code: Code) -> &'static str {
    match code {
        Code::KillGlobal => "everything is switched off",
        Code::KillTenant => "this tenant is switched off",
        Code::KillAction => "this action is switched off",
        Code::Attestation => "the running release is not attested",
        Code::Stage => "the release is not promoted so far that this case fires",
        Code::Exists => "the catalogue has no such action",
        Code::Autonomous => "the catalogue wants a person for this action, always",
        Code::Reversible => "it cannot be taken back",
        Code::Parameters => "a parameter is missing or of the wrong kind",
        Code::Plan => "what people did before makes no complete plan for this alert",
        Code::Draft => "the draft says something else than the plan",
        Code::TargetTenant => "a target is another tenant's",
        Code::TargetNever => "a target is on the never list",
        Code::TargetProtected => "a target is protected: two people decide",
        Code::TargetCritical => "a target is critical: two people decide",
        Code::TargetKnown => "a target is not known for ours, nor provably outside",
        Code::InjectionSigns => "the alert's text has signs of an injection",
        Code::PrecedentsComplete => "there is more evidence than could be counted",
        Code::PrecedentsDays => "what was decided before is from too few days",
        Code::PrecedentsClusters => "what was decided before is about too few actors or sources",
        Code::PrecedentsAgree => "people decided differently before",
        Code::PrecedentsOldest => "what was decided before is all too new",
        Code::PrecedentsFresh => "what was decided before is all too old",
        Code::PrecedentsQuarantine => "the quarantine list cannot be read",
        Code::RiskLevel => "there is less evidence than this kind of action was granted for",
        Code::RiskCalibration => "what statistics granted is stale or absent",
        Code::BudgetAction => "the action's budget is used up",
        Code::BudgetTarget => "the target's budget is used up",
        Code::BudgetTenant => "the tenant's budget is used up",
        Code::BudgetSettle => "it was done on this target a moment ago",
        Code::BreakerClass => "this kind of action was demoted after it went wrong",
        Code::Readable => "the payload could not be read whole",
        Code::Fields => "the alert lacks a field that must be there",
        Code::Times => "it did not happen lately, by its own time",
        Code::Replay => "this very occurrence was seen before",
        Code::Origin => "it is not proven where the alert came from",
        Code::Endpoints => "its data went where it may not",
        Code::SitePolicy => "the site's policy does not allow it",
    }
}

/// Whether it fails for every case alike, until somebody attests, promotes or calibrates.
pub const fn is_of_every_case(code: Code) -> bool {
    matches!(
        code,
        Code::Attestation | Code::Stage | Code::RiskLevel | Code::RiskCalibration
    )
}
