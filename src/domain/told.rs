//! Told: what somebody asked about a case, and what a model said to it. It lies beside the event of the call, and nothing rests on it.

use serde::{Deserialize, Serialize};

/// A question, with the answer of one try at a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What was asked.
    pub question: String,
    /// What the model said, with what its handles stand for and its marks; `None` where it could not be used.
    pub answer: Option<String>,
    /// The lines of the record that it cites.
    pub citations: Vec<String>,
}
