//! The states that evidence can be in: one that suffices, and each way in which it does not.

use std::sync::Arc;

use jiff::SignedDuration;

use super::trial::Scene;
use crate::domain::{
    draft::Disposition,
    facts::{EVIDENCE_MAX_ROWS, Known},
    id::{PrecedentId, TenantId},
    precedent::{Cluster, Precedent, PrecedentOrigin},
};

/// A state of the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceState {
    /// Seven people, days and actors agree.
    Enough,
    /// Nobody ever settled its like.
    Nothing,
    /// One row less than the loosest rung asks for.
    TooFew,
    /// Many rows on two days.
    TwoDays,
    /// Many rows about two actors.
    TwoActors,
    /// All within the last week.
    Young,
    /// None within the last three months.
    Stale,
    /// One row settled otherwise.
    Contradicted,
    /// One row was left open.
    Undetermined,
    /// Everyone who settled it had seen a draft.
    DraftSeen,
    /// All are of another scope.
    OtherScope,
    /// All are another tenant's.
    OtherTenant,
    /// All were brought in from elsewhere, and nobody confirmed them.
    Imported,
    /// More rows than are counted.
    TooMany,
    /// The quarantine list cannot be read.
    QuarantineUnread,
    /// A row was put into quarantine after the rungs were granted.
    Quarantined,
}

impl EvidenceState {
    /// Every state.
    pub const ALL: [Self; 16] = [
        Self::Enough,
        Self::Nothing,
        Self::TooFew,
        Self::TwoDays,
        Self::TwoActors,
        Self::Young,
        Self::Stale,
        Self::Contradicted,
        Self::Undetermined,
        Self::DraftSeen,
        Self::OtherScope,
        Self::OtherTenant,
        Self::Imported,
        Self::TooMany,
        Self::QuarantineUnread,
        Self::Quarantined,
    ];

    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Enough => "enough",
            Self::Nothing => "nothing",
            Self::TooFew => "too-few",
            Self::TwoDays => "two-days",
            Self::TwoActors => "two-actors",
            Self::Young => "young",
            Self::Stale => "stale",
            Self::Contradicted => "contradicted",
            Self::Undetermined => "undetermined",
            Self::DraftSeen => "draft-seen",
            Self::OtherScope => "other-scope",
            Self::OtherTenant => "other-tenant",
            Self::Imported => "imported",
            Self::TooMany => "too-many",
            Self::QuarantineUnread => "quarantine-unread",
            Self::Quarantined => "quarantined",
        }
    }

    /// Brings the evidence of a scene in which it suffices into this state.
    pub fn bring(self, scene: &mut Scene) {
        let now = scene.now;
        let evidence = &mut scene.facts.evidence;
        let rows = Arc::make_mut(&mut evidence.rows);
        match self {
            Self::Nothing => rows.clear(),
            Self::TooFew => rows.truncate(4),
            Self::TwoDays => each(rows, |place, row| {
                row.received_at = now - SignedDuration::from_hours(24 * (20 + place % 2));
            }),
            Self::TwoActors => each(rows, |place, row| {
                row.cluster = Cluster::new(format!("actor:user-{}", place % 2));
            }),
            Self::Young => each(rows, |place, row| {
                row.received_at =
                    now - SignedDuration::from_hours((24 * place + 1).min(24 * 7 - 1));
            }),
            Self::Stale => each(rows, |_, row| {
                row.received_at -= SignedDuration::from_hours(24 * 100);
            }),
            Self::Contradicted => rows.extend(dissent(rows)),
            Self::Undetermined => each(rows, |place, row| {
                if place == 3 {
                    row.disposition = Disposition::Undetermined;
                }
            }),
            Self::DraftSeen => each(rows, |_, row| row.seen_draft = true),
            Self::OtherScope => each(rows, |_, row| {
                row.scope.facets.insert("call".into(), "GetPolicy".into());
            }),
            Self::OtherTenant => each(rows, |_, row| {
                row.scope.tenant = TenantId::new(super::site::OTHER_TENANT);
            }),
            Self::Imported => each(rows, |_, row| row.origin = PrecedentOrigin::Imported),
            Self::Enough | Self::TooMany | Self::QuarantineUnread | Self::Quarantined => {}
        }
        evidence.total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        match self {
            Self::TooMany => evidence.total = EVIDENCE_MAX_ROWS as u64 + 1,
            Self::QuarantineUnread => {
                evidence.quarantine = Known::Unreadable("the disk is gone".into());
            }
            Self::Quarantined => {
                evidence.quarantine = Known::Read([PrecedentId::new("p-bad")].into());
            }
            _ => {}
        }
    }
}

fn each(rows: &mut [Precedent], change: impl Fn(i64, &mut Precedent)) {
    for (place, row) in (0..).zip(rows) {
        change(place, row);
    }
}

/// The last row once more, by somebody who did nothing about it.
fn dissent(rows: &[Precedent]) -> Option<Precedent> {
    rows.last().map(|row| Precedent {
        id: PrecedentId::new("p-dissent"),
        disposition: Disposition::FalsePositive,
        action: None,
        parameters: std::collections::BTreeMap::new(),
        cluster: Cluster::new("actor:somebody-else"),
        ..row.clone()
    })
}
