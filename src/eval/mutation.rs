//! Mutation: each part of the gate is left out in turn, and each time a case must notice. A part that no case misses proves nothing.

use std::sync::Arc;

use super::{
    broken_fact::{self, BrokenFact},
    bundle::{Mutant, Part},
    drafters::Model,
    drive::{Broken, Shipped, stepped},
    material::Material,
    policy_tests::{BadTests, PolicyTests},
    setting::Setting,
    site::{self, NoSite, Standing},
};
use crate::{
    domain::{
        case::Case,
        decision::{Code, Effect, Principal},
        evidence::assess,
    },
    pipeline::{
        Ports,
        gate::{
            conditions::{CONDITIONS, Condition},
            context::Context,
            evaluate,
            facts::{Subject, context},
        },
    },
    ports::Drafting,
};

/// Why the mutants could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum Untried {
    /// The site of made cases cannot be made.
    #[error(transparent)]
    Site(#[from] NoSite),
    /// A case came to no result.
    #[error("the case of `{}` came to no result: {cause}", code.text())]
    Case {
        /// Of which condition.
        code: Code,
        /// Why.
        cause: Broken,
    },
    /// The policy's tests cannot be run.
    #[error(transparent)]
    Tests(#[from] BadTests),
    /// This build's catalogue has no action on which every condition can be tried.
    #[error(
        "no action of this build's catalogue suits every condition; it needs one that is autonomous, reversible and touches one asset"
    )]
    NoAction,
}

/// The setting on which every condition is tried: this build's own catalogue and policy, since the conditions are its own too.
pub fn setting(material: &Material) -> Result<Setting, Untried> {
    let rules = Arc::new(site::rules(&material.shipped, material.demo.now)?);
    let action = broken_fact::suitable(&rules.catalogue).ok_or(Untried::NoAction)?;
    Ok(Setting {
        action: action.clone(),
        standing: Standing::Plain,
        now: material.demo.now,
        rules: Arc::clone(&rules),
    })
}

/// What becomes of each condition and each policy that is left out.
pub fn mutants(material: &Material, shipped: Shipped<'_>) -> Result<Vec<Mutant>, Untried> {
    let setting = setting(material)?;
    let weighed = Code::ALL.iter().map(|code| weigh(*code, &setting, shipped));
    let weighed: Vec<Weighed> = weighed.collect::<Result<_, _>>()?;
    let mut mutants: Vec<Mutant> = CONDITIONS
        .iter()
        .map(|left_out| condition(left_out, &weighed))
        .collect();
    mutants.extend(policies(material)?);
    Ok(mutants)
}

/// A case with a broken fact, as far as the gate: what its conditions read.
struct Weighed {
    code: Code,
    context: Context,
    radius: u8,
}

impl Weighed {
    fn effect(&self, conditions: &[Condition]) -> Effect {
        evaluate(conditions, &self.context, &Principal::Agent, self.radius).effect
    }
}

fn condition(left_out: &Condition, weighed: &[Weighed]) -> Mutant {
    let rest: Vec<Condition> = CONDITIONS
        .iter()
        .filter(|one| one.code != left_out.code)
        .copied()
        .collect();
    // What the whole gate lets pass proves nothing about a part of it.
    let noticing = weighed.iter().filter(|case| {
        case.effect(&CONDITIONS) != Effect::Fire && case.effect(&rest) == Effect::Fire
    });
    let noticing: Vec<&Weighed> = noticing.collect();
    Mutant {
        name: left_out.code.text().into(),
        part: Part::Condition,
        noticed: u64::try_from(noticing.len()).unwrap_or(u64::MAX),
        caught_by: noticing
            .first()
            .map(|case| format!("broken {}", case.code.text())),
    }
}

fn weigh(code: Code, setting: &Setting, shipped: Shipped<'_>) -> Result<Weighed, Untried> {
    let broken = broken_fact::of(code, setting);
    let index = (shipped.index)();
    let model = Model::of(&broken.drafter);
    let ports = Ports {
        embedder: shipped.embedder,
        index: index.as_ref(),
        model: Some(&model as &dyn Drafting),
    };
    let read = stepped(&broken.scene, ports).and_then(|(case, _)| read(&case, &broken));
    let (context, radius) = read.map_err(|cause| Untried::Case { code, cause })?;
    Ok(Weighed {
        code,
        context,
        radius,
    })
}

/// What the conditions read of a case that was decided, and the radius of its action.
fn read(case: &Case, broken: &BrokenFact) -> Result<(Context, u8), Broken> {
    let scene = &broken.scene;
    let alert = case.alert()?;
    let plan = case.plan.as_ref().ok_or(Broken::Undecided)?;
    let assessment = assess(&scene.facts.evidence, alert, scene.facts.store);
    let proposal = plan.proposal();
    let action = proposal.and_then(|proposal| scene.rules.catalogue.action(&proposal.action));
    let radius = action.map_or(0, |action| action.radius_on(alert, case.urgency));
    let draft = case.draft.as_ref();
    let (context, _) = context(Subject {
        alert,
        urgency: case.urgency,
        plan,
        draft: draft.and_then(|(draft, standing)| Some((draft.content()?, standing))),
        proposal,
        principal: &Principal::Agent,
        assessment: &assessment,
        facts: &scene.facts,
        rules: &scene.rules,
        now: scene.now,
    });
    Ok((context, radius))
}

/// The candidate's policies. Where its tests fail already, they prove nothing.
fn policies(material: &Material) -> Result<Vec<Mutant>, Untried> {
    let Some(policy) = &material.candidate.policy else {
        return Ok(Vec::new());
    };
    let tests = PolicyTests::read(&material.policy_tests)?;
    let sound = tests.failed(policy).0.is_none();
    let tried = policy.ids().into_iter().map(|id| {
        let rest = policy.without(&id);
        let (first, noticed) = match &rest {
            Ok(rest) if sound => tests.failed(rest),
            Ok(_) | Err(_) => (None, 0),
        };
        Mutant {
            name: id,
            part: Part::Policy,
            noticed,
            caught_by: first.map(|test| test.name.clone()),
        }
    });
    Ok(tried.collect())
}
