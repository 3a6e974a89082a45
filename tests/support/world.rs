//! A world in which everything holds: an alert, what is known of it, and the rules. Its decision is made from a folded case.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::pin,
    sync::{Arc, OnceLock},
    task::{Context as Polling, Poll, Waker},
};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tierone::{
    domain::{
        action::{Action, Catalogue},
        alert::{Alert, Origin, Reading, Status},
        answer::Answer,
        calibration::Calibration,
        canonical::Digest,
        case::Case,
        decision::{Data, Decision, Principal},
        draft::{Disposition, KeyRule},
        entity::{Entity, EntityKind, Handshake, Provenance, Role},
        event::{Body, EVENT_VERSION, Event},
        evidence::assess,
        facet::{Facet, SetBy},
        facts::{Evidence, Facts, GateState, Known, StoreKind},
        id::{ActionId, CaseId, PersonId, PrecedentId, SourceId, TenantId},
        person::Proof,
        precedent::{About, Breadth, Cluster, Precedent, PrecedentOrigin, Scope},
        proposal::{ParameterRole, Proposal},
        release::{Attestation, Ppm, Release, Stage},
        residency::{Region, Residency},
        sealed::Sealed,
        severity::Severity,
    },
    outbound::{embedded_index::EmbeddedIndex, lexical::Lexical},
    pipeline::{
        Ports, advance,
        gate::{
            context::Context,
            facts::{Subject, context},
            injection::Signs,
            site_policy::SitePolicy,
        },
        plan::{fill, plan},
        retrieve::text_of_precedent,
        rules::Rules,
    },
    ports::{self, Embedder, Fault, VectorStore},
};

use super::doubles::Says;

/// A Thursday in office hours.
pub const NOW: &str = "2026-10-15T10:00:00Z";
/// The tenant.
pub const TENANT: &str = "acme";
/// What the precedents do.
pub const ACTION: &str = "make-bucket-private";
/// To what.
pub const BUCKET: &str = "research-share";

/// Everything that one decision rests on.
#[derive(Clone, Debug)]
pub struct World {
    /// The alert.
    pub alert: Alert,
    /// What the store knows.
    pub facts: Facts,
    /// The rules.
    pub rules: Rules,
    /// The time.
    pub now: Timestamp,
    /// Who drafts.
    pub drafting: Drafting,
}

/// Who drafts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drafting {
    /// No model is configured.
    Own,
    /// One is, and is down.
    Down,
}

/// What a case calls.
#[derive(Clone, Copy)]
pub struct Calls<'a> {
    /// Turns text into vectors.
    pub embedder: &'a dyn Embedder,
    /// Finds look-alikes.
    pub index: &'a dyn VectorStore,
    /// Writes drafts.
    pub model: Option<&'a dyn ports::Drafting>,
}

impl World {
    /// The world in which everything holds: seven people opened one bucket on seven days, and each time it was closed.
    pub fn holding() -> Self {
        let now: Timestamp = NOW.parse().unwrap();
        let alert = alert(now);
        let rules = rules(now);
        let rows: Vec<Precedent> = (0..7).map(|place| precedent(&alert, place)).collect();
        Self {
            facts: facts(StoreKind::Live, rows, &rules, now),
            alert,
            rules,
            now,
            drafting: Drafting::Own,
        }
    }

    /// The catalogue entry of the world's action, where it was not taken out.
    pub fn with_action(&mut self, change: impl Fn(&mut Action)) {
        let actions = self.rules.catalogue.actions.iter_mut();
        actions
            .filter(|action| action.id.as_str() == ACTION)
            .for_each(change);
    }

    /// The rows of the evidence.
    pub fn rows(&mut self) -> &mut Vec<Precedent> {
        Arc::make_mut(&mut self.facts.evidence.rows)
    }

    /// The case as it is received.
    pub fn received(&self) -> Case {
        Case::open(&Event {
            version: EVENT_VERSION,
            tenant: self.alert.tenant.clone(),
            case: CaseId::new(uuid::Uuid::from_u128(7)),
            number: 1,
            at: self.now,
            previous: Digest::ZERO,
            body: Body::Received {
                alert: Sealed::new(self.alert.clone(), [7; 32]).unwrap(),
                status: Status::Firing,
                urgency: self.alert.urgency(),
            },
        })
        .unwrap()
    }

    /// The case after one more step.
    pub fn step(&self, mut case: Case, calls: Calls<'_>) -> Case {
        let mut facts = self.facts.clone();
        facts.look_alikes = self.named(&case);
        let ports = Ports {
            embedder: calls.embedder,
            index: calls.index,
            model: calls.model,
        };
        let step = advance(&case, &facts, ports, &self.rules, [7; 32], self.now);
        for event in at_once(step).unwrap() {
            case.apply(&event).unwrap();
        }
        case
    }

    /// The found precedents, as the store has them.
    fn named(&self, case: &Case) -> Vec<Precedent> {
        let row = |id: &PrecedentId| self.facts.evidence.rows.iter().find(|row| row.id == *id);
        case.found
            .iter()
            .filter_map(|found| row(&found.precedent).cloned())
            .collect()
    }

    /// The case once it is planned.
    pub fn planned(&self, calls: Calls<'_>) -> Case {
        let case = self.step(self.received(), calls);
        self.step(case, calls)
    }

    /// The case once it is decided on the agent's word.
    pub fn decided_with(&self, calls: Calls<'_>) -> Case {
        let case = self.step(self.planned(calls), calls);
        self.step(case, calls)
    }

    /// The case once it is decided, with the built-in index.
    pub fn decided(&self) -> Case {
        let down = Says(Err(Fault::Transient("down".into())));
        match self.drafting {
            Drafting::Own => self.decided_by(None),
            Drafting::Down => self.decided_by(Some(&down)),
        }
    }

    /// The case once it is decided, with this model.
    pub fn decided_by(&self, model: Option<&dyn ports::Drafting>) -> Case {
        let index = indexed(&self.facts.evidence.rows);
        self.decided_with(Calls {
            embedder: &Lexical,
            index: &index,
            model,
        })
    }

    /// The decision on the agent's word.
    pub fn decision(&self) -> Decision {
        decision(&self.decided())
    }

    /// What the conditions read of a case that was drafted, and the radius, for this principal.
    pub fn context(&self, case: &Case, principal: &Principal) -> (Context, u8) {
        let alert = case.alert().unwrap();
        let assessment = assess(&self.facts.evidence, alert, self.facts.store);
        let planned = plan(&assessment, alert, &self.rules);
        let draft = case.draft.as_ref();
        let proposal = planned.proposal();
        let action = proposal.and_then(|proposal| self.rules.catalogue.action(&proposal.action));
        let radius = action.map_or(0, |action| action.class(alert, case.urgency).radius);
        let (context, _) = context(Subject {
            alert,
            urgency: case.urgency,
            plan: &planned,
            draft: draft.map(|(draft, standing)| (draft.content().unwrap(), standing)),
            proposal,
            principal,
            assessment: &assessment,
            facts: &self.facts,
            rules: &self.rules,
            now: self.now,
        });
        (context, radius)
    }

    /// The same with a person's word on the open ask: the case is decided again.
    pub fn answered(&self, mut case: Case, by: &str, answer: Answer) -> Case {
        let calls = Calls {
            embedder: &Lexical,
            index: &EmbeddedIndex::default(),
            model: None,
        };
        if case.ask.is_none() || matches!(case.phase, tierone::domain::case::Phase::Decided) {
            case = self.step(case, calls);
        }
        let digest = case.ask.as_ref().unwrap().digest;
        let event = case.event(
            Body::Answered {
                digest,
                by: PersonId::new(by),
                proof: Proof::Oidc,
                answer,
            },
            self.now,
        );
        case.apply(&event).unwrap();
        self.step(case, calls)
    }

    /// The world's action on the alert's bucket as a person's proposal; of parameters that the plan cannot fill, the first that fits.
    pub fn proposal_of(&self, person: &str) -> Proposal {
        let mut alert = self.alert.clone();
        let mut seen = BTreeSet::new();
        alert
            .entities
            .retain(|entity| seen.insert(entity.role.clone()));
        let action = ActionId::new(ACTION);
        let roles = &self.facts.evidence.rows[0].parameters;
        Proposal {
            disposition: Disposition::TruePositive,
            parameters: fill(roles, &action, &alert, &self.rules).unwrap(),
            action,
            proposer: tierone::domain::proposal::Proposer::Person(PersonId::new(person)),
        }
    }
}

/// The last decision of `case`.
pub fn decision(case: &Case) -> Decision {
    case.decided.as_ref().unwrap().1.clone()
}

/// What `future` comes to. Nothing in these tests waits for anything.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Polling::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a test waited"),
    }
}

/// The built-in index of these rows.
pub fn indexed(rows: &[Precedent]) -> EmbeddedIndex {
    let index = EmbeddedIndex::default();
    let texts: Vec<String> = rows.iter().map(text_of_precedent).collect();
    let embeddings = at_once(Lexical.embed(&texts)).unwrap();
    at_once(index.upsert(rows.iter().cloned().zip(embeddings).collect())).unwrap();
    index
}

/// An entity in a field.
pub fn entity(kind: EntityKind, value: &str, role: &str) -> Entity {
    Entity {
        kind,
        value: value.into(),
        role: Role::new(role),
        provenance: Provenance::Field,
        handshake: Handshake::Unproven,
    }
}

/// A facet of the environment.
pub fn environment(key: &str, value: &str) -> Facet {
    Facet::new(key, Some(value.into()), SetBy::Environment)
}

fn alert(now: Timestamp) -> Alert {
    Alert {
        tenant: TenantId::new(TENANT),
        source: SourceId::new("guardduty"),
        origin: Origin::Route {
            key: "key-1".into(),
            sender: None,
        },
        detection_id: Some("Policy:S3/BucketAnonymousAccessGranted".into()),
        rule_version: None,
        title: "public access was granted to a bucket".into(),
        severity: Some(Severity::Medium),
        raw_severity: Some("5".into()),
        occurred_at: Some(now - SignedDuration::from_mins(10)),
        received_at: now,
        entities: vec![
            entity(EntityKind::User, "svc-notebook", "actor.user"),
            entity(EntityKind::Bucket, BUCKET, "target.bucket"),
        ],
        facets: vec![
            environment("account", "111122223333"),
            environment("bucket", BUCKET),
            Facet::new("api", Some("PutBucketPolicy".into()), SetBy::Actor),
        ],
        fingerprint: Digest::of_bytes(b"fingerprint"),
        occurrence_id: "occurrence-1".into(),
        status: Status::Firing,
        attack: vec![],
        owner_hints: vec![],
        links: vec![],
        reading: Reading::Whole,
        raw: json!({"bucket": BUCKET, "user": "svc-notebook"}),
    }
}

/// The scope of `alert`, strict.
pub fn scope(alert: &Alert) -> Scope {
    let facets = alert.facets.iter();
    Scope {
        tenant: alert.tenant.clone(),
        source: alert.source.clone(),
        detection_id: alert.detection_id.clone().unwrap(),
        facets: facets
            .map(|facet| (facet.key.clone(), facet.value.clone().unwrap()))
            .collect(),
        breadth: Breadth::Strict,
    }
}

/// The precedent of `alert` at this place: another day and another actor each.
pub fn precedent(alert: &Alert, place: u32) -> Precedent {
    let received_at = alert.received_at - SignedDuration::from_hours(24 * i64::from(3 + place * 2));
    Precedent {
        id: PrecedentId::new(format!("p-{place}")),
        summary: "public access was granted by mistake and taken back".into(),
        disposition: Disposition::TruePositive,
        action: Some(ActionId::new(ACTION)),
        parameters: BTreeMap::from([("bucket".into(), ParameterRole::from("target.bucket"))]),
        reply: None,
        scope: scope(alert),
        confirmed_by: PersonId::new("mira"),
        proof: Proof::Oidc,
        received_at,
        closed_at: received_at + SignedDuration::from_mins(30),
        cluster: Cluster::new(format!("actor:user-{place}")),
        seen_draft: false,
        wider: None,
        origin: PrecedentOrigin::Lived,
        about: Some(About {
            region: Region::Of("eu-west-1".into()),
            names: BTreeMap::new(),
        }),
    }
}

/// Facts in which nothing speaks against a fire: stage full, an attestation, nothing switched off, nothing started.
pub fn facts(store: StoreKind, rows: Vec<Precedent>, rules: &Rules, now: Timestamp) -> Facts {
    Facts {
        store,
        evidence: Evidence {
            total: rows.len() as u64,
            rows: rows.into(),
            quarantine: Known::Read(BTreeSet::new()),
        },
        look_alikes: vec![],
        occurrence_seen: Known::Read(None),
        gate: GateState {
            kills: Known::Read(BTreeSet::new()),
            stage: Known::Read(Stage::Full),
            attestation: Known::Read(Some(Attestation {
                release: Arc::clone(&rules.release),
                issued: now - SignedDuration::from_hours(24),
                until: now + SignedDuration::from_hours(24),
            })),
            outdated: vec![],
            demoted: Known::Read(BTreeSet::new()),
        },
        starts: Known::Read(vec![]),
        draw: Ppm::new(0),
        blind_draw: Ppm::ONE,
        endpoints: vec![],
    }
}

const INVENTORY: &str = r#"
[[asset]]
id = "bucket-research-share"
tenant = "acme"
kind = "bucket"
ids = { bucket = ["research-share"] }
owner = "team-research"
region = "eu-west-1"
environment = "production"

[[detection_owner]]
source = "guardduty"
detection_id = "Policy:S3/BucketAnonymousAccessGranted"
owner = "team-research"
"#;

const NEVER: &str = r#"
[[never]]
kind = "ip"
values = ["192.0.2.1"]
reason = "our gateway"
"#;

const PEOPLE: &str = r#"
[[person]]
id = "mira"
groups = ["soc"]
identities = { oidc = "mira@example.com" }

[[person]]
id = "omar"
groups = ["soc-lead"]
identities = { oidc = "omar@example.com" }

[[person]]
id = "ines"
groups = ["soc"]
identities = { oidc = "ines@example.com" }
"#;

const CALIBRATION: &str = r#"{"origin": "lived", "granted": "for tests", "at": "2026-10-12T09:00:00Z", "quarantine": [], "classes": [
    {"action": "close", "radius": 1, "rung": 5}, {"action": "close", "radius": 2, "rung": 5}, {"action": "route", "radius": 0, "rung": 5},
    {"action": "open-ticket", "radius": 0, "rung": 5}, {"action": "page", "radius": 0, "rung": 5},
    {"action": "block-ip", "radius": 1, "rung": 5}, {"action": "disable-access-key", "radius": 2, "rung": 5},
    {"action": "make-bucket-private", "radius": 2, "rung": 5}]}"#;

/// The rules, read once: to compile the signs takes longer than all else.
fn rules(now: Timestamp) -> Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| read_rules(now)).clone()
}

fn read_rules(now: Timestamp) -> Rules {
    let catalogue: Catalogue = toml::from_str(include_str!("../../policies/actions.toml")).unwrap();
    let calibration: Calibration = serde_json::from_str(CALIBRATION).unwrap();
    assert!(calibration.at < now);
    let release = Release {
        components: BTreeMap::from([("binary".into(), Digest::of_bytes(b"release"))]),
    };
    let policy = SitePolicy::read(
        include_str!("../../policies/gate.cedar"),
        include_str!("../../policies/gate.cedarschema"),
        &catalogue,
    );
    Rules {
        catalogue,
        signs: Signs::read(include_str!("../../policies/injection.toml")).unwrap(),
        policy: Some(policy.unwrap()),
        inventory: Some(toml::from_str(INVENTORY).unwrap()),
        never: Some(toml::from_str(NEVER).unwrap()),
        people: Some(toml::from_str(PEOPLE).unwrap()),
        calibration: Some(calibration),
        residency: Residency::default(),
        key: KeyRule::Anyone,
        data: Data {
            release: release.digest().unwrap(),
            inventory: Digest::of_bytes(INVENTORY.as_bytes()),
            calibration: Some(Digest::of_bytes(CALIBRATION.as_bytes())),
        },
        release: release.into(),
    }
}
