//! `tierone cases approve`: yes to what is asked, or to something else that is then asked anew.

use std::io::Write;

use anyhow::bail;

use super::{
    About,
    answer::{Opened, open_to},
};
use crate::{
    app::{answer::Wish, denied::Denied, executors::Sending},
    domain::{draft::Disposition, id::ActionId},
    inbound::{
        case_view::{CaseView, open_ask},
        cli::{Global, asked, exit, now, rehearsal, who},
        safe_json,
    },
};

/// The arguments of `cases approve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    about: About,
    /// The beginning of the digest that `cases show` printed, at least 12 digits. Without it, what is asked is shown.
    #[arg(long)]
    digest: Option<String>,
    /// Do this instead: it is decided, and asked anew.
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Fill a parameter with a value that the alert names.
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// What the case is taken for, where another action or other values are named: `true_positive`, `benign_positive`, `false_positive`.
    #[arg(long, value_parser = super::answer::disposition)]
    disposition: Option<Disposition>,
    /// Show exactly what would be appended and sent, and do neither.
    #[arg(long)]
    dry_run: bool,
}

/// Runs it.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let sending = if args.dry_run {
        Sending::Rehearsal
    } else {
        Sending::Real
    };
    let opened = open_to(global, &args.about, sending).await?;
    let Some(beginning) = &args.digest else {
        return show(&opened, global, out);
    };
    let digest = opened
        .app
        .seen(&opened.tenant, opened.id, beginning)
        .await?;
    let wish = if args.action.is_none() && args.set.is_empty() && args.disposition.is_none() {
        Wish::Approve(digest)
    } else {
        Wish::Propose {
            digest,
            action: args.action.map(ActionId::new),
            set: args.set,
            disposition: args.disposition,
        }
    };
    if !args.dry_run {
        return opened.grant(global, wish, out).await;
    }
    let (claimant, now) = (who::claimant()?, now(&opened.app));
    let rehearsed = opened
        .app
        .rehearse_answer(&opened.tenant, opened.id, &claimant, wish, now);
    rehearsal::write(out, global, &Box::pin(rehearsed).await?)?;
    Ok(exit::OK)
}

/// What is asked, to somebody who has not said that they saw it: nothing is approved.
fn show(opened: &Opened, global: &Global, out: &mut impl Write) -> anyhow::Result<u8> {
    let case = &opened.story.case;
    let Some(ask) = open_ask(case) else {
        let phase = case.phase.word();
        let case = case.id;
        return Err(Denied::NothingAsked { case, phase }.into());
    };
    if global.json {
        safe_json::write_line(out, &CaseView::of(&opened.story))?;
    } else {
        asked::write(out, global, case, ask)?;
    }
    bail!(
        "nothing was approved, because no digest says that you saw what is asked; give it with --digest"
    )
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it has no `=`")?;
    if name.is_empty() {
        return Err("it has no name before `=`".into());
    }
    Ok((name.into(), value.into()))
}
