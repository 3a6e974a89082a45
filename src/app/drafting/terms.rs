//! Terms: what drafting may take, and what a call costs.

use crate::{
    app::models::Terms,
    config::{micros::Micros, model::SharedConfig},
};

/// What drafting may take; absent: as much as it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ceilings {
    /// Tokens of one case.
    pub case_tokens: Option<u64>,
    /// Cost of one case, in millionths.
    pub case_micros: Option<u64>,
    /// Tokens of one UTC day: what the store has of it at the start, and what this process takes since.
    pub day_tokens: Option<u64>,
    /// Cost of one UTC day, likewise, in millionths.
    pub day_micros: Option<u64>,
}

impl Ceilings {
    /// Those of the configuration.
    pub fn of(shared: &SharedConfig) -> Self {
        let micros = |ceiling: Option<Micros>| ceiling.map(|Micros(micros)| micros);
        Self {
            case_tokens: Some(shared.case_tokens_max.get()),
            case_micros: micros(shared.case_cost_max),
            day_tokens: Some(shared.daily_tokens_max.get()),
            day_micros: micros(shared.daily_cost_max),
        }
    }
}

impl Terms {
    /// What these tokens cost, in millionths, rounded up.
    pub fn cost_micros(&self, prompt_tokens: u64, reply_tokens: u64) -> u64 {
        let Some(prices) = self.prices else {
            return 0;
        };
        let total = prompt_tokens
            .saturating_mul(prices.prompt)
            .saturating_add(reply_tokens.saturating_mul(prices.reply));
        total.div_ceil(1_000_000)
    }
}
