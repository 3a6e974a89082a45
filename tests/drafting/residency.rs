//! The region of an alert's data is what our own files say, whatever the alert names.

use std::collections::BTreeMap;

use tierone::{
    app::drafting::terms::Ceilings,
    domain::{
        entity::EntityKind,
        id::{PersonId, TenantId},
        precedent::{About, Cluster},
        residency::{Region, Residency},
    },
};

use super::{
    ask::write,
    double::{Double, form, models, terms, user},
};
use crate::support::world::{BUCKET, TENANT, World, entity};

const INVENTORY: &str = r#"
[[asset]]
id = "share"
tenant = "acme"
kind = "bucket"
ids = { bucket = ["research-share"] }
owner = "team-research"
environment = "production"

[[asset]]
id = "gateway"
tenant = "elsewhere"
kind = "host"
ids = { ip = ["198.51.100.9"] }
owner = "team-network"
region = "us"
environment = "production"
"#;

fn of(name: &str) -> Region {
    Region::Of(name.into())
}

#[test]
fn what_an_alert_names_narrows_where_it_may_go_and_never_moves_it() {
    let ours = entity(EntityKind::Bucket, BUCKET, "target.bucket");
    let unknown = entity(EntityKind::Bucket, "nobodys", "target.bucket");
    let theirs = entity(EntityKind::Ip, "198.51.100.9", "source.ip");
    let several = |regions: [&str; 2]| Region::Several(regions.map(Into::into).into());
    for (what, tenant_region, entities, expected) in [
        (
            "an asset without a region is its tenant's",
            Some("eu"),
            vec![&ours],
            of("eu"),
        ),
        (
            "an asset elsewhere does not take it along",
            Some("eu"),
            vec![&ours, &theirs],
            several(["eu", "us"]),
        ),
        (
            "nor where what it is about is not known",
            Some("eu"),
            vec![&unknown, &theirs],
            several(["eu", "us"]),
        ),
        (
            "nor where its own tenant has no region",
            None,
            vec![&unknown, &theirs],
            several(["none", "us"]),
        ),
        (
            "nothing is known of it but its tenant",
            Some("eu"),
            vec![&unknown],
            of("eu"),
        ),
        ("nobody named a region", None, vec![&ours], Region::Unnamed),
    ] {
        let mut world = World::holding();
        world.rules.inventory = Some(toml::from_str(INVENTORY).unwrap());
        let own = tenant_region.map(|region| (TenantId::new(TENANT), region.to_owned()));
        world.rules.residency = Residency {
            region: None,
            tenants: own.into_iter().collect(),
        };
        world.alert.entities = entities.into_iter().cloned().collect();
        assert_eq!(Region::of(&world.alert, &world.rules), expected, "{what}");
    }
}

/// The prompt about `world`, where an endpoint in the region of its asset may have it.
async fn sent(world: &World) -> String {
    let double = Double::says(form(serde_json::json!({})));
    let terms = tierone::app::models::Terms {
        region: Some("eu-west-1".into()),
        ..terms()
    };
    let models = models(&[(double.clone(), terms)], Ceilings::default());
    write(&models, world).await.0.unwrap();
    user(&double.asked()[0]).to_owned()
}

#[tokio::test]
async fn a_precedent_goes_only_where_its_own_alerts_data_may() {
    let about = |region| {
        Some(About {
            region,
            names: BTreeMap::new(),
        })
    };
    let mut world = World::holding();
    for (place, (what, region)) in [
        ("other", about(of("us-east-1"))),
        ("nowhere", about(Region::Unnamed)),
        (
            "spread",
            about(Region::Several(vec![
                "eu-west-1".into(),
                "us-east-1".into(),
            ])),
        ),
        ("unknown", None),
        ("same", about(of("eu-west-1"))),
    ]
    .into_iter()
    .enumerate()
    {
        let row = &mut world.rows()[place];
        row.summary = format!("the {what} one");
        row.about = region;
    }
    world.rows().truncate(5);
    let prompt = sent(&world).await;
    let summaries: Vec<&str> = prompt
        .lines()
        .filter(|line| line.starts_with('P'))
        .map(|line| line.rsplit_once("; ").unwrap().1)
        .collect();
    assert_eq!(summaries, ["the^same^one"]);
}

#[tokio::test]
async fn what_another_cases_alert_named_is_its_kind_and_a_colleague_a_person() {
    let mut world = World::holding();
    world.rows().truncate(2);
    let names = [
        ("jsmith", EntityKind::User),
        ("Payroll", EntityKind::Host),
        ("svc-notebook", EntityKind::User),
    ];
    let row = &mut world.rows()[0];
    row.summary =
        "JSMITH on payroll, as svc-notebook: omar asked ines, mira@example.com knows".into();
    let about = row.about.as_mut().unwrap();
    about.names = names.map(|(name, kind)| (name.into(), kind)).into();
    let row = &mut world.rows()[1];
    row.summary = "kwhite did it, says old-hand".into();
    row.cluster = Cluster::new("actor:kwhite");
    row.confirmed_by = PersonId::new("old-hand");
    let prompt = sent(&world).await;
    for part in [
        "; [user]^on^[host],^as^E1:^[person]^asked^[person],^[person]^knows",
        "; [actor]^did^it,^says^[person]",
    ] {
        assert!(prompt.contains(part), "{part}\n{prompt}");
    }
}
