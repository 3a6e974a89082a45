//! What several promises are tested with: a world in which everything holds, and doubles for what a case calls.

pub mod attested;
pub mod chance;
pub mod demo;
pub mod doubles;
pub mod evidence;
pub mod planted;
pub mod world;
