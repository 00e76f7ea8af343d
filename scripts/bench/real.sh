#!/bin/bash
# Measures a release build on PostgreSQL and Kafka, each figure beside its reference from the same run.
#
#   scripts/stack up; eval "$(scripts/stack env)"; scripts/bench.sh --real [--write] [--quick]
#
# --write keeps the table in docs/performance.md behind the marker `<!-- real -->`, --quick takes less time and load (to try the
# script itself). Needs wrk, curl, psql and pgbench; DATABASE_URL and KAFKA_BROKERS from the environment, where it makes databases
# and topics of its own. PAYCTL, EXAMPLES: a payctl and a folder with the examples that are built already.
set -euo pipefail

cd "$(dirname "$0")/../.."
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/payctl/target}"
export CARGO_TARGET_DIR

write=no seconds=10 backlog=20000 healthy="${BENCH_PAYMENTS:-200000}"
for word in "$@"; do
    case "$word" in
        --real) ;;
        --write) write=yes ;;
        --quick) seconds=4 backlog=5000 healthy=10000 ;;
        *) echo "usage: scripts/bench.sh --real [--write] [--quick]" >&2 && exit 2 ;;
    esac
done
tools="wrk curl psql pgbench"
. scripts/bench/servers.sh
# How long the broker lets a silent member keep its partitions; scripts/stack sets it so.
session_ms=6000

create() { # connections seconds
    BENCH_RUN="r$$-$RANDOM" wrk -t2 -c"$1" -d"$2s" -s scripts/bench/create.lua "$gateway" | grep -E '^[a-z0-9_]+ [0-9.]+$'
}
latency() { # rate seconds
    "$EXAMPLES/latency" "$gateway" "$work" "$BENCH_API_KEY" "$STRIPE_WEBHOOK_SECRET" "$1" "$2"
}
booked_at() { # port
    curl -s -m 5 "http://127.0.0.1:$1/metrics" | awk '/^payctl_booked_payments_total/ { sum += $2 } END { print sum + 0 }'
}

# What the same server does with one row a transaction, durably: a bare one, and a row of `payments` as the gateway writes it.
single_rows() { # name columns values
    echo "INSERT INTO $1 ($2) VALUES ($3);" >"$work/insert.sql"
    pgbench -n -c 64 -j 2 -M prepared -T "$((seconds / 2))" -f "$work/insert.sql" "$DATABASE_URL" 2>"$work/pgbench" |
        awk '/^tps/ { printf "%.0f", $3 }'
    sql "$place" "DROP TABLE $1"
}
bare_rows() {
    sql "$place" "CREATE TABLE bare_rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL)"
    single_rows bare_rows body "repeat('x', 300)"
}
payment_rows() {
    sql "$place" "CREATE TABLE payment_rows (LIKE payments INCLUDING ALL); CREATE SEQUENCE payment_numbers"
    single_rows payment_rows "payment_no, merchant_id, order_no, amount, currency, channel, status, version, occupies_order, customer_email,
 extra, fee_bps, fee_amount, trace_id, expires_at, created_at, updated_at" "'PY' || nextval('payment_numbers'), gen_random_uuid(),
 'ORD-' || currval('payment_numbers'), 9999, 'USD', 'stripe', 'pending', 1, 1, 'customer@example.com', '{}', 290, 320,
 md5(random()::text), now() + interval '30 minutes', now(), now()"
    sql "$place" "DROP SEQUENCE payment_numbers"
}

platform creates
start "$offset" 40003 serve gateway relay
create 100 2 >"$work/warm-up"
# Each round has creates between their references.
for round in 1 2 3; do
    rows="$(payment_rows)"
    creates="$(create 100 "$seconds")"
    left="$(sql "$place" "SELECT count(*) FROM outbox")"
    bare="$(bare_rows)"
    printf '%s\nleft %s\nrows %s\nbare %s\n' "$creates" "$left" "$rows" "$bare" >"$work/round-$round"
    say "$(of "$creates" rate)/s beside $rows/s single payment rows, $bare/s bare ones; $left left in the outbox; $(stolen) % stolen so far"
    echo "$(ratio "$(of "$creates" rate)" "$rows") $round"
done | middle >"$work/middle"
creates="$(cat "$work/round-$(cat "$work/middle")")"
rows="$(of "$creates" rows)" bare="$(of "$creates" bare)" left="$(of "$creates" left)"
stop "$pid"

platform backlog
filled="$("$EXAMPLES/backlog" fill "$work" "$backlog")"
relayed="$("$EXAMPLES/backlog" relay "$work" "$PAYCTL" "$offset")"
say "relay: $(of "$relayed" rate) events/s"
drained="$("$EXAMPLES/backlog" drain "$work" "$PAYCTL" "$offset" accounting)"
say "accounting: $(of "$drained" rate) events/s"
platform produce
produced="$("$EXAMPLES/backlog" produce "$backlog")"
say "bare producer: $(of "$produced" rate) records/s"

platform latency
start "$offset" "40003 40007" serve gateway relay accounting
serving="$pid"
latency 100 3 >"$work/warm-up"
booked="$(latency 1000 "$seconds")"
say "p50 $(of "$booked" p50_ms) ms, p99 $(of "$booked" p99_ms) ms"
# The others have their share of the same two cores afterwards, and then everything must fit together.
start $((offset + 100)) "40004 40008 40009" serve order notification analytics
others="$pid"
say "the others have started"
"$EXAMPLES/backlog" wait "$work" order accounting notification analytics >"$work/waited"
say "and have caught up in $(of "$(cat "$work/waited")" seconds) s"
verdict=holds
"$PAYCTL" --data-dir "$work/data-$offset" verify >"$work/verify" 2>&1 || verdict=broken
[ "$verdict" = holds ] || cat "$work/verify" >&2
say "every invariant $verdict"
lag_ms="$(median_ms "$PAYCTL" --data-dir "$work/data-$offset" lag)"
tool_ms="$(kafka_groups_ms)"
say "lag: $lag_ms ms beside $tool_ms ms"
stop "$others"
stop "$serving"

platform takeover
start "$offset" 40003 serve gateway relay
serving="$pid"
start $((offset + 100)) 40007 serve accounting
first="$pid"
start $((offset + 200)) 40007 serve accounting
second="$pid"
latency 100 $((session_ms / 1000 + 20)) >"$work/takeover" &
pacer=$!
sleep 8
before="$(booked_at $((40007 + offset + 100)))"
sleep 1
after="$(booked_at $((40007 + offset + 100)))"
# All payments are of one merchant and thus on one partition: the one that books them is killed.
if [ "$after" -gt "$before" ]; then victim="$first" heir="$second"; else victim="$second" heir="$first"; fi
kill -9 "$victim"
wait "$pacer"
taken="$(cat "$work/takeover")"
say "takeover: $(of "$taken" max_ms) ms"
stop "$heir"
stop "$serving"

platform verify
verified="$(PAYCTL="$PAYCTL" EXAMPLES="$EXAMPLES" scripts/bench/verify.sh "$work/healthy" "$healthy")"
say "verify: $(of "$verified" seconds) s"

report() {
    cat <<TABLE
<!-- real -->
## On PostgreSQL and Kafka

Written by \`scripts/bench.sh --real\` on $(date -u +%Y-%m-%d), at $(git describe --always --dirty 2>/dev/null || echo "no commit").
$(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) cores, for PostgreSQL $(sql postgres "SHOW server_version" | cut -d' ' -f1)
(fsync and synchronous_commit on), one Kafka broker, payctl and the load generator together. The hypervisor kept back
$(stolen) % of the processors' time.

| Work | Measured | Reference, same run | Must | Goal |
|---|---|---|---|---|
| durable creates over HTTP, 100 connections, $seconds s, gateway and relay running; the middle of three rounds | $(of "$creates" rate)/s, P50 $(of "$creates" p50_ms) ms, P95 $(of "$creates" p95_ms) ms, P99 $(of "$creates" p99_ms) ms, $(of "$creates" failed) failed: $(ratio "$(of "$creates" rate)" "$rows") × payment rows, $(ratio "$(of "$creates" rate)" "$bare") × bare rows; $left events left in the outbox at the end | pgbench, 64 clients, prepared, a row a transaction: rows of \`payments\` $rows/s, bare rows of 300 bytes $bare/s | 8 000/s, 1.0 × | 14 000/s, P95 ≤ 25 ms, 1.7 × |
| relay drains a backlog to the broker | $(of "$relayed" rate) events/s ($(of "$relayed" events) in $(of "$relayed" seconds) s): $(ratio "$(of "$relayed" rate)" "$(of "$produced" rate)") × the producer | a bare producer of the same records: $(of "$produced" rate)/s | 20 000/s | 40 000/s |
| accounting drains it: offsets, dedupe, double entry, its own events | $(of "$drained" rate) events/s ($(of "$drained" events) in $(of "$drained" seconds) s) | publishing them: $(of "$filled" rate) events/s | 6 000 events/s | 12 000 events/s |
| create → booked at 1 000/s; gateway, relay and accounting running | p50 $(of "$booked" p50_ms) ms, p90 $(of "$booked" p90_ms) ms, p99 $(of "$booked" p99_ms) ms, max $(of "$booked" max_ms) ms, $(of "$booked" failed) failed, $(of "$booked" unbooked) of $(of "$booked" payments) not booked | | p99 ≤ 250 ms | p50 ≤ 30 ms |
| takeover after kill -9 of the accounting process that books, at 100/s | a payment waited $(of "$taken" max_ms) ms at most; $(of "$taken" unbooked) of $(of "$taken" payments) not booked | session time-out: $session_ms ms | time-out + 2 s | |
| \`lag\`: every group, with status, rates and money | $lag_ms ms, median of 7: $(ratio "$lag_ms" "$tool_ms") × the tool | Kafka's ConsumerGroupCommand, --describe --all-groups: $tool_ms ms | 0.20 × | |
| \`verify\`, every invariant of $(of "$verified" payments) payments, $(of "$verified" events) events, in the database | $(of "$verified" seconds) s; slowest: $(of "$verified" slowest | tr _ ' '): $(ratio "$(of "$verified" seconds)" "$(of "$verified" digest_s)") × the digests | the server alone, SHA-256 of the value of each event and nothing else: $(of "$verified" digest_s) s | 10 s for 1 000 000 | 5 s |
| \`trace\` of one of $(of "$verified" payments) payments, median of 7 | $(of "$verified" trace_ms) ms | | 200 ms with 1 000 000 | 50 ms |

After create → booked the other services caught up, and every invariant of \`payctl verify\` $verdict.
TABLE
}

report >"$work/report"
cat "$work/report"
[ "$write" = no ] || keep real "$work/report"
[ "$verdict" = holds ]
