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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A full member's, with the address that the workspace has verified, in small letters.
    Member(Option<String>),
    /// Anything else.
    Lesser,
}

impl Bot {
    /// The person who is behind a delivery, and the proof of it: whom the people file names by the account, or, where the config says so, by the
    /// address that the workspace has verified. Where these are two people it is neither.
    pub(super) async fn person(&self, sender: &Sender) -> anyhow::Result<(&Person, Claimant)> {
        let email = self.member(sender).await?;
        let email = email.filter(|_| self.slack.knows_by_email());
        let people = self.app.rules().people.as_ref();
        let named = |identity: &str| people?.identified(Proof::Slack, identity);
        let by_email = email.and_then(|email| Some((named(&email)?, email)));
        let (person, identity) = match (named(&sender.user), by_email) {
            (Some(by_id), Some((by_email, _))) if by_id.id != by_email.id => bail!(
                "`{}` is `{}` by its id and `{}` by its address; have the people file say one of them",
                sender.user,
                by_id.id,
                by_email.id
            ),
            (Some(person), _) => (person, sender.user.clone()),
            (None, Some(found)) => found,
            (None, None) => {
                let identity = sender.user.clone();
                return Err(Denied::Nobody { identity }.into());
            }
        };
        let proof = Proof::Slack;
        Ok((person, Claimant { proof, identity }))
    }

    /// Returns where a delivery is from a full member of the workspace, whoever that is, with the address that it has verified.
    pub(super) async fn member(&self, sender: &Sender) -> anyhow::Result<Option<String>> {
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
            Ok(Standing::Member(email)) => Ok(email),
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
        Standing::Member(verified_email(user))
    }
}

/// The address of an account, where the workspace has verified it.
fn verified_email(user: &Value) -> Option<String> {
    let confirmed = user.get("is_email_confirmed") == Some(&Value::Bool(true));
    let email = user.get("profile")?.get("email")?.as_str()?;
    Some(email.to_lowercase()).filter(|email| confirmed && !email.is_empty())
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
        let unknown = Standing::Member(None);
        assert_eq!(with("is_restricted", false.into()), unknown);
        for sign in LESSER {
            assert_eq!(with(sign, true.into()), Standing::Lesser, "{sign}");
            assert_eq!(with(sign, "yes".into()), Standing::Lesser, "{sign}");
        }
        assert_eq!(with("team_id", "T2".into()), Standing::Lesser);
        assert_eq!(with("team_id", Value::Null), Standing::Lesser);
        assert_eq!(standing(&json!({}), "T1"), Standing::Lesser);
    }

    #[test]
    fn only_an_address_that_the_workspace_has_verified_is_one() {
        let named = |confirmed: Value, email: Value| {
            let user = json!({ "team_id": "T1", "is_email_confirmed": confirmed, "profile": { "email": email } });
            standing(&json!({ "user": user }), "T1")
        };
        let mira = Standing::Member(Some("mira@example.com".into()));
        assert_eq!(named(true.into(), "Mira@example.com".into()), mira);
        for (confirmed, email) in [
            (false.into(), "mira@example.com".into()),
            (Value::Null, "mira@example.com".into()),
            ("true".into(), "mira@example.com".into()),
            (true.into(), Value::Null),
            (true.into(), "".into()),
        ] {
            assert_eq!(named(confirmed, email), Standing::Member(None));
        }
    }
}
