//! What the precedents in scope amount to: who agrees with whom, counted by groups, never by rows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};

use super::{
    action::CLOSE,
    alert::Alert,
    draft::{Disposition, Side},
    facet::SetBy,
    facts::{Evidence, StoreKind},
    id::{ActionId, PrecedentId},
    precedent::{Cluster, Precedent},
    proposal::{ParameterRole, Proposal},
};

/// Two outcomes agree when action, parameter roles and side are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// What was done.
    pub action: Option<ActionId>,
    /// What filled its parameters.
    pub roles: BTreeMap<String, ParameterRole>,
    /// On which side it was.
    pub side: Side,
}

impl Outcome {
    /// What this proposal comes to; `None` where it takes no side, and so agrees with nothing.
    pub fn of(proposal: &Proposal) -> Option<Self> {
        let parameters = proposal.parameters.iter();
        Some(Self {
            action: Some(proposal.action.clone()),
            roles: parameters
                .map(|(name, parameter)| (name.clone(), parameter.role.clone()))
                .collect(),
            side: proposal.disposition.side()?,
        })
    }

    /// What it comes to that a person ends a case so, with nothing done: where nothing was wrong, that is `close`.
    pub fn of_ending(disposition: Disposition) -> Option<Self> {
        let side = disposition.side()?;
        Some(Self {
            action: (side == Side::Benign).then(|| ActionId::new(CLOSE)),
            roles: BTreeMap::new(),
            side,
        })
    }
}

/// The precedents in scope of one alert, assessed.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// The rows in scope, oldest first.
    pub in_scope: usize,
    /// The outcome that most groups have; `None` where there is none or a tie.
    pub leading: Option<Leading>,
    /// Whether every row in scope agrees with every other.
    pub agree: Agreement,
    /// Receipt of the oldest row in scope.
    pub oldest: Option<Timestamp>,
    /// Receipt of the newest row in scope.
    pub newest: Option<Timestamp>,
    /// Whether an environment facet in the scope of every row fixes the alert's cluster.
    pub spread: Spread,
}

/// The outcome that most groups have.
#[derive(Clone, Debug, PartialEq)]
pub struct Leading {
    /// The outcome.
    pub outcome: Outcome,
    /// The disposition that most of its rows have.
    pub disposition: Disposition,
    /// How many rows have it.
    pub agreeing: usize,
    /// The ids of its newest rows, newest first, at most [`ROWS_NAMED_MAX`].
    pub rows: Vec<PrecedentId>,
    /// Distinct groups that agree; those that saw a draft count at most as many as the others.
    pub level: u32,
    /// Distinct UTC days.
    pub days: u32,
    /// Distinct clusters.
    pub clusters: u32,
}

/// The most rows that a plan names as its grounds.
pub const ROWS_NAMED_MAX: usize = 20;

/// Whether all rows in scope agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// All do.
    All,
    /// There are none.
    NoRows,
    /// So many rows do not agree with the leading outcome.
    Contradicted(usize),
}

/// How widely evidence must be spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// The environment fixes the cluster: one cluster will do, over more days.
    Fixed,
    /// Over several clusters.
    Free,
}

/// The rows that count for `alert`: of the origin that counts in this store, and in scope.
pub fn in_scope<'a>(
    evidence: &'a Evidence,
    alert: &'a Alert,
    store: StoreKind,
) -> impl Iterator<Item = &'a Precedent> {
    evidence
        .rows
        .iter()
        .filter(move |row| row.origin == store.counts() && row.scope.covers(alert))
}

/// Assesses the rows in scope of `alert`.
pub fn assess(evidence: &Evidence, alert: &Alert, store: StoreKind) -> Assessment {
    let rows: Vec<&Precedent> = in_scope(evidence, alert, store).collect();
    let leading = leading(&rows);
    Assessment {
        in_scope: rows.len(),
        agree: agreement(&rows, leading.as_ref()),
        oldest: rows.iter().map(|row| row.received_at).min(),
        newest: rows.iter().map(|row| row.received_at).max(),
        spread: spread(&rows, alert),
        leading,
    }
}

fn agreement(rows: &[&Precedent], leading: Option<&Leading>) -> Agreement {
    let agreeing = leading.map_or(0, |leading| leading.agreeing);
    match rows.len() {
        0 => Agreement::NoRows,
        all if all == agreeing => Agreement::All,
        all => Agreement::Contradicted(all - agreeing),
    }
}

fn leading(rows: &[&Precedent]) -> Option<Leading> {
    let mut by_outcome: BTreeMap<Same<'_>, Vec<&Precedent>> = BTreeMap::new();
    for row in rows {
        if let Some(side) = row.disposition.side() {
            let same = (row.action.as_ref(), &row.parameters, side);
            by_outcome.entry(same).or_default().push(row);
        }
    }
    let ranked = by_outcome.into_iter();
    let mut ranked: Vec<Ranked<'_>> = ranked
        .map(|(outcome, rows)| (groups(&rows), outcome, rows))
        .collect();
    ranked.sort_by_key(|(groups, ..)| std::cmp::Reverse(groups.len()));
    let tied = matches!(ranked.as_slice(), [first, second, ..] if first.0.len() == second.0.len());
    if tied {
        return None;
    }
    let (groups, (action, roles, side), mut rows) = ranked.into_iter().next()?;
    rows.sort_by(|left, right| {
        let newest_first = right.received_at.cmp(&left.received_at);
        newest_first.then_with(|| left.id.cmp(&right.id))
    });
    Some(Leading {
        outcome: Outcome {
            action: action.cloned(),
            roles: roles.clone(),
            side,
        },
        disposition: commonest(&rows),
        level: level(&groups),
        days: count(groups.keys().map(|(day, _)| day)),
        clusters: count(groups.keys().map(|(_, cluster)| cluster)),
        agreeing: rows.len(),
        rows: rows
            .iter()
            .take(ROWS_NAMED_MAX)
            .map(|row| row.id.clone())
            .collect(),
    })
}

/// What two rows must have in common to agree: action, roles and side.
type Same<'a> = (
    Option<&'a ActionId>,
    &'a BTreeMap<String, ParameterRole>,
    Side,
);
/// An outcome with its groups and rows.
type Ranked<'a> = (Groups<'a>, Same<'a>, Vec<&'a Precedent>);
/// Days and clusters, each with whether someone decided without a draft.
type Groups<'a> = BTreeMap<(Date, &'a Cluster), Sight>;

/// The groups of `rows`, each with whether someone in it decided without a draft.
fn groups<'a>(rows: &[&'a Precedent]) -> Groups<'a> {
    let mut groups = BTreeMap::new();
    for row in rows {
        let sight = groups.entry(row.group()).or_insert(Sight::DraftSeen);
        if !row.seen_draft {
            *sight = Sight::Blind;
        }
    }
    groups
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    Blind,
    DraftSeen,
}

fn level(groups: &Groups<'_>) -> u32 {
    let blind = groups
        .values()
        .filter(|sight| **sight == Sight::Blind)
        .count();
    let seen = groups.len() - blind;
    u32::try_from(blind + seen.min(blind)).unwrap_or(u32::MAX)
}

fn count<T: Ord>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.collect::<BTreeSet<T>>().len()).unwrap_or(u32::MAX)
}

/// The commonest disposition; of several, the first in the order of the words.
fn commonest(rows: &[&Precedent]) -> Disposition {
    let mut counts: BTreeMap<Disposition, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(row.disposition).or_default() += 1;
    }
    counts
        .into_iter()
        .min_by_key(|(_, count)| std::cmp::Reverse(*count))
        .map_or(Disposition::Undetermined, |(disposition, _)| disposition)
}

/// One service account or one host cannot have three clusters, so it is asked for more days instead.
///
/// Where the environment does fix the cluster, every row has it; else an actor who takes the name of a region would loosen the bound.
fn spread(rows: &[&Precedent], alert: &Alert) -> Spread {
    let cluster = Cluster::of(alert);
    let in_all_scopes =
        |key: &str| !rows.is_empty() && rows.iter().all(|row| row.scope.facets.contains_key(key));
    let fixed = alert.facets.iter().any(|facet| {
        facet.set_by == SetBy::Environment
            && facet.value.as_deref() == Some(cluster.value())
            && in_all_scopes(&facet.key)
    });
    let shared = rows.iter().all(|row| row.cluster == cluster);
    if fixed && shared && cluster != Cluster::none() {
        Spread::Fixed
    } else {
        Spread::Free
    }
}
