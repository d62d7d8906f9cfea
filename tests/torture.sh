#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Kills, stops, full disks and wrong input against the whole program: whatever happens, a run that is started again ends
# with the counts, equity and journal hash of an undisturbed one, and what is wrong is said in one line.
#
#   TRADER=build/trader KILLS=10 SEED=1 DATA=../shared/data REAL_SYMBOLS=BTCUSDT TABLE=file.md tests/torture.sh
#
# Ends with a line of how many checks passed, failed and were skipped; exit 1 if any failed.
# Arrays and seeded numbers are bash's.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -u
TRADER=$(realpath "${TRADER:-build/trader}")
KILLS=${KILLS:-10}
SEED=${SEED:-1}
DATA=$(realpath "${DATA:-${TRADER_DATA:-../shared/data}}" 2>/dev/null || true)
TABLE=${TABLE:-}
RANDOM=$SEED
WORK=$(mktemp -d /tmp/trader-torture-XXXXXX)
passed=0 failed=0 skipped=0
rows=()
started=()

finish() {
  for pid in "${started[@]:-}"; do [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null; done
  rm -rf "$WORK"
}
trap finish EXIT
cd "$WORK" || exit 1

pass() { passed=$((passed + 1)); rows+=("| $1 | ${2:-} | ok |"); printf 'ok      %s%s\n' "$1" "${2:+: $2}"; }
skip() { skipped=$((skipped + 1)); rows+=("| $1 | ${2:-} | skipped |"); printf 'SKIP    %s%s\n' "$1" "${2:+: $2}"; }
fail() {
  failed=$((failed + 1)); rows+=("| $1 | ${2:-} | FAILED |"); printf 'FAILED  %s%s\n' "$1" "${2:+: $2}"
  [ -s err ] && sed 's/^/        /' err | head -40 # a sanitizer's stacks
}
check() { # NAME COMMAND...: passes if the command does
  local name=$1; shift
  if "$@"; then pass "$name"; else fail "$name" "$*"; fi
}
now_ms() { date +%s%3N; }
seconds() { printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)); }

# What must be equal: the final document without the place of the state.
facts() { sed 's/,"state":.*//' "$1"; }
signals_of() { "$TRADER" signals --state "$1" --json 2>/dev/null | sha256sum; }

# ---- kills ---------------------------------------------------------------------------------------------------------

# One history, undisturbed and then killed until `$3` kills are used up. "$4..." are the arguments of `run`.
torture_kills() {
  local name=$1 signal=$2 wanted=$3 kills=0 rounds=0 long; shift 3
  rm -rf whole torn # of a history that failed
  local begin; begin=$(now_ms)
  if ! "$TRADER" run "$@" --json --state whole >whole.json 2>err; then fail "$name" "the undisturbed run fails"; return; fi
  long=$(($(now_ms) - begin))
  local truth; truth=$(facts whole.json)
  local said; said=$(signals_of whole)
  while [ "$kills" -lt "$wanted" ]; do
    rounds=$((rounds + 1))
    rm -rf torn
    local turns=$((1 + RANDOM % 4)) i
    for ((i = 0; i < turns && kills < wanted; i++)); do
      # A quarter of the kills come while the program starts.
      local wait=$((RANDOM % 4 == 0 ? RANDOM % 60 : (RANDOM * 32768 + RANDOM) % (long + 1)))
      "$TRADER" run "$@" --json --state torn >torn.json 2>err &
      local pid=$!
      started=("$pid")
      sleep "$(seconds $wait)"
      if kill "-$signal" "$pid" 2>/dev/null; then kills=$((kills + 1)); fi
      wait "$pid" 2>/dev/null
    done
    if ! "$TRADER" run "$@" --json --state torn >torn.json 2>err; then fail "$name" "kill $kills: it does not start again"; return; fi
    if [ "$(facts torn.json)" != "$truth" ]; then
      fail "$name" "kill $kills: ends with $(facts torn.json), not $truth"; return
    fi
    if [ "$(signals_of torn)" != "$said" ]; then fail "$name" "kill $kills: other signals in the database"; return; fi
    if ! "$TRADER" replay --state torn --json 2>err | grep -q '"equal":true'; then
      fail "$name" "kill $kills: the journal does not replay"; return
    fi
  done
  pass "$name" "$kills times in $rounds runs of $(seconds "$long") s, equal each time"
  rm -rf whole torn
}

kills_generated() {
  torture_kills "kill -9, generated market" KILL "$KILLS" --feed generated --seed "$SEED" --days "${DAYS:-5}"
  torture_kills "SIGTERM, generated market" TERM $((KILLS / 5 + 1)) --feed generated --seed "$SEED" --days "${DAYS:-5}"
}

kills_real() {
  local day=2023-03-16_2023-05-01 files=() symbol
  for symbol in ${REAL_SYMBOLS:-BTCUSDT ETHUSDT ADAUSDT}; do
    [ -r "$DATA/ohlcv/1m/$symbol-1m-$day.csv.gz" ] && files+=("$DATA/ohlcv/1m/$symbol-1m-$day.csv.gz")
  done
  if [ ${#files[@]} -eq 0 ]; then skip "kill -9, real candles" "shared data absent"; return; fi
  torture_kills "kill -9, real candles" KILL "$KILLS" --feed replay --data "${files[@]}" --speed max
}

# ---- stops ---------------------------------------------------------------------------------------------------------

# Starts a paced run in the background and waits for its state to be locked; $run is its pid.
start_paced() {
  "$TRADER" run --feed generated --seed "$SEED" --days 300 --speed 6000 "$@" >paced.out 2>paced.err &
  run=$!
  started=("$run")
  local i
  for ((i = 0; i < 100; i++)); do
    [ -e paced/trader.db ] && grep -q . paced/lock 2>/dev/null && break
    sleep 0.05
  done
  sleep 0.4
}

stops() {
  start_paced --json --state paced --no-dashboard
  "$TRADER" run --feed generated --seed "$SEED" --days 300 --json --state paced >second.out 2>err
  expect_refusal "second instance on the same state" $? 3 second.out err
  kill -INT "$run"; wait "$run"; local code=$?
  if grep -q '"journal_hash"' paced.out && [ "$(wc -l <paced.out)" -eq 1 ] && [ "$code" -eq 130 ]; then
    pass "SIGINT prints the final document" "exit 130"
  else
    fail "SIGINT prints the final document" "exit $code, $(wc -l <paced.out) lines"
  fi
  check "the interrupted journal replays" grep -q '"equal":true' <("$TRADER" replay --state paced --json)
  "$TRADER" run --feed generated --seed $((SEED + 1)) --days 300 --json --state paced >second.out 2>err
  expect_refusal "a state of another world" $? 3 second.out err
  rm -rf paced
}

ports() {
  local port=$((20000 + RANDOM % 20000))
  start_paced --state paced --port "$port"
  "$TRADER" run --feed generated --seed 9 --days 300 --speed 6000 --port "$port" --json --state other >second.out 2>err
  expect_refusal "port in use" $? 3 second.out err
  kill -TERM "$run"; wait "$run"
  rm -rf paced other
}

# ---- refusals ------------------------------------------------------------------------------------------------------

# NAME CODE WANTED OUT ERR: the exit code, and one JSON document with an error and nothing else.
expect_refusal() {
  local name=$1 code=$2 wanted=$3 out=$4 err=$5 lines
  lines=$(($(wc -l <"$out") + $(wc -l <"$err")))
  if [ "$code" -eq "$wanted" ] && [ "$lines" -eq 1 ] && cat "$out" "$err" | grep -q '^{"error":{"code":'; then
    pass "$name" "exit $code: $(cat "$out" "$err" | sed 's/.*"message":"\([^"]*\)".*/\1/')"
  else
    fail "$name" "exit $code for $wanted, $lines lines: $(cat "$out" "$err" | head -c 300)"
  fi
}

# NAME WANTED ARGUMENTS...: the same refusal, in people's words: one line that names it, nothing on standard output.
expect_line() {
  local name=$1 wanted=$2; shift 2
  "$TRADER" "$@" >out 2>err
  local code=$?
  if [ "$code" -eq "$wanted" ] && [ ! -s out ] && [ "$(grep -c '^trader: ' err)" -eq 1 ]; then
    pass "$name" "exit $code"
  else
    fail "$name" "exit $code for $wanted, $(wc -l <err) lines"
  fi
}

refuse() { # NAME WANTED ARGUMENTS...
  local name=$1 wanted=$2; shift 2
  "$TRADER" "$@" --json >out 2>err
  expect_refusal "$name" $? "$wanted" out err
  expect_line "$name, in words" "$wanted" "$@"
}

candles() { # rows of a rising price, one a minute
  awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) { p = 100 + i % 50
    printf "%.0f,%d,%d,%d,%d,10,%.0f,1000,5,5,500,0\n", 1700006400000 + i * 60000, p, p + 1, p - 1, p, 1700006459999 + i * 60000 } }'
}

wrong_input() {
  candles 500 | sed '200s/.*/garbage,row/' >BTCUSDT-broken.csv
  "$TRADER" run --feed replay --data BTCUSDT-broken.csv --json --state broken >out 2>err
  if [ $? -eq 0 ] && grep -q '"bars":499,' out && grep -q 'BTCUSDT-broken.csv\|line 200' broken/logs/market_monitor.log; then
    pass "broken row" "skipped and logged, 499 of 500 bars"
  else
    fail "broken row" "$(head -c 200 out)"
  fi
  candles 500 | cut -d, -f1-4 >BTCUSDT-narrow.csv
  refuse "wrong column count" 6 run --feed replay --data BTCUSDT-narrow.csv --state narrow
  refuse "missing file" 6 run --feed replay --data BTCUSDT-absent.csv --state absent
  : >BTCUSDT-empty.csv
  refuse "empty file" 6 run --feed replay --data BTCUSDT-empty.csv --state empty
  printf '{"trading_params":{"max_position":3}}\n' >wrong.json
  refuse "unknown configuration key" 3 run --feed generated --days 1 --config wrong.json --state key
  printf '{"trading_params":{"max_positions":99}}\n' >wrong.json
  refuse "value out of its bounds" 3 run --feed generated --days 1 --config wrong.json --state bounds
  printf '{"trading_params":{"max_positions":\n' >wrong.json
  refuse "broken configuration file" 3 run --feed generated --days 1 --config wrong.json --state syntax
  refuse "mixed quote assets" 3 run --feed generated --days 1 --symbols BTCUSDC,ETHBTC --state mixed
  refuse "unknown option" 2 run --feed generated --dayz 1
  refuse "a balance beyond all money" 2 run --feed generated --days 1 --balance 1000000000000000000000000000000 --state rich
  refuse "real orders without a key" 4 run --live --state live
}

# ---- no room -------------------------------------------------------------------------------------------------------

# A run that meets a full disk ends with one line and exit 1; with room again it ends as if it had never been.
no_room() {
  local name=$1 place=$2 limit=$3; shift 3
  rm -rf whole "$place/full"
  "$TRADER" run "$@" --json --state whole >whole.json 2>err || { fail "$name" "the undisturbed run fails"; return; }
  ( [ "$limit" -gt 0 ] && ulimit -f "$limit"; exec "$TRADER" run "$@" --json --state "$place/full" >out 2>err )
  local code=$? lines; lines=$(($(wc -l <out) + $(wc -l <err)))
  if [ "$code" -ne 1 ] || [ "$lines" -ne 1 ] || ! grep -q '"error"' out err; then
    fail "$name" "exit $code, $lines lines"
  else
    pass "$name" "$(cat out err | sed 's/.*"message":"\([^"]*\)".*/\1/')"
    [ "$limit" -gt 0 ] || mount -o remount,size=400m "$place"
    "$TRADER" run "$@" --json --state "$place/full" >out 2>err
    if [ "$(facts out)" = "$(facts whole.json)" ]; then pass "$name, then room"; else fail "$name, then room" "$(head -c 300 out)"; fi
  fi
  rm -rf whole "$place/full"
}

full_disks() {
  local limit
  for limit in 64 512 1024 3000; do
    no_room "files of $limit KiB at most" . $limit --feed generated --seed "$SEED" --days 5
  done
  mkdir -p small
  if mount -t tmpfs -o size=4m none small 2>/dev/null; then
    no_room "a disk of 4 MiB" small 0 --feed generated --seed "$SEED" --days 5
    umount small
  else
    skip "a disk of 4 MiB" "mounting is not allowed here"
  fi
}

# ---- all -----------------------------------------------------------------------------------------------------------

begun=$(now_ms)
kills_generated
kills_real
stops
ports
wrong_input
full_disks
spent=$(($(now_ms) - begun))
if [ -n "$TABLE" ]; then
  { printf '| check | what was seen | result |\n|---|---|---|\n'; printf '%s\n' "${rows[@]}"
    printf '\n%d passed, %d failed, %d skipped in %s s.\n' $passed $failed $skipped "$(seconds $spent)"; } >"$OLDPWD/$TABLE"
fi
printf 'torture: %d passed, %d failed, %d skipped in %s s\n' $passed $failed $skipped "$(seconds $spent)"
[ "$failed" -eq 0 ]
