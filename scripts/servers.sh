#!/usr/bin/env bash
# Real servers on loopback, without Docker: for the tests, for CI, and to try Weir against.
#
#   scripts/servers.sh up [NAME...]     installs what is missing, starts, returns when all are ready
#   scripts/servers.sh down [NAME...]   ends them and deletes their data
#   scripts/servers.sh kill [NAME...]   kill -9; the next `up` goes on with what was on disk
#   scripts/servers.sh pause [NAME...]  stops them where they are, until `resume [NAME...]`
#   scripts/servers.sh env              tells where the running ones are: eval it, tests find it
#   scripts/servers.sh install [NAME...]
#
# NAME is one of those below; none means all.
#
#   WEIR_SERVERS_DIR    programs, downloaded once (~/.cache/weir-servers)
#   WEIR_SERVERS_RUN    pids, logs and data (run/ in there)
#   WEIR_SERVERS_SHIFT  added to every port (0); with a WEIR_SERVERS_RUN of its own, a second set
set -uo pipefail

names=(kafka redis redis-cluster registry clickhouse toxiproxy)
kafka_version=4.2.0
registry_version=2.6.13.Final # 3.x needs a newer Java than Debian 12 has
toxiproxy_version=v2.5.0      # the newest that Debian 12's Go builds

self=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/$(basename "${BASH_SOURCE[0]}")
root=$(dirname "$(dirname "$self")")
programs=${WEIR_SERVERS_DIR:-$HOME/.cache/weir-servers}
run=${WEIR_SERVERS_RUN:-$programs/run}
shift_by=${WEIR_SERVERS_SHIFT:-0}
kafka_port=$((19092 + shift_by)) # and the three after it
redis_port=$((17000 + shift_by))
cluster_ports=($((17001 + shift_by)) $((17002 + shift_by)) $((17003 + shift_by))) # buses: +10
registry_port=$((18081 + shift_by))
clickhouse_port=$((18123 + shift_by))
toxiproxy_port=$((18474 + shift_by))

say() { echo "[servers] $*" >&2; }

# --- processes

# started PID: when it began, in ticks since boot; nothing for a dead one or a zombie.
started() {
  local stat fields
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
  read -ra fields <<<"${stat##*) }"
  [ "${fields[0]}" = Z ] || echo "${fields[19]}"
}

# alive DIR: the process of DIR/pid runs, and is the one that was started: pids are used again.
alive() {
  local pid since
  { read -r pid since <"$1/pid"; } 2>/dev/null && [ "$(started "$pid")" = "$since" ]
}

# spawn DIR COMMAND...: in a session of its own, so that it outlives this shell.
spawn() {
  local dir=$1
  shift
  setsid "$@" >"$dir/log" 2>&1 </dev/null &
  echo "$! $(started $!)" >"$dir/pid"
}

# signal DIR SIGNAL: to the process of DIR and its children.
signal() {
  local pid
  alive "$1" && read -r pid _ <"$1/pid" && kill "-$2" -- "-$pid"
}

end() {
  local i
  signal "$1" KILL || return 0
  for ((i = 0; i < 100; i++)); do
    alive "$1" || return 0
    sleep 0.1
  done
  say "the process of $1 does not end"
  return 1
}

# each NAME COMMAND... : for every process directory of the server.
each() {
  local name=$1 node
  shift
  [ "$name" = redis-cluster ] || { "$1" "$run/$name" "${@:2}"; return; }
  for node in 1 2 3; do "$1" "$run/$name/$node" "${@:2}" || return; done
}

running() { each "$1" alive; }

open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free PORT...: nobody listens there; one that was just killed is given a moment.
free() {
  local port i
  for port; do
    for ((i = 0; i < 20; i++)); do open "$port" && sleep 0.1 || continue 2; done
    say "port $port is taken by another program: end it, or set WEIR_SERVERS_SHIFT"
    return 1
  done
}

# answers PORT PATH: HTTP 200.
answers() {
  local status
  exec 3<>"/dev/tcp/127.0.0.1/$1" || return 1
  printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$2" >&3
  read -r -t 5 status <&3
  exec 3>&-
  [[ $status == *" 200 "* ]]
}

# ready DIR SECONDS COMMAND...: waits until the command succeeds.
ready() {
  local dir=$1 tries=$(($2 * 10))
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ! alive "$dir" || ((tries-- == 0)); then
      say "not ready; the last lines of $dir/log:"
      tail -n 5 "$dir/log" >&2
      return 1
    fi
    sleep 0.1
  done
}

# --- what they need

# need COMMAND PACKAGE: installs the Debian package where the command is missing.
need() {
  command -v "$1" >/dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing $2"
    local apt=(apt-get -y -q -o DPkg::Lock::Timeout=300) log=$programs/apt.log
    export DEBIAN_FRONTEND=noninteractive
    "${apt[@]}" update >"$log" 2>&1 </dev/null
    "${apt[@]}" install --no-install-recommends "$2" >>"$log" 2>&1 </dev/null ||
      say "apt-get could not: $(tail -n 1 "$log") ($log)"
  fi
  command -v "$1" >/dev/null && return
  say "expected the command $1, found none: install $2 (as root on Debian this is done for you)," \
    "or use docker compose up"
  return 1
}

need_java() {
  need java openjdk-17-jre-headless || return
  local major
  major=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
  [ "${major:-0}" -ge 17 ] && return
  say "expected Java 17 or later, found ${major:-none}: install openjdk-17-jre-headless," \
    "or use docker compose up"
  return 1
}

# maven DIR DEPENDENCIES GOAL...: what Maven says goes to DIR/mvn.log.
maven() {
  local dir=$1 dependencies=$2
  shift 2
  need mvn maven || return
  mkdir -p "$dir"
  cat >"$dir/pom.xml" <<X
<project><modelVersion>4.0.0</modelVersion>
<groupId>weir</groupId><artifactId>servers</artifactId><version>1</version>
<packaging>pom</packaging><dependencies>$dependencies</dependencies></project>
X
  mvn -q -B -f "$dir/pom.xml" "$@" -DoutputDirectory="$dir" >"$dir/mvn.log" 2>&1 && return
  say "Maven could not: $(grep -m 1 ERROR "$dir/mvn.log") ($dir/mvn.log)"
  return 1
}

dependency() {
  echo "<dependency><groupId>$1</groupId><artifactId>$2</artifactId><version>$3</version></dependency>"
}

# --- Kafka: one node, broker and controller
# Clients on the second listener are told to dial the port after it: a proxy can stand there.

kafka_programs=$programs/kafka-$kafka_version

install_kafka() {
  need_java || return
  [ -f "$kafka_programs/.done" ] && return
  maven "$kafka_programs" \
    "$(dependency org.apache.kafka kafka_2.13 $kafka_version)$(dependency org.slf4j slf4j-simple 1.7.36)" \
    dependency:copy-dependencies -DincludeScope=runtime && touch "$kafka_programs/.done"
}

kafka_properties() {
  local plain=127.0.0.1:$kafka_port controller=127.0.0.1:$((kafka_port + 1))
  local proxied=127.0.0.1:$((kafka_port + 2)) proxy=127.0.0.1:$((kafka_port + 3))
  cat <<P
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://$plain,PROXIED://$proxied,CONTROLLER://$controller
advertised.listeners=PLAINTEXT://$plain,PROXIED://$proxy,CONTROLLER://$controller
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=$controller
inter.broker.listener.name=PLAINTEXT
log.dirs=$1/data
auto.create.topics.enable=false
# Recovery after a kill in seconds, and groups whose members may be short-lived.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
P
  # What a test adds; of a setting that stands twice the last counts.
  [ -z "${WEIR_SERVERS_KAFKA_EXTRA:-}" ] ||
    sed "s/{plain}/$plain/g; s/{second}/$proxied/g; s/{controller}/$controller/g" \
      "$WEIR_SERVERS_KAFKA_EXTRA"
}

start_kafka() {
  local dir=$run/kafka
  free "$kafka_port" $((kafka_port + 1)) $((kafka_port + 2)) || return
  mkdir -p "$dir"
  kafka_properties "$dir" >"$dir/server.properties"
  local java=(java -cp "$kafka_programs/*" -Dorg.slf4j.simpleLogger.defaultLogLevel=warn)
  [ -f "$dir/data/meta.properties" ] ||
    "${java[@]}" kafka.tools.StorageTool format --standalone -t MkU3OEVBNTcwNTJENDM2Qk \
      -c "$dir/server.properties" >"$dir/format.log" 2>&1 ||
    { say "Kafka's storage could not be formatted: $dir/format.log"; return 1; }
  spawn "$dir" "${java[@]}" -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info \
    -Xms256m -Xmx512m kafka.Kafka "$dir/server.properties"
  echo "WEIR_TEST_KAFKA=127.0.0.1:$kafka_port" >"$dir/env"
  ready "$dir" 90 grep -q 'Kafka Server started' "$dir/log"
}

# --- Redis: one node, and a cluster of three; nothing is kept on disk

install_redis() { need redis-server redis-server && need redis-cli redis-tools; }
install_redis_cluster() { install_redis; }

# redis DIR PORT OPTION...
redis() {
  local dir=$1 port=$2
  shift 2
  free "$port" || return
  mkdir -p "$dir"
  spawn "$dir" redis-server --port "$port" --bind 127.0.0.1 --dir "$dir" --save '' --appendonly no \
    "$@"
  ready "$dir" 15 redis-cli -p "$port" ping
}

start_redis() {
  redis "$run/redis" "$redis_port" || return
  echo "WEIR_TEST_REDIS=127.0.0.1:$redis_port" >"$run/redis/env"
}

start_redis_cluster() {
  local dir=$run/redis-cluster slots=(0 5461 10923 16384) all i port
  for i in 0 1 2; do
    port=${cluster_ports[i]}
    alive "$dir/$((i + 1))" && continue
    redis "$dir/$((i + 1))" "$port" --cluster-enabled yes --cluster-port $((port + 10)) \
      --cluster-config-file nodes.conf --cluster-node-timeout 2000 || return
    [ "$(redis-cli -p "$port" cluster info | grep -c cluster_slots_assigned:0)" = 0 ] && continue
    redis-cli -p "$port" cluster addslotsrange "${slots[i]}" $((slots[i + 1] - 1)) &&
      redis-cli -p "$port" cluster set-config-epoch $((i + 1)) &&
      redis-cli -p "$port" cluster meet 127.0.0.1 "${cluster_ports[0]}" $((cluster_ports[0] + 10))
  done >/dev/null
  printf -v all ',127.0.0.1:%s' "${cluster_ports[@]}"
  echo "WEIR_TEST_REDIS_CLUSTER=${all#,}" >"$dir/env"
  for i in 0 1 2; do ready "$dir/$((i + 1))" 30 slots_served "${cluster_ports[i]}" || return; done
}

slots_served() { redis-cli -p "$1" cluster info | grep -q cluster_state:ok; }

# --- schema registry: Apicurio, with Confluent's API; subjects are kept in memory

registry_programs=$programs/apicurio-$registry_version

install_registry() {
  need_java || return
  [ -f "$registry_programs/.done" ] && return
  maven "$registry_programs" '' dependency:copy \
    -Dartifact="io.apicurio:apicurio-registry-app:$registry_version:tar.gz:all" &&
    tar xzf "$registry_programs"/*.tar.gz -C "$registry_programs" &&
    rm "$registry_programs"/*.tar.gz && touch "$registry_programs/.done"
}

start_registry() {
  local dir=$run/registry
  free "$registry_port" || return
  mkdir -p "$dir"
  spawn "$dir" java -Xmx384m -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.port="$registry_port" \
    -jar "$registry_programs/apicurio-registry-app-$registry_version-runner.jar"
  echo "WEIR_TEST_REGISTRY=http://127.0.0.1:$registry_port/apis/ccompat/v7" >"$dir/env"
  ready "$dir" 90 answers "$registry_port" /apis/ccompat/v7/subjects
}

# --- ClickHouse: the current one, from npm's chdb, behind the HTTP interface that Weir gives it

clickhouse_program=$root/.build/test/clickhouse-server.js

install_clickhouse() {
  [ -f "$clickhouse_program" ] && return
  [ -d "$root/node_modules" ] || { say "expected node_modules, found none: npm ci"; return 1; }
  say 'compiling Weir for its ClickHouse'
  (cd "$root" && npm run build >&2)
}

start_clickhouse() {
  local dir=$run/clickhouse
  free "$clickhouse_port" || return
  mkdir -p "$dir"
  spawn "$dir" node "$clickhouse_program" "$dir/data" "$clickhouse_port"
  echo "WEIR_TEST_CLICKHOUSE=http://127.0.0.1:$clickhouse_port" >"$dir/env"
  ready "$dir" 120 answers "$clickhouse_port" /ping
}

# --- Toxiproxy: cuts and slows connections

toxiproxy_program=$programs/toxiproxy-$toxiproxy_version/server

install_toxiproxy() {
  [ -x "$toxiproxy_program" ] && return
  need go golang-go || return
  local log=$programs/go.log
  GOBIN=$(dirname "$toxiproxy_program") GOFLAGS=-mod=mod go install \
    "github.com/Shopify/toxiproxy/v2/cmd/server@$toxiproxy_version" >"$log" 2>&1 && return
  say "Go could not install Toxiproxy: $(tail -n 1 "$log") ($log)"
  return 1
}

start_toxiproxy() {
  local dir=$run/toxiproxy
  free "$toxiproxy_port" || return
  mkdir -p "$dir"
  spawn "$dir" "$toxiproxy_program" -host 127.0.0.1 -port "$toxiproxy_port"
  echo "WEIR_TEST_TOXIPROXY=http://127.0.0.1:$toxiproxy_port" >"$dir/env"
  ready "$dir" 20 answers "$toxiproxy_port" /version
}

# --- commands

command_install() { "install_${1//-/_}"; }

command_up() {
  local began=$SECONDS
  "start_${1//-/_}" || { each "$1" end; say "$1 did not start"; return 1; }
  say "$1 ready after $((SECONDS - began)) s: $(cat "$run/$1/env")"
}

command_down() { each "$1" end && rm -rf "${run:?}/$1"; }
command_kill() { each "$1" end; }
command_pause() { each "$1" signal STOP; }
command_resume() { each "$1" signal CONT; }
command_env() { running "$1" && sed 's/^/export /' "$run/$1/env" || return 0; }

# Programs are installed one after the other, whoever asks; then servers start beside each other.
up_all() {
  local name jobs=() failed=0
  for name; do
    running "$name" && continue
    if flock --close "$programs/lock" bash "$self" install "$name"; then
      command_up "$name" &
      jobs+=($!)
    else
      say "$name could not be installed"
      failed=1
    fi
  done
  for name in "${jobs[@]+"${jobs[@]}"}"; do wait "$name" || failed=1; done
  return "$failed"
}

usage() {
  say "usage: $(basename "$self") up|down|kill|pause|resume|env|install [${names[*]}]"
  exit 2
}

main() {
  local command=${1:-} name failed=0
  [[ $command =~ ^(up|down|kill|pause|resume|env|install)$ ]] || usage
  shift
  (($#)) || set -- "${names[@]}"
  for name; do [[ " ${names[*]} " == *" $name "* ]] || usage; done
  if [ ! -r /proc/self/stat ] || ! command -v flock >/dev/null; then
    say 'expected Linux with flock and setsid (util-linux), found another: use docker compose up'
    exit 1
  fi
  mkdir -p "$programs" "$run"
  if [[ $command =~ ^(up|down|kill)$ && -z ${WEIR_SERVERS_LOCKED:-} ]]; then
    WEIR_SERVERS_LOCKED=1 exec flock --close "$run/lock" bash "$self" "$command" "$@"
  fi
  [ "$command" = up ] && { up_all "$@"; exit; }
  for name; do "command_$command" "$name" || failed=1; done
  exit "$failed"
}

main "$@"
