//! The gate's promises: each condition, an oracle written by hand, targets, hijacked drafters, retrieval and precedents.

mod adversary;
mod conditions;
mod hijacked;
mod oracle;
mod precedents;
mod retrieval;
mod table;
mod targets;
