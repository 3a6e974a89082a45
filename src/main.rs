//! The `tierone` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    tierone::inbound::cli::run()
}
