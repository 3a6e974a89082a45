//! Who runs the command: the operating system's user, as its own user database names it.

use anyhow::Context as _;
use nix::unistd::{Uid, User};

use crate::{app::answer::Claimant, domain::person::Proof};

/// The user as whom this process runs.
pub fn operator() -> anyhow::Result<Claimant> {
    let uid = Uid::effective();
    let user = User::from_uid(uid).with_context(|| {
        format!("user `{uid}` cannot be looked up; repair the user database of this machine")
    })?;
    let user = user.with_context(|| {
        format!("user `{uid}` has no name here; run this as a user of this machine")
    })?;
    Ok(Claimant {
        proof: Proof::OsUser,
        identity: user.name,
    })
}
