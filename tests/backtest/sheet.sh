#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tear sheet of a backtest over the generated market, looked at in a browser (sheet.mjs).
#   sh tests/backtest/sheet.sh build/trader
set -u
cd "$(dirname "$0")/../.." || exit 1
command -v "${CHROMIUM:-chromium}" >/dev/null 2>&1 || { echo 'no chromium'; exit 77; }
[ -d tests/e2e/node_modules/playwright-core ] || { echo 'the npm packages of tests/e2e cannot be had'; exit 77; }
here=$PWD
. tests/backtest/stage.sh
start_exchange --symbols BTCUSDC
cd "$place/desk" || exit 1
trader backtest fetch --symbols BTCUSDC --intervals 1h --days 30 --no-social &&
    trader backtest run --symbols BTCUSDC --days 30 --strategy trend_following --json >/dev/null &&
    trader backtest report --output sheet.html || exit 1
cd "$here/tests/e2e" && SHEET=$place/desk/sheet.html node ../backtest/sheet.mjs
