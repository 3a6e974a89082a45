//! The conditions: each one small pure function over one fact. Nothing can switch one off.

use jiff::SignedDuration;

use super::{
    attested::Attested,
    check::{Check, acting, at_least, at_most, check, days, in_days, in_minutes, known, none_of},
    context::{
        Agreed, Autonomy, Breaker, Calibrated, Context, Count, Listed, Permission, Planned,
        Problems, Provenance, SecondKey, Switch, Undo,
    },
};
use crate::domain::{
    decision::{Code, Finding},
    facts::Known,
    release::Ppm,
};

/// One condition.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    /// Its name.
    pub code: Code,
    check: fn(&Context) -> Check,
}

/// Days that the oldest precedent must have been known.
pub const OLDEST_MIN_DAYS: i64 = 7;
/// Days after which the newest precedent no longer counts as recent.
pub const FRESH_MAX_DAYS: i64 = 90;
/// Hours after which an alert is too old to act on.
pub const AGE_MAX_HOURS: i64 = 24;
/// Minutes that an alert's clock may be ahead.
pub const AHEAD_MAX_MINUTES: i64 = 5;
/// Days in which an occurrence seen again is a replay.
pub const REPLAY_DAYS: i64 = 30;
/// The blast radius at which an action need not be reversible.
const RADIUS_HARMLESS: u8 = 0;

/// Every condition, in the order in which they are shown. `decide` takes this list and no other.
pub const CONDITIONS: [Condition; 38] = [
    condition(Code::KillGlobal, |c| switch(&c.kill_global)),
    condition(Code::KillTenant, |c| switch(&c.kill_tenant)),
    condition(Code::KillAction, |c| {
        acting(c.kill_action.as_ref(), "off", switch)
    }),
    condition(Code::Attestation, attestation),
    condition(Code::Stage, stage),
    condition(Code::Exists, exists),
    condition(Code::Autonomous, autonomous),
    condition(Code::Reversible, reversible),
    condition(Code::Parameters, |c| {
        acting(c.parameters.as_ref(), TYPED, |p| none_of(p, "typed", TYPED))
    }),
    condition(Code::Plan, plan),
    condition(Code::Draft, draft),
    condition(Code::TargetTenant, |c| {
        target(c.target_tenant.as_ref(), "inside the tenant")
    }),
    condition(Code::TargetNever, |c| {
        target(c.target_never.as_ref(), "off the never list")
    }),
    condition(Code::TargetProtected, |c| {
        target(c.target_protected.as_ref(), "not protected")
    }),
    condition(Code::TargetCritical, |c| {
        target(c.target_critical.as_ref(), "not critical")
    }),
    condition(Code::TargetKnown, |c| {
        target(
            c.target_known.as_ref(),
            "one asset of ours, or provably outside",
        )
    }),
    condition(Code::InjectionSigns, |c| {
        none_of(&c.injection_signs, "no sign", "no sign")
    }),
    condition(Code::PrecedentsComplete, |c| {
        at_most(c.precedents_complete, "no more rows than are counted")
    }),
    condition(Code::PrecedentsDays, |c| {
        at_least(c.precedents_days, "enough distinct days")
    }),
    condition(Code::PrecedentsClusters, |c| {
        at_least(c.precedents_clusters, "enough distinct clusters")
    }),
    condition(Code::PrecedentsAgree, agree),
    condition(Code::PrecedentsOldest, oldest),
    condition(Code::PrecedentsFresh, fresh),
    condition(Code::PrecedentsQuarantine, quarantine),
    condition(Code::RiskLevel, level),
    condition(Code::RiskCalibration, calibration),
    condition(Code::BudgetAction, |c| budget(c.budget_action.as_ref())),
    condition(Code::BudgetTarget, |c| budget(c.budget_target.as_ref())),
    condition(Code::BudgetTenant, |c| budget(c.budget_tenant.as_ref())),
    condition(Code::BudgetSettle, settle),
    condition(Code::BreakerClass, breaker),
    condition(Code::Readable, |c| {
        none_of(&c.readable, "readable", "payload readable")
    }),
    condition(Code::Fields, |c| {
        none_of(&c.fields, "all present", "all present")
    }),
    condition(Code::Times, times),
    condition(Code::Replay, replay),
    condition(Code::Origin, origin),
    condition(Code::Endpoints, |c| {
        none_of(&c.endpoints, "none out of region", "in region")
    }),
    condition(Code::SitePolicy, site_policy),
];

const TYPED: &str = "every parameter of the right kind";

const fn condition(code: Code, check: fn(&Context) -> Check) -> Condition {
    Condition { code, check }
}

impl Condition {
    /// What this condition says of `context`.
    pub fn find(&self, context: &Context) -> Finding {
        let check = (self.check)(context);
        Finding {
            code: self.code,
            holds: check.holds,
            observed: check.observed,
            required: check.required.into(),
        }
    }
}

fn switch(fact: &Known<Switch>) -> Check {
    known(fact, "off", |switch| match switch {
        Switch::Off => check(true, "off", "off"),
        Switch::On => check(false, "on", "off"),
    })
}

fn attestation(context: &Context) -> Check {
    let required = "valid for this release today";
    let attested = &context.attestation;
    check(
        matches!(attested, Attested::Until(_)),
        attested.to_string(),
        required,
    )
}

fn stage(context: &Context) -> Check {
    let required = "draw under the share of fires";
    known(&context.stage.stage, required, |stage| {
        let share: Ppm = stage.fire_share();
        let draw = context.stage.draw;
        let observed = format!("{}: draw {draw}, share {share}", stage.word());
        check(draw < share, observed, required)
    })
}

fn exists(context: &Context) -> Check {
    let required = "in the catalogue";
    acting(context.exists.as_ref(), required, |listed| match listed {
        Listed::Yes => check(true, "listed", required),
        Listed::No(id) => check(false, format!("`{id}` is not listed"), required),
    })
}

fn autonomous(context: &Context) -> Check {
    let required = "marked autonomous";
    acting(
        context.autonomous.as_ref(),
        required,
        |autonomy| match autonomy {
            Autonomy::Granted => check(true, "autonomous", required),
            Autonomy::Never => check(false, "never without a person", required),
        },
    )
}

fn reversible(context: &Context) -> Check {
    let required = "reversible, or radius 0";
    acting(context.reversible.as_ref(), required, |fact| {
        match fact.undo {
            Undo::Possible => check(true, "reversible", required),
            Undo::Impossible => check(
                fact.radius == RADIUS_HARMLESS,
                format!("not reversible, radius {}", fact.radius),
                required,
            ),
        }
    })
}

fn plan(context: &Context) -> Check {
    let required = "a complete plan";
    match &context.plan {
        Planned::Complete => check(true, "complete", required),
        Planned::Incomplete(missing) => check(false, format!("incomplete: {missing}"), required),
        Planned::None(why) => check(false, format!("none: {why}"), required),
        Planned::ByPerson(id) => check(true, format!("chosen by {id}"), required),
    }
}

fn draft(context: &Context) -> Check {
    let required = "the draft equals the plan";
    acting(context.draft.as_ref(), required, |key| match key {
        SecondKey::Agrees => check(true, "equal", required),
        SecondKey::Differs(how) => check(false, format!("differs: {how}"), required),
        SecondKey::NoKey(why) => check(false, format!("no key: {why}"), required),
        SecondKey::NotAsked => check(true, "not asked of the model", required),
    })
}

fn target(fact: Option<&Problems>, required: &'static str) -> Check {
    acting(fact, required, |problems| {
        none_of(problems, required, required)
    })
}

fn agree(context: &Context) -> Check {
    let required = "all in scope agree";
    match context.precedents_agree {
        Agreed::All(rows) => check(true, format!("all {rows}"), required),
        Agreed::NoRows => check(false, "none in scope", required),
        Agreed::Contradicted { rows, of } => {
            check(false, format!("{rows} of {of} do not agree"), required)
        }
    }
}

fn oldest(context: &Context) -> Check {
    let required = "the oldest at least 7 days old";
    match context.precedents_oldest {
        None => check(false, "none in scope", required),
        Some(age) => check(age >= days(OLDEST_MIN_DAYS), in_days(age), required),
    }
}

fn fresh(context: &Context) -> Check {
    let required = "the newest at most 90 days old";
    match context.precedents_fresh {
        None => check(false, "none in scope", required),
        Some(age) => check(age <= days(FRESH_MAX_DAYS), in_days(age), required),
    }
}

fn quarantine(context: &Context) -> Check {
    let required = "quarantine list readable";
    known(&context.precedents_quarantine, required, |listed| {
        check(true, format!("{listed} in quarantine"), required)
    })
}

fn level(context: &Context) -> Check {
    let required = "evidence level at the granted rung";
    acting(context.risk_level.as_ref(), required, |fact| {
        match fact.rung {
            None => check(
                false,
                format!("level {}, no rung granted", fact.level),
                required,
            ),
            Some(rung) => check(
                fact.level >= rung,
                format!("level {}, rung {rung}", fact.level),
                required,
            ),
        }
    })
}

fn calibration(context: &Context) -> Check {
    let required = "a calibration that is not stale";
    match &context.risk_calibration {
        Calibrated::Absent => check(false, "no calibration", required),
        Calibrated::Stale(why) => check(false, format!("stale: {why}"), required),
        Calibrated::Current(at) => check(true, format!("of {at}"), required),
    }
}

fn budget(fact: Option<&Known<Count>>) -> Check {
    let required = "something left";
    acting(fact, required, |count| {
        known(count, required, |count| {
            let observed = format!("{} spent of {}", count.is, count.bound);
            check(count.is < count.bound, observed, required)
        })
    })
}

fn settle(context: &Context) -> Check {
    let required = "not done on this target within its settle time";
    acting(context.budget_settle.as_ref(), required, |fact| {
        known(fact, required, |problems| {
            none_of(problems, "settled", required)
        })
    })
}

fn breaker(context: &Context) -> Check {
    let required = "not demoted";
    acting(context.breaker.as_ref(), required, |fact| {
        known(fact, required, |breaker| match breaker {
            Breaker::Closed => check(true, "not demoted", required),
            Breaker::Demoted => check(false, "demoted", required),
        })
    })
}

fn times(context: &Context) -> Check {
    let required = "at most 24 h old, at most 5 min ahead";
    match context.age {
        None => check(false, "no time", required),
        Some(age) => check(
            age <= SignedDuration::from_hours(AGE_MAX_HOURS)
                && age >= -SignedDuration::from_mins(AHEAD_MAX_MINUTES),
            in_minutes(age),
            required,
        ),
    }
}

fn replay(context: &Context) -> Check {
    let required = "occurrence unseen for 30 days";
    known(&context.replay, required, |seen| match seen {
        None => check(true, "never seen", required),
        Some(age) => check(
            *age > days(REPLAY_DAYS),
            format!("seen {} before", in_minutes(*age)),
            required,
        ),
    })
}

fn origin(context: &Context) -> Check {
    let required = "source named by an authenticated route";
    match &context.origin {
        Provenance::Trusted(how) => check(true, how.clone(), required),
        Provenance::Untrusted(why) => check(false, why.clone(), required),
    }
}

fn site_policy(context: &Context) -> Check {
    let required = "the site's policy allows it";
    acting(
        context.site_policy.as_ref(),
        required,
        |permission| match permission {
            Permission::Allowed(by) => check(true, format!("by {}", by.join(", ")), required),
            Permission::Denied(why) => check(false, why.join("; "), required),
            Permission::Absent => check(false, "no policy file", required),
        },
    )
}
