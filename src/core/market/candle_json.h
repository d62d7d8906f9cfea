/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One candle of a JSON file as a line of a CSV file, so that candle_csv judges both alike: an array
 * [time, open, high, low, close, volume] (freqtrade, ccxt), or of the venue's own 12 values, of
 * numbers or strings. A price that is written with an exponent (1.2e-05) is written out, digit by
 * digit. Stateless; the line lies in memory of the caller.
 */
#ifndef CORE_MARKET_CANDLE_JSON_H
#define CORE_MARKET_CANDLE_JSON_H

#include "core/base/error.h"
#include "core/base/text.h"

/* Appends the values of `row`, separated by commas. ERROR_DATA when the text is not one array of
 * numbers and strings (null is an empty field). `where` stays empty. */
bool candle_json_line(Slice row, Text *line, Error *error) MUST_USE;

#endif
