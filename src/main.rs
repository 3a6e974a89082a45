//! The `tierone` command.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    tierone::telemetry::start();
    tierone::inbound::cli::run().await
}
