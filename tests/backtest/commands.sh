#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every backtest command from outside: what it refuses, with which exit code and which words; what its JSON holds; that
# the same command gives the same trades; that a sweep in one piece, in shards and killed in the middle is one file.
# Counts itself: a line for each thing that is wrong, and at the end `N passed, N failed, N skipped`.
#   sh tests/backtest/commands.sh build/trader
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/backtest/stage.sh
command -v node >/dev/null || { echo 'no node, which reads the JSON'; exit 77; }
good=0 bad=0
hold() { # exit code, what
    if [ "$1" = 0 ]; then good=$((good + 1)); else bad=$((bad + 1)) && echo "failed: $2"; fi
}

# A refusal is one line on standard error that holds the words, and nothing on standard output; with --json it is exactly
# one document with an error, and the exit code is the same.
refused() { # exit code, words, command...
    want=$1 words=$2
    shift 2
    trader backtest "$@" >out 2>err </dev/null
    code=$?
    [ "$code" = "$want" ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] && grep -qF -- "$words" err
    hold $? "$* : exit $code, $(cat out err)"
    trader backtest "$@" --json >out 2>err </dev/null
    code=$?
    [ "$code" = "$want" ] && node -e '
        const e = JSON.parse(require("fs").readFileSync("out", "utf8")).error;
        process.exit(e.code && e.message && "where" in e && "hint" in e ? 0 : 1)' 2>/dev/null
    hold $? "$* --json : exit $code, $(cat out)"
}

# `check` sees the one document as d.
json() { # check, command...
    check=$1
    shift
    trader backtest "$@" --json >out 2>err </dev/null
    code=$?
    [ "$code" = 0 ] && node -e "
        const text = require('fs').readFileSync('out', 'utf8'), d = JSON.parse(text);
        const ok = text.endsWith('\\n') && text.trim().split('\\n').length === 1 && !/NaN|[Ii]nf/.test(text);
        process.exit(ok && ($check) ? 0 : 1)" 2>>err
    hold $? "$* : exit $code, $(cut -c 1-300 out) $(tail -n 5 err)"
}

start_exchange --symbols BTCUSDC ETHUSDC
cd "$place/desk" || exit 1
R='run --symbols BTCUSDC --intervals 1h --days 30'
S='sweep --symbols BTCUSDC --strategy trend_following --grid fast=5:24,slow=30:79:1'

# --- nothing there yet
# shellcheck disable=SC2119
json 'd.length > 10 && d.every((c) => c.name && c.sentence)'
refused 6 'are stored' run --symbols BTCUSDC --strategy grid
refused 6 'there is no such result' report
refused 6 'there is no such result' compare last last
json 'd.length === 0' list
json 'd.bars === 1440 && d.gaps === 0 && d.refused === 0 && d.files !== undefined && d.duplicates === 0' \
    fetch --symbols BTCUSDC ETHUSDC --intervals 1h --days 30 --no-social
json 'd.bars === 0' fetch --symbols BTCUSDC ETHUSDC --intervals 1h --days 30 --no-social
json 'd.length === 2 && d.every((s) => s.symbol && s.interval === "1h" && s.start < s.end && s.bars === 720 && s.gaps === 0)' list
json 'd.length === 1' list --symbols ETHUSDC

# --- what is refused
refused 2 'did you mean backtest report?' reprot
refused 2 'did you mean trend_following?' $R --strategy trend_folowing
refused 2 'no such parameter' $R --strategy trend_following --parameters fats=3
refused 2 'not a number' $R --strategy trend_following --parameters fast=x
refused 2 'out of its bounds: fast; from 2' $R --strategy trend_following --parameters fast=-1
refused 2 'does not fit the other parameters' $R --strategy trend_following --parameters fast=60 slow=30
refused 2 'parameters of which strategy?' $R --parameters fast=5
refused 6 'no candles between the dates' run --symbols BTCUSDC --strategy grid --start-date 2020-01-01 --end-date 2020-02-01
refused 2 'the end is not after the start' run --symbols BTCUSDC --strategy grid --start-date 2020-02-01 --end-date 2020-01-01
refused 2 'not a date' run --symbols BTCUSDC --strategy grid --start-date yesterday
refused 2 'one run has one interval' run --symbols BTCUSDC --strategy grid --intervals 1h 4h
refused 2 'not an interval' run --symbols BTCUSDC --strategy grid --intervals fortnight
refused 2 'not a number of days' run --symbols BTCUSDC --strategy grid --days 0
refused 2 'not a positive amount' $R --strategy grid --balance -4
refused 2 'not finer than' $R --strategy grid --resolve 4h
refused 2 'finer bars' $R --resolve 1m
refused 4 'needs a key' $R --ai live
refused 2 'say which symbols' run --strategy grid
refused 6 'no candles of NOPEUSDC 1h are stored' run --symbols NOPEUSDC --strategy grid
refused 2 'say what to try' sweep --symbols BTCUSDC --strategy grid
refused 2 'no such parameter' sweep --symbols BTCUSDC --strategy trend_following --grid nope=1:2
refused 2 'the first value is above the last' sweep --symbols BTCUSDC --strategy trend_following --grid fast=9:1
refused 2 'say which strategy' sweep --symbols BTCUSDC --grid fast=1:9
refused 2 'not a shard' $S --shard 4/3
refused 2 'say how many sets' $S --search random
refused 2 'unknown search' $S --search guess
refused 2 'not a whole number' $S --threads 0
refused 2 'too short for one window' walk-forward --symbols BTCUSDC --strategy trend_following --grid fast=5:9,slow=30
refused 2 'unknown metric' walk-forward --symbols BTCUSDC --strategy trend_following --grid fast=5:9,slow=30 --metric luck
refused 2 'say which files' merge
refused 2 'say which two results' compare last
refused 2 '7m' fetch --symbols BTCUSDC --intervals 7m --no-social
refused 2 'whole number' fetch --symbols BTCUSDC --days x --no-social
refused 2 'say which files' import
printf 'time,open,high,low,close,volume\n1699999200000,1,2,0.5,1,3\n1700002800000,1,2,0.5,1,3\n' >LTCUSDT-1h.csv
json 'd.bars === 2' import LTCUSDT-1h.csv
refused 2 'quote' run --symbols BTCUSDC LTCUSDT --strategy grid

# --- a result
names='["result_id","engine","initial_balance","final_balance","return_pct","cagr_pct","sharpe_ratio","sharpe_ci95",
"sortino_ratio","calmar_ratio","omega_ratio","max_drawdown_pct","max_drawdown_days","volatility_pct","var95_pct",
"cvar95_pct","exposure","turnover","total_trades","winning_trades","losing_trades","win_rate","profit_factor",
"expectancy","average_trade","fees","slippage","benchmark_return_pct","trials","deflated_sharpe_p","bars",
"bars_per_second","settings_hash","trades","equity_curve","drawdown_curve"].every((n) => n in d)'
pair='(d.sharpe_ci95 === null || (d.sharpe_ci95.length === 2 && d.sharpe_ci95[0] <= d.sharpe_ci95[1]))'
# What no order could sell is in the balance and in no trade: less than a cent here.
books='Math.abs(d.final_balance - d.initial_balance - d.trades.reduce((s, t) => s + t.gain, 0)) < 0.05'
# shellcheck disable=SC2046 # a strategy's name is one word
for strategy in $(trader list strategies --json | grep -o '"name":"[a-z_]*","sentence"' | cut -d '"' -f 4); do
    json "$(echo "$names" | tr -d '\n') && $pair && d.engine === 'trial' && d.bars === 720 && d.trials > 0 &&
        d.trades.length === d.total_trades && d.strategy === '$strategy'" $R --strategy "$strategy"
done
json "$(echo "$names" | tr -d '\n') && $pair && $books && d.engine === 'lab' && d.bars === 720 && d.total_trades > 0" $R
json 'd.total_trades === 0 && d.note.includes("50 candles of 1d")' run --symbols BTCUSDC --intervals 4h
json "d.initial_balance === 250 && $books" $R --strategy trend_following --balance 250
json "d.symbols.length === 2 && d.bars === 1440 && $books" run --symbols BTCUSDC,ETHUSDC --strategy bollinger_reversion
hashes() { grep -o '"\(settings\|trades\)_hash":"[0-9a-f]*"\|"trials":[0-9]*' out; }
json true $R --strategy trend_following
hashes >first
json true $R --strategy trend_following
hashes >second
[ "$(wc -l <first)" = 3 ] && cmp -s first second
hold $? 'the same command gives other hashes or counts as another trial'
json true $R --strategy trend_following --parameters fast=21
hashes | cmp -s first - && hold 1 'other parameters, the same hashes'
run_backtest backtest --symbols BTCUSDC --intervals 1h --days 30 --strategy trend_following --json >out 2>err
hashes | grep _hash >second
grep _hash first | cmp -s - second
hold $? 'run_backtest backtest is not backtest run'

# --- ranks, comparison, exports
json 'd.length > 3 && d[0].rank === 1 && d.every((r) => r.metric === "return_pct") &&
    d.every((r, i) => i === 0 || d[i - 1].value === null || r.value === null || d[i - 1].value >= r.value)' analyze --metric return_pct
trader backtest analyze trend_following bollinger_reversion >out 2>err
grep -qE 'cannot be told apart|Nothing to compare' out
hold $? "analyze does not say whether they can be told apart: $(cat out)"
refused 2 'unknown metric' analyze --metric luck
json 'd.results.length === 2 && "sharpe_difference" in d && d.judgement' compare trend_following bollinger_reversion
json 'd.path === "t.csv"' report trend_following --format trades_csv --output t.csv
[ "$(wc -l <t.csv)" -gt 1 ] && awk -F, 'NR == 1 { n = NF } NF != n { exit 1 }' t.csv
hold $? 'trades.csv has rows of different length'
trader backtest report trend_following --format equity_csv --output - | awk -F, 'NR == 1 { n = NF } NF != n { exit 1 } END { exit NR < 700 }'
hold $? 'equity.csv'
trader backtest report trend_following --format ndjson --output - |
    node -e 'require("fs").readFileSync(0, "utf8").trim().split("\n").forEach((l) => JSON.parse(l))'
hold $? 'ndjson does not parse'
trader backtest report trend_following --format json --output - | node -e 'JSON.parse(require("fs").readFileSync(0, "utf8"))'
hold $? 'json does not parse'
refused 2 'unknown format' report last --format pdf
refused 6 'there is no such result' report nothing

# --- sweeps
json 'd.length === 1000 && d.every((r) => r.parameters.fast && r.bars_per_second > 0 && "sharpe_ratio" in r)' $S --state whole
json 'd.length === 1000 && d.every((r) => r.bars_per_second === null)' $S --state whole # nothing was left to run
for i in 3 1 2; do
    json true $S --shard $i/3 --state shards
done
refused 6 'shards are missing' merge shards/results/sweep-*.1-of-3.ndjson shards/results/sweep-*.2-of-3.ndjson
json 'd.length === 1000' merge shards/results/*-of-3.ndjson --state merged
cmp -s whole/results/*.ndjson merged/results/*.ndjson
hold $? 'three shards merged differ from the sweep in one piece'
# Stopped where its bytes end in the middle of a line, at the head, before anything: it goes on to the same file.
for bytes in 0 10 400 70000; do
    rm -rf torn && mkdir -p torn/results
    head -c "$bytes" whole/results/*.ndjson >"torn/results/$(basename whole/results/*.ndjson)"
    json 'd.length === 1000' $S --state torn
    cmp -s whole/results/*.ndjson torn/results/*.ndjson
    hold $? "a sweep cut at byte $bytes and started again is another file"
done
# Killed by the system at shares of the time that the whole takes: starting again gives the same file, and at least one
# kill must have fallen between its first line and its last.
large='sweep --symbols BTCUSDC --strategy trend_following --grid fast=2:60,slow=61:200:1 --threads 1'
began=$(date +%s%N)
json true $large --state large
whole=$(($(date +%s%N) - began)) cut=0
for share in 15 30 45 60 75 90; do
    rm -rf killed
    pause=$(awk "BEGIN { print $whole / 1e9 * $share / 100 }")
    # shellcheck disable=SC2086 # words
    timeout -s KILL "$pause" "$program" backtest $large --state killed --json >/dev/null 2>&1
    [ -s killed/results/*.ndjson ] && ! tail -n 1 killed/results/*.ndjson | grep -q '"rows"' && cut=$((cut + 1))
    json true $large --state killed
    cmp -s large/results/*.ndjson killed/results/*.ndjson
    hold $? "a sweep killed after $pause s and started again is another file"
done
[ "$cut" -gt 0 ]
hold $? "no kill fell into the sweep, which took $whole ns"
json 'd.length === 50' sweep --symbols BTCUSDC --strategy trend_following --grid fast=5:24,slow=30:79:1 --search quasi_random --sets 50

# Parameters that no axis names are those that were given, in a sweep, in its file's name and in windows.
few='--symbols BTCUSDC --strategy trend_following --grid fast=5:15:5,slow=40'
json 'd.length === 3 && d.every((r) => r.parameters.stop_pct === 7)' sweep $few --parameters stop_pct=7 --state given
json 'd.length === 3 && d.every((r) => r.parameters.stop_pct !== 7)' sweep $few --state given
json 'd.windows.every((w) => !w.parameters || w.parameters.stop_pct === 7)' walk-forward $few --parameters stop_pct=7 --train-days 10 --test-days 5
# What decides names the file: another smallest entry is another sweep, and is not gone on with.
echo '{"trading_params": {"min_trade_amount": 9000}}' >large.json
json 'd.length === 3' sweep $few --state given --config large.json
[ "$(ls given/results/*.ndjson | wc -l)" = 3 ]
hold $? "three different sweeps, but $(ls given/results/*.ndjson)"

# --- walk-forward
W='walk-forward --symbols BTCUSDC --strategy trend_following --grid fast=5:20:5,slow=30:60:10 --train-days 10 --test-days 5'
gaps='d.windows.every((w) => w.train_end <= w.test_start) && d.windows.every((w, i) => i === 0 || d.windows[i - 1].test_end === w.test_start)'
json "d.windows.length === 4 && d.sets === 16 && d.trials >= 16 && $gaps && d.windows[1].train_start > d.windows[0].train_start" $W
json "$gaps && d.windows.every((w) => w.train_start === d.windows[0].train_start)" $W --anchored
json "d.windows.every((w) => new Date(w.test_start) - new Date(w.train_end) === 2 * 864e5)" $W --purge-days 1 --embargo-days 1

# --- social history: in by its header, heard by who reads it, left out on request, part of what names a run
for d in $(seq 40 -1 1); do date -u -d "-$d days" +"BTC,%F,$((d % 5 * 6000)),$((d % 4 + 2)),40000"; done |
    sed '1i asset,time,social_volume,average_sentiment,social_score' >days.csv
(cat days.csv && echo 'BTC,yesterday,1,1,1' && date -u +'BTC,%F,1,4,1') >more.csv
(echo time,source,title && date -u -d '-9 days' +'%FT%H:00:00Z,Test,"Bitcoin rallies, and how"') >news.csv
json 'd.readings === 40 && d.refused === 0 && d.social_gaps === 0' import days.csv
json 'd.readings === 0 && d.refused === 2 && d.duplicates === 40 && d.refusals.length === 2 &&
      d.refusals[1].message.includes("not over")' import more.csv
json 'd.readings === 1' import news.csv
json 'd.some((row) => row.symbol === "BTC" && row.interval === "social 1d" && row.bars === 40 && row.gaps === 0)' list
W='--symbols BTCUSDC --strategy social_trend --grid volume=1000:9000:4000'
for words in "$R --strategy social_trend" "$R"; do
    # shellcheck disable=SC2086 # words
    json 'd.social_readings > 25 && d.social_from && /with social data from/.test(d.note)' $words
    first=$(grep -o '"settings_hash":"[0-9a-f]*"' out)
    # shellcheck disable=SC2086
    json 'd.social_readings === 0 && d.social_from === null && /no social data/.test(d.note)' $words --no-social
    [ -n "$first" ] && [ "$first" != "$(grep -o '"settings_hash":"[0-9a-f]*"' out)" ]
    hold $? "the same settings_hash with and without social data: $words"
done
json 'd.total_trades > 0' $R --strategy social_trend
json 'd.total_trades === 0' $R --strategy social_trend --no-social
json 'd.social_readings === 0 && !/social/.test(d.note)' $R --strategy trend_following
# shellcheck disable=SC2086
json 'd.length === 3 && d.some((row) => row.return_pct !== 0)' sweep $W --days 30
# shellcheck disable=SC2086
json 'd.length === 3 && d.every((row) => row.return_pct === 0)' sweep $W --days 30 --no-social
# shellcheck disable=SC2086
json 'true' walk-forward $W --days 30 --train-days 10 --test-days 5 --no-social

echo "$good passed, $bad failed, 0 skipped"
[ "$bad" = 0 ]
