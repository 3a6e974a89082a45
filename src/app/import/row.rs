//! A row of an import: named texts become a precedent, or it is said of each wrong one what is wrong and what to write instead.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::{
    app::reading::Reading,
    domain::{
        action::{Action, Catalogue},
        canonical::{Digest, NotCanonical},
        draft::Disposition,
        id::{ActionId, PersonId, PrecedentId, SourceId, TenantId},
        person::Proof,
        precedent::{About, Breadth, Cluster, Precedent, PrecedentOrigin, Scope},
        proposal::ParameterRole,
        residency::Region,
    },
};

/// The fields that a row can have. `facet.NAME` and `parameter.NAME` are fields too.
pub const FIELDS: [&str; 12] = [
    "summary",
    "disposition",
    "source",
    "detection_id",
    "received_at",
    "closed_at",
    "action",
    "cluster",
    "breadth",
    "seen_draft",
    "reply",
    "region",
];
/// What the name of a facet's field begins with.
pub const FACET: &str = "facet.";
/// What the name of a parameter's field begins with.
pub const PARAMETER: &str = "parameter.";

/// Characters of a summary or a reply.
const PROSE_MAX: usize = 4_000;
/// Characters of any other text.
const TEXT_MAX: usize = 500;
/// Facets of a row.
const FACETS_MAX: usize = 64;
/// How far a clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// Hexadecimal digits of an id.
const ID_DIGITS: usize = 32;
const CLUSTERS: [&str; 4] = ["actor:", "source:", "host:", "target:"];
const DISPOSITIONS: [Disposition; 4] = [
    Disposition::TruePositive,
    Disposition::BenignPositive,
    Disposition::FalsePositive,
    Disposition::Undetermined,
];

/// A row as it was read: texts by field, blank ones left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// The texts.
    pub fields: BTreeMap<String, String>,
}

/// Something in a row that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The line of the file on which the row begins.
    pub line: u64,
    /// The field.
    pub field: String,
    /// What stands there.
    pub value: String,
    /// What is wrong with it.
    pub cause: String,
    /// What to do.
    pub cure: &'static str,
}

/// What rows are read by.
pub(super) struct Reader<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) by: &'a PersonId,
    pub(super) proof: Proof,
    pub(super) catalogue: &'a Catalogue,
    pub(super) sources: &'a Reading,
    /// The region of the tenant's data, where a row does not say its own.
    pub(super) region: Option<&'a str>,
    pub(super) now: Timestamp,
}

/// Whether a row must have a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Must {
    Have,
    Miss,
}

impl Reader<'_> {
    /// The precedent in `row`, or everything that is wrong with it.
    pub(super) fn precedent(&self, row: &Row) -> Result<Precedent, Vec<Wrong>> {
        let mut cells = Cells {
            row,
            wrong: Vec::new(),
        };
        let precedent = self.read(&mut cells);
        if !cells.wrong.is_empty() {
            return Err(cells.wrong);
        }
        let identified = identified(precedent).map_err(|cause| {
            cells.refuse("summary", cause.to_string(), "write it as plain text");
            cells.wrong
        })?;
        let region = Region::named(self.region);
        Ok(Precedent {
            about: identified.about.or_else(|| Some(of(region))),
            ..identified
        })
    }

    fn read(&self, cells: &mut Cells<'_>) -> Precedent {
        let received_at = self.time(cells, "received_at", Must::Have);
        let closed_at = self.time(cells, "closed_at", Must::Miss);
        if closed_at.is_some_and(|closed_at| Some(closed_at) < received_at) {
            let cause = "it is before `received_at`".into();
            cells.refuse(
                "closed_at",
                cause,
                "a case is closed after its alert came in",
            );
        }
        let action = self.action(cells);
        let detection_id = cells.text("detection_id", TEXT_MAX, Must::Have);
        Precedent {
            id: PrecedentId::new(""),
            summary: cells
                .text("summary", PROSE_MAX, Must::Have)
                .unwrap_or_default(),
            disposition: disposition(cells),
            parameters: parameters(cells, action),
            action: action.map(|action| action.id.clone()),
            reply: cells.text("reply", PROSE_MAX, Must::Miss),
            scope: Scope {
                tenant: self.tenant.clone(),
                source: self.source(cells),
                detection_id: detection_id.unwrap_or_default(),
                facets: facets(cells),
                breadth: breadth(cells),
            },
            confirmed_by: self.by.clone(),
            proof: self.proof,
            received_at: received_at.unwrap_or_default(),
            closed_at: closed_at.or(received_at).unwrap_or_default(),
            cluster: cluster(cells),
            seen_draft: seen_draft(cells),
            wider: None,
            origin: PrecedentOrigin::Imported,
            about: cells
                .text("region", TEXT_MAX, Must::Miss)
                .map(|region| of(Region::Of(region))),
        }
    }

    fn time(&self, cells: &mut Cells<'_>, field: &str, must: Must) -> Option<Timestamp> {
        let text = cells.text(field, TEXT_MAX, must)?;
        let cure = "write RFC 3339 with a time zone, such as 2026-08-25T07:10:00Z";
        match text.parse::<Timestamp>() {
            Ok(time) if time > self.now + AHEAD => {
                let cause = format!("it is in the future: it is {} now", self.now);
                cells.refuse(field, cause, "look at the export's time zone");
                None
            }
            Ok(time) => Some(time),
            Err(cause) => {
                cells.refuse(field, format!("it is no time: {cause}"), cure);
                None
            }
        }
    }

    fn source(&self, cells: &mut Cells<'_>) -> SourceId {
        let id = SourceId::new(
            cells
                .text("source", TEXT_MAX, Must::Have)
                .unwrap_or_default(),
        );
        if !id.as_str().is_empty() && !self.sources.contains(&id) {
            let names: Vec<&str> = self.sources.names().map(SourceId::as_str).collect();
            let cause = format!("no source has this name; there are {}", names.join(", "));
            cells.refuse("source", cause, "name the source whose alerts it is about");
        }
        id
    }

    fn action(&self, cells: &mut Cells<'_>) -> Option<&Action> {
        let id = ActionId::new(cells.text("action", TEXT_MAX, Must::Miss)?);
        let action = self.catalogue.action(&id);
        if action.is_none() {
            let actions = self.catalogue.actions.iter();
            let ids: Vec<&str> = actions.map(|action| action.id.as_str()).collect();
            let cause = format!(
                "the catalogue has no such action; it has {}",
                ids.join(", ")
            );
            cells.refuse("action", cause, "name one of them, or leave it out");
        }
        action
    }
}

/// What a row was about that says its region and no more.
const fn of(region: Region) -> About {
    About {
        region,
        names: BTreeMap::new(),
    }
}

/// The same under an id made of what it says, and not of who brought it in.
fn identified(precedent: Precedent) -> Result<Precedent, NotCanonical> {
    let nobodys = Precedent {
        confirmed_by: PersonId::new(""),
        proof: Proof::OsUser,
        ..precedent.clone()
    };
    let digest = Digest::of(&nobodys)?.to_string();
    let digits: String = digest.chars().take(ID_DIGITS).collect();
    Ok(Precedent {
        id: PrecedentId::new(format!("imported-{digits}")),
        ..precedent
    })
}

/// The texts of a row, and what was found wrong in them.
struct Cells<'a> {
    row: &'a Row,
    wrong: Vec<Wrong>,
}

impl Cells<'_> {
    fn text(&mut self, field: &str, max: usize, must: Must) -> Option<String> {
        match self.row.fields.get(field) {
            Some(text) if text.chars().count() <= max => Some(text.clone()),
            Some(_) => {
                self.refuse(
                    field,
                    format!("it has more than {max} characters"),
                    "shorten it",
                );
                None
            }
            None if must == Must::Have => {
                let cure =
                    "fill it, map another column to it by --map, or give it to every row by --set";
                self.refuse(field, format!("the row has no `{field}`"), cure);
                None
            }
            None => None,
        }
    }

    /// The fields whose names begin with `prefix`, without it.
    fn named(&mut self, prefix: &str) -> BTreeMap<String, String> {
        let mut named = BTreeMap::new();
        for field in self.row.fields.keys() {
            if let Some(name) = field.strip_prefix(prefix)
                && let Some(text) = self.text(field, TEXT_MAX, Must::Miss)
            {
                named.insert(name.to_owned(), text);
            }
        }
        named
    }

    fn refuse(&mut self, field: &str, cause: String, cure: &'static str) {
        self.wrong.push(Wrong {
            line: self.row.line,
            field: field.into(),
            value: self.row.fields.get(field).cloned().unwrap_or_default(),
            cause,
            cure,
        });
    }
}

/// One of our words, however it is written: `False Positive` is `false_positive`.
fn disposition(cells: &mut Cells<'_>) -> Disposition {
    let unread = Disposition::Undetermined;
    let Some(text) = cells.text("disposition", TEXT_MAX, Must::Have) else {
        return unread;
    };
    let word = text.trim().to_lowercase().replace([' ', '-'], "_");
    let known = DISPOSITIONS.into_iter().find(|known| known.word() == word);
    if known.is_none() {
        let cure = "write true_positive, benign_positive, false_positive or undetermined";
        cells.refuse("disposition", "it is no disposition".into(), cure);
    }
    known.unwrap_or(unread)
}

/// Exactly the parameters that the action has: with one more or less there would be no plan.
fn parameters(cells: &mut Cells<'_>, action: Option<&Action>) -> BTreeMap<String, ParameterRole> {
    let given = cells.named(PARAMETER);
    let specs = action.map(|action| &action.parameters);
    for name in specs.into_iter().flat_map(BTreeMap::keys) {
        if !given.contains_key(name) {
            let field = format!("{PARAMETER}{name}");
            let cause = "the action needs it".into();
            cells.refuse(
                &field,
                cause,
                "name the role that fills it, such as source.ip, owner or constant:VALUE",
            );
        }
    }
    let mut roles = BTreeMap::new();
    for (name, text) in given {
        let field = format!("{PARAMETER}{name}");
        let role = ParameterRole::from(text.as_str());
        match (specs.and_then(|specs| specs.get(&name)), &role) {
            (None, _) => {
                let cause = "the action has no such parameter".into();
                cells.refuse(
                    &field,
                    cause,
                    "leave it out, or name the action that has it",
                );
            }
            (Some(spec), ParameterRole::Constant(value)) if !spec.constants.contains(value) => {
                let cause = "the catalogue does not list this constant".into();
                cells.refuse(
                    &field,
                    cause,
                    "name a role, or one of the catalogue's constants",
                );
            }
            (Some(_), _) => {
                roles.insert(name, role);
            }
        }
    }
    roles
}

fn facets(cells: &mut Cells<'_>) -> BTreeMap<String, String> {
    let facets = cells.named(FACET);
    if facets.len() > FACETS_MAX {
        let cause = format!("the row has more than {FACETS_MAX} facets");
        cells.refuse(FACET, cause, "map those that matter");
    }
    facets
}

fn breadth(cells: &mut Cells<'_>) -> Breadth {
    match cells.text("breadth", TEXT_MAX, Must::Miss).as_deref() {
        None | Some("strict") => Breadth::Strict,
        Some("loosened") => Breadth::Loosened,
        Some(_) => {
            let cure = "write strict (every facet of an alert is named) or loosened";
            cells.refuse("breadth", "it is no breadth".into(), cure);
            Breadth::Strict
        }
    }
}

fn cluster(cells: &mut Cells<'_>) -> Cluster {
    let Some(text) = cells.text("cluster", TEXT_MAX, Must::Miss) else {
        return Cluster::none();
    };
    let named = |prefix: &str| {
        text.strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty())
    };
    if text != "none" && !CLUSTERS.into_iter().any(named) {
        let cure = "write actor:WHO, source:NETWORK, host:NAME, target:WHAT or none";
        cells.refuse("cluster", "it is no cluster".into(), cure);
    }
    Cluster::new(text)
}

fn seen_draft(cells: &mut Cells<'_>) -> bool {
    match cells.text("seen_draft", TEXT_MAX, Must::Miss).as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            cells.refuse("seen_draft", "it is neither".into(), "write true or false");
            false
        }
    }
}
