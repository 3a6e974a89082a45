//! Kill switches as the command line needs them: off at once, also where the store or the site's files do not work; on only by a named person.
//!
//! A running service reads the kill file and the store before each call, so that either of them stops it.

pub mod file;

use std::collections::BTreeMap;

use jiff::Timestamp;

use self::file::{FileSwitch, Note, Removed, Written};
use super::{
    App, answer::Claimant, chance::Chance, demo, denied::Denied, keys::named, operate::Order, rules,
};
use crate::{
    config::Config,
    domain::{
        facts::Kill,
        id::{PersonId, TenantId},
        operation::{Deed, Operation, everyone},
        sealed::Sealed,
    },
    outbound::store::Store,
};

/// What is to be switched off, by whom and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// In which tenant.
    pub tenant: TenantId,
    /// What.
    pub what: Kill,
    /// Why; may be empty.
    pub reason: String,
    /// On whose word.
    pub by: Claimant,
}

/// Something was switched off, in at least one of two ways.
#[derive(Debug)]
pub struct Stopped {
    /// The operation in its chain, or why there is none.
    pub recorded: anyhow::Result<Operation>,
    /// What became of the kill file.
    pub file: Written,
}

/// Nothing could be switched off.
#[derive(Debug, thiserror::Error)]
#[error("nothing is switched off: {store}, and {file}; {cure}")]
pub struct NotStopped {
    store: String,
    file: String,
    cure: &'static str,
}

/// Everything that is switched off.
#[derive(Clone, Debug)]
pub struct Switches {
    /// What the store says.
    pub off: Vec<Switch>,
    /// Why the store, or a part of it, cannot be read: then everything counts as off.
    pub unreadable: Option<String>,
    /// The kill file.
    pub file: FileSwitch,
}

/// Something that is switched off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// In which tenant; `*` for all.
    pub tenant: TenantId,
    /// What.
    pub what: Kill,
    /// Who did it, where its chain says so.
    pub flip: Option<Flip>,
}

/// Who switched something off, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flip {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why; `None` where that was erased.
    pub reason: Option<String>,
}

/// Something was switched on again.
#[derive(Clone, Debug)]
pub struct SwitchedOn {
    /// The operation in its chain.
    pub operation: Operation,
    /// What became of the kill file.
    pub file: Removed,
    /// What is off all the same.
    pub still: Vec<String>,
}

/// Switches something off: by the kill file first where it is everything, since that takes no store, and in the store at `url`. Where the
/// store does not do its part, the kill file stops everything, whatever less was asked for.
pub async fn switch_off(
    config: &Config,
    url: &str,
    stop: Stop,
    now: Timestamp,
) -> Result<Stopped, NotStopped> {
    let note = Note {
        by: named(rules::people(config).as_ref(), &stop.by),
        at: now,
        reason: stop.reason.clone(),
    };
    let path = config.gate.kill_file.as_deref();
    let first = (stop.what == Kill::Global).then(|| file::write(path, &note));
    let recorded = Box::pin(record(url, stop, note.by.clone(), now)).await;
    let file = match (first, &recorded) {
        (Some(written), _) => written,
        (None, Ok(_)) => Written::NotNeeded,
        (None, Err(_)) => file::write(path, &note),
    };
    if let (Err(cause), Some(why)) = (&recorded, file.why_not()) {
        return Err(NotStopped {
            store: without_cure(cause),
            cure: match file {
                Written::NotNamed => {
                    "stop the service, or name a file by [gate] kill_file in its config and switch off again"
                }
                Written::NotNeeded | Written::Made(_) | Written::Stood(_) | Written::Failed(..) => {
                    "stop the service, or mend one of the two and switch off again"
                }
            },
            file: why,
        });
    }
    Ok(Stopped { recorded, file })
}

/// Appends it to its chain. This needs neither people nor policies: to stop something must not wait for a file to be mended.
async fn record(url: &str, stop: Stop, by: PersonId, now: Timestamp) -> anyhow::Result<Operation> {
    let store = Store::open_existing(url).await?;
    let now = demo::clock(store.kind())?.unwrap_or(now);
    let salt = Chance::of(store.kind()).salt()?;
    let chain = chain(&stop.what, &stop.tenant);
    let deed = Deed::Killed {
        what: stop.what,
        reason: Sealed::new(stop.reason, salt)?,
    };
    let operation = store.operate(&chain, &by, deed, now).await?;
    store.close().await;
    Ok(operation)
}

/// Everything that is switched off in the store at `url` and by the kill file: of one tenant and of all, or of every tenant.
pub async fn switches(config: &Config, url: &str, of: Option<&TenantId>) -> Switches {
    let mut found = Switches {
        off: Vec::new(),
        unreadable: None,
        file: file::read(config.gate.kill_file.as_deref()),
    };
    if let Err(cause) = found.read(url, of).await {
        found.unreadable = Some(format!("{cause:#}"));
    }
    found
}

impl Switches {
    async fn read(&mut self, url: &str, of: Option<&TenantId>) -> anyhow::Result<()> {
        let store = Store::frozen(url).await?;
        let everyones = store.kills(&everyone()).await?;
        let of_all = everyone();
        for tenant in store.all_tenants().await? {
            if of.is_some_and(|own| *own != tenant && of_all != tenant) {
                continue;
            }
            let mut flips = match store.operations(&tenant).await {
                Ok(operations) => flips(&operations),
                Err(cause) => {
                    self.unreadable = Some(cause.to_string());
                    BTreeMap::new()
                }
            };
            for what in store.kills(&tenant).await? {
                if tenant == of_all || !everyones.contains(&what) {
                    self.off.push(Switch {
                        tenant: tenant.clone(),
                        flip: flips.remove(&what),
                        what,
                    });
                }
            }
        }
        Ok(())
    }
}

/// Who switched off what is off by these operations: the first one since it was last on.
fn flips(operations: &[Operation]) -> BTreeMap<Kill, Flip> {
    let mut flips = BTreeMap::new();
    for operation in operations {
        match &operation.deed {
            Deed::Killed { what, reason } => {
                flips.entry(what.clone()).or_insert_with(|| Flip {
                    by: operation.by.clone(),
                    at: operation.at,
                    reason: reason.content().cloned(),
                });
            }
            Deed::Unkilled { what, .. } => {
                flips.remove(what);
            }
            Deed::Quarantined { .. }
            | Deed::Confirmed { .. }
            | Deed::Promoted { .. }
            | Deed::Looked { .. }
            | Deed::Halted { .. }
            | Deed::KeyChanged { .. } => {}
        }
    }
    flips
}

impl App {
    /// Switches on again what is off, on the word of a named person and for a reason; with everything, the kill file goes too.
    pub async fn switch_on(
        &self,
        tenant: &TenantId,
        claimant: &Claimant,
        what: Kill,
        reason: String,
        now: Timestamp,
    ) -> anyhow::Result<SwitchedOn> {
        self.person(claimant)?;
        let path = self.kill_file.as_deref().filter(|_| what == Kill::Global);
        let by_file = matches!(file::read(path), FileSwitch::Present(..));
        if !by_file && !self.store.kills(tenant).await?.contains(&what) {
            let what = word(&what);
            return Err(Denied::NotOff { what }.into());
        }
        let order = Order::Unkill(what, reason);
        let operation = self.operate(tenant, claimant, order, now).await?;
        Ok(SwitchedOn {
            operation,
            file: file::remove(path),
            still: self.kills(tenant).await?,
        })
    }
}

/// The global kill switch is in everyone's chain, any other in the tenant's.
pub(super) fn chain(what: &Kill, tenant: &TenantId) -> TenantId {
    match what {
        Kill::Global => everyone(),
        Kill::Tenant(_) | Kill::Action(_) => tenant.clone(),
    }
}

/// What a switch stops, in words.
pub fn word(kill: &Kill) -> String {
    match kill {
        Kill::Global => "everything".into(),
        Kill::Tenant(tenant) => format!("tenant {tenant}"),
        Kill::Action(action) => format!("action {action}"),
    }
}

/// What went wrong, without what to do about it: here that is said once, for both ways.
fn without_cure(error: &anyhow::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once("; ") {
        Some((cause, _)) => cause.to_owned(),
        None => text,
    }
}
