/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config/filters.json: the trading rules of symbols for data that come without exchange
 * information. One object by symbol: {"BTCUSDC": {"base": "BTC", "quote": "USDC", "tick": "0.01",
 * "step": "0.00001", "min_quantity": "0.00001", "max_quantity": "9000", "min_notional": "5"}, ...};
 * numbers stand in quotes as the venue writes them (bare numbers do as well); max_quantity may be
 * left out. The whole file is judged, not only the symbol looked for: an unknown key, a missing one
 * or a value that is not above zero is an ERROR_CONFIG with its place. Stateless; results are
 * copies.
 */
#ifndef SHELL_STORE_FILTERS_FILE_H
#define SHELL_STORE_FILTERS_FILE_H

#include "core/market/symbol.h"

/* Fills `symbol` by `symbol->name`. `*found` is false where the file does not know it. */
bool filters_file_find(const char *path, Symbol *symbol, bool *found, Error *error) MUST_USE;
/* Writes a file of this one symbol, in place of an old one. The form cannot say that a rule is off
 * (0): then nothing is written, and an old file goes. */
bool filters_file_write(const char *path, const Symbol *symbol, Error *error) MUST_USE;

#endif
