//! Where a case is asked about: the channel of the group that is asked; while that is the first one, a route of the site may say another. A route
//! reads the alert, never what was drafted.

use crate::{
    app::slack::{Slack, severity},
    config::slack::Route,
    domain::{
        attack::{Tactics, tactics},
        case::Case,
        id::{GroupId, TeamId},
    },
    pipeline::{plan::owner, rules::Rules},
};

/// The channel in which `group` is asked about `case`.
pub fn channel<'a>(
    slack: &'a Slack,
    case: &Case,
    group: Option<&GroupId>,
    rules: &Rules,
) -> &'a str {
    let decided = case.decided.as_ref().map(|(_, decision)| decision);
    let first = decided.and_then(|decision| decision.chain.first());
    let mut routes = slack.routes().iter();
    match routes.find(|route| fits(route, case, rules)) {
        Some(route) if group == first => &route.channel,
        Some(_) | None => slack.channel(group),
    }
}

/// Whether everything that the route says is so.
fn fits(route: &Route, case: &Case, rules: &Rules) -> bool {
    let Some(alert) = case.alert.content() else {
        return false;
    };
    let is =
        |wanted: &Option<String>, own: Option<&str>| wanted.is_none() || wanted.as_deref() == own;
    let from = route.severity_from.map(severity);
    let listed = |tactic: &String| {
        alert.attack.iter().any(|id| match tactics(id) {
            Tactics::Of(tactics) => tactics.contains(&tactic.as_str()),
            Tactics::Is(own) => own == tactic.as_str(),
            Tactics::Unknown => false,
        })
    };
    is(&route.source, Some(alert.source.as_str()))
        && is(
            &route.owner,
            owner(alert, rules.inventory.as_ref()).map(TeamId::as_str),
        )
        && from.is_none_or(|from| case.urgency >= from)
        && route.tactic.as_ref().is_none_or(listed)
}
