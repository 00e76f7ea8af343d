# Short names for what the scripts and payctl itself do; `just` lists them.

_default:
    @just --list

# Exactly what CI runs
ci:
    scripts/test

# Every test; words choose some of them: just test tidy
test *words:
    cargo test --locked {{ words }}

# Set the code as rustfmt.toml says
fmt:
    cargo fmt

# Measure a release build
bench:
    scripts/bench.sh

# The whole platform with one payment taken all the way
demo:
    cargo run --release --locked -- up --demo
