#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every bench, prints one table of figures with their limits and aims, writes BUILD/bench.json, and fails if a limit
# is missed or a bench could not measure. SEEDS=20 takes the demo's seeds 1 to 20 instead of 3 of them; DATA names a
# folder of one-minute candle files other than the shared ones; without any, the generated market is replayed instead.
set -u
build=${1:-build}
work=$(mktemp -d "${TMPDIR:-/tmp}/trader-bench.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
figures=$work/figures
failed=0

measure() { # a section's name, then the bench and its words
    section=$1
    shift
    printf 'bench: %s\n' "$section" >&2
    "$@" >"$work/lines" || { failed=1; printf 'bench: %s could not be measured\n' "$section" >&2; }
    awk -v section="$section" '{ print section "\t" $0 }' "$work/lines" >>"$figures"
}

replay() { # name, limit, options of the run
    name=$1 limit=$2
    shift 2
    mkdir -p "$work/replay"
    measure run "$build/bench/replay" "$name" "$limit" "$work/replay" "$build/trader" run "$@"
    rm -rf "$work/replay"
}

mkdir "$work/journal" "$work/demo"
: >"$figures"
measure tick "$build/bench/tick"
measure turn "$build/bench/turn"
measure indicators "$build/bench/indicators"
measure pass "$build/bench/pass"
measure trial "$build/bench/trial"
measure rates "$build/bench/rates" "$work/journal"
measure lab "$build/bench/lab"
measure candles "$build/bench/candles"
measure order "$build/bench/order" "$build/trader" "$work/order"

month=2021-09-17_2021-10-17
data=${DATA:-${TRADER_DATA:-../shared/data}/ohlcv/1m}
if [ -r "$data/BTCUSDT-1m-$month.csv.gz" ]; then
    five=''
    for symbol in BTC ETH ADA DOGE LTC; do five="$five $data/${symbol}USDT-1m-$month.csv.gz"; done
    replay "replay of a month, one symbol" 5 --feed replay --data "$data/BTCUSDT-1m-$month.csv.gz"
    # shellcheck disable=SC2086 # a list of paths
    replay "replay of a month, five symbols" 0 --feed replay --data $five
else
    replay "generated month, one symbol" 5 --feed generated --seed 1 --days 30 --symbols BTCUSDC
    replay "generated month, five symbols" 0 --feed generated --seed 1 --days 30
fi

case ${SEEDS:-3} in
3) seeds='1 7 20' ;;
*) seeds=$(seq 1 "$SEEDS") ;;
esac
# shellcheck disable=SC2086 # a list of numbers
measure demo "$build/bench/demo" "$build/trader" "$work/demo" $seeds
measure restart "$build/bench/restart" "$build/trader" "$work/demo" "${STARTS:-200}"

# --- the table and the JSON --------------------------------------------------------------------------------------
machine() { # one JSON object
    printf '{"cpu":"%s","cores":%s,"memory_mb":%s,"kernel":"%s","system":"%s","compiler":"%s","libc":"%s"}' \
        "$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)" "$(nproc)" \
        "$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)" "$(uname -sr)" \
        "$(. /etc/os-release && printf '%s' "$PRETTY_NAME")" "$("${CC:-gcc}" --version | head -n 1)" \
        "$(getconf GNU_LIBC_VERSION)"
}

awk -F'\t' -v machine="$(machine)" -v json="$build/bench.json" -v failed="$failed" \
    -v load="$(cut -d' ' -f1 /proc/loadavg)" -v now="$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    -v commit="$(git rev-parse --short HEAD 2>/dev/null || echo unknown)" '
function number(text) { return text == "-" ? "null" : text }
function kept(value, mark, direction) { return direction == "more" ? value + 0 >= mark + 0 : value + 0 <= mark + 0 }
BEGIN { printf "%-62s %12s %-10s %10s %8s  %s\n", "figure", "measured", "unit", "limit", "aim", "" }
{
    verdict = $6 == "-" && $7 == "-" ? "" : "within the limit"
    if ($7 != "-") verdict = kept($3, $7, $5) ? "aim reached" : "aim missed"
    if ($6 != "-" && !kept($3, $6, $5)) { verdict = "LIMIT MISSED"; missed++ }
    if (verdict ~ /^aim missed/) short++
    printf "%-62s %12s %-10s %10s %8s  %s\n", $2, $3, $4, $6, $7, verdict
    rows = rows (rows == "" ? "" : ",\n  ") sprintf("{\"section\":\"%s\",\"name\":\"%s\",\"value\":%s,\"unit\":\"%s\"," \
        "\"better\":\"%s\",\"limit\":%s,\"aim\":%s}", $1, $2, $3, $4, $5, number($6), number($7))
}
END {
    printf "{\"time\":\"%s\",\"commit\":\"%s\",\"load_at_end\":%s,\"machine\":%s,\n \"figures\":[\n  %s]}\n", \
        now, commit, load, machine, rows > json
    printf "bench: %d figures, %d limits missed, %d aims missed%s; written to %s\n", NR, missed, short, \
        failed ? ", some could not be measured" : "", json
    exit missed > 0 || failed
}' "$figures"
