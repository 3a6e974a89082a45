//! What we do: the stages of an alert's path.

pub mod normalise;
