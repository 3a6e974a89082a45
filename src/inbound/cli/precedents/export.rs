//! `tierone precedents export`: the precedents of a tenant as `import` reads them, one JSON object a line.

use std::{collections::BTreeMap, io::Write};

use super::view::PrecedentView;
use crate::{
    app::{
        executors::Sending,
        import::row::{FACET, PARAMETER},
        precedents::Counts,
    },
    domain::id::TenantId,
    inbound::{
        cli::{Global, exit},
        safe_json,
    },
};

/// The arguments of `precedents export`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Those in quarantine too.
    #[arg(long)]
    quarantined: bool,
    /// Whose they are.
    #[arg(long, default_value = "default")]
    tenant: String,
}

/// Runs it. What an import does not take is there too, and is ignored by it: the id, whether it counts, and who said so.
pub async fn run(global: &Global, args: Args, out: &mut impl Write) -> anyhow::Result<u8> {
    let tenant = TenantId::new(args.tenant.as_str());
    let app = global.open(&tenant, None, Sending::DryRun).await?;
    for row in app.whole_precedents(&tenant).await? {
        if args.quarantined || !matches!(row.counts, Counts::Quarantined(_)) {
            safe_json::write_line(out, &flat(PrecedentView::of(&row)))?;
        }
    }
    Ok(exit::OK)
}

fn flat(view: PrecedentView) -> BTreeMap<String, String> {
    let own = [
        ("id", view.id),
        ("counts", view.counts.to_owned()),
        ("origin", view.origin.to_owned()),
        ("said_by", view.said_by),
        ("source", view.source),
        ("detection_id", view.detection_id),
        ("breadth", view.breadth.to_owned()),
        ("summary", view.summary),
        ("disposition", view.disposition.to_owned()),
        ("cluster", view.cluster),
        ("received_at", view.received_at),
        ("closed_at", view.closed_at),
        ("seen_draft", view.seen_draft.to_string()),
    ];
    let own = own.map(|(name, text)| (name.to_owned(), text));
    let prefixed = |prefix: &'static str, named: BTreeMap<String, String>| {
        let named = named.into_iter();
        named.map(move |(name, text)| (format!("{prefix}{name}"), text))
    };
    let action = view.action.map(|action| ("action".to_owned(), action));
    let region = view.region.map(|region| ("region".to_owned(), region));
    let reply = view.reply.map(|reply| ("reply".to_owned(), reply));
    own.into_iter()
        .chain(action)
        .chain(reply)
        .chain(region)
        .chain(prefixed(FACET, view.facets))
        .chain(prefixed(PARAMETER, view.parameters))
        .collect()
}
