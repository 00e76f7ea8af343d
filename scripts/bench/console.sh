#!/bin/bash
# Measures what an operator waits for, on one file and on PostgreSQL and Kafka, each figure beside its reference from the same run.
#
#   scripts/stack up; eval "$(scripts/stack env)"; scripts/bench.sh --console [--write] [--quick]
#
# --write keeps the table in docs/performance.md behind the marker `<!-- console -->`, --quick takes a twentieth of the rows (to
# try the script itself). Needs curl, psql, sqlite3 and kcat; DATABASE_URL and KAFKA_BROKERS from the environment, where it makes
# databases and topics of its own. PAYCTL, EXAMPLES: a payctl and a folder with the examples that are built already.
set -euo pipefail

cd "$(dirname "$0")/../.."
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/payctl/target}"
export CARGO_TARGET_DIR

write=no payments=334000 letters=100000
for word in "$@"; do
    case "$word" in
        --console) ;;
        --write) write=yes ;;
        --quick) payments=17000 letters=5000 ;;
        *) echo "usage: scripts/bench.sh --console [--write] [--quick]" >&2 && exit 2 ;;
    esac
done
tools="curl psql sqlite3 kcat"
. scripts/bench/servers.sh

# Parks the last events of payments for accounting, with a handful of causes, as the platform itself would write them.
park="INSERT INTO dlq (grp, topic, partition, log_offset, event_id, event_type, aggregate_id, hold_key, version, merchant_id, state,
  attempts, error_code, error_message, retryable, key, headers, value, first_failed_at, last_failed_at)
SELECT 'payctl.accounting', topic, partition, seq, event_id, event_type, aggregate_id, aggregate_id, aggregate_version, key, 'failed',
  3, 'ACCOUNT_REFUSED', 'account ' || aggregate_id || ' refuses for reason ' || (seq % 5), 0, key, headers, value, created_at, created_at
FROM events WHERE event_type = 'payment.success' ORDER BY seq LIMIT $letters"

seconds_of() { # command…
    local began
    began="$(now_ms)"
    "$@" >"$work/records" 2>"$work/said" || { cat "$work/said" >&2; exit 1; }
    awk -v ms=$(($(now_ms) - began)) 'BEGIN { printf "%.2f", ms / 1000 }'
}
# A start of a program, in ms: many, since one is over before a clock of milliseconds sees it.
start_ms() { # command…
    local began run
    began="$(now_ms)"
    for run in $(seq 50); do "$@" >"$work/look" 2>&1; done
    awk -v ms=$(($(now_ms) - began)) 'BEGIN { printf "%.1f", ms / 50 }'
}

help_ms="$(start_ms "$PAYCTL" --help)"
true_ms="$(start_ms /bin/true)"
say "--help: $help_ms ms beside $true_ms ms"

platform console
"$EXAMPLES/backlog" fill "$work" "$payments" >"$work/filled"
"$EXAMPLES/backlog" relay "$work" "$PAYCTL" "$offset" >"$work/relayed"
records=$((payments * 3))
for round in 1 2 3; do
    cat_s="$(seconds_of kcat -C -q -e -b "$KAFKA_BROKERS" -t "${PAYCTL_TOPIC_PREFIX}payment.events" -o beginning)"
    raw="$(wc -l <"$work/records")"
    tail_s="$(seconds_of "$PAYCTL" topics tail payment.events --from-offset 0 -o jsonl)"
    decoded="$(wc -l <"$work/records")"
    [ "$raw" = "$records" ] && [ "$decoded" = "$records" ] || { echo "$records records, kcat wrote $raw and tail $decoded" >&2; exit 1; }
    say "tail: $tail_s s beside $cat_s s"
    echo "$(ratio "$tail_s" "$cat_s") $tail_s $cat_s"
done | middle >"$work/middle"
read -r tail_s cat_s <"$work/middle"
sql "$place" "$park; ANALYZE dlq"
letters_server_ms="$(median_ms "$PAYCTL" dlq list)"
say "dlq list: $letters_server_ms ms on PostgreSQL"

brokers="$KAFKA_BROKERS"
unset DATABASE_URL KAFKA_BROKERS PAYCTL_TOPIC_PREFIX
export PAYCTL_DATA_DIR="$work/file"
"$EXAMPLES/backlog" fill "$PAYCTL_DATA_DIR" "$payments" >"$work/filled"
tail_file_s="$(seconds_of "$PAYCTL" topics tail payment.events --from-offset 0 -o jsonl)"
[ "$(wc -l <"$work/records")" = "$records" ] || { echo "tail wrote $(wc -l <"$work/records") of $records records" >&2; exit 1; }
say "tail of one file: $tail_file_s s"
sqlite3 "$PAYCTL_DATA_DIR/payctl.db" "$park; ANALYZE dlq"
letters_file_ms="$(median_ms "$PAYCTL" dlq list)"
say "dlq list: $letters_file_ms ms on one file"
KAFKA_BROKERS="$brokers"

cat >"$work/report" <<TABLE
<!-- console -->
## The console

Written by \`scripts/bench.sh --console\` on $(date -u +%Y-%m-%d), at $(git describe --always --dirty 2>/dev/null || echo "no commit").
$(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) cores. The hypervisor kept back $(stolen) % of the processors' time.

| Work | Measured | Reference, same run | Must | Goal |
|---|---|---|---|---|
| \`topics tail\` of $records records to a file, decoded, as jsonl; the middle of three rounds | from Kafka $tail_s s: $(ratio "$tail_s" "$cat_s") × kcat; from one file $tail_file_s s | kcat, the raw records: $cat_s s | 1.5 × | 1.0 × |
| \`dlq list\` with $letters parked, median of 7 | PostgreSQL $letters_server_ms ms, one file $letters_file_ms ms | | 1 000 ms | 200 ms |
| \`payctl --help\`, mean of 50 starts | $help_ms ms | /bin/true: $true_ms ms | 20 ms | 5 ms |
TABLE
cat "$work/report"
[ "$write" = no ] || keep console "$work/report"
