//! Slack: whether people can be asked there, over what, and where.

use super::Inspection;
use crate::{
    app::{rules, slack},
    config::Config,
    domain::person::Proof,
};

impl Inspection {
    pub(super) fn slack(&mut self, config: &Config) {
        const KEY: &str = "slack.team";
        let Some(slack) = &config.slack else {
            self.part(
                KEY,
                None,
                "people are asked on the command line and by HTTP",
            );
            return;
        };
        let faults = slack::faults(slack);
        self.problems.extend(faults.into_iter().map(Into::into));
        let over = match (&slack.app_token, &slack.signing_secret) {
            (Some(_), Some(_)) => "over a socket and by signed requests",
            (Some(_), None) => "over a socket",
            (None, Some(_)) => "by signed requests",
            (None, None) => "by nothing",
        };
        let people = rules::people(config);
        let people = people.as_ref().map_or(&[][..], |people| &people.people);
        let known = people
            .iter()
            .filter(|person| person.identities.contains_key(&Proof::Slack));
        let effect = format!(
            "tenant {} is asked in {} {over}; {} people may answer there",
            slack.tenant,
            slack.channel,
            known.count()
        );
        self.part(KEY, Some(slack.team.clone()), effect);
    }
}
