/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key and the secret with which clients of the simulated exchange sign: read from a file of two
 * lines, or drawn anew at each start. They open nothing but the simulated account. A plain value.
 */
#ifndef SHELL_EXCHANGE_EXCHANGE_KEY_H
#define SHELL_EXCHANGE_EXCHANGE_KEY_H

#include "core/base/error.h"
#include "core/sim/exchange_api.h"

#define EXCHANGE_KEY_SIZE 65 /* the venue's have 64 characters */

typedef struct ExchangeKey {
    char key[EXCHANGE_KEY_SIZE], secret[EXCHANGE_KEY_SIZE];
} ExchangeKey;

/* `path` NULL: drawn. */
bool exchange_key_open(ExchangeKey *key, const char *path, Error *error) MUST_USE;
/* How a request with this key, payload and signature (hex) is sealed; absent ones are empty. */
ExchangeSeal exchange_key_judge(const ExchangeKey *key, Slice given, Slice payload,
                                Slice signature);

#endif
