//! Operations: what a named person does to tierone itself. Each is an event in its own chain.

use anyhow::bail;
use jiff::Timestamp;

use super::{App, answer::Claimant, denied::Denied};
use crate::domain::{
    facts::Kill,
    id::{PersonId, PrecedentId, TenantId},
    operation::{Deed, Operation, everyone},
    sealed::Sealed,
};

/// What a person asks of tierone itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Switch something off, at once.
    Kill(Kill, String),
    /// Switch it on again.
    Unkill(Kill, String),
    /// Take precedents out of the evidence.
    Quarantine(Vec<PrecedentId>, String),
}

impl App {
    /// Does what `claimant` orders, and records it. Switching on takes a reason; switching off takes none, so that it is quick.
    pub async fn operate(
        &self,
        tenant: &TenantId,
        claimant: &Claimant,
        order: Order,
        now: Timestamp,
    ) -> anyhow::Result<Operation> {
        let by = self.person(claimant)?;
        let (tenant, deed) = self.deed(tenant, order)?;
        Ok(self.store.operate(&tenant, &by, deed, now).await?)
    }

    /// What is switched off for `tenant`, and whether the kill file is there.
    pub async fn kills(&self, tenant: &TenantId) -> anyhow::Result<Vec<String>> {
        let mut off: Vec<String> = match self.store.kills(tenant).await {
            Ok(kills) => kills.iter().map(word).collect(),
            Err(cause) => vec![format!(
                "everything: the kill switches cannot be read: {cause}"
            )],
        };
        match self.kill_file() {
            super::facts::KillFile::Absent => {}
            super::facts::KillFile::Present => {
                off.push("everything: the kill file is there".into());
            }
            super::facts::KillFile::Unreadable(cause) => off.push(format!("everything: {cause}")),
        }
        Ok(off)
    }

    /// An imported precedent counts from the day on which a second person confirms it.
    pub async fn confirm(
        &self,
        tenant: &TenantId,
        claimant: &Claimant,
        precedent: &PrecedentId,
        now: Timestamp,
    ) -> anyhow::Result<PersonId> {
        let by = self.person(claimant)?;
        let found = self
            .store
            .precedents_named(tenant, std::slice::from_ref(precedent))
            .await?;
        let Some(row) = found.first() else {
            bail!("no precedent `{precedent}`; check the id and the tenant");
        };
        if row.confirmed_by == by {
            let precedent = precedent.clone();
            return Err(Denied::OwnImport { precedent, by }.into());
        }
        self.store
            .confirm_precedent(tenant, precedent, &by, claimant.proof, now)
            .await?;
        self.index_all(tenant).await?;
        Ok(by)
    }

    fn deed(&self, tenant: &TenantId, order: Order) -> anyhow::Result<(TenantId, Deed)> {
        let sealed = |text: String| Ok::<_, anyhow::Error>(Sealed::new(text, self.chance.salt()?)?);
        Ok(match order {
            Order::Kill(what, reason) => {
                let reason = sealed(reason)?;
                (chain(&what, tenant), Deed::Killed { what, reason })
            }
            Order::Unkill(_, reason) if reason.trim().is_empty() => {
                bail!("switching on again needs a reason; give one with --reason")
            }
            Order::Unkill(what, reason) => {
                let reason = sealed(reason)?;
                (chain(&what, tenant), Deed::Unkilled { what, reason })
            }
            Order::Quarantine(precedents, reason) => {
                let reason = sealed(reason)?;
                (tenant.clone(), Deed::Quarantined { precedents, reason })
            }
        })
    }
}

/// The global kill switch is in everyone's chain, any other in the tenant's.
fn chain(what: &Kill, tenant: &TenantId) -> TenantId {
    match what {
        Kill::Global => everyone(),
        Kill::Tenant(_) | Kill::Action(_) => tenant.clone(),
    }
}

fn word(kill: &Kill) -> String {
    match kill {
        Kill::Global => "everything".into(),
        Kill::Tenant(tenant) => format!("tenant {tenant}"),
        Kill::Action(action) => format!("action {action}"),
    }
}
