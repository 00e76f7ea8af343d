# PostgreSQL for scripts/stack: a private cluster on loopback, without a service manager. fsync stays on: what is tested is what runs.
#
# PAYCTL_STACK_PG_PORT (25432) and PAYCTL_STACK_PG_BIN (the directory of initdb) may be set.
# shellcheck shell=sh

PG_DIR="$PAYCTL_STACK_DIR/postgres"
# The server refuses to run as root, and its own user has no way into root's home.
if [ "$(id -u)" = 0 ] && [ "${PAYCTL_STACK_DIR#"$HOME"/}" != "$PAYCTL_STACK_DIR" ]; then
    PG_DIR="/var/tmp/payctl-stack$(echo "${PAYCTL_STACK_DIR#"$HOME"}" | tr / -)/postgres"
fi
PG_PORT="${PAYCTL_STACK_PG_PORT:-25432}"

pg_bin() {
    if [ -n "${PAYCTL_STACK_PG_BIN:-}" ]; then
        echo "$PAYCTL_STACK_PG_BIN"
        return
    fi
    for dir in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -rn) $(command -v initdb | xargs -r dirname); do
        [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] && echo "$dir" && return
    done
}

pg_run() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

pg_is_up() {
    [ -f "$PG_DIR/data/postmaster.pid" ] && pg_run "$(pg_bin)/pg_ctl" -D "$PG_DIR/data" status >/dev/null 2>&1
}

pg_install() {
    [ -z "$(pg_bin)" ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "postgres: installing" >&2
        export DEBIAN_FRONTEND=noninteractive
        # Debian would start a cluster of its own, which nobody here asked for.
        mkdir -p /etc/postgresql-common
        [ -f /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
        { apt-get update -q && apt-get install -q -y --no-install-recommends postgresql; } >/dev/null 2>&1
    fi
    [ -n "$(pg_bin)" ] || { echo "postgres: not installed; install the package postgresql" >&2; return 1; }
}

pg_make() {
    mkdir -p "$PG_DIR" || return 1
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$PG_DIR"
    fi
    [ -f "$PG_DIR/data/PG_VERSION" ] ||
        pg_run "$(pg_bin)/initdb" -D "$PG_DIR/data" -A trust -U payctl --locale=C -E UTF8 >"$PG_DIR/initdb.log" 2>&1
}

postgres_up() {
    pg_install || return 1
    if pg_is_up; then
        echo "postgres: running on port $PG_PORT"
        return 0
    fi
    pg_make || { echo "postgres: initdb failed, see $PG_DIR/initdb.log" >&2; return 1; }
    pg_run "$(pg_bin)/pg_ctl" -D "$PG_DIR/data" -w -t 60 -l "$PG_DIR/log" \
        -o "-p $PG_PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories=$PG_DIR -c max_connections=400 -c shared_buffers=256MB -c max_wal_size=2GB" \
        start >/dev/null || { echo "postgres: did not start, see $PG_DIR/log" >&2; return 1; }
    # The database that `scripts/stack env` names; tests make their own.
    pg_run "$(pg_bin)/createdb" -h 127.0.0.1 -p "$PG_PORT" -U payctl payctl 2>/dev/null || true
    echo "postgres: started on port $PG_PORT"
}

# What tests that were cut off have left behind.
pg_sweep() {
    "$(pg_bin)/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U payctl -d postgres -Atc \
        "SELECT datname FROM pg_database WHERE datname ~ '^payctl_(it|lib)_[0-9]+_[0-9]+$'" 2>/dev/null |
        while read -r name; do
            "$(pg_bin)/psql" -X -q -h 127.0.0.1 -p "$PG_PORT" -U payctl -d postgres -c "DROP DATABASE \"$name\" WITH (FORCE)"
        done
}

postgres_down() {
    pg_is_up || { echo "postgres: not running"; return 0; }
    pg_sweep
    pg_run "$(pg_bin)/pg_ctl" -D "$PG_DIR/data" -w -m fast stop >/dev/null && echo "postgres: stopped"
}

postgres_status() {
    if pg_is_up; then echo "postgres: running on port $PG_PORT"; else echo "postgres: not running"; return 1; fi
}

postgres_logs() {
    [ ! -f "$PG_DIR/log" ] || tail -n 50 "$PG_DIR/log"
}

postgres_env() {
    echo "export DATABASE_URL=postgres://payctl@127.0.0.1:$PG_PORT/payctl"
    echo "export PAYCTL_PROFILE=development"
    echo "export TEST_DATABASE_URL=postgres://payctl@127.0.0.1:$PG_PORT/postgres"
}
