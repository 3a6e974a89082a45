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
    /// It is asked blind: what is offered is shown to nobody.
    #[error(
        "case `{case}` is asked blind, so nothing that was shown could be approved; say what you would do, with an action and its values, or how the case ends"
    )]
    Blind {
        /// The case.
        case: CaseId,
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
    /// A case is put off to a time to come, and not for ever.
    #[error("a case cannot be put off until {until}; name a time to come, at the latest {latest}")]
    NoSuchTime {
        /// When it should be looked at again.
        until: Timestamp,
        /// The latest that can be named.
        latest: Timestamp,
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
    /// The alert does not have the facet that is said to have mattered, or has no value there.
    #[error(
        "the alert has no facet `{facet}` that could have mattered; take one that `cases show` lists"
    )]
    NoSuchFacet {
        /// Its key.
        facet: String,
    },
    /// Nothing that is shown says what the case is taken for.
    #[error(
        "it is asked blind, so nothing says what the case is taken for; name a disposition with the action"
    )]
    NoDisposition,
    /// Nobody could read later why it was done.
    #[error("the reason is empty; say why in a few words")]
    NoReason,
    /// It is on.
    #[error("{what} is not switched off; see what is by `tierone kill status`")]
    NotOff {
        /// What.
        what: String,
    },
    /// Nothing attests it.
    #[error("the release is not attested: {why}; see `tierone release show`, then attest it")]
    NotAttested {
        /// Why.
        why: String,
    },
    /// Its evidence attests nothing.
    #[error("nothing is attested: {why}")]
    NotProven {
        /// Why.
        why: String,
    },
    /// What was tried is not what is running.
    #[error(
        "nothing is attested: what was tried has other {components}; run `tierone eval run` with the program and the configuration that will run"
    )]
    OtherRelease {
        /// In which components.
        components: String,
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
        "nothing of precedent `{precedent}` waits for a confirmation; see what does by `tierone precedents list --unconfirmed`"
    )]
    NothingToConfirm {
        /// Which.
        precedent: PrecedentId,
    },
    /// It no longer counts, for good.
    #[error(
        "precedent `{precedent}` is in quarantine; see who put it there by `tierone precedents list`"
    )]
    InQuarantine {
        /// Which.
        precedent: PrecedentId,
    },
    /// Who brings a precedent in, or says how little of it mattered, does not confirm it.
    #[error(
        "precedent `{precedent}` is on the word of `{by}` already; another person must confirm it"
    )]
    OwnWord {
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
