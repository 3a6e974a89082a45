# Every recipe is one command, so that nothing needs `just`.

# list the recipes
default:
    @just --list

# everything that must hold before a change goes in
check:
    .ci/run

# the tests
test:
    cargo test

# format the code
fmt:
    cargo fmt --all

# how fast a decision is made
bench:
    cargo bench

# decide on the demo's alerts
demo:
    cargo run --release -- triage eval/demo/alerts
