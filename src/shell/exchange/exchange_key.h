/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys with which clients of the simulated exchange sign, each for one account: a key and a
 * secret for HMAC-SHA256 (from a file of two lines, or drawn anew at each start), or the public
 * half of an Ed25519 pair, whose private half the venue never sees. They open nothing but simulated
 * accounts. The keyring owns the public keys; the rest are plain values.
 */
#ifndef SHELL_EXCHANGE_EXCHANGE_KEY_H
#define SHELL_EXCHANGE_EXCHANGE_KEY_H

#include <openssl/types.h>

#include "core/base/error.h"
#include "core/sim/exchange_api.h"

#define EXCHANGE_KEY_SIZE 65                            /* the venue's have 64 characters */
#define EXCHANGE_KEYS     (2 * LIMIT_EXCHANGE_ACCOUNTS) /* one of each kind for every account */

typedef struct ExchangeKey {
    char key[EXCHANGE_KEY_SIZE], secret[EXCHANGE_KEY_SIZE];
    EVP_PKEY *public_key; /* NULL: HMAC */
    unsigned account;
} ExchangeKey;

typedef struct ExchangeKeyring {
    unsigned count;
    ExchangeKey keys[EXCHANGE_KEYS];
} ExchangeKeyring;

/* The key that was added, or NULL with the Error. `path` NULL: drawn. */
const ExchangeKey *exchange_key_open(ExchangeKeyring *ring, unsigned account, const char *path,
                                     Error *error);
const ExchangeKey *exchange_key_add(ExchangeKeyring *ring, unsigned account, Slice key,
                                    Slice secret, Error *error);
/* An Ed25519 public key (PEM). The name of the key is the SHA-256 of its 32 bytes, in hex; another
 * one may be given. */
const ExchangeKey *exchange_key_open_public(ExchangeKeyring *ring, unsigned account,
                                            const char *path, Slice name, Error *error);
/* How a request with this key, payload and signature (hex, or base64) is sealed; absent ones are
 * empty. `found`: the key that was named, else NULL. */
ExchangeSeal exchange_key_judge(const ExchangeKeyring *ring, Slice given, Slice payload,
                                Slice signature, const ExchangeKey **found);
void exchange_key_close(ExchangeKeyring *ring);

#endif
