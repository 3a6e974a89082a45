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

# changed fixtures through every source: TIERONE_FUZZ inputs, two millions otherwise
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

# decide on the demo's alerts
demo:
    cargo run --release -- triage eval/demo/alerts

# kill a process before every system call that writes or talks, and look at what it leaves (needs strace)
crash:
    cargo test --release --test tests crash::whenever -- --ignored --nocapture

# kill a service again and again under two hundred alerts a second for a minute, and count
outage:
    cargo test --release --test tests cli::outage -- --ignored --nocapture

# how soon the service answers, how much memory it takes, and whether a decision takes longer beside more cases
figures:
    cargo test --release --test tests cli::figures -- --ignored --nocapture --test-threads 1
