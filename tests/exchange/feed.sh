#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `trader run --feed binance`, pointed at `trader exchange`: it reads the history, hears prices, refuses nothing,
# and ends well when it is told to.
#   sh tests/exchange/feed.sh build/trader
set -u
trader=$1
place=$(mktemp -d)
exchange='' run=''
trap '[ -z "$run" ] || kill "$run" 2>/dev/null; [ -z "$exchange" ] || kill "$exchange" 2>/dev/null; rm -rf "$place"' EXIT

"$trader" exchange --port 0 --json --seed 3 --symbols BTCUSDC ETHUSDC >"$place/exchange" &
exchange=$!
for _ in $(seq 100); do
    [ -s "$place/exchange" ] && break
    sleep 0.1
done
port=$(sed -n 's/.*"rest":"http:\/\/127.0.0.1:\([0-9]*\)".*/\1/p' "$place/exchange")
[ -n "$port" ] || { echo 'the exchange did not start'; exit 1; }

BINANCE_REST_URL=http://127.0.0.1:$port BINANCE_WS_URL=ws://127.0.0.1:$port \
    "$trader" run --feed binance --symbols BTCUSDC ETHUSDC --state "$place/state" --no-dashboard --json \
    >"$place/result" 2>"$place/told" &
run=$!
heard=0
for _ in $(seq 100); do
    sleep 0.1
    heard=$("$trader" status --state "$place/state" --json 2>/dev/null |
        sed -n 's/.*"feed":"live".*"service":"market_monitor"[^}]*"in":\([0-9]*\).*/\1/p')
    [ "${heard:-0}" -gt 1000 ] && break
done
sleep 1
kill -TERM "$run"
wait "$run"
code=$?
run=
logs=$("$trader" logs --state "$place/state" 2>/dev/null)
cat "$place/told" "$place/result"
echo "$logs"
[ "$code" = 0 ] || { echo "it ended with $code"; exit 1; }
[ "${heard:-0}" -gt 1000 ] || { echo 'it did not read the history'; exit 1; }
case $logs in *refused*) echo 'it refused what the exchange said'; exit 1 ;; esac

# A market at another pace is refused at the start, with what to do; neither state nor dashboard come of it.
kill "$exchange"
wait "$exchange"
: >"$place/exchange"
for speed in 60 0.1; do
    "$trader" exchange --port 0 --json --seed 3 --symbols BTCUSDC --speed "$speed" >"$place/exchange" &
    exchange=$!
    for _ in $(seq 100); do
        [ -s "$place/exchange" ] && break
        sleep 0.1
    done
    port=$(sed -n 's/.*"rest":"http:\/\/127.0.0.1:\([0-9]*\)".*/\1/p' "$place/exchange")
    BINANCE_REST_URL=http://127.0.0.1:$port BINANCE_WS_URL=ws://127.0.0.1:$port \
        timeout 20 "$trader" run --feed binance --symbols BTCUSDC --state "$place/fast" --no-dashboard --json \
        >"$place/result" 2>"$place/told"
    code=$?
    cat "$place/told" "$place/result"
    [ "$code" = 3 ] || { echo "speed $speed: it ended with $code"; exit 1; }
    grep -q 'times as fast as ours.*--speed 1' "$place/result" || { echo "speed $speed: it does not say why"; exit 1; }
    kill "$exchange"
    wait "$exchange"
    : >"$place/exchange"
done
