//! The site's Cedar policy: it can only narrow what the conditions allow. Any Cedar error is a denial.
//!
//! Cedar skips a policy that errs at evaluation, so a broken `forbid` would open the door. Here it shuts it.

mod view;

use std::collections::{BTreeSet, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy,
    PolicyId, PolicySet, Request, Schema, ValidationMode, Validator,
};

use self::view::Who;
pub use self::view::{CaseView, Circumstances, Petition};
use super::context::Permission;
use crate::domain::{action::Catalogue, decision::Principal, id::ActionId};

/// A validated policy set.
#[derive(Clone, Debug)]
pub struct SitePolicy {
    policies: PolicySet,
    schema: Schema,
    names: Names,
    /// The actions of the schema, in their groups.
    actions: Entities,
    /// Who may ask for what, by the schema. What a petition says has one form, so that one of each was checked when the policy was read.
    checked: BTreeSet<(ActionId, Who)>,
}

/// A policy that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The schema or the policies do not parse.
    #[error("{file} does not parse: {cause}")]
    Parse {
        /// Which file.
        file: &'static str,
        /// Why.
        cause: String,
    },
    /// A policy has no `@id` or no `@why`, or two have the same.
    #[error("policy `{policy}` needs {needs}; people are shown both")]
    Annotation {
        /// Which policy.
        policy: String,
        /// What it lacks.
        needs: &'static str,
    },
    /// Strict validation found errors, or warnings, which count as errors here.
    #[error("policies fail strict validation: {0}")]
    Invalid(String),
    /// The catalogue has an action that the schema does not have.
    #[error("action `{0}` of the catalogue is not in gate.cedarschema; declare it there")]
    Undeclared(ActionId),
    /// A name of ours is not a Cedar name.
    #[error("cedar refuses a name: {0}")]
    Name(String),
}

/// What the policy said, with the ids of the policies that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it is allowed.
    pub allowed: bool,
    /// The `@id`s that decided.
    pub because: BTreeSet<String>,
    /// Errors; any of them is a denial.
    pub errors: Vec<String>,
}

/// Cedar's entity types, parsed once.
#[derive(Clone, Debug)]
struct Names {
    agent: EntityTypeName,
    person: EntityTypeName,
    group: EntityTypeName,
    case: EntityTypeName,
    action: EntityTypeName,
}

impl SitePolicy {
    /// Parses and validates; the catalogue's actions must all be declared in the schema.
    pub fn read(policy: &str, schema: &str, catalogue: &Catalogue) -> Result<Self, PolicyError> {
        let (schema, warnings) =
            Schema::from_cedarschema_str(schema).map_err(|cause| PolicyError::Parse {
                file: "gate.cedarschema",
                cause: cause.to_string(),
            })?;
        if let Some(warning) = warnings.into_iter().next() {
            return Err(PolicyError::Invalid(warning.to_string()));
        }
        let names = Names::new()?;
        let policies = named(policy)?;
        validate(&policies, &schema)?;
        declared(catalogue, &schema)?;
        let invalid = |cause: &dyn std::fmt::Display| PolicyError::Invalid(cause.to_string());
        let mut policy = Self {
            actions: schema.action_entities().map_err(|cause| invalid(&cause))?,
            policies,
            schema,
            names,
            checked: BTreeSet::new(),
        };
        for action in &catalogue.actions {
            for who in [Who::Agent, Who::Person] {
                let fits = policy.request(&Petition::example(&action.id, who)).is_ok();
                if fits {
                    policy.checked.insert((action.id.clone(), who));
                }
            }
        }
        Ok(policy)
    }

    /// The ids of the policies.
    pub fn ids(&self) -> BTreeSet<String> {
        self.policies
            .policies()
            .map(|policy| policy.id().to_string())
            .collect()
    }

    /// The same set without one policy.
    pub fn without(&self, id: &str) -> Result<Self, PolicyError> {
        let rest = self
            .policies
            .policies()
            .filter(|policy| policy.id().to_string() != id)
            .cloned();
        let policies = PolicySet::from_policies(rest)
            .map_err(|cause| PolicyError::Invalid(cause.to_string()))?;
        Ok(Self {
            policies,
            ..self.clone()
        })
    }

    /// What people are told of a policy.
    pub fn why(&self, id: &str) -> Option<String> {
        let policy = self.policies.policy(&PolicyId::new(id))?;
        policy.annotation("why").map(ToOwned::to_owned)
    }

    /// What the policy says, as the gate reads it.
    pub fn permission(&self, petition: &Petition) -> Permission {
        let answer = self.answer(petition);
        if !answer.errors.is_empty() {
            return Permission::Denied(answer.errors);
        }
        let because: Vec<String> = answer.because.into_iter().collect();
        if answer.allowed {
            return Permission::Allowed(because);
        }
        if because.is_empty() {
            return Permission::Denied(vec!["no policy permits it".into()]);
        }
        let told = |id: &String| match self.why(id) {
            Some(why) => format!("{id}: {why}"),
            None => id.clone(),
        };
        Permission::Denied(because.iter().map(told).collect())
    }

    /// What the policy says.
    pub fn answer(&self, petition: &Petition) -> Answer {
        match self.request(petition) {
            Err(cause) => Answer {
                allowed: false,
                because: BTreeSet::new(),
                errors: vec![format!("policy error: {cause}")],
            },
            Ok((request, entities)) => {
                let response = Authorizer::new().is_authorized(&request, &self.policies, &entities);
                let diagnostics = response.diagnostics();
                let errors: Vec<String> = diagnostics
                    .errors()
                    .map(|cause| format!("policy error: {cause}"))
                    .collect();
                Answer {
                    allowed: response.decision() == Decision::Allow && errors.is_empty(),
                    because: diagnostics.reason().map(ToString::to_string).collect(),
                    errors,
                }
            }
        }
    }

    /// The request and its entities, checked against the schema unless one of their form was.
    fn request(&self, petition: &Petition) -> Result<(Request, Entities), String> {
        let principal = self.names.principal(&petition.principal);
        let groups: HashSet<EntityUid> = petition
            .groups
            .iter()
            .map(|group| uid(&self.names.group, group.as_str()))
            .collect();
        let case = uid(&self.names.case, "case");
        let entities = groups.iter().cloned().map(Entity::with_uid).chain([
            Entity::new_no_attrs(principal.clone(), groups.clone()),
            Entity::new(case.clone(), petition.case.attributes(), HashSet::new())
                .map_err(|cause| cause.to_string())?,
        ]);
        let form = (petition.action.clone(), Who::of(&petition.principal));
        let schema = (!self.checked.contains(&form)).then_some(&self.schema);
        let entities = self.actions.clone().add_entities(entities, schema);
        let entities = entities.map_err(|cause| cause.to_string())?;
        let action = uid(&self.names.action, petition.action.as_str());
        let context = Context::from_pairs(petition.circumstances.pairs())
            .map_err(|cause| cause.to_string())?;
        Request::new(principal, action, case, context, schema)
            .map(|request| (request, entities))
            .map_err(|cause| cause.to_string())
    }
}

impl Names {
    fn new() -> Result<Self, PolicyError> {
        let name = |text: &str| {
            text.parse()
                .map_err(|cause: cedar_policy::ParseErrors| PolicyError::Name(cause.to_string()))
        };
        Ok(Self {
            agent: name("Agent")?,
            person: name("Person")?,
            group: name("Group")?,
            case: name("Case")?,
            action: name("Action")?,
        })
    }

    fn principal(&self, principal: &Principal) -> EntityUid {
        match principal {
            Principal::Agent => uid(&self.agent, "tierone"),
            Principal::Person(id) => uid(&self.person, id.as_str()),
        }
    }
}

fn uid(name: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(name.clone(), EntityId::new(id))
}

/// Cedar names policies by their place; here they have the names that decisions and tests use.
fn named(text: &str) -> Result<PolicySet, PolicyError> {
    let parsed: PolicySet =
        text.parse()
            .map_err(|cause: cedar_policy::ParseErrors| PolicyError::Parse {
                file: "gate.cedar",
                cause: cause.to_string(),
            })?;
    let rename = |policy: &Policy| {
        let annotation = |key: &'static str, needs| {
            policy
                .annotation(key)
                .ok_or_else(|| PolicyError::Annotation {
                    policy: policy.id().to_string(),
                    needs,
                })
        };
        annotation("why", "an @why")?;
        Ok(policy.new_id(PolicyId::new(annotation("id", "an @id")?)))
    };
    let renamed: Vec<Policy> = parsed.policies().map(rename).collect::<Result<_, _>>()?;
    PolicySet::from_policies(renamed).map_err(|cause| PolicyError::Annotation {
        policy: cause.to_string(),
        needs: "an @id of its own",
    })
}

fn validate(policies: &PolicySet, schema: &Schema) -> Result<(), PolicyError> {
    let result = Validator::new(schema.clone()).validate(policies, ValidationMode::Strict);
    let errors = result.validation_errors().map(ToString::to_string);
    let warnings = result.validation_warnings().map(ToString::to_string);
    match errors.chain(warnings).collect::<Vec<_>>() {
        all if all.is_empty() => Ok(()),
        all => Err(PolicyError::Invalid(all.join("; "))),
    }
}

fn declared(catalogue: &Catalogue, schema: &Schema) -> Result<(), PolicyError> {
    let actions: BTreeSet<String> = schema
        .actions()
        .map(|action| action.id().unescaped().to_owned())
        .collect();
    match catalogue
        .actions
        .iter()
        .find(|action| !actions.contains(action.id.as_str()))
    {
        Some(action) => Err(PolicyError::Undeclared(action.id.clone())),
        None => Ok(()),
    }
}
