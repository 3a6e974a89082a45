//! Why a person is not granted what they wish. Nothing was changed.

use jiff::Timestamp;

use crate::domain::{
    id::{ActionId, CaseId, PersonId, PrecedentId},
    person::CURATORS,
};

/// Why a wish is not granted.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// There is no such case, or it is another tenant's.
    #[error("no case `{case}`; check the id and the tenant")]
    NoSuchCase {
        /// The id.
        case: CaseId,
    },
    /// Nobody with this identity is in the people file.
    #[error("`{identity}` is nobody in the people file; add the identity under [[person]]")]
    Nobody {
        /// The identity.
        identity: String,
    },
    /// The policy does not let this person.
    #[error("`{person}` may not {what}: {why}; ask someone who may")]
    NotAllowed {
        /// The person.
        person: PersonId,
        /// What.
        what: String,
        /// Why not.
        why: String,
    },
    /// What the person saw is not what is asked now.
    #[error("what is asked has changed since: its digest is now `{now}`; look at the case again")]
    Moved {
        /// The digest of the open ask.
        now: String,
    },
    /// Nothing is asked.
    #[error("nothing is asked about case `{case}`: it is {phase}; look at it with `cases show`")]
    NothingAsked {
        /// The case.
        case: CaseId,
        /// Where it stands.
        phase: &'static str,
    },
    /// The ask ran out.
    #[error("the ask ran out {at} and passed on; look at the case again")]
    Expired {
        /// When.
        at: Timestamp,
    },
    /// The proposal cannot be made from this alert.
    #[error("`{value}` cannot fill `{name}`: {why}; take a value that the alert names")]
    NoSuchValue {
        /// The parameter.
        name: String,
        /// The value.
        value: String,
        /// Why not.
        why: String,
    },
    /// The alert does not have the facet that is said to have mattered.
    #[error(
        "the alert has no facet `{facet}` that could have mattered; take one that `cases show` lists"
    )]
    NoSuchFacet {
        /// Its key.
        facet: String,
    },
    /// It is on.
    #[error("{what} is not switched off; see what is by `tierone kill status`")]
    NotOff {
        /// What.
        what: String,
    },
    /// Only curators confirm.
    #[error(
        "`{by}` may not confirm precedents: they are not in the group `{CURATORS}` of the people file; ask somebody who is"
    )]
    NoCurator {
        /// Who.
        by: PersonId,
    },
    /// There is nothing to confirm.
    #[error(
        "precedent `{precedent}` is {origin}, and only one that is imported can be confirmed; see `tierone precedents list`"
    )]
    NotImported {
        /// Which.
        precedent: PrecedentId,
        /// Where it came from.
        origin: &'static str,
    },
    /// It no longer counts, for good.
    #[error(
        "precedent `{precedent}` is in quarantine; see who put it there by `tierone precedents list`"
    )]
    InQuarantine {
        /// Which.
        precedent: PrecedentId,
    },
    /// Who brings a precedent in does not confirm it.
    #[error("`{by}` brought precedent `{precedent}` in; another person must confirm it")]
    OwnImport {
        /// Which.
        precedent: PrecedentId,
        /// Who.
        by: PersonId,
    },
    /// There is nothing that could be undone.
    #[error(
        "nothing in case `{case}` can be undone: it is {phase}; only what was executed and stands can, look with `cases show`"
    )]
    NothingToUndo {
        /// The case.
        case: CaseId,
        /// Where it stands.
        phase: &'static str,
    },
    /// The catalogue knows no way back.
    #[error("`{action}` has no undo in the catalogue; put it back by hand, and resolve the case")]
    NoUndo {
        /// What was done.
        action: ActionId,
    },
    /// It may have been undone already, and its receiver does not tell a repeat from a new order.
    #[error(
        "an undo of `{action}` was begun and left no receipt, and a second one may have a second effect; look at its receiver, then resolve the case"
    )]
    UndoBegun {
        /// What was done.
        action: ActionId,
    },
    /// It cannot be done here.
    #[error("a case that is {phase} cannot be {what}; look at it with `cases show`")]
    NotNow {
        /// Where it stands.
        phase: &'static str,
        /// What was wished.
        what: &'static str,
    },
}
