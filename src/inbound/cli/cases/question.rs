//! `tierone cases question`: what the record of a case says to a question. Nothing is done because of it; where a
//! model is asked, each call is an event of the case.

use std::io::Write;

use anyhow::{Context as _, bail};

use super::{About, not_found};
use crate::{
    app::executors::Sending,
    inbound::{
        cli::{Global, exit, now},
        record::record,
        safe_json,
        shown::shown,
    },
    pipeline::question::QUESTION_MAX,
};

const TEXT_MAX: usize = 4_000;

/// The arguments of `cases question`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    about: About,
    /// The question.
    question: String,
}

/// Runs it.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let asked = args.question.trim();
    if asked.is_empty() || asked.chars().count() > QUESTION_MAX {
        bail!("the question has no words or more than {QUESTION_MAX} characters; ask one thing");
    }
    let (tenant, id) = (args.about.tenant(), args.about.id()?);
    let app = global.open(&tenant, None, Sending::DryRun).await?;
    let found = app.find(&tenant, id).await?;
    let found = found.with_context(|| not_found(global, id))?;
    let record = record(&app, &found).await?;
    let answer = app.question(&found, &record, asked, now(&app)).await?;
    if global.json {
        safe_json::write_line(out, &answer)?;
        return Ok(exit::OK);
    }
    for line in answer.answer.lines() {
        writeln!(out, "{}", shown(line, TEXT_MAX))?;
    }
    let cited = shown(&answer.citations.join(", "), TEXT_MAX);
    writeln!(
        out,
        "\nrests on {}; answered by {}",
        if cited.is_empty() {
            "nothing".into()
        } else {
            cited
        },
        shown(&answer.by, TEXT_MAX)
    )?;
    Ok(exit::OK)
}
