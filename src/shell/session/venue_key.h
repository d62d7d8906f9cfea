/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key of the venue: BINANCE_API_KEY with BINANCE_API_SECRET (HMAC) or BINANCE_PRIVATE_KEY
 * (Ed25519, PEM), from the environment, .env, or files (NAME_FILE). Before one is read the process
 * is sealed: no core dump, no reading of its memory by others. What was read passes through memory
 * that is wiped; the environment's own copy is overwritten too, so that neither /proc/PID/environ
 * nor a child has it. The account is named by a digest of the key's id, which is no secret. The
 * holder of a VenueKey wipes it.
 */
#ifndef SHELL_SESSION_VENUE_KEY_H
#define SHELL_SESSION_VENUE_KEY_H

#include "shell/config/dotenv.h"
#include "shell/drivers/signer.h"

#define VENUE_ACCOUNT_TEXT 24 /* VenueIdentity.account */

typedef struct VenueKey {
    Signer signer; /* SIGNER_NONE: no key is given */
    char account[VENUE_ACCOUNT_TEXT];
    char exposed[200]; /* what others may read of where it stood: "file: mode 0644"; empty: none */
} VenueKey;

/* ERROR_CREDENTIALS (exit 4) where a key is half given or not of its form; none at all is
SIGNER_NONE. */
bool venue_key_load(VenueKey *key, const Dotenv *dotenv, Error *error) MUST_USE;
/* Overwrites and removes the key where it stood: .env's text in memory and the environment. */
void venue_key_forget(const Dotenv *dotenv);
void venue_key_wipe(VenueKey *key);

/* 16 hex digits of a SHA-256, by which an account is named where people and files see it. */
void venue_account_name(const char *key_id, char account[static VENUE_ACCOUNT_TEXT]);

#endif
