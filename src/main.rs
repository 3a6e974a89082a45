//! The `tierone` command.

use std::process::ExitCode;

/// An alert is tens of thousands of small allocations, and this one is faster at them (`cargo bench`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tierone::inbound::cli::run()
}
