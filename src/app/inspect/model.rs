//! The models that write drafts: whether each could be asked, and how.

use super::{Inspection, without_query};
use crate::{
    app::models,
    config::{
        Config,
        model::{RecordingsMode, SecondKey},
    },
};

impl Inspection {
    pub(super) fn model(&mut self, config: &Config) {
        const KEY: &str = "model.base_url";
        let Some(model) = &config.model else {
            self.part(
                "model",
                None,
                "no model is asked: a draft is the plan, or made from precedents",
            );
            return;
        };
        let faults = models::faults(model);
        self.problems.extend(faults.into_iter().map(Into::into));
        let agreement = match model.shared.second_key {
            SecondKey::Always => "nothing is done alone without its agreement",
            SecondKey::WhenAsking => {
                "it is asked only where a person is, and nothing done alone needs its agreement"
            }
        };
        let names: Vec<String> = model
            .endpoints()
            .map(|one| format!("`{}`", one.name))
            .collect();
        let written = format!("drafts are by {}; {agreement}", names.join(", then "));
        let effect = match &model.shared.recordings {
            None => written,
            Some(kept) => {
                let folder = kept.folder.display();
                match kept.mode {
                    RecordingsMode::Replay => format!(
                        "{written}; what they say is read from `{folder}`, and nothing is called"
                    ),
                    RecordingsMode::Record => {
                        format!("{written}; what they say is kept in `{folder}`")
                    }
                }
            }
        };
        self.part(
            KEY,
            model.endpoint.base_url.as_deref().map(without_query),
            effect,
        );
    }
}
