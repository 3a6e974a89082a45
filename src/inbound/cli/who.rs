//! Who is at the command line: the operating system's user, whatever a flag or a variable says.

use anyhow::Context as _;
use nix::unistd::{Uid, User};

use crate::{app::answer::Claimant, domain::person::Proof};

/// The user that this process runs as.
pub fn claimant() -> anyhow::Result<Claimant> {
    let id = Uid::current();
    let user = User::from_uid(id).with_context(|| {
        format!("user `{id}` cannot be looked up; check the system's list of users")
    })?;
    let user = user.with_context(|| {
        format!("user `{id}` has no name; add it to the system's list of users")
    })?;
    Ok(Claimant {
        proof: Proof::OsUser,
        identity: user.name,
    })
}

/// The same for what must not wait for the system's list of users: a user without a name there is a number.
pub fn claimant_or_number() -> Claimant {
    let number = |_| Claimant {
        proof: Proof::OsUser,
        identity: Uid::current().to_string(),
    };
    claimant().unwrap_or_else(number)
}
