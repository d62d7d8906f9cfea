#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every test that this machine can run, counts, and ends with `N passed, N failed, N skipped`. Each part prints one
# line with its seconds; what failed is shown in full; everything else stands in build/test-logs.
#   STRICT=1   a skip fails too, except for absent shared data or peers
#   SAN=1      the C tests only, with sanitizers
#   ONLY=PART  one part: c, cli, node, rebuild, page, matrix, torture, orders, documents, exchange,
#              outside, backtest, sim
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/count.sh

BUILD=${BUILD:-build}
[ -z "${SAN:-}" ] || BUILD=build/san
LOGS=$BUILD/test-logs
PROGRAM_SECONDS=120 # a C test program that takes longer hangs: the slowest needs 5
[ -z "${SAN:-}" ] || PROGRAM_SECONDS=900 # the sanitizers take many times as long
WORKERS=$(nproc)
export BUILD TRADER_DATA="${TRADER_DATA:-../shared/data}"
unset MAKEFLAGS MFLAGS

# One C program, called by ourselves: its log is named after it and ends with its exit code.
if [ "${1:-}" = --program ]; then
    log=$LOGS/$(echo "${2#"$BUILD"/tests/}" | tr / -).log
    timeout -k 5 "$PROGRAM_SECONDS" "$2" >"$log" 2>&1 </dev/null
    echo "exit $?" >>"$log"
    exit 0
fi
rm -rf "$LOGS" && mkdir -p "$LOGS"
STATES=$(mktemp -d)
dashboard=
trap 'stop_dashboard; rm -rf "$STATES"' EXIT
trap 'exit 130' INT TERM

build() {
    make -j"$WORKERS" SAN="${SAN:-}" all test-programs >"$LOGS/build.log" 2>&1 && return
    tail -n 30 "$LOGS/build.log"
    echo "test: the build failed"
    exit 1
}

# --- C programs: unit, laws, golden, tidy ------------------------------------------------------------------------

c_programs() {
    make -s SAN="${SAN:-}" test-list >"$LOGS/programs"
    xargs -P "$WORKERS" -I '{}' sh "$0" --program '{}' <"$LOGS/programs"
    while read -r program; do
        name=$(echo "${program#"$BUILD"/tests/}" | tr / -)
        count_cmocka "$name" "$LOGS/$name.log"
    done <"$LOGS/programs"
}

# --- scripts ------------------------------------------------------------------------------------------------------

# One script is one test: exit 77 is a skip whose last line says why.
script() { # name, command...
    name=$1
    shift
    "$@" >"$LOGS/$name.log" 2>&1 </dev/null
    count_exit $? "$name" "$LOGS/$name.log"
}

cli_scripts() {
    for file in tests/cli/*.sh; do
        [ -e "$file" ] && script "cli-$(basename "$file" .sh)" sh "$file"
    done
}

# Ten kills at moments that the commit chooses, so that they wander over time and can be had again.
torture_sample() {
    commit=$(git rev-parse HEAD 2>/dev/null | cut -c 1-4)
    SEED=${SEED:-$(printf '%d' "0x${commit:-1}")} KILLS=${KILLS:-10} script torture bash tests/torture.sh
}

# One system call or byte in twenty around an order. Most of the time somebody waits: more at once than cores.
orders_sample() {
    commit=$(git rev-parse HEAD 2>/dev/null | cut -c 1-4)
    SEED=${SEED:-$(printf '%d' "0x${commit:-1}")} SHARE=${SHARE:-20} JOBS=${JOBS:-$((WORKERS * 6))} \
        TRADER=$BUILD/trader LIFE=$BUILD/tests/order_life PROXY=$BUILD/tests/cut_proxy \
        script orders bash tests/order_torture.sh
}

# What `make describe` writes is current; tests/unit/command_line.c says the same of `make docs`.
documents() {
    script described "$BUILD/describe" --check .
}

# --- the page -----------------------------------------------------------------------------------------------------

# The page's tools want node 20.19: where it is older, the npm package `node` carries one. Asked for once; why_no_node
# says what is amiss.
new_node() {
    node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'
}

fetch_node() {
    new_node && return
    PATH=$PWD/build/node/node_modules/node/bin:$PATH
    export PATH
    new_node && return
    npm install --prefix build/node --no-audit --no-fund node@20.20.2 >"$LOGS/fetch-node.log" 2>&1 || return 1
    hash -r # the shell remembers where the old one is
    new_node
}

why_no_node=unasked
node_ready() {
    if [ "$why_no_node" = unasked ]; then
        why_no_node=
        if ! command -v npm >/dev/null 2>&1; then
            why_no_node='no node with npm'
        elif ! fetch_node; then
            why_no_node="node $(node --version) is older than 20.19 and no newer one can be had"
        fi
    fi
    [ -z "$why_no_node" ]
}

# The locked packages of a folder, fetched when the lock has changed since.
npm_packages() { # folder
    [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] && return
    (cd "$1" && npm ci --no-audit --no-fund) >"$LOGS/npm-ci.log" 2>&1
}

node_tests() {
    node_ready || { skip node "$why_no_node"; return; }
    npm_packages web || { skip node 'the npm packages of web/ cannot be had'; return; }
    (cd web && npm test) >"$LOGS/node.log" 2>&1
    count_node $? node "$LOGS/node.log"
}

rebuild_check() {
    node_ready || { skip rebuild "$why_no_node"; return; }
    script rebuild sh tests/e2e/rebuild.sh
}

start_dashboard() {
    "$BUILD/trader" demo --state "$STATES/page" --port 0 >"$LOGS/demo.log" 2>&1 </dev/null &
    dashboard=$!
    for _ in $(seq 100); do
        address=$(sed -n 's/.*dashboard  *\(http[^ ]*\)?code=\([0-9a-f]*\).*/\1 \2/p' "$LOGS/demo.log")
        [ -n "$address" ] && return
        sleep 0.1
    done
    return 1
}

stop_dashboard() {
    [ -n "$dashboard" ] && kill "$dashboard" 2>/dev/null && wait "$dashboard" 2>/dev/null
    dashboard=
}

page_tests() {
    command -v "${CHROMIUM:-chromium}" >/dev/null 2>&1 || { skip page 'no chromium'; return; }
    node_ready || { skip page "$why_no_node"; return; }
    npm_packages tests/e2e || { skip page 'the npm packages of tests/e2e cannot be had'; return; }
    start_dashboard || { fail page 'the dashboard did not come up' "$LOGS/demo.log"; return; }
    (cd tests/e2e && BASE_URL=${address% *} CODE=${address#* } npm test) >"$LOGS/page.log" 2>&1
    count_node $? page "$LOGS/page.log"
    stop_dashboard
}

# --- the simulated exchange: an independent client, and our own feed ------------------------------------------------

exchange_tests() {
    script exchange-feed sh tests/exchange/feed.sh "$BUILD/trader"
    node_ready || { skip exchange "$why_no_node"; return; }
    npm_packages tests/exchange || { skip exchange 'the npm packages of tests/exchange cannot be had'; return; }
    (cd tests/exchange && TRADER="../../$BUILD/trader" npm test) >"$LOGS/exchange.log" 2>&1
    count_node $? exchange "$LOGS/exchange.log"
}

# --- sources and language models: OpenAI's own client, the port, and the program, before the same servers -----------------

outside_tests() {
    node_ready || { skip outside "$why_no_node"; return; }
    npm_packages tests/outside || { skip outside 'the npm packages of tests/outside cannot be had'; return; }
    make -s "$BUILD/tests/outside_asker" >"$LOGS/outside.log" 2>&1
    data=$(cd "$TRADER_DATA" 2>/dev/null && pwd)
    (cd tests/outside && TRADER_DATA=${data:-absent} npm test) >"$LOGS/outside.log" 2>&1
    count_node $? outside "$LOGS/outside.log"
}

# --- backtests, as their users see them ------------------------------------------------------------------------------

backtest_tests() {
    script backtest-readme sh tests/backtest/readme.sh "$BUILD/trader"
    script backtest-commands sh tests/backtest/commands.sh "$BUILD/trader"
    node_ready && npm_packages tests/e2e # where they cannot be had the sheet's test says so
    script backtest-sheet sh tests/backtest/sheet.sh "$BUILD/trader"
    script backtest-shared sh tests/backtest/shared.sh "$BUILD/trader"
}

# --- the compiler matrix: another compiler and level decides the same ---------------------------------------------

journal_hash() { # program, state, arguments...
    program=$1 state=$2
    shift 2
    "$program" run "$@" --speed max --json --state "$STATES/$state" 2>>"$LOGS/matrix.log" |
        sed -n 's/.*"journal_hash":"\([0-9a-f]*\)".*/\1/p'
}

same_hash() { # name, arguments...
    name=$1
    shift
    first=$(journal_hash "$BUILD/trader" "$name-gcc" "$@")
    second=$(journal_hash build/clang/trader "$name-clang" "$@")
    third=$(journal_hash build/plain/trader "$name-plain" "$@")
    echo "$name: $CC_NAME $first, clang -O0 $second, gcc -O0 $third" >>"$LOGS/matrix.log"
    [ -n "$first" ] && [ "$first" = "$second" ] && [ "$first" = "$third" ]
    count_exit $? "matrix-$name" "$LOGS/matrix.log"
}

matrix() {
    CC_NAME=${CC:-gcc}
    command -v clang >/dev/null 2>&1 || { skip matrix 'no clang'; return; }
    : >"$LOGS/matrix.log"
    for built in clang:clang gcc:plain; do # each level has warnings of its own
        compiler=${built%:*} folder=build/${built#*:}
        make -j"$WORKERS" CC="$compiler" OPT=-O0 BUILD="$folder" "$folder/trader" >>"$LOGS/matrix.log" 2>&1 && continue
        fail matrix "$compiler -O0 does not build it" "$LOGS/matrix.log"
        return
    done
    same_hash generated --feed generated --seed 1 --days 3
    recording=$TRADER_DATA/ohlcv/1m/BTCUSDT-1m-2023-03-16_2023-05-01.csv.gz
    if [ -r "$recording" ]; then
        same_hash recorded --feed replay --data "$recording"
    else
        skip matrix-recorded 'shared data absent'
    fi
}

# --- the whole-system simulation ------------------------------------------------------------------------------------

simulation_hash() { # program
    "$1" --seeds 60 --quiet 1 | tee -a "$LOGS/sim-hash.log" | sed -n 's/^sim: .*hash \([0-9a-f]*\),.*/\1/p'
}

# Fresh seeds and everything that ever failed; then the same seeds twice and by another compiler.
simulation() {
    script sim-build make -j"$WORKERS" "$BUILD/sim"
    script sim-incidents "$BUILD/sim" --incidents
    script sim-regress "$BUILD/sim" --play tests/sim/regress/*.sim
    script sim "$BUILD/sim" --seeds 200
    first=$(simulation_hash "$BUILD/sim")
    second=$(simulation_hash "$BUILD/sim")
    [ -n "$first" ] && [ "$first" = "$second" ]
    count_exit $? sim-again "$LOGS/sim-hash.log"
    command -v clang >/dev/null 2>&1 || { skip sim-clang 'no clang'; return; }
    make -j"$WORKERS" CC=clang OPT=-O0 BUILD=build/clang build/clang/sim >>"$LOGS/sim-hash.log" 2>&1
    [ -n "$first" ] && [ "$first" = "$(simulation_hash build/clang/sim)" ]
    count_exit $? sim-clang "$LOGS/sim-hash.log"
}

# ------------------------------------------------------------------------------------------------------------------

build
part c c_programs
if [ -z "${SAN:-}" ]; then
    part documents documents
    part cli cli_scripts
    part matrix matrix
    part torture torture_sample
    part orders orders_sample
    part node node_tests
    part page page_tests
    part exchange exchange_tests
    part outside outside_tests
    part backtest backtest_tests
    part sim simulation
    part rebuild rebuild_check
fi
summary
