//! The site's policy tests: what its Cedar policy must say, written by whoever writes the policy. No case is driven by them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::{
    domain::{
        decision::Principal,
        id::{ActionId, GroupId, PersonId},
    },
    pipeline::gate::site_policy::{Answer, CaseView, Circumstances, Petition, SitePolicy},
};

/// The tests of one policy.
pub struct PolicyTests(Vec<PolicyTest>);

/// One test.
pub struct PolicyTest {
    /// Its name.
    pub name: String,
    petition: Petition,
    expect: Expected,
    because: BTreeSet<String>,
}

/// What a test found.
pub struct Tested {
    /// Whether the policy says what it must, because of the policies that it must.
    pub passed: bool,
    /// What it says.
    pub answer: Answer,
}

/// Tests that cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum BadTests {
    /// The file is not what it should be.
    #[error("the policy tests are wrong: {0}")]
    Wrong(#[from] serde_json::Error),
    /// There are none.
    #[error("the policy tests are empty; a policy without tests proves nothing")]
    Empty,
    /// A test is not what it should be.
    #[error("policy test `{name}` is wrong: {cause}")]
    Test {
        /// Which.
        name: String,
        /// Why.
        cause: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    defaults: Defaults,
    tests: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Defaults {
    case: BTreeMap<String, Value>,
    context: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    principal: Who,
    action: ActionId,
    #[serde(default)]
    case: BTreeMap<String, Value>,
    #[serde(default)]
    context: BTreeMap<String, Value>,
    expect: Expected,
    because: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Who {
    Agent {
        agent: bool,
    },
    Person {
        person: PersonId,
        groups: Vec<GroupId>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Expected {
    Allow,
    Deny,
}

impl PolicyTests {
    /// Reads `tests.json`.
    pub fn read(text: &str) -> Result<Self, BadTests> {
        let file: File = serde_json::from_str(text)?;
        if file.tests.is_empty() {
            return Err(BadTests::Empty);
        }
        let tests = file.tests.into_iter().map(|test| test.read(&file.defaults));
        Ok(Self(tests.collect::<Result<_, _>>()?))
    }

    /// The tests, in order.
    pub fn iter(&self) -> impl Iterator<Item = &PolicyTest> {
        self.0.iter()
    }

    /// The first test that `policy` fails, and how many it fails.
    pub fn failed(&self, policy: &SitePolicy) -> (Option<&PolicyTest>, u64) {
        let mut failed = self.iter().filter(|test| !test.run(policy).passed);
        let first = failed.next();
        let more = u64::try_from(failed.count()).unwrap_or(u64::MAX);
        (first, more + u64::from(first.is_some()))
    }
}

impl PolicyTest {
    /// What `policy` says of it.
    pub fn run(&self, policy: &SitePolicy) -> Tested {
        let answer = policy.answer(&self.petition);
        Tested {
            passed: answer.allowed == (self.expect == Expected::Allow)
                && answer.because == self.because
                && answer.errors.is_empty(),
            answer,
        }
    }
}

impl Written {
    fn read(self, defaults: &Defaults) -> Result<PolicyTest, BadTests> {
        let name = self.name.clone();
        let wrong = |cause: String| BadTests::Test { name, cause };
        let (principal, groups) = match self.principal {
            Who::Agent { agent: true } => (Principal::Agent, Vec::new()),
            Who::Agent { agent: false } => {
                return Err(wrong("`agent` is false; name a person instead".into()));
            }
            Who::Person { person, groups } => (Principal::Person(person), groups),
        };
        let case = overlaid::<CaseView>(&defaults.case, self.case);
        let circumstances = overlaid::<Circumstances>(&defaults.context, self.context);
        let (case, circumstances) = case
            .and_then(|case| Ok((case, circumstances?)))
            .map_err(|cause| wrong(cause.to_string()))?;
        Ok(PolicyTest {
            name: self.name,
            petition: Petition {
                principal,
                groups,
                action: self.action,
                case,
                circumstances,
            },
            expect: self.expect,
            because: self.because,
        })
    }
}

fn overlaid<T: serde::de::DeserializeOwned>(
    defaults: &BTreeMap<String, Value>,
    own: BTreeMap<String, Value>,
) -> serde_json::Result<T> {
    let mut members = defaults.clone();
    members.extend(own);
    serde_json::from_value(Value::Object(members.into_iter().collect()))
}
