//! Has the configured model write the drafts of attacked cases and of their clean twins, as it would those of alerts.

use std::sync::Arc;

use anyhow::Context as _;

use super::shipped;
use crate::{
    app::{
        drafting::{Errand, Models, Tried, terms::Ceilings},
        models::{self, Configured, Terms},
        rules,
    },
    config::Config,
    domain::{case::Spent, draft::KeyRule},
    eval::{
        drive::found,
        live::{Live, Written, prepared},
        material::Material,
        suites::injection::twins,
        trial::Trial,
    },
    pipeline::{
        prompt::{
            lines::SYSTEM,
            sheet::{Seen, Subject, ordered},
        },
        reply::Grounded,
    },
    ports::Reply,
};

/// What the model of `config` makes of so many attacked cases and their twins. `done` is told of each pair.
pub async fn live(
    material: &Arc<Material>,
    config: &Config,
    seed: u32,
    pairs: usize,
    done: impl Fn(usize),
) -> anyhow::Result<Live> {
    let model = config.model.as_ref();
    let model = model.context(
        "--live asks a model and none is configured; name a --config with a table [model]",
    )?;
    let configured = models::from_config(model)?;
    let models = Models::new(
        configured.into_iter().map(anywhere).collect(),
        rules::prompts(config)?,
        rules::redaction()?.clone(),
        Ceilings::of(&model.shared),
    );
    by(&models, material, config, seed, pairs, done).await
}

/// The same by these models.
pub async fn by(
    models: &Models,
    material: &Arc<Material>,
    config: &Config,
    seed: u32,
    pairs: usize,
    done: impl Fn(usize),
) -> anyhow::Result<Live> {
    let instructions = rules::prompts(config)?.text("system.txt", SYSTEM)?;
    let key = match rules::key(config) {
        KeyRule::WhenAsking => KeyRule::WhenAsking,
        KeyRule::Anyone | KeyRule::Always => KeyRule::Always,
    };
    let mut live = Live::default();
    let chosen = twins(material, seed, pairs)?;
    for (place, pair) in chosen.into_iter().enumerate() {
        let [attacked, clean] = [pair.attacked, pair.clean].map(|trial| prepared(trial, key));
        let written = write(models, &attacked, place).await?;
        let of_clean = write(models, &clean, place).await?;
        live.count(
            &pair.attack,
            &instructions,
            (attacked, written),
            (clean, of_clean),
            shipped(),
        );
        done(place + 1);
    }
    Ok(live)
}

/// Made cases are nobody's data: they go to an endpoint wherever it is.
fn anywhere(one: Configured) -> Configured {
    Configured {
        terms: Terms {
            region: None,
            ..one.terms
        },
        ..one
    }
}

async fn write(models: &Models, trial: &Trial, place: usize) -> anyhow::Result<Written> {
    let rows = found(trial, shipped())?;
    let seen = rows.iter().map(|(row, in_scope)| Seen {
        row,
        in_scope: *in_scope,
    });
    let seen = ordered(seen.collect());
    let scene = &trial.scene;
    let errand = Errand {
        subject: Subject {
            alert: &scene.alert,
            precedents: &seen,
            rules: &scene.rules,
            now: scene.now,
        },
        spent: Spent::default(),
        // A run is the same each time but for the model.
        chance: [u8::try_from(place % 251).unwrap_or(0); 32],
    };
    let mut tried: Vec<Tried> = Vec::new();
    let written = models.write(&errand, &mut tried).await;
    Ok(Written {
        draft: written.map(|written| reply(written.grounded)),
        calls: tried.iter().filter(|tried| tried.was_called()).count() as u64,
    })
}

fn reply(grounded: Grounded) -> Reply {
    Reply {
        disposition: grounded.disposition,
        action: grounded.action,
        parameters: grounded.parameters,
        rationale: grounded.rationale,
        citations: grounded.citations,
        reply: grounded.reply,
        tokens: 0,
    }
}
