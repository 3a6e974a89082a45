//! Who speaks: a full member of the one workspace whom the people file knows. Bots, guests and people of other workspaces never are, and where Slack does not
//! say who somebody is, they are nobody.

use anyhow::{anyhow, bail};
use serde_json::{Value, json};

use super::{bot::Bot, incoming::Sender};
use crate::{
    app::{answer::Claimant, denied::Denied},
    domain::person::{Person, Proof},
};

/// Signs of an account that is no full member's.
const LESSER: [&str; 5] = [
    "deleted",
    "is_bot",
    "is_restricted",
    "is_ultra_restricted",
    "is_stranger",
];

/// What an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A full member's.
    Member,
    /// Anything else.
    Lesser,
}

impl Bot {
    /// The person who is behind a delivery, and the proof of it.
    pub(super) async fn person(&self, sender: &Sender) -> anyhow::Result<(&Person, Claimant)> {
        let claimant = Claimant {
            proof: Proof::Slack,
            identity: sender.user.clone(),
        };
        let people = self.app.rules().people.as_ref();
        let person = people.and_then(|people| people.identified(Proof::Slack, &sender.user));
        let person = person.ok_or_else(|| Denied::Nobody {
            identity: sender.user.clone(),
        })?;
        self.member(sender).await?;
        Ok((person, claimant))
    }

    /// Returns where a delivery is from a full member of the workspace, whoever that is.
    pub(super) async fn member(&self, sender: &Sender) -> anyhow::Result<()> {
        let team = self.slack.team();
        if sender.team != team || sender.home != team {
            bail!(
                "`{}` is of another workspace; ask somebody of this one",
                sender.user
            );
        }
        let standing = self.standings.try_get_with(sender.user.clone(), async {
            let user = json!({ "user": sender.user });
            let said = self.slack.call("users.info", &user).await;
            said.map(|said| standing(&said, team))
        });
        match standing.await {
            Ok(Standing::Member) => Ok(()),
            Ok(Standing::Lesser) => bail!(
                "`{}` is a bot, a guest or of another workspace; ask a member of this one",
                sender.user
            ),
            Err(fault) => Err(anyhow!(
                "Slack does not say who `{}` is: {fault}; try again, or use the command line",
                sender.user
            )),
        }
    }
}

/// What `users.info` says of an account.
fn standing(said: &Value, team: &str) -> Standing {
    let Some(user) = said.get("user") else {
        return Standing::Lesser;
    };
    let is = |sign: &&str| {
        user.get(*sign)
            .is_some_and(|value| *value != Value::Bool(false))
    };
    let home = user.get("team_id").and_then(Value::as_str);
    if LESSER.iter().any(is) || home.is_none_or(|home| home != team) {
        Standing::Lesser
    } else {
        Standing::Member
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_members_of_the_workspace_are_heard() {
        let member = json!({ "team_id": "T1", "deleted": false, "is_bot": false });
        let with = |key: &str, value: Value| {
            let mut user = member.clone();
            user[key] = value;
            standing(&json!({ "user": user }), "T1")
        };
        assert_eq!(with("is_restricted", false.into()), Standing::Member);
        for sign in LESSER {
            assert_eq!(with(sign, true.into()), Standing::Lesser, "{sign}");
            assert_eq!(with(sign, "yes".into()), Standing::Lesser, "{sign}");
        }
        assert_eq!(with("team_id", "T2".into()), Standing::Lesser);
        assert_eq!(with("team_id", Value::Null), Standing::Lesser);
        assert_eq!(standing(&json!({}), "T1"), Standing::Lesser);
    }
}
