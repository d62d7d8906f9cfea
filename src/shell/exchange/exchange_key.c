/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/exchange/exchange_key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "shell/sys/files.h"

#define KEY_FILE_MAX 4096 /* two lines of 64 characters, and blanks */

static bool draw(char target[static EXCHANGE_KEY_SIZE]) {
    uint8_t bytes[(EXCHANGE_KEY_SIZE - 1) / 2];
    Text text = text_in(target, EXCHANGE_KEY_SIZE);
    if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
    text_hex(&text, bytes, sizeof bytes);
    text_end(&text);
    return true;
}

static bool take_lines(ExchangeKey *key, Slice text) {
    const char *end = memchr(text.at, '\n', text.length);
    if (!end) return false;
    Slice first = slice_trim((Slice){text.at, (size_t)(end - text.at)});
    Slice second = slice_trim((Slice){end + 1, text.length - (size_t)(end - text.at) - 1});
    return first.length && second.length && slice_copy(first, key->key, sizeof key->key) &&
           slice_copy(second, key->secret, sizeof key->secret);
}

bool exchange_key_open(ExchangeKey *key, const char *path, Error *error) {
    char *bytes;
    size_t length;
    if (!path)
        return (draw(key->key) && draw(key->secret)) ||
               error_set(error, ERROR_FAILURE, "no random numbers for the key", NULL, NULL);
    if (!files_read(path, KEY_FILE_MAX, &bytes, &length, error)) return false;
    bool sound = take_lines(key, (Slice){bytes, length});
    free(bytes);
    return sound || error_set(error, ERROR_DATA, "not a key and a secret", path,
                              "the key in the first line, the secret in the second, each of at "
                              "most 64 characters");
}

/* A given signature may be in capitals. */
static bool same_hex(const char *expected, Slice given) {
    char lower[2 * EVP_MAX_MD_SIZE];
    if (given.length != strlen(expected) || given.length > sizeof lower) return false;
    for (size_t i = 0; i < given.length; i++) {
        char c = given.at[i];
        lower[i] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
    }
    return CRYPTO_memcmp(lower, expected, given.length) == 0;
}

ExchangeSeal exchange_key_judge(const ExchangeKey *key, Slice given, Slice payload,
                                Slice signature) {
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    char memory[2 * EVP_MAX_MD_SIZE + 1];
    Text hex = TEXT_IN(memory);
    if (given.length == 0) return SEAL_NO_KEY;
    if (signature.length == 0) return SEAL_NO_SIGNATURE;
    if (!slice_is(given, key->key)) return SEAL_UNKNOWN_KEY;
    if (!HMAC(EVP_sha256(), key->secret, (int)strlen(key->secret),
              (const unsigned char *)payload.at, payload.length, digest, &size))
        return SEAL_BAD_SIGNATURE;
    text_hex(&hex, digest, size);
    return same_hex(text_end(&hex), signature) ? SEAL_GOOD : SEAL_BAD_SIGNATURE;
}
