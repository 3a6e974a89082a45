//! `tierone policy`: the site's own policy tests, and what the gate said of a case, code by code.

use std::{collections::BTreeSet, io::Write, path::PathBuf};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use serde::Serialize;

use super::{Global, cases, exit};
use crate::{
    app::{App, executors::Sending},
    domain::{
        decision::{Code, Decision, Effect},
        id::TenantId,
    },
    eval::policy_tests::{self, PolicyTest, PolicyTests},
    inbound::{safe_json, shown::shown},
    pipeline::gate::{
        consequence::{self, Binds},
        site_policy::SitePolicy,
    },
};

const TEXT_MAX: usize = 300;

/// What can be done with the policy.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the policy's unit tests.
    Test {
        /// The tests; otherwise `tests.json` of the policies folder.
        file: Option<PathBuf>,
    },
    /// Say, code by code, what the gate said of a case, or what each code means.
    Explain {
        /// The case.
        #[arg(required_unless_present = "codes")]
        id: Option<String>,
        /// Explain the codes instead.
        #[arg(long)]
        codes: bool,
        /// Whose case it is.
        #[arg(long, default_value = "default")]
        tenant: String,
    },
}

/// Runs it.
pub async fn run(global: &Global, command: Command, out: &mut impl Write) -> anyhow::Result<u8> {
    match command {
        Command::Test { file } => test(global, file, out).await,
        Command::Explain { codes: true, .. } => explain_codes(global, out),
        Command::Explain { id, tenant, .. } => {
            let id = id.context("no case was named; give an id, or --codes")?;
            explain(global, &id, TenantId::new(tenant), out).await
        }
    }
}

#[derive(Serialize)]
struct Tested<'a> {
    name: &'a str,
    passed: bool,
    allowed: bool,
    because: &'a BTreeSet<String>,
    errors: &'a [String],
}

async fn test(global: &Global, file: Option<PathBuf>, out: &mut impl Write) -> anyhow::Result<u8> {
    let app = global
        .open(&TenantId::new("default"), None, Sending::DryRun)
        .await?;
    let Some(policy) = &app.rules().policy else {
        bail!("a live store has no policy until the config names one; set `policies` under [gate]");
    };
    let tests = PolicyTests::read(&tests_text(global, file)?)?;
    let mut failed = 0_usize;
    for test in tests.iter() {
        failed += usize::from(!tested(global, policy, test, out)?);
    }
    if !global.json {
        writeln!(
            out,
            "{} policy tests, {failed} failed",
            tests.iter().count()
        )?;
    }
    Ok(if failed == 0 { exit::OK } else { exit::SOME })
}

fn tests_text(global: &Global, file: Option<PathBuf>) -> anyhow::Result<String> {
    let policies = global.config()?.gate.policies;
    match file.or_else(|| policies.map(|folder| folder.join("tests.json"))) {
        Some(path) => std::fs::read_to_string(&path).with_context(|| {
            format!(
                "policy tests `{}` cannot be read; check the path",
                path.display()
            )
        }),
        None => crate::embedded::text::<crate::embedded::PolicyFiles>("tests.json"),
    }
}

fn tested(
    global: &Global,
    policy: &SitePolicy,
    test: &PolicyTest,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let policy_tests::Tested { passed, answer } = test.run(policy);
    if global.json {
        let tested = Tested {
            name: &test.name,
            passed,
            allowed: answer.allowed,
            because: &answer.because,
            errors: &answer.errors,
        };
        safe_json::write_line(out, &tested)?;
    } else if !passed {
        let said = if answer.allowed { "allow" } else { "deny" };
        let by = answer
            .because
            .iter()
            .chain(&answer.errors)
            .cloned()
            .collect::<Vec<_>>();
        writeln!(
            out,
            "failed: {}: {said} because of {}",
            shown(&test.name, TEXT_MAX),
            shown(&by.join(", "), TEXT_MAX)
        )?;
    }
    Ok(passed)
}

#[derive(Serialize)]
struct Explained {
    code: &'static str,
    meaning: &'static str,
    agent: &'static str,
    person: &'static str,
}

fn explain_codes(global: &Global, out: &mut impl Write) -> anyhow::Result<u8> {
    for code in Code::ALL {
        let consequence = consequence::of(*code);
        let explained = Explained {
            code: code.text(),
            meaning: code.meaning(),
            agent: agent_word(consequence.effect, consequence.quorum),
            person: person_word(consequence.person),
        };
        if global.json {
            safe_json::write_line(out, &explained)?;
        } else {
            writeln!(out, "{:<24} {}", explained.code, explained.meaning)?;
            writeln!(
                out,
                "{:<24} if not: {}; {}",
                "", explained.agent, explained.person
            )?;
        }
    }
    Ok(exit::OK)
}

fn agent_word(effect: Effect, quorum: u8) -> &'static str {
    match (effect, quorum) {
        (Effect::Refuse, _) => "nobody may do this action through tierone",
        (Effect::Ask, 2..) => "two people are asked",
        (Effect::Ask | Effect::Fire, _) => "a person is asked",
    }
}

fn person_word(binds: Binds) -> &'static str {
    match binds {
        Binds::Yes => "binds a person too",
        Binds::UnlessHarmless => "binds a person too, but for undo and actions of radius 0",
        Binds::AsQuorum => "a person alone does not suffice",
        Binds::No => "shown to a person, who may go on",
    }
}

async fn explain(
    global: &Global,
    id: &str,
    tenant: TenantId,
    out: &mut impl Write,
) -> anyhow::Result<u8> {
    let app = global.open(&tenant, None, Sending::DryRun).await?;
    let id = cases::case_id(id)?;
    let story = app.find(&tenant, id).await?;
    let story = story.with_context(|| cases::not_found(global, id))?;
    if story.case.is_blind() {
        bail!(
            "case `{id}` is asked blind; what the gate said of it is shown once somebody has answered"
        );
    }
    let Some((number, decision)) = &story.case.decided else {
        if global.json {
            safe_json::write_line(out, &None::<Decision>)?;
            return Ok(exit::OK);
        }
        writeln!(
            out,
            "case {id} was not decided: it is {}",
            story.case.phase.word()
        )?;
        return Ok(exit::OK);
    };
    if global.json {
        safe_json::write_line(out, decision)?;
    } else {
        explained(out, &app, *number, decision)?;
    }
    Ok(exit::OK)
}

fn explained(
    out: &mut impl Write,
    app: &App,
    number: u64,
    decision: &Decision,
) -> std::io::Result<()> {
    writeln!(
        out,
        "decision {number}: {}, and {} once this release is attested and promoted\n",
        decision.verdict.effect, decision.would
    )?;
    for finding in &decision.verdict.findings {
        writeln!(
            out,
            "{} {:<24} {} (required: {})",
            if finding.holds { "holds" } else { "FAILS" },
            finding.code.text(),
            shown(&finding.observed, TEXT_MAX),
            finding.required
        )?;
    }
    let named = decision.data.release == app.rules().data.release;
    let release = if named {
        "the running one"
    } else {
        "another than the running one"
    };
    writeln!(
        out,
        "\nrelease {} ({release}), inventory {}, calibration {}",
        decision.data.release.short(),
        decision.data.inventory.short(),
        decision
            .data
            .calibration
            .map_or_else(|| "none".into(), |digest| digest.short())
    )
}
