# shellcheck shell=sh
# The Kafka half of scripts/stack, which sources this file: one broker, or three, with data of their own.
#
# Uses PAYCTL_STACK_DIR, PAYCTL_STACK_KAFKA_PORT (29092; three brokers take the next two as well, controllers those 10 above) and
# PAYCTL_STACK_BROKERS (1 or 3). The ports lie below those that the system gives to clients, so that none takes one while a broker
# is down. The broker's jars come from Maven Central, once, into the cache.

KAFKA_VERSION=4.3.1
KAFKA_LOG4J_VERSION=2.25.1
KAFKA_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/payctl"
KAFKA_HOME="$KAFKA_CACHE/kafka-$KAFKA_VERSION"
KAFKA_DIR="${PAYCTL_STACK_DIR:-$KAFKA_CACHE/stack}"
KAFKA_PORT="${PAYCTL_STACK_KAFKA_PORT:-29092}"
KAFKA_COUNT="${PAYCTL_STACK_BROKERS:-1}"
# Seconds until a broker must answer.
KAFKA_PATIENCE=180

kafka_nodes() {
    case "$KAFKA_COUNT" in
        1) echo 1 ;;
        3) echo 1 2 3 ;;
        *) echo "PAYCTL_STACK_BROKERS is $KAFKA_COUNT, but must be 1 or 3" >&2; return 2 ;;
    esac
}

# Every node that was ever started here, whatever PAYCTL_STACK_BROKERS says now.
kafka_known_nodes() {
    for kafka_node in 1 2 3; do
        [ ! -d "$KAFKA_DIR/kafka-$kafka_node" ] || printf '%s ' "$kafka_node"
    done
}

# $1 plus the place of node $2, from 0.
kafka_port() { echo $(($1 + $2 - 1)); }

# host:port of each broker ($1 = KAFKA_PORT), separated by commas.
kafka_servers() {
    kafka_list=
    for kafka_node in $(kafka_nodes); do
        kafka_list="$kafka_list${kafka_list:+,}127.0.0.1:$(kafka_port "$KAFKA_PORT" "$kafka_node")"
    done
    echo "$kafka_list"
}

kafka_voters() {
    kafka_list=
    for kafka_node in $(kafka_nodes); do
        kafka_list="$kafka_list${kafka_list:+,}$kafka_node@127.0.0.1:$(kafka_port $((KAFKA_PORT + 10)) "$kafka_node")"
    done
    echo "$kafka_list"
}

# Prints the process id of node $1 when it runs and is ours: the number in the file may since belong to another program.
kafka_pid() {
    kafka_found="$(cat "$KAFKA_DIR/kafka-$1/pid" 2>/dev/null)" || return 1
    [ -n "$kafka_found" ] || return 1
    ps -o args= -p "$kafka_found" 2>/dev/null | grep -qF "$KAFKA_DIR/kafka-$1/server.properties" || return 1
    echo "$kafka_found"
}

kafka_install() {
    [ ! -f "$KAFKA_HOME/complete" ] || command -v java >/dev/null 2>&1 || rm -f "$KAFKA_HOME/complete"
    [ ! -f "$KAFKA_HOME/complete" ] || return 0
    if ! { command -v java && command -v mvn; } >/dev/null 2>&1; then
        if [ "$(id -u)" != 0 ]; then
            echo "kafka: install Java 17 and Maven first (Debian: apt-get install openjdk-17-jre-headless maven)" >&2
            return 1
        fi
        echo "kafka: installing openjdk-17-jre-headless and maven"
        { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
            openjdk-17-jre-headless maven; } >/dev/null || return 1
    fi
    echo "kafka: fetching Apache Kafka $KAFKA_VERSION from Maven Central"
    mkdir -p "$KAFKA_HOME" || return 1
    kafka_dependency() { echo "<dependency><groupId>$1</groupId><artifactId>$2</artifactId><version>$3</version></dependency>"; }
    {
        echo '<project><modelVersion>4.0.0</modelVersion><groupId>payctl</groupId><artifactId>stack</artifactId><version>1</version>'
        echo '<dependencies>'
        kafka_dependency org.apache.kafka kafka_2.13 "$KAFKA_VERSION"
        kafka_dependency org.apache.kafka kafka-tools "$KAFKA_VERSION"
        kafka_dependency org.apache.logging.log4j log4j-slf4j-impl "$KAFKA_LOG4J_VERSION"
        echo '</dependencies></project>'
    } >"$KAFKA_HOME/pom.xml"
    (cd "$KAFKA_HOME" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime) || return 1
    : >"$KAFKA_HOME/complete"
}

# Writes the configuration of node $1.
kafka_configure() {
    kafka_dir="$KAFKA_DIR/kafka-$1"
    kafka_factor=$KAFKA_COUNT
    kafka_insync=$(((KAFKA_COUNT + 1) / 2))
    mkdir -p "$kafka_dir" || return 1
    cat >"$kafka_dir/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=$1
controller.quorum.voters=$(kafka_voters)
listeners=PLAINTEXT://127.0.0.1:$(kafka_port "$KAFKA_PORT" "$1"),CONTROLLER://127.0.0.1:$(kafka_port $((KAFKA_PORT + 10)) "$1")
advertised.listeners=PLAINTEXT://127.0.0.1:$(kafka_port "$KAFKA_PORT" "$1")
controller.listener.names=CONTROLLER
log.dirs=$kafka_dir/data
default.replication.factor=$kafka_factor
min.insync.replicas=$kafka_insync
offsets.topic.replication.factor=$kafka_factor
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$kafka_factor
transaction.state.log.min.isr=$kafka_insync
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
group.consumer.min.session.timeout.ms=6000
group.consumer.session.timeout.ms=6000
group.consumer.min.heartbeat.interval.ms=1000
group.consumer.heartbeat.interval.ms=1000
log.cleaner.dedupe.buffer.size=8388608
PROPERTIES
    cat >"$kafka_dir/log4j2.properties" <<'PROPERTIES'
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
PROPERTIES
}

# The cluster's id is kept beside the data: brokers of one cluster share it, and a wiped directory is another cluster.
kafka_cluster_id() {
    if [ ! -s "$KAFKA_DIR/kafka-cluster-id" ]; then
        java -cp "$KAFKA_HOME/lib/*" kafka.tools.StorageTool random-uuid 2>/dev/null | tail -n 1 >"$KAFKA_DIR/kafka-cluster-id" || return 1
    fi
    cat "$KAFKA_DIR/kafka-cluster-id"
}

kafka_start() {
    kafka_dir="$KAFKA_DIR/kafka-$1"
    if kafka_pid "$1" >/dev/null; then
        return 0
    fi
    kafka_configure "$1" || return 1
    if [ ! -f "$kafka_dir/data/meta.properties" ]; then
        kafka_id="$(kafka_cluster_id)" || return 1
        java -cp "$KAFKA_HOME/lib/*" kafka.tools.StorageTool format -t "$kafka_id" -c "$kafka_dir/server.properties" \
            >"$kafka_dir/format.log" 2>&1 || { cat "$kafka_dir/format.log" >&2; return 1; }
    fi
    nohup java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "-Dlog4j2.configurationFile=$kafka_dir/log4j2.properties" \
        -cp "$KAFKA_HOME/lib/*" kafka.Kafka "$kafka_dir/server.properties" </dev/null >"$kafka_dir/broker.log" 2>&1 &
    echo $! >"$kafka_dir/pid"
}

# Whether the broker at $1 answers a client.
kafka_answers() {
    java -XX:TieredStopAtLevel=1 -cp "$KAFKA_HOME/lib/*" org.apache.kafka.tools.BrokerApiVersionsCommand \
        --bootstrap-server "$1" >/dev/null 2>&1
}

kafka_up() {
    kafka_all="$(kafka_nodes)" || return
    kafka_install || return
    mkdir -p "$KAFKA_DIR" || return
    # A cluster of another size keeps its quorum in its data and would never form again.
    if [ -d "$KAFKA_DIR/kafka-2" ] && [ "$KAFKA_COUNT" = 1 ] || [ -d "$KAFKA_DIR/kafka-1" ] && [ ! -d "$KAFKA_DIR/kafka-2" ] && [ "$KAFKA_COUNT" = 3 ]; then
        echo "kafka: $KAFKA_DIR holds a cluster of another size; set PAYCTL_STACK_DIR to another directory, or remove its kafka-*" >&2
        return 1
    fi
    kafka_word=running
    for kafka_node in $kafka_all; do
        kafka_pid "$kafka_node" >/dev/null || kafka_word=started
        kafka_start "$kafka_node" || return
    done
    kafka_until=$(($(date +%s) + KAFKA_PATIENCE))
    for kafka_node in $kafka_all; do
        until kafka_answers "127.0.0.1:$(kafka_port "$KAFKA_PORT" "$kafka_node")"; do
            if ! kafka_pid "$kafka_node" >/dev/null || [ "$(date +%s)" -gt "$kafka_until" ]; then
                echo "kafka: broker $kafka_node does not answer; the end of $KAFKA_DIR/kafka-$kafka_node/broker.log:" >&2
                tail -n 20 "$KAFKA_DIR/kafka-$kafka_node/broker.log" >&2
                return 1
            fi
        done
    done
    echo "kafka: $kafka_word, $KAFKA_COUNT broker(s) at $(kafka_servers)"
}

kafka_down() {
    for kafka_node in $(kafka_known_nodes); do
        kafka_process="$(kafka_pid "$kafka_node")" || continue
        kill "$kafka_process"
    done
    kafka_until=$(($(date +%s) + KAFKA_PATIENCE))
    for kafka_node in $(kafka_known_nodes); do
        while kafka_process="$(kafka_pid "$kafka_node")"; do
            if [ "$(date +%s)" -gt "$kafka_until" ]; then
                echo "kafka: broker $kafka_node did not stop in time and is killed" >&2
                kill -9 "$kafka_process"
            fi
            sleep 0.2
        done
        rm -f "$KAFKA_DIR/kafka-$kafka_node/pid"
    done
    echo "kafka: stopped"
}

kafka_status() {
    kafka_worst=0
    for kafka_node in $(kafka_nodes); do
        kafka_address="127.0.0.1:$(kafka_port "$KAFKA_PORT" "$kafka_node")"
        if ! kafka_process="$(kafka_pid "$kafka_node")"; then
            echo "kafka-$kafka_node: stopped"
            kafka_worst=1
        elif kafka_answers "$kafka_address"; then
            echo "kafka-$kafka_node: running at $kafka_address (process $kafka_process)"
        else
            echo "kafka-$kafka_node: process $kafka_process runs, but $kafka_address does not answer"
            kafka_worst=1
        fi
    done
    return $kafka_worst
}

kafka_logs() {
    for kafka_node in $(kafka_known_nodes); do
        echo "== $KAFKA_DIR/kafka-$kafka_node/broker.log"
        tail -n "${1:-50}" "$KAFKA_DIR/kafka-$kafka_node/broker.log"
    done
}

kafka_env() {
    echo "export KAFKA_BROKERS=$(kafka_servers)"
}
