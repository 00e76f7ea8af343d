#!/bin/bash
# Fills a database with a healthy platform and measures what `payctl verify` and `payctl trace` cost there: lines of `name value` for bench.sh and real.sh.
#
#   PAYCTL=… EXAMPLES=… scripts/bench/verify.sh DIR PAYMENTS
#
# On the server that DATABASE_URL names where it is set (psql is needed then), else in the directory. Of three runs the median counts;
# each must find every invariant to hold.
set -euo pipefail

: "${PAYCTL:?a payctl that is built already}" "${EXAMPLES:?the folder with its examples}"
[ $# -eq 2 ] || { echo "usage: scripts/bench/verify.sh DIR PAYMENTS" >&2; exit 2; }
dir="$1" payments="$2"
mkdir -p "$dir"
"$EXAMPLES/healthy" "$dir" "$payments" >"$dir/healthy"
awk '$1 != "seconds"' "$dir/healthy"
# What the server does by itself on a platform that grew as slowly as others do.
[ -z "${DATABASE_URL:-}" ] || psql -X -q "$DATABASE_URL" -c "VACUUM (ANALYZE)"
for run in 1 2 3; do
    began="$(date +%s%3N)"
    "$PAYCTL" --data-dir "$dir" --quiet verify >"$dir/verify-$run" 2>&1 || { cat "$dir/verify-$run" >&2; exit 1; }
    echo "$(($(date +%s%3N) - began)) $run"
done | sort -n | sed -n 2p >"$dir/median"
read -r median run <"$dir/median"
awk -v ms="$median" 'BEGIN { printf "seconds %.1f\n", ms / 1000 }'
awk '$1 ~ /^I[0-9]+$/ { print $NF, $1 }' "$dir/verify-$run" | sort -rn | head -n 3 |
    awk '{ printf "%s%s_%.1f_s", NR == 1 ? "slowest " : ",_", $2, $1 / 1000 } END { print "" }'
# What cannot be gone below: the digest of every byte, by whoever has the bytes.
began="$(date +%s%3N)"
if [ -n "${DATABASE_URL:-}" ]; then
    psql -X -q "$DATABASE_URL" -c "SELECT count(*) FROM events WHERE sha256(value) = ''" >/dev/null
else
    sha256sum "$dir/payctl.db" >/dev/null
fi
awk -v ms="$(($(date +%s%3N) - began))" 'BEGIN { printf "digest_s %.1f\n", ms / 1000 }'
# One payment's story among all of them. No broker has the records of a platform that was written by the database, and trace says so.
payment="$("$PAYCTL" --data-dir "$dir" --quiet payments list --status success -n 1 -o name)"
for _ in $(seq 7); do
    began="$(date +%s%3N)"
    "$PAYCTL" --data-dir "$dir" --quiet trace "$payment" >"$dir/trace" || [ $? -eq 3 ] || { cat "$dir/trace" >&2; exit 1; }
    echo "$(($(date +%s%3N) - began))"
done | sort -n | sed -n '4s/^/trace_ms /p'
