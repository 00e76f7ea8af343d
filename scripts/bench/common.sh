# What every script shares that measures a release build; sourced, with `tools` set to what it needs.
# shellcheck shell=bash

for tool in $tools; do
    command -v "$tool" >/dev/null || { echo "$0 needs $tool: apt-get install $tool" >&2; exit 2; }
done
if [ -z "${PAYCTL:-}" ]; then
    cargo build --release --locked --bins --examples
    PAYCTL="$CARGO_TARGET_DIR/release/payctl"
    EXAMPLES="$CARGO_TARGET_DIR/release/examples"
fi
EXAMPLES="${EXAMPLES:?set EXAMPLES together with PAYCTL}"

# Ports of its own, so that a platform that runs beside it is not measured by mistake.
offset=7000
gateway=http://127.0.0.1:$((40003 + offset))
BENCH_API_KEY=test-api-key-123
STRIPE_WEBHOOK_SECRET=whsec_of_the_benchmark
export BENCH_API_KEY STRIPE_WEBHOOK_SECRET PAYCTL_MAIL_SINK=null PAYCTL_LOG=warn
unset PAYCTL_DATA_DIR PAYCTL_PORT_OFFSET PAYCTL_PROFILE PAYCTL_CONFIG STRIPE_API_KEY SMTP_HOST

work="$(mktemp -d "${BENCH_DIR:-${TMPDIR:-/tmp}}/payctl-bench.XXXXXX")"
pids=()

# The value of `name value` in a result.
of() { awk -v name="$2" '$1 == name { print $2 }' <<<"$1"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else print "-" }'; }
# Of three lines, a figure with something behind it, what is behind the figure in the middle. A shared machine is another one from one
# moment to the next, so what is measured beside a reference is measured in three rounds.
middle() { sort -n | sed -n '2s/^[^ ]* //p'; }
now_ms() { date +%s%3N; }
# All ticks of the processors so far, and those that the hypervisor gave to somebody else.
ticks() { awk '/^cpu / { for (n = 2; n <= 9; n++) all += $n; print all, $9 }' /proc/stat; }
ticks_before="$(ticks)"
# Which share of the processors' time the hypervisor has kept back since the script began, in percent.
stolen() {
    echo "$ticks_before $(ticks)" | awk '{ if ($3 > $1) printf "%.1f", ($4 - $2) * 100 / ($3 - $1); else print "?" }'
}
