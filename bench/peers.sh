#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches the C sources of TA-Lib and Tulip Indicators, which come inside their npm packages, checks their sums, and
# builds what bench/pass.c is measured against into DIR/libpeers.a, with its headers in DIR/include. Nothing of them is
# part of the program.
set -eu
to=$1
mkdir -p "$to/include"
cd "$to"

fetch() { # package, version, SHA-512 of its archive
    [ -f "$1-$2.tgz" ] || npm pack --silent "$1@$2" >/dev/null
    printf '%s  %s\n' "$3" "$1-$2.tgz" | sha512sum --check --quiet
    mkdir -p "$1"
    tar -xzf "$1-$2.tgz" -C "$1" --strip-components=1
}
fetch talib 1.1.6 \
    f61cce9fa667ce8037bd641a0b24a0dc63fe9de478da13859d254faf95f87c7e4251a5745da04d243132baabfe74f638d96182f64d012c229c6384cad6d72e32
fetch tulind 0.8.20 \
    1a7596d4b06e84c49a0244e888b85ca01a301114297f02229e6874d26bc9f70718b7a0af03d8e970dd15d9506d8daf9903aa73f857aff314c8f01af8f77b75bf

talib=talib/src/lib
cp $talib/include/*.h tulind/external/indicators.h include/
# The functions of the pass and what they call.
for function in RSI MACD BBANDS STOCH WILLR ATR SMA EMA ADX MIN MAX SUM MULT DIV TYPPRICE STDDEV VAR TRANGE MA DEMA \
    TEMA TRIMA KAMA MAMA T3 WMA utility; do
    set -- "$@" "$talib/src/ta_func/ta_$function.c"
done
shift
rm -f ./*.o libpeers.a
"${CC:-gcc}" -w -O3 -c -Iinclude -I$talib/src/ta_common -I$talib/src/ta_func "$@" $talib/src/ta_common/*.c \
    tulind/external/tiamalgamation.c
ar rcs libpeers.a ./*.o
