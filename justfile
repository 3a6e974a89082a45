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

# format the code
fmt:
    cargo fmt --all

# how fast a decision is made
bench:
    cargo bench

# decide on the demo's alerts
demo:
    cargo run --release -- triage eval/demo/alerts

# kill a process before every system call that writes or talks, and look at what it leaves (needs strace)
crash:
    cargo test --release --test tests crash::whenever -- --ignored --nocapture
