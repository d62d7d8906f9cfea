/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/exchange/exchange_key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "core/base/digest.h"
#include "shell/sys/files.h"

#define KEY_FILE_MAX  4096 /* two lines of 64 characters, and blanks; a public key has 113 bytes */
#define ED25519_SIZE  32   /* RFC 8032: of a public key */
#define ED25519_BYTES 64   /* of a signature */

/* ---- adding -------------------------------------------------------------------------------- */

static ExchangeKey *next_key(ExchangeKeyring *ring, unsigned account, Error *error) {
    if (ring->count == EXCHANGE_KEYS) {
        error_set(error, ERROR_LIMIT, "too many keys for the exchange", NULL, NULL);
        return NULL;
    }
    ExchangeKey *key = &ring->keys[ring->count];
    memset(key, 0, sizeof *key);
    key->account = account;
    return key;
}

static bool draw(char target[static EXCHANGE_KEY_SIZE]) {
    uint8_t bytes[(EXCHANGE_KEY_SIZE - 1) / 2];
    Text text = text_in(target, EXCHANGE_KEY_SIZE);
    if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
    text_hex(&text, bytes, sizeof bytes);
    text_end(&text);
    return true;
}

static bool take_lines(ExchangeKey *key, Slice text) {
    const char *end = text.length ? memchr(text.at, '\n', text.length) : NULL;
    if (!end) return false;
    Slice first = slice_trim((Slice){text.at, (size_t)(end - text.at)});
    Slice second = slice_trim((Slice){end + 1, text.length - (size_t)(end - text.at) - 1});
    return first.length && second.length && slice_copy(first, key->key, sizeof key->key) &&
           slice_copy(second, key->secret, sizeof key->secret);
}

const ExchangeKey *exchange_key_open(ExchangeKeyring *ring, unsigned account, const char *path,
                                     Error *error) {
    char *bytes;
    size_t length;
    ExchangeKey *key = next_key(ring, account, error);
    if (!key) return NULL;
    if (!path && !(draw(key->key) && draw(key->secret))) {
        error_set(error, ERROR_FAILURE, "no random numbers for the key", NULL, NULL);
        return NULL;
    }
    if (path) {
        if (!files_read(path, KEY_FILE_MAX, &bytes, &length, error)) return NULL;
        bool sound = take_lines(key, (Slice){bytes, length});
        free(bytes);
        if (!sound) {
            error_set(error, ERROR_DATA, "not a key and a secret", path,
                      "the key in the first line, the secret in the second, each of at most 64 "
                      "characters");
            return NULL;
        }
    }
    ring->count++;
    return key;
}

const ExchangeKey *exchange_key_add(ExchangeKeyring *ring, unsigned account, Slice name,
                                    Slice secret, Error *error) {
    ExchangeKey *key = next_key(ring, account, error);
    if (!key) return NULL;
    if (!name.length || !secret.length || !slice_copy(name, key->key, sizeof key->key) ||
        !slice_copy(secret, key->secret, sizeof key->secret)) {
        error_set(error, ERROR_DATA, "not a key and a secret", NULL,
                  "each has at most 64 characters");
        return NULL;
    }
    ring->count++;
    return key;
}

static EVP_PKEY *read_public(const char *path, Error *error) {
    char *bytes;
    size_t length;
    if (!files_read(path, KEY_FILE_MAX, &bytes, &length, error)) return NULL;
    BIO *source = BIO_new_mem_buf(bytes, (int)length);
    EVP_PKEY *read = source ? PEM_read_bio_PUBKEY(source, NULL, NULL, NULL) : NULL;
    BIO_free(source);
    free(bytes);
    if (read && EVP_PKEY_id(read) == EVP_PKEY_ED25519) return read;
    EVP_PKEY_free(read);
    error_set(error, ERROR_DATA, "not an Ed25519 public key", path,
              "the public half in PEM, as the venue takes it");
    return NULL;
}

/* The name that a public key has by itself. */
static bool name_public(ExchangeKey *key) {
    uint8_t bytes[ED25519_SIZE], digest[SHA256_SIZE];
    size_t length = sizeof bytes;
    Text name = TEXT_IN(key->key);
    if (EVP_PKEY_get_raw_public_key(key->public_key, bytes, &length) != 1) return false;
    sha256_of(bytes, length, digest);
    text_hex(&name, digest, sizeof digest);
    text_end(&name);
    return true;
}

const ExchangeKey *exchange_key_open_public(ExchangeKeyring *ring, unsigned account,
                                            const char *path, Slice name, Error *error) {
    ExchangeKey *key = next_key(ring, account, error);
    if (!key) return NULL;
    key->public_key = read_public(path, error);
    if (!key->public_key) return NULL;
    if (name.length ? slice_copy(name, key->key, sizeof key->key) : name_public(key)) {
        ring->count++;
        return key;
    }
    EVP_PKEY_free(key->public_key);
    error_set(error, ERROR_DATA, "not a name of a key", path, "it has at most 64 characters");
    return NULL;
}

void exchange_key_close(ExchangeKeyring *ring) {
    for (unsigned i = 0; i < ring->count; i++)
        EVP_PKEY_free(ring->keys[i].public_key);
    ring->count = 0;
}

/* ---- judging ------------------------------------------------------------------------------- */

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

static bool hmac_fits(const ExchangeKey *key, Slice payload, Slice signature) {
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    char memory[2 * EVP_MAX_MD_SIZE + 1];
    Text hex = TEXT_IN(memory);
    if (!HMAC(EVP_sha256(), key->secret, (int)strlen(key->secret),
              (const unsigned char *)payload.at, payload.length, digest, &size))
        return false;
    text_hex(&hex, digest, size);
    return same_hex(text_end(&hex), signature);
}

static bool ed25519_fits(const ExchangeKey *key, Slice payload, Slice signature) {
    unsigned char bytes[ED25519_BYTES + 2]; /* 88 characters: 66 bytes, of which two are filling */
    if (signature.length != 88 || EVP_DecodeBlock(bytes, (const unsigned char *)signature.at,
                                                  (int)signature.length) != (int)sizeof bytes)
        return false;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool fits = context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->public_key) == 1 &&
                EVP_DigestVerify(context, bytes, ED25519_BYTES, (const unsigned char *)payload.at,
                                 payload.length) == 1;
    EVP_MD_CTX_free(context);
    return fits;
}

ExchangeSeal exchange_key_judge(const ExchangeKeyring *ring, Slice given, Slice payload,
                                Slice signature, const ExchangeKey **found) {
    *found = NULL;
    if (given.length == 0) return SEAL_NO_KEY;
    for (unsigned i = 0; i < ring->count && !*found; i++)
        if (slice_is(given, ring->keys[i].key)) *found = &ring->keys[i];
    if (signature.length == 0) return SEAL_NO_SIGNATURE;
    if (!*found) return SEAL_UNKNOWN_KEY;
    bool fits = (*found)->public_key ? ed25519_fits(*found, payload, signature)
                                     : hmac_fits(*found, payload, signature);
    return fits ? SEAL_GOOD : SEAL_BAD_SIGNATURE;
}
