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

# each race a thousand times, printed as counts
races:
    TIERONE_RACES=1000 cargo test --release --test tests races -- --nocapture

# payloads that are not ours, one folder a format: what is read of each, what is missed, what is the same problem
samples DIR:
    TIERONE_SAMPLES={{DIR}} cargo test --release --test tests sources::samples -- --ignored --nocapture

# changed fixtures, each through one source: TIERONE_FUZZ inputs, two millions otherwise, by TIERONE_THREADS threads, one otherwise
fuzz:
    cargo test --release --test tests sources::fuzz -- --ignored --nocapture

# payloads of twenty megabytes through every source
hostile:
    cargo test --release --test tests sources::hostile -- --ignored --nocapture

# format the code
fmt:
    cargo fmt --all

# how fast a decision is made, and a payload read, by source
bench:
    cargo bench

# the suites: what a change must prove before it acts
eval:
    cargo run --release -- eval run

# decide on the demo's alerts
demo:
    cargo run --release -- triage eval/demo/alerts

# kill a process before every system call that writes or talks, and look at what it leaves (needs strace)
crash:
    cargo test --release --test tests crash::whenever -- --ignored --nocapture

# disks that are full, read-only or failing under a service (needs root and strace)
faults:
    cargo test --test tests cli::faults -- --include-ignored --nocapture --test-threads 1

# kill a service again and again under two hundred alerts a second for a minute, and count
outage:
    cargo test --release --test tests cli::outage -- --ignored --nocapture

# how soon the service answers, how much memory it takes, and whether a decision takes longer beside more cases
figures:
    cargo test --release --test tests cli::figures -- --ignored --nocapture --test-threads 1

# a real model server from packages, and what is made of it: writes docs/real/model.md (needs pip, cmake and a C++ compiler)
real-model:
    .ci/real-model

# the bot against a Slack server double and in a browser: writes docs/real/slack.md (TIERONE_LOCAL_SLACK names the double's folder; needs bun and chromium)
real-slack:
    .ci/real-slack

# how often a calibration breaks its promise over two thousand histories, beside the naive rule
promise:
    cargo test --release --test tests calibration -- --ignored --nocapture
