//! What a person says to a case, and the short story of what came of it.

use std::io::Write;

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Serialize;

use super::{About, not_found, said};
use crate::{
    app::{
        App, Story,
        answer::{Ending, Wish},
        executors::Sending,
    },
    domain::{
        draft::Disposition,
        id::{CaseId, GroupId, TenantId},
    },
    inbound::{
        case_view::{CaseView, WaitingView, open_ask},
        cli::{Global, asked, exit, now, story, who},
        safe_json,
    },
};

const DISPOSITIONS: [Disposition; 4] = [
    Disposition::TruePositive,
    Disposition::BenignPositive,
    Disposition::FalsePositive,
    Disposition::Undetermined,
];

/// How a person ends a case.
#[derive(Debug, clap::Args)]
pub struct Closing {
    /// What it was: `true_positive`, `benign_positive`, `false_positive` or undetermined.
    #[arg(long, value_parser = disposition)]
    disposition: Disposition,
    /// Why.
    #[arg(long)]
    reason: String,
    /// A facet that mattered; without any, all of them did.
    #[arg(long, value_name = "FACET")]
    mattered: Vec<String>,
}

/// The arguments of `cases reject`.
#[derive(Debug, clap::Args)]
pub struct Reject {
    #[command(flatten)]
    about: About,
    /// The beginning of the digest that `cases show` printed, at least 12 digits.
    #[arg(long)]
    digest: String,
    #[command(flatten)]
    closing: Closing,
}

/// The arguments of `cases resolve`.
#[derive(Debug, clap::Args)]
pub struct Resolve {
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    closing: Closing,
}

/// The arguments of `cases escalate`.
#[derive(Debug, clap::Args)]
pub struct Escalate {
    #[command(flatten)]
    about: About,
    /// To which group.
    #[arg(long, value_name = "GROUP")]
    to: String,
    /// Why.
    #[arg(long)]
    reason: String,
}

/// The arguments of `cases snooze`.
#[derive(Debug, clap::Args)]
pub struct Snooze {
    #[command(flatten)]
    about: About,
    /// Until when (RFC 3339).
    #[arg(long, value_name = "TIME")]
    until: Timestamp,
    /// Why.
    #[arg(long)]
    reason: String,
}

/// The arguments of `cases reopen`.
#[derive(Debug, clap::Args)]
pub struct Reopen {
    #[command(flatten)]
    about: About,
    /// Why.
    #[arg(long)]
    reason: String,
}

/// A case after an answer, with what happened to it since.
#[derive(Serialize)]
struct Answered {
    #[serde(flatten)]
    case: CaseView,
    waiting: Option<WaitingView>,
    happened: Vec<Happened>,
}

#[derive(Serialize)]
struct Happened {
    number: u64,
    at: String,
    kind: &'static str,
    says: String,
}

/// A case that was opened from its store, before anything is said to it.
pub(super) struct Opened {
    pub(super) app: Box<App>,
    pub(super) tenant: TenantId,
    pub(super) id: CaseId,
    pub(super) story: Story,
}

/// `cases claim`
pub async fn claim(global: &Global, about: &About, out: &mut impl Write) -> anyhow::Result<u8> {
    let opened = open(global, about).await?;
    opened.grant(global, Wish::Claim, out).await
}

/// `cases reject`
pub async fn reject(global: &Global, args: Reject, out: &mut impl Write) -> anyhow::Result<u8> {
    let ending = args.closing.ending()?;
    let opened = open(global, &args.about).await?;
    let digest = opened
        .app
        .seen(&opened.tenant, opened.id, &args.digest)
        .await?;
    opened
        .grant(global, Wish::Reject(digest, ending), out)
        .await
}

/// `cases resolve`
pub async fn resolve(global: &Global, args: Resolve, out: &mut impl Write) -> anyhow::Result<u8> {
    let ending = args.closing.ending()?;
    let opened = open(global, &args.about).await?;
    opened.grant(global, Wish::Resolve(ending), out).await
}

/// `cases escalate`
pub async fn escalate(global: &Global, args: Escalate, out: &mut impl Write) -> anyhow::Result<u8> {
    let reason = said(args.reason)?;
    let opened = open(global, &args.about).await?;
    let wish = Wish::Escalate(GroupId::new(args.to), reason);
    opened.grant(global, wish, out).await
}

/// `cases snooze`
pub async fn snooze(global: &Global, args: Snooze, out: &mut impl Write) -> anyhow::Result<u8> {
    let reason = said(args.reason)?;
    let opened = open(global, &args.about).await?;
    opened
        .grant(global, Wish::Snooze(args.until, reason), out)
        .await
}

/// `cases reopen`
pub async fn reopen(global: &Global, args: Reopen, out: &mut impl Write) -> anyhow::Result<u8> {
    let reason = said(args.reason)?;
    let opened = open(global, &args.about).await?;
    opened.grant(global, Wish::Reopen(reason), out).await
}

pub(super) async fn open(global: &Global, about: &About) -> anyhow::Result<Opened> {
    open_to(global, about, Sending::Real).await
}

/// The same, to send or not to.
pub(super) async fn open_to(
    global: &Global,
    about: &About,
    sending: Sending,
) -> anyhow::Result<Opened> {
    let (tenant, id) = (about.tenant(), about.id()?);
    let app = global.open(&tenant, None, sending).await?;
    let story = app.find(&tenant, id).await?;
    let story = story.with_context(|| not_found(global, id))?;
    Ok(Opened {
        app,
        tenant,
        id,
        story,
    })
}

impl Opened {
    /// Has `wish` granted and tells what came of it.
    pub(super) async fn grant(
        self,
        global: &Global,
        wish: Wish,
        out: &mut impl Write,
    ) -> anyhow::Result<u8> {
        let (claimant, now) = (who::claimant()?, now(&self.app));
        let granted = self.app.answer(&self.tenant, self.id, &claimant, wish, now);
        Box::pin(granted).await?;
        self.report(global, out).await?;
        Ok(exit::OK)
    }

    /// Tells what happened since it was opened.
    pub(super) async fn report(self, global: &Global, out: &mut impl Write) -> anyhow::Result<()> {
        let after = self.app.find(&self.tenant, self.id).await?;
        let after = after.with_context(|| not_found(global, self.id))?;
        let waiting = self.app.waiting(&after.case).await?;
        let waiting = waiting.as_ref().map(WaitingView::of);
        let new: Vec<_> = after.events.iter().skip(self.story.events.len()).collect();
        if global.json {
            let happened = new.iter().map(|event| Happened {
                number: event.number,
                at: event.at.to_string(),
                kind: event.body.kind(),
                says: story::headline(event),
            });
            let happened = happened.collect();
            let case = CaseView::of(&after);
            let answered = Answered {
                case,
                waiting,
                happened,
            };
            return Ok(safe_json::write_line(out, &answered)?);
        }
        writeln!(out, "case {} is now {}", self.id, after.case.phase.word())?;
        for event in new {
            writeln!(
                out,
                "{:>3}  {}  {}",
                event.number,
                event.at,
                story::headline(event)
            )?;
        }
        writeln!(out, "next: {}", story::next(&after))?;
        if let Some(waiting) = waiting {
            asked::write_waiting(out, global, &after.case, &waiting)?;
        }
        if let Some(ask) = open_ask(&after.case) {
            writeln!(out)?;
            asked::write(out, global, &after.case, ask)?;
        }
        Ok(())
    }
}

impl Closing {
    fn ending(self) -> anyhow::Result<Ending> {
        Ok(Ending {
            disposition: self.disposition,
            reason: said(self.reason)?,
            mattered: self.mattered,
        })
    }
}

/// The disposition of this word.
pub fn disposition(text: &str) -> Result<Disposition, String> {
    let known = DISPOSITIONS.into_iter().find(|known| known.word() == text);
    known.ok_or_else(|| {
        format!(
            "use one of {}",
            DISPOSITIONS.map(Disposition::word).join(", ")
        )
    })
}
