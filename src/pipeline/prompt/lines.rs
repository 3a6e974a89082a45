//! Lines: the values that the templates of a draft's prompt are rendered with.

use serde::Serialize;

use super::{
    fence::JOINT,
    sheet::{MISSING_MAX, RATIONALE_MAX, REPLY_MAX},
};

#[derive(Clone, Debug, Serialize)]
pub(super) struct AlertLines {
    pub(super) source: String,
    pub(super) detection: String,
    pub(super) severity: String,
    pub(super) when: String,
    pub(super) title: String,
    pub(super) attack: String,
    pub(super) entities: Vec<EntityLine>,
    pub(super) facets: Vec<FacetLine>,
    pub(super) texts: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct EntityLine {
    pub(super) handle: String,
    pub(super) kind: &'static str,
    pub(super) roles: String,
    pub(super) known: String,
    pub(super) value: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct FacetLine {
    pub(super) text: String,
    pub(super) set_by: &'static str,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct CaseLine {
    pub(super) handle: String,
    pub(super) scope: &'static str,
    pub(super) disposition: &'static str,
    pub(super) action: String,
    pub(super) confirmed: String,
    pub(super) summary: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ActionLine {
    pub(super) id: String,
    pub(super) summary: String,
    pub(super) parameters: Vec<ParameterLine>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ParameterLine {
    pub(super) name: String,
    pub(super) handles: String,
}

/// The values of the user's part.
#[derive(Clone, Debug, Serialize)]
pub struct UserPart<'a> {
    pub(super) fence: &'a str,
    pub(super) alert: AlertLines,
    pub(super) precedents: Vec<CaseLine>,
    pub(super) actions: &'a [ActionLine],
}

/// The values of the system's part.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SystemPart {
    pub(super) joint: char,
    pub(super) missing_max: usize,
    pub(super) rationale_max: usize,
    pub(super) reply_max: usize,
}

/// The values of the schema.
#[derive(Clone, Debug, Serialize)]
pub struct SchemaPart {
    pub(super) actions: Vec<String>,
    pub(super) parameters: Vec<String>,
    pub(super) handles: Vec<String>,
    pub(super) citations: Vec<String>,
}

/// What the system's part says.
pub const SYSTEM: SystemPart = SystemPart {
    joint: JOINT,
    missing_max: MISSING_MAX,
    rationale_max: RATIONALE_MAX,
    reply_max: REPLY_MAX,
};
