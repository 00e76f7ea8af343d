#!/bin/bash
# Measures a release build and prints a Markdown table, each figure beside its reference from the same run.
#
#   scripts/bench.sh [--write] [--quick] [--cold-build]
#   scripts/bench.sh --real [--write] [--quick]
#   scripts/bench.sh --console [--write] [--quick]
#
# --real measures PostgreSQL and Kafka instead of the embedded engines, --console what an operator waits for on either:
# scripts/bench/real.sh and scripts/bench/console.sh say what they need.
# --write keeps the table in docs/performance.md, --quick takes a tenth of the time and load (to try the script itself),
# --cold-build also times `cargo build --release --locked` into an empty directory. Needs wrk (Debian: apt-get install wrk)
# and curl. PAYCTL, EXAMPLES: a payctl and a folder with the examples that are built already. BENCH_PAYMENTS (200000): of how many
# payments `verify` and `trace` are measured; a million fill 25 GB of disk.
set -euo pipefail

cd "$(dirname "$0")/.."
for word in "$@"; do
    [ "$word" != --real ] || exec scripts/bench/real.sh "$@"
    [ "$word" != --console ] || exec scripts/bench/console.sh "$@"
done
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/payctl/target}"
export CARGO_TARGET_DIR

write=no quick=no cold=no
for word in "$@"; do
    case "$word" in
        --write) write=yes ;;
        --quick) quick=yes ;;
        --cold-build) cold=yes ;;
        *) echo "usage: scripts/bench.sh [--write] [--quick] [--cold-build]" >&2 && exit 2 ;;
    esac
done
if [ "$quick" = yes ]; then
    seconds=3 backlog=10000 payments=20000 healthy=10000
else
    seconds=30 backlog=100000 payments=200000 healthy="${BENCH_PAYMENTS:-200000}"
fi

tools="wrk curl"
. scripts/bench/common.sh
echo_address=127.0.0.1:$((40000 + offset))
all="order accounting notification analytics"
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# Announces a stage; what the stages before wrote is on disk first, so that none pays for another.
say() { echo "bench: $*" >&2; sync; }

# Runs payctl in the background and waits until every service named is ready; sets pid and ready_ms.
start() {
    local dir="$1" ports="$2" began
    shift 2
    began="$(now_ms)"
    "$PAYCTL" --data-dir "$dir" --port-offset "$offset" --quiet "$@" >"$work/log" 2>&1 &
    pid=$!
    pids+=("$pid")
    for port in $ports; do
        until curl -sf -o "$work/ready" "http://127.0.0.1:$((port + offset))/health/ready"; do
            kill -0 "$pid" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
            [ $(($(now_ms) - began)) -lt 30000 ] || { echo "port $port is not ready after 30 s" >&2; cat "$work/ready" >&2; exit 1; }
            sleep 0.002
        done
    done
    ready_ms=$(($(now_ms) - began))
}

stop() {
    kill "$pid" && { wait "$pid" || true; }
}

everything="40003 40004 40005 40007 40008 40009"
runs=0
create() { # connections seconds
    runs=$((runs + 1))
    BENCH_RUN="b$$-$runs" wrk -t2 -c"$1" -d"$2s" -s scripts/bench/create.lua "$gateway" | grep -E '^[a-z0-9_]+ [0-9.]+$'
}
echo_run() { # connections seconds
    wrk -t2 -c"$1" -d"$2s" -s scripts/bench/echo.lua "http://$echo_address/" | grep -E '^[a-z0-9_]+ [0-9.]+$'
}
resident_mib() { awk '/^VmRSS:/ { printf "%.0f", $2 / 1024 }' "/proc/$1/status"; }

say "time to ready"
readies=()
for n in 1 2 3 4 5; do
    start "$work/ready-$n" "$everything" up
    readies+=("$ready_ms")
    stop
done
ready_median="$(printf '%s\n' "${readies[@]}" | sort -n | sed -n 3p)"

say "the echo"
began="$(now_ms)"
"$EXAMPLES/echo" "$echo_address" &
echo_pid=$!
pids+=("$echo_pid")
until curl -s -o "$work/ready" "http://$echo_address/"; do sleep 0.002; done
echo_ready=$(($(now_ms) - began))
echo_64="$(echo_run 64 "$((seconds / 3))")"
echo_256="$(echo_run 256 "$((seconds / 3))")"
echo_mib="$(resident_mib "$echo_pid")"

say "what the disk gives: one durable write after the other"
began="$(now_ms)"
dd if=/dev/zero of="$work/disk" bs=4k count=500 oflag=dsync 2>"$work/dd"
durable_ms="$(awk -v ms=$(($(now_ms) - began)) 'BEGIN { printf "%.2f", ms / 500 }')"

say "creates with all consumers, 64 connections"
start "$work/busy" "$everything" up
create 64 1 >"$work/warm-up"
busy="$(create 64 "$seconds")"
say "on to $payments payments, then memory"
made() { "$PAYCTL" --data-dir "$work/busy" payments list -o json 2>"$work/list" | sed -n 's/.*"total": *\([0-9]*\).*/\1/p' | head -n 1; }
while [ "$(made)" -lt "$payments" ]; do create 64 "$((seconds / 3))" >"$work/more"; done
# shellcheck disable=SC2086
caught_up="$("$EXAMPLES/backlog" wait "$work/busy" $all)"
sleep 2
memory_mib="$(resident_mib "$pid")"
memory_payments="$(made)"
verdict=holds
"$PAYCTL" --data-dir "$work/busy" verify >"$work/verify" 2>&1 || verdict=broken
[ "$verdict" = holds ] || cat "$work/verify" >&2
stop

say "creates without consumers, 256 connections"
start "$work/alone" 40003 --profile development serve gateway
create 256 1 >"$work/warm-up"
alone="$(create 256 "$seconds")"
stop

say "create to booked, 500/s"
start "$work/latency" "$everything" up
"$EXAMPLES/latency" "$gateway" "$work/latency" "$BENCH_API_KEY" "$STRIPE_WEBHOOK_SECRET" 100 2 >"$work/warm-up"
latency="$("$EXAMPLES/latency" "$gateway" "$work/latency" "$BENCH_API_KEY" "$STRIPE_WEBHOOK_SECRET" 500 "$seconds")"
stop

say "a backlog of $backlog paid payments"
filled="$("$EXAMPLES/backlog" fill "$work/filled" "$backlog")"
declare -A drained
for group in $all "$all"; do
    rm -rf "$work/drain"
    cp -r "$work/filled" "$work/drain"
    # shellcheck disable=SC2086
    drained[$group]="$("$EXAMPLES/backlog" drain "$work/drain" "$PAYCTL" "$offset" $group)"
    say "$group: $(of "${drained[$group]}" rate) events/s"
done

say "verify on $healthy payments"
rm -rf "$work/drain" "$work/filled"
verified="$(PAYCTL="$PAYCTL" EXAMPLES="$EXAMPLES" scripts/bench/verify.sh "$work/healthy" "$healthy")"
rm -rf "$work/healthy"

build_row=
if [ "$cold" = yes ]; then
    say "cold build"
    began="$(now_ms)"
    CARGO_TARGET_DIR="$work/cold" cargo build --release --locked --quiet
    build_s=$((($(now_ms) - began) / 1000))
    build_row="| cold \`cargo build --release --locked\` | $((build_s / 60)) min $((build_s % 60)) s | | 10 min | 7 min |"
fi

drain_row() { # title key must goal
    local result="${drained[$2]}"
    echo "| backlog of $backlog paid payments, $1 | $(of "$result" rate) events/s ($(of "$result" events) in $(of "$result" seconds) s) | publishing them: $(of "$filled" rate) events/s | $3 | $4 |"
}

report() {
    cat <<TABLE
# Performance

Written by \`scripts/bench.sh\` on $(date -u +%Y-%m-%d), at $(git describe --always --dirty 2>/dev/null || echo "no commit").

$(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo) of memory,
$(df --output=fstype "$work" | tail -n 1) on $(df --output=source "$work" | tail -n 1), Linux $(uname -r), $(rustc --version).
The load generator runs on the same cores. A durable write of 4 KiB takes $durable_ms ms on this disk.
The hypervisor kept back $(stolen) % of the processors' time during the run.

| Work | Measured | Reference, same run | Must | Goal |
|---|---|---|---|---|
| durable creates, 64 connections, $seconds s, all consumers | $(of "$busy" rate)/s, P50 $(of "$busy" p50_ms) ms, P95 $(of "$busy" p95_ms) ms, P99 $(of "$busy" p99_ms) ms, $(of "$busy" failed) failed | echo: $(of "$echo_64" rate)/s, P95 $(of "$echo_64" p95_ms) ms | 5 000/s, P95 ≤ 50 ms | 10 000/s, P95 ≤ 20 ms |
| durable creates, 256 connections, no consumers | $(of "$alone" rate)/s, P95 $(of "$alone" p95_ms) ms, $(of "$alone" failed) failed: $(ratio "$(of "$alone" rate)" "$(of "$echo_256" rate)") × the echo | echo: $(of "$echo_256" rate)/s, P95 $(of "$echo_256" p95_ms) ms | 0.12 × | 0.25 × |
| create → booked at 500/s | p50 $(of "$latency" p50_ms) ms, p90 $(of "$latency" p90_ms) ms, p99 $(of "$latency" p99_ms) ms, max $(of "$latency" max_ms) ms, $(of "$latency" failed) failed, $(of "$latency" unbooked) of $(of "$latency" payments) not booked | a durable write: $durable_ms ms | p99 ≤ 250 ms | p50 ≤ 20 ms |
$(drain_row "accounting alone" accounting "6 000 events/s" "15 000 events/s")
$(for group in order notification analytics; do drain_row "$group alone" "$group" "" ""; done)
$(drain_row "all groups at once" "$all" "" "")
| \`verify\`, every invariant of $(of "$verified" payments) payments, $(of "$verified" events) events | $(of "$verified" seconds) s; slowest: $(of "$verified" slowest | tr _ ' '): $(ratio "$(of "$verified" seconds)" "$(of "$verified" digest_s)") × sha256sum | sha256sum of the file: $(of "$verified" digest_s) s | 10 s for 1 000 000 | 5 s |
| \`trace\` of one of $(of "$verified" payments) payments, median of 7 | $(of "$verified" trace_ms) ms | | 200 ms with 1 000 000 | 50 ms |
| \`up\` on an empty directory until ready, median of 5 | $ready_median ms | echo: $echo_ready ms | 500 ms | 200 ms |
| resident memory after $memory_payments payments | $memory_mib MiB | echo: $echo_mib MiB | 150 MiB | 80 MiB |
${build_row:+$build_row
}
After the creates the consumers had caught up in $(of "$caught_up" seconds) s, and every invariant of \`payctl verify\` $verdict.
Events are counted once for each group that reads them, whether they concern it or not; mails go to a null sender and are
part of notification's time. Create → booked counts from the moment at which a request was due to the time of the
transaction that booked it; each payment is created, then paid by a signed webhook.
TABLE
}

report >"$work/report"
cat "$work/report"
if [ "$write" = yes ]; then
    mkdir -p docs
    # What scripts/bench/real.sh wrote behind its marker stays.
    if [ -f docs/performance.md ]; then sed -n '/^<!-- .* -->$/,$p' docs/performance.md >"$work/kept"; fi
    cat "$work/report" $([ ! -s "$work/kept" ] || echo "$work/kept") >docs/performance.md
fi
[ "$verdict" = holds ]
