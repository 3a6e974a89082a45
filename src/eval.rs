//! The offline evaluation: a change proves itself on cases before it may act on alerts. No network, no store, no clock of its own.
//!
//! Every case drives the same `pipeline::advance` that alerts are driven by. No model judges a verdict: oracles are code.

pub mod attestation;
pub mod bars;
pub mod baseline;
pub mod broken_fact;
pub mod bundle;
pub mod chance;
pub mod compare;
pub mod dataset;
pub mod drafters;
pub mod drive;
pub mod evidence_state;
pub mod fault;
pub mod grade;
pub mod injection;
pub mod live;
pub mod material;
pub mod mutation;
pub mod policy_tests;
pub mod run;
pub mod runner;
pub mod seen;
pub mod selftest;
pub mod setting;
pub mod site;
pub mod suite;
pub mod suites;
pub mod texts;
pub mod trial;
pub mod verdict;
