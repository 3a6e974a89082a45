//! Budget: a prompt that never has more tokens than there are. What goes first is fixed: the weakest precedents, then the middle of long texts.

use super::{
    Prompt, PromptError, Prompts,
    fence::Fence,
    lines::SYSTEM,
    sheet::{PRECEDENTS_MAX, Room, Sheet},
    tokens::Tokens,
};

/// Bytes of a text where there is room for it.
const TEXT_BYTES: usize = 600;
/// What is tried, in this order.
const ROOMS: [Room; 10] = [
    room(PRECEDENTS_MAX, TEXT_BYTES),
    room(5, TEXT_BYTES),
    room(4, TEXT_BYTES),
    room(3, TEXT_BYTES),
    room(2, TEXT_BYTES),
    room(2, TEXT_BYTES / 2),
    room(2, TEXT_BYTES / 4),
    room(1, TEXT_BYTES / 4),
    room(0, TEXT_BYTES / 4),
    room(0, 0),
];

const fn room(precedents: usize, text_bytes: usize) -> Room {
    Room {
        precedents,
        text_bytes,
    }
}

/// What a request may have at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tokens of prompt and reply together.
    pub context_tokens: u32,
    /// Tokens of the reply.
    pub reply_tokens: u32,
}

/// Why there is no prompt.
#[derive(Debug, thiserror::Error)]
pub enum NoPrompt {
    /// It cannot be rendered.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// Even the shortest is too long.
    #[error("the shortest prompt has {has} tokens, there is room for {limit}")]
    TooLong {
        /// How long it is.
        has: usize,
        /// How long it may be.
        limit: usize,
    },
    /// The text has every mark that was tried.
    #[error("the alert has the mark of its own fence in it")]
    NoFence,
}

impl Limits {
    /// The most tokens of a prompt.
    pub fn prompt(&self) -> usize {
        let prompt = self.context_tokens.saturating_sub(self.reply_tokens);
        usize::try_from(prompt).unwrap_or(usize::MAX)
    }
}

/// The prompt of `sheet` that keeps the most of it and is within `limits`.
pub fn fit(
    sheet: &Sheet,
    prompts: &Prompts,
    tokens: Tokens,
    limits: Limits,
    chance: [u8; 32],
) -> Result<Prompt, NoPrompt> {
    let fence = Fence::around(&sheet.untrusted(), chance).ok_or(NoPrompt::NoFence)?;
    let system = prompts.text("system.txt", SYSTEM)?;
    let limit = limits.prompt();
    let mut shortest = usize::MAX;
    for room in ROOMS {
        let user = prompts.text("user.txt", sheet.user(fence.mark(), room))?;
        let schema = prompts.schema("reply.json", sheet.schema(room))?;
        let schema_text = schema.to_string();
        let has = tokens.of_request([system.as_str(), &user, &schema_text].into_iter());
        if has <= limit {
            let digest = Prompt::digest_of(&system, &user, &schema, fence.mark());
            return Ok(Prompt {
                digest: digest.map_err(PromptError::from)?,
                system,
                user,
                schema,
                precedents: room.precedents,
                tokens: has,
            });
        }
        shortest = shortest.min(has);
    }
    Err(NoPrompt::TooLong {
        has: shortest,
        limit,
    })
}
