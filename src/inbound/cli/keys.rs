//! `tierone keys`: API keys for the service. A key's secret is printed once, when it is made.

use std::io::Write;

use clap::Subcommand;
use serde::Serialize;

use super::{Global, exit, who};
use crate::{
    app::{executors::Sending, keys::NewKey},
    domain::{
        id::TenantId,
        key::{ApiKey, KeyId, Scope},
    },
    inbound::{safe_json, shown::shown},
};

const NAME_MAX: usize = 120;

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a key and print it, this once.
    Create {
        /// What it may do: ingest:SOURCE, ingest:*, read, approve or admin. Can be given more than once.
        #[arg(long = "scope", required = true, value_name = "SCOPE")]
        scopes: Vec<Scope>,
        /// Whose data it opens.
        #[arg(long, default_value = "default")]
        tenant: String,
        /// The inventory asset that sends with it: what it says about itself alone is then not believed.
        #[arg(long, value_name = "HOST")]
        sender: Option<String>,
        /// Its public id, which the people file can name; one is made up where none is given.
        #[arg(long)]
        id: Option<KeyId>,
    },
    /// List a tenant's keys, revoked ones too. Their secrets are kept nowhere.
    List {
        /// Whose.
        #[arg(long, default_value = "default")]
        tenant: String,
    },
    /// Revoke a key: from then on it opens nothing.
    Revoke {
        /// Its id.
        id: KeyId,
    },
}

#[derive(Serialize)]
struct KeyView {
    id: String,
    tenant: String,
    scopes: Vec<String>,
    sender: Option<String>,
    created_at: String,
    revoked_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// Runs it.
pub async fn run(global: &Global, command: Command, out: &mut impl Write) -> anyhow::Result<u8> {
    let app = global.open_site(Sending::DryRun).await?;
    let now = app.now();
    match command {
        Command::Create {
            scopes,
            tenant,
            sender,
            id,
        } => {
            let tenant = TenantId::new(tenant);
            let new = NewKey {
                id,
                tenant,
                scopes,
                sender,
            };
            let made = app.make_key(new, &who::claimant()?, now).await?;
            if global.json {
                safe_json::write_line(out, &view(&made.key, Some(made.token)))?;
            } else {
                writeln!(out, "{}", made.token)?;
                writeln!(
                    out,
                    "key {} is made; it is shown this once, keep it where no log sees it",
                    made.key.id
                )?;
            }
        }
        Command::List { tenant } => {
            for key in app.keys(&TenantId::new(tenant)).await? {
                tell(global, out, &key)?;
            }
        }
        Command::Revoke { id } => {
            let key = app.revoke_key(&id, &who::claimant()?, now).await?;
            if !global.json {
                writeln!(out, "key {} is revoked", key.id)?;
            }
        }
    }
    Ok(exit::OK)
}

fn tell(global: &Global, out: &mut impl Write, key: &ApiKey) -> anyhow::Result<()> {
    let view = view(key, None);
    if global.json {
        safe_json::write_line(out, &view)?;
        return Ok(());
    }
    let sender = view
        .sender
        .map(|sender| format!(", sent from {}", shown(&sender, NAME_MAX)));
    let revoked = view
        .revoked_at
        .map(|revoked_at| format!(", revoked {revoked_at}"));
    writeln!(
        out,
        "{}  {}  made {}{}{}",
        view.id,
        shown(&view.scopes.join(" "), NAME_MAX),
        view.created_at,
        sender.unwrap_or_default(),
        revoked.unwrap_or_default()
    )?;
    Ok(())
}

fn view(key: &ApiKey, token: Option<String>) -> KeyView {
    KeyView {
        id: key.id.to_string(),
        tenant: key.tenant.to_string(),
        scopes: key.scopes.iter().map(ToString::to_string).collect(),
        sender: key.sender.clone(),
        created_at: key.created_at.to_string(),
        revoked_at: key.revoked_at.map(|at| at.to_string()),
        key: token,
    }
}
