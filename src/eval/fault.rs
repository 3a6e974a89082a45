//! Faults by name: something that a decision rests on is gone, old or lying. Case files name them; the suite of faults tries each.

use std::sync::Arc;

use jiff::SignedDuration;
use serde::Deserialize;

use super::trial::Scene;
use crate::{
    domain::{decision::Code, facts::Known},
    pipeline::rules::Rules,
};

const GONE: &str = "the disk is gone";

/// A name, the code of the condition that must not hold then, and what is done to a scene in which everything holds.
pub type Fault = (&'static str, Code, fn(&mut Scene));

/// All of them.
pub const ALL: [Fault; 27] = [
    ("kill-switches-unread", Code::KillGlobal, |s| {
        s.facts.gate.kills = gone();
    }),
    ("stage-unread", Code::Stage, |s| s.facts.gate.stage = gone()),
    ("demotions-unread", Code::BreakerClass, |s| {
        s.facts.gate.demoted = gone();
    }),
    ("no-attestation", Code::Attestation, |s| {
        s.facts.gate.attestation = Known::Read(None);
    }),
    ("attestation-of-another-release", Code::Attestation, |s| {
        if let Known::Read(Some(attestation)) = &mut s.facts.gate.attestation {
            attestation.release = Arc::default();
        }
    }),
    ("attestation-not-believed", Code::Attestation, |s| {
        s.facts.gate.attestation = gone();
    }),
    ("attestation-of-tomorrow", Code::Attestation, |s| {
        if let Known::Read(Some(attestation)) = &mut s.facts.gate.attestation {
            attestation.issued = s.now + SignedDuration::from_hours(24);
        }
    }),
    (
        "a-file-changed-since-it-was-loaded",
        Code::Attestation,
        |s| {
            s.facts.gate.outdated = vec!["people".into()];
        },
    ),
    ("attestation-ran-out", Code::Attestation, |s| {
        if let Known::Read(Some(attestation)) = &mut s.facts.gate.attestation {
            attestation.until = s.now - SignedDuration::from_secs(1);
        }
    }),
    ("quarantine-unread", Code::PrecedentsQuarantine, |s| {
        s.facts.evidence.quarantine = gone();
    }),
    ("rows-cut-off", Code::PrecedentsComplete, |s| {
        s.facts.evidence.total = 10_001;
    }),
    ("rows-lost", Code::PrecedentsAgree, |s| {
        s.facts.evidence.rows = Vec::new().into();
    }),
    ("starts-unread", Code::BudgetTenant, |s| {
        s.facts.starts = gone();
    }),
    ("sightings-unread", Code::Replay, |s| {
        s.facts.occurrence_seen = gone();
    }),
    ("delivered-twice", Code::Replay, |s| {
        s.facts.occurrence_seen = Known::Read(Some(s.now - SignedDuration::from_secs(2)));
    }),
    ("replayed-after-a-month", Code::Replay, |s| {
        s.facts.occurrence_seen = Known::Read(Some(s.now - SignedDuration::from_hours(24 * 29)));
    }),
    ("seen-in-the-future", Code::Replay, |s| {
        s.facts.occurrence_seen = Known::Read(Some(s.now + SignedDuration::from_hours(1)));
    }),
    ("clock-ten-minutes-ahead", Code::Times, |s| {
        s.alert.occurred_at = Some(s.now + SignedDuration::from_mins(10));
    }),
    ("a-day-late", Code::Times, |s| {
        s.alert.occurred_at = Some(s.now - SignedDuration::from_hours(25));
    }),
    ("no-time", Code::Times, |s| s.alert.occurred_at = None),
    ("our-clock-set-back", Code::PrecedentsOldest, |s| {
        set_clock(s, -SignedDuration::from_hours(24 * 60));
    }),
    ("our-clock-set-ahead", Code::PrecedentsFresh, |s| {
        set_clock(s, SignedDuration::from_hours(24 * 400));
    }),
    ("no-never-list", Code::TargetKnown, |s| {
        rules(s).never = None;
    }),
    ("no-inventory", Code::TargetKnown, |s| {
        rules(s).inventory = None;
    }),
    ("no-people", Code::TargetProtected, |s| {
        rules(s).people = None;
    }),
    ("no-calibration", Code::RiskCalibration, |s| {
        rules(s).calibration = None;
    }),
    ("no-policy", Code::SitePolicy, |s| rules(s).policy = None),
];

/// The name of a fault, as a case file gives it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct FaultName(String);

impl FaultName {
    /// Has it happen in `scene`.
    pub fn happen(&self, scene: &mut Scene) {
        for (_, _, happen) in ALL.iter().filter(|(name, ..)| *name == self.0) {
            happen(scene);
        }
    }
}

impl TryFrom<String> for FaultName {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let known = ALL.iter().find(|(name, ..)| *name == written);
        known.map(|(name, ..)| Self((*name).into())).ok_or_else(|| {
            let names: Vec<&str> = ALL.iter().map(|(name, ..)| *name).collect();
            format!(
                "there is no fault `{written}`; there are {}",
                names.join(", ")
            )
        })
    }
}

fn gone<T>() -> Known<T> {
    Known::Unreadable(GONE.into())
}

fn rules(scene: &mut Scene) -> &mut Rules {
    Arc::make_mut(&mut scene.rules)
}

/// Our own clock is wrong; the sender's is wrong with it, so that nothing but the precedents tells.
fn set_clock(scene: &mut Scene, by: SignedDuration) {
    scene.now += by;
    scene.alert.occurred_at = Some(scene.now);
    if let Known::Read(Some(attestation)) = &mut scene.facts.gate.attestation {
        attestation.until = scene.now + SignedDuration::from_hours(24);
    }
}
