//! Operations: what a named person does to tierone itself. Each is an event in its own chain.

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::{
    App,
    answer::Claimant,
    denied::Denied,
    kill::{chain, word},
};
use crate::domain::{
    facts::Kill,
    id::{PrecedentId, TenantId},
    operation::{Deed, Operation, everyone},
    precedent::Precedent,
    release::Stage,
    sealed::Sealed,
};

/// What a person asks of tierone itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Switch something off, at once.
    Kill(Kill, String),
    /// Switch it on again.
    Unkill(Kill, String),
    /// Promote the running release.
    Promote(Stage, String),
    /// Take every release back into shadow.
    Halt(String),
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

    /// Takes a precedent out of the evidence, for good and for a reason.
    pub async fn quarantine(
        &self,
        tenant: &TenantId,
        claimant: &Claimant,
        precedent: &PrecedentId,
        reason: String,
        now: Timestamp,
    ) -> anyhow::Result<Operation> {
        self.person(claimant)?;
        let id = self.precedent(tenant, precedent).await?.id;
        if self.operated(tenant).await?.quarantine.contains(&id) {
            return Err(Denied::InQuarantine { precedent: id }.into());
        }
        let order = Order::Quarantine(vec![id], reason);
        self.operate(tenant, claimant, order, now).await
    }

    pub(super) async fn precedent(
        &self,
        tenant: &TenantId,
        precedent: &PrecedentId,
    ) -> anyhow::Result<Precedent> {
        let ids = std::slice::from_ref(precedent);
        let found = self.store.precedents_named(tenant, ids).await?;
        let found = found.into_iter().next();
        found.with_context(|| format!("no precedent `{precedent}`; check the id and the tenant"))
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
            Order::Promote(stage, reason) => {
                let (release, reason) = (self.rules.data.release, sealed(reason)?);
                let promoted = Deed::Promoted {
                    release,
                    stage,
                    reason,
                };
                (everyone(), promoted)
            }
            Order::Halt(reason) => {
                let reason = sealed(reason)?;
                (everyone(), Deed::Halted { reason })
            }
            Order::Quarantine(precedents, reason) => {
                let reason = sealed(reason)?;
                (tenant.clone(), Deed::Quarantined { precedents, reason })
            }
        })
    }
}
