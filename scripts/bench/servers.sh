# What the scripts share that measure a release build on PostgreSQL and Kafka; sourced, with `tools` set to what they need.
# shellcheck shell=bash

server="${DATABASE_URL:?scripts/stack up; eval \"\$(scripts/stack env)\"}"
server="${server%/*}"
: "${KAFKA_BROKERS:?scripts/stack up; eval \"\$(scripts/stack env)\"}"
. scripts/bench/common.sh
PAYCTL_INTERNAL_TOKEN=internal-token-of-the-benchmark-000
export PAYCTL_INTERNAL_TOKEN PAYCTL_PROFILE=development
unset ${!PAYCTL_STACK_*}

databases=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    for database in "${databases[@]}"; do sql postgres "DROP DATABASE IF EXISTS $database WITH (FORCE)" >/dev/null 2>&1 || true; done
    rm -rf "$work"
}
trap finish EXIT

say() { echo "bench: $*" >&2; }
sql() { psql -X -q -At "$server/$1" -c "$2"; }

# A platform of its own: a database, and topics with a prefix.
platform() { # name
    say "$1"
    place="payctl_bench_$$_$1"
    sql postgres "CREATE DATABASE $place"
    sql postgres CHECKPOINT
    databases+=("$place")
    export DATABASE_URL="$server/$place" PAYCTL_TOPIC_PREFIX="bench$$-$1."
    # Brokers may take a moment until they show what they have made.
    local tries=0
    until "$PAYCTL" --quiet topics init >"$work/topics" 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 10 ] || { cat "$work/topics" >&2; exit 1; }
        sleep 0.5
    done
}

# Starts payctl behind `ports` more and waits until the ports named are ready; sets pid.
start() { # offset "ports" words…
    local more="$1" ports="$2" began
    shift 2
    began="$(now_ms)"
    "$PAYCTL" --data-dir "$work/data-$more" --port-offset "$more" --quiet "$@" >"$work/log-$more" 2>&1 &
    pid=$!
    pids+=("$pid")
    for port in $ports; do
        until curl -sf -m 5 -o "$work/ready" "http://127.0.0.1:$((port + more))/health/ready"; do
            kill -0 "$pid" 2>/dev/null || { cat "$work/log-$more" >&2; exit 1; }
            [ $(($(now_ms) - began)) -lt 60000 ] || { echo "port $port is not ready after 60 s" >&2; cat "$work/ready" "$work/log-$more" >&2; exit 1; }
            sleep 0.01
        done
    done
}
stop() { kill "$1" && { wait "$1" || true; }; }

# The median time in ms of seven runs of a command, which must not fail.
median_ms() {
    local began run
    for run in 1 2 3 4 5 6 7; do
        began="$(now_ms)"
        "$@" >"$work/look" 2>&1 || { cat "$work/look" >&2; exit 1; }
        echo $(($(now_ms) - began))
    done | sort -n | sed -n 4p
}
# Kafka's own tool for where groups stand, out of what scripts/stack has fetched; "-" where it is not there.
kafka_groups_ms() {
    local jars
    jars="$(ls -d "${XDG_CACHE_HOME:-$HOME/.cache}"/payctl/kafka-*/lib 2>/dev/null | tail -n 1)"
    [ -n "$jars" ] && command -v java >/dev/null || { echo -; return; }
    median_ms java -cp "$jars/*" org.apache.kafka.tools.consumer.group.ConsumerGroupCommand \
        --bootstrap-server "$KAFKA_BROKERS" --describe --all-groups
}

# Puts what a script has measured, in the file named, behind a marker of its own into docs/performance.md.
keep() { # marker file
    awk -v marker="<!-- $1 -->" '/^<!-- .* -->$/ { is_ours = ($0 == marker) } !is_ours { print }' docs/performance.md >"$work/kept"
    [ -z "$(tail -n 1 "$work/kept")" ] || echo >>"$work/kept"
    cat "$work/kept" "$2" >docs/performance.md
}
