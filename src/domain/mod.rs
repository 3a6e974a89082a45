//! What we know: the nouns of tier-one triage, as plain data and pure functions.
//!
//! Nothing here awaits, reads a clock, the environment or a disk. Time, ids and chance are arguments.

pub mod action;
pub mod alert;
pub mod answer;
pub mod asset;
pub mod attack;
pub mod calibration;
pub mod canonical;
pub mod card;
pub mod case;
pub mod decision;
pub mod draft;
pub mod entity;
pub mod event;
pub mod evidence;
pub mod facet;
pub mod facts;
pub mod id;
pub mod incident;
pub mod key;
pub mod never;
pub mod operation;
pub mod order;
pub mod paged;
pub mod person;
pub mod precedent;
pub mod proposal;
pub mod recorded;
pub mod release;
pub mod request;
pub mod residency;
pub mod sealed;
pub mod severity;
pub mod soundness;
pub mod statistics;
pub mod step;
pub mod told;
