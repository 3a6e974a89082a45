//! Cases for a command: page after page, as far as a command may read, and what is said of those that it did not come to.

use std::{ops::ControlFlow, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;

use super::bot::Bot;
use crate::app::{
    Story,
    find::{Listed, Reach, Wanted},
};

/// Cases of one page of a list, and the most pages that a command reads.
const PAGE: u32 = 200;
const PAGES_MAX: usize = 25;
/// The longest that a command reads.
const WITHIN: Duration = Duration::from_secs(20);

impl Bot {
    /// Shows `look` every case as far as the list reaches, the last changed first, until it has seen enough or they last changed before
    /// `since`. What could not be looked at is said.
    pub(super) async fn each(
        &self,
        reach: Reach,
        since: Option<Timestamp>,
        mut look: impl FnMut(Story) -> ControlFlow<()> + Send,
    ) -> anyhow::Result<Looked> {
        let (tenant, began) = (self.slack.tenant(), Instant::now());
        let mut wanted = Wanted::first(reach, PAGE);
        let mut looked = Looked::default();
        for _ in 0..PAGES_MAX {
            let found = self.app.cases(&tenant, wanted.clone()).await?;
            for listed in found.cases {
                let Listed::Case(story) = listed else {
                    looked.damaged += 1;
                    continue;
                };
                let changed = story.events.last().map(|event| event.at);
                if since.is_some_and(|since| changed.is_some_and(|at| at < since)) {
                    return Ok(looked);
                }
                looked.cases += 1;
                if look(*story).is_break() {
                    looked.ended = Ended::Enough;
                    return Ok(looked);
                }
            }
            wanted.after = found.next;
            if wanted.after.is_none() {
                return Ok(looked);
            }
            if began.elapsed() > WITHIN {
                break;
            }
        }
        looked.ended = Ended::Early;
        Ok(looked)
    }

    /// The cases for which `holds`.
    pub(super) async fn stories(
        &self,
        reach: Reach,
        since: Option<Timestamp>,
        mut holds: impl FnMut(&Story) -> bool + Send,
    ) -> anyhow::Result<(Vec<Story>, Looked)> {
        let mut stories = Vec::new();
        let looked = self.each(reach, since, |story| {
            if holds(&story) {
                stories.push(story);
            }
            ControlFlow::Continue(())
        });
        let looked = looked.await?;
        Ok((stories, looked))
    }
}

/// What a command looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Looked {
    /// How many cases.
    pub(super) cases: usize,
    damaged: usize,
    /// Why no more.
    pub(super) ended: Ended,
}

/// Why a command looked at no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ended {
    /// There was no more.
    #[default]
    Through,
    /// It had what it wanted.
    Enough,
    /// It had read as much as a command may.
    Early,
}

impl Looked {
    /// The same of two looks.
    pub(super) fn and(self, other: Self) -> Self {
        let ended = if self.ended == Ended::Early {
            self.ended
        } else {
            other.ended
        };
        Self {
            cases: self.cases.max(other.cases),
            damaged: self.damaged.max(other.damaged),
            ended,
        }
    }

    /// What is said of those that were not looked at; empty where there are none.
    pub(super) fn left_out(self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.ended == Ended::Early {
            lines.push(format!(
                "only the {} that changed last were looked at; `tierone cases list --limit N` has all",
                self.cases
            ));
        }
        if self.damaged > 0 {
            let damaged = self.damaged;
            lines.push(format!(
                "{damaged} cannot be read; see `tierone store check`"
            ));
        }
        lines
    }
}
