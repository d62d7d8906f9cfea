# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share, read in by them: a scratch directory with `trader` and `run_backtest` on the
# path, and the simulated exchange with a month of a generated market as the source of history. Their first argument is
# the program.
program=$(realpath "$1")
place=$(mktemp -d)
exchange=
leave() {
    [ -z "$exchange" ] || kill "$exchange" 2>/dev/null
    rm -rf "$place"
}
trap leave EXIT
trap 'exit 130' INT TERM
mkdir "$place/bin" "$place/desk"
ln -s "$program" "$place/bin/trader"
ln -s "$program" "$place/bin/run_backtest"
PATH=$place/bin:$PATH
export PATH LC_ALL=C.UTF-8 NO_COLOR=1 NO_PROXY=127.0.0.1 no_proxy=127.0.0.1

start_exchange() { # what else
    "$program" exchange --generated --port 0 --json --seed 3 --history 44640 --no-limits "$@" >"$place/exchange" &
    exchange=$!
    for _ in $(seq 100); do
        [ -s "$place/exchange" ] && break
        sleep 0.1
    done
    BINANCE_REST_URL=$(sed -n 's/.*"rest":"\([^"]*\)".*/\1/p' "$place/exchange")
    export BINANCE_REST_URL
    [ -n "$BINANCE_REST_URL" ] || { echo 'the exchange did not start'; exit 1; }
}
