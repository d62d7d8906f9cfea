/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What survives a restart of the simulated exchange: one file in a directory of its own, with the
 * accounts, orders, fills, lists, ids and the market as it stood, written whole and put in place at
 * once after every change that a client could have heard of, before it is told (exchange_save holds
 * its mark, version and checksum). A torn or foreign file is refused by name. Beside it lies the
 * key that was drawn at the first start. The directory is the caller's.
 */
#ifndef SHELL_EXCHANGE_EXCHANGE_KEEP_H
#define SHELL_EXCHANGE_EXCHANGE_KEEP_H

#include "shell/exchange/exchange_key.h"

/* `found` false: there is none yet, and the exchange is as it was. */
bool exchange_keep_read(const char *directory, Exchange *exchange, bool *found,
                        Error *error) MUST_USE;
bool exchange_keep_write(const char *directory, const Exchange *exchange, Error *error) MUST_USE;
/* Account 0's key, drawn and written down where there is none. */
bool exchange_keep_key(const char *directory, ExchangeKeyring *ring, Error *error) MUST_USE;

#endif
