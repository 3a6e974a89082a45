//! Drafting by a language model: what leaves, what of a reply counts, and that whatever a model says or fails at breaks nothing.

mod ask;
mod double;
mod driver;
mod figures;
mod grounding;
mod leaks;
mod live;
mod page;
mod path;
mod prompts;
mod residency;
mod shown;
mod subset;
