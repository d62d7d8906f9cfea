/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/venue_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/digest.h"
#include "core/base/text.h"
#include "shell/config/environment.h"
#include "shell/sys/program.h"

static const char *const names[] = {"BINANCE_API_KEY", "BINANCE_API_SECRET", "BINANCE_PRIVATE_KEY"};
enum { NAME_KEY, NAME_SECRET, NAME_PRIVATE, NAME_COUNT };

void venue_account_name(const char *key_id, char account[static VENUE_ACCOUNT_TEXT]) {
    static const char purpose[] = "trader account of Binance key";
    uint8_t digest[SHA256_SIZE];
    Sha256 sha;
    Text text = text_in(account, VENUE_ACCOUNT_TEXT);
    sha256_init(&sha);
    sha256_add(&sha, purpose, sizeof purpose);
    sha256_add(&sha, key_id, strlen(key_id));
    sha256_peek(&sha, digest);
    text_hex(&text, digest, 8);
    text_end(&text);
}

static bool refuse(Error *error, const char *what, const char *where, const char *hint) {
    return error_set(error, ERROR_CREDENTIALS, what, where, hint);
}

/* PEM in one line of .env has \n for its line ends where it does not stand in double quotes. */
static void open_lines(char *text) {
    char *target = text;
    for (const char *at = text; *at; at++) {
        bool escaped = at[0] == '\\' && at[1] == 'n';
        *target++ = escaped ? '\n' : *at;
        at += escaped;
    }
    *target = 0;
}

static bool build(VenueKey *key, VariableValue values[static NAME_COUNT], Error *error) {
    Slice id = slice_of(values[NAME_KEY].text), secret = slice_of(values[NAME_SECRET].text);
    bool has_secret = secret.length > 0, has_private = values[NAME_PRIVATE].text[0] != 0;
    if (!id.length && !has_secret && !has_private) return true;
    if (!id.length)
        return refuse(error, "a secret is given, but not the key's id", names[NAME_KEY],
                      "the venue shows it beside the key");
    if (has_secret && has_private)
        return refuse(error, "both a secret and a private key are given", names[NAME_PRIVATE],
                      "give the one that belongs to the key");
    if (!has_secret && !has_private)
        return refuse(error, "the key's secret is missing", names[NAME_SECRET],
                      "or BINANCE_PRIVATE_KEY for an Ed25519 key; *_FILE names a file of it");
    open_lines(values[NAME_PRIVATE].text);
    bool built = has_secret ? signer_init_hmac(&key->signer, id, secret, error)
                            : signer_init_ed25519(&key->signer, id,
                                                  slice_of(values[NAME_PRIVATE].text), error);
    if (!built) {
        if (error) error->code = ERROR_CREDENTIALS;
        return error_at(error, names[has_secret ? NAME_SECRET : NAME_PRIVATE]);
    }
    venue_account_name(signer_key_id(&key->signer), key->account);
    return true;
}

/* The worst that was seen of the places that a value came from. */
static void note_exposure(VenueKey *key, const Dotenv *dotenv, const VariableValue *value) {
    if (value->place == PLACE_DOTENV && dotenv && dotenv->readable_by_others)
        snprintf(key->exposed, sizeof key->exposed, ".env: mode %04o", dotenv->mode);
    if (value->place == PLACE_FILE && value->readable_by_others)
        snprintf(key->exposed, sizeof key->exposed, "%.160s: others can read it", value->path);
}

bool venue_key_load(VenueKey *key, const Dotenv *dotenv, Error *error) {
    VariableValue values[NAME_COUNT];
    bool sound = true;
    *key = (VenueKey){.signer = {.kind = SIGNER_NONE}};
    program_seal();
    for (unsigned i = 0; i < NAME_COUNT && sound; i++) {
        sound = variable_get(names[i], dotenv, &values[i], error);
        if (sound && values[i].place != PLACE_NONE) note_exposure(key, dotenv, &values[i]);
    }
    sound = sound && build(key, values, error);
    explicit_bzero(values, sizeof values);
    if (!sound) venue_key_wipe(key);
    return sound;
}

void venue_key_forget(const Dotenv *dotenv) {
    for (unsigned i = 0; i < NAME_COUNT; i++) {
        if (dotenv) dotenv_forget(dotenv, names[i]);
        char *value = getenv(names[i]);
        if (value) explicit_bzero(value, strlen(value));
        unsetenv(names[i]);
    }
}

void venue_key_wipe(VenueKey *key) {
    signer_deinit(&key->signer);
    explicit_bzero(key, sizeof *key);
}
