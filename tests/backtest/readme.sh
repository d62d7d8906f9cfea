#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# backtesting/README.md tells the truth: every command of its ```console blocks runs, in order, in an empty directory,
# and says what stands there. The history comes from the simulated exchange, whose market ends now, so what hangs on the
# moment or on the machine is masked on both sides:
#   results and sweeps by their names   20261122-210029763-grid-c8e78da8 -> ID, sweep-grid-624ad174f4d7 -> SWEEP
#   dates and times                     -> DATE
#   the line of equity                  -> CURVE
#   any number or dash for none         -> N
#   sentences that judge the numbers    -> JUDGEMENT (each must be one that the program knows)
#   lines with "..." stand for any number of lines
# Widths of columns follow the numbers: blanks count as one.
#   sh tests/backtest/readme.sh build/trader
set -u
cd "$(dirname "$0")/../.." || exit 1
page=$PWD/backtesting/README.md
. tests/backtest/stage.sh

mask() {
    sed -E -e 's/20[0-9]{6}-[0-9]{9}-[a-z_]+-[0-9a-f]{8}/ID/g' \
        -e 's/sweep-([a-z_]+)-[0-9a-f]{12}/SWEEP/g' \
        -e 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}([ T][0-9:.]+Z?)?/DATE/g' \
        -e 's/[▁▂▃▄▅▆▇█]+/CURVE/g' \
        -e 's/^(  )?(This cannot be told from luck|It never traded|Too little to judge by|It loses, beyond|Its Sharpe ratio is above|Alone its Sharpe ratio).*/JUDGEMENT/' \
        -e 's/^(ID has the highest|Nothing to compare|None is above|The picks did not gain|Efficiency ).*/JUDGEMENT/' \
        -e 's/[-−]?[0-9][0-9,]*(\.[0-9]+)?|—/N/g' \
        -e 's/none qualified: not traded/fast=N,slow=N,stop_pct=N,target_pct=N,size=N,band_pct=N,trail_pct=N/' \
        -e 's/[[:space:]]+/ /g' -e 's/ $//'
}

# The blocks, one after another: `$ ` begins a command, what follows is its output.
sed -n '/^```console$/,/^```$/p' "$page" | grep -v '^```' >"$place/page"
grep '^\$ ' "$place/page" | sed 's/^\$ //' >"$place/commands"
awk -v folder="$place" '/^\$ / { n++; file = folder "/expected." n; printf "" > file; next } { print > file }' "$place/page"
[ -s "$place/commands" ] || { echo 'no commands in the page'; exit 1; }

# Lines in order; one that is "..." skips as many as it takes.
agrees() { # expected, seen
    awk 'NR == FNR { want[++n] = $0; next }
         { seen[++m] = $0 }
         END { at = 1
               for (i = 1; i <= n; i++) {
                   if (want[i] == "...") { loose = 1; continue }
                   if (loose) while (at <= m && seen[at] != want[i]) at++
                   if (at > m || seen[at] != want[i]) { print "wanted: " want[i]; print "seen:   " seen[at]; exit 1 }
                   at++; loose = 0
               }
               if (!loose && at <= m) { print "not on the page: " seen[at]; exit 1 } }' "$1" "$2"
}

start_exchange --symbols BTCUSDC ETHUSDC
cd "$place/desk" || exit 1
count=0 wrong=0
while read -r command <&3; do
    count=$((count + 1))
    sh -c "$command" >"$place/seen" 2>"$place/told" </dev/null
    code=$?
    mask <"$place/seen" >"$place/seen.masked"
    mask <"$place/expected.$count" >"$place/expected.masked"
    echo "\$ $command"
    if [ "$code" != 0 ] || ! agrees "$place/expected.masked" "$place/seen.masked"; then
        wrong=$((wrong + 1))
        echo "exit $code; it says:"
        cat "$place/seen" "$place/told"
    fi
done 3<"$place/commands"
echo "$count commands, $wrong differ"
[ "$wrong" = 0 ] && [ "$count" -ge 12 ]
