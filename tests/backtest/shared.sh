#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every strategy over all shared 1h candles (8 symbols, 2018 to 2024), each symbol alone and all of them with one balance,
# and the whole system: each ends without an error, which it would not if its ledger did not reconcile to the last unit
# (trial.h: ledger_fault), and writes a row of the table of results.
#   sh tests/backtest/shared.sh build/trader
set -u
cd "$(dirname "$0")/../.." || exit 1
shared=$(realpath "${TRADER_DATA:-../shared/data}/ohlcv/1h" 2>/dev/null)
ls "$shared"/BTCUSDT-1h-to_*.csv.gz >/dev/null 2>&1 || { echo 'shared data absent'; exit 77; }
. tests/backtest/stage.sh
command -v node >/dev/null || { echo 'no node, which reads the JSON'; exit 77; }
cd "$place/desk" || exit 1
good=0 bad=0
trader backtest import "$shared"/*USDT-1h-to_*.csv.gz --json >out || { cat out; exit 1; }
symbols=$(trader backtest list --json | grep -o '"symbol":"[A-Z]*"' | cut -d '"' -f 4)
[ "$(echo "$symbols" | wc -l)" = 8 ] || { echo "not 8 symbols: $symbols"; exit 1; }

row() { # symbols, words...
    asked=$1
    shift
    # shellcheck disable=SC2086 # symbols are words
    trader backtest run --symbols $asked --intervals 1h --json "$@" >out 2>err
    code=$?
    [ "$code" = 0 ] && node -e '
        const d = JSON.parse(require("fs").readFileSync("out", "utf8")), r = (x) => x === null ? "-" : x.toFixed(2);
        const sum = d.trades.reduce((s, t) => s + t.gain, 0), off = d.final_balance - d.initial_balance - sum;
        console.log([d.strategy, d.symbols.length > 1 ? d.symbols.length + " symbols" : d.symbols[0], r(d.return_pct),
            r(d.sharpe_ratio), d.total_trades, r(d.max_drawdown_pct)].join(" | "));
        process.exit(d.trades.length === d.total_trades && d.bars > 38000 && Math.abs(off) < 1e-3 * d.initial_balance ? 0 : 1)'
    if [ $? = 0 ]; then good=$((good + 1)); else bad=$((bad + 1)) && echo "failed: $asked $* : exit $code $(cat err)"; fi
}

echo 'strategy | symbol | return % | Sharpe | trades | drawdown %'
for strategy in $(trader list strategies --json | grep -o '"name":"[a-z_]*","sentence"' | cut -d '"' -f 4); do
    for symbol in $symbols; do
        row "$symbol" --strategy "$strategy"
    done
    row "$(echo "$symbols" | tr '\n' ' ')" --strategy "$strategy"
done
row "$(echo "$symbols" | tr '\n' ' ')"
# The mission's own command, with the 30 days and no more: the analyst trades on hours.
trader backtest import "$shared"/BTCUSDT-1h-2023-01.full12.csv --data-dir month --json >out || { cat out; exit 1; }
trader backtest run --symbols BTCUSDT --intervals 1h --days 30 --balance 10000 --data-dir month --json >out 2>err
if grep -q '"total_trades":[1-9]' out; then good=$((good + 1)); else bad=$((bad + 1)) && echo "failed: 30 days of hours: $(cat err)"; fi
echo "$good passed, $bad failed, 0 skipped"
[ "$bad" = 0 ] && [ "$good" -gt 180 ]
