/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/signer.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "core/base/json.h"
#include "core/venues/binance_path.h"

#define HMAC_BLOCK 64 /* of SHA-256 */

/* ---- keys ------------------------------------------------------------------------------------ */

static bool refuse(Error *error, ErrorCode code, const char *message, const char *hint) {
    ERR_clear_error();
    return error_set(error, code, message, "signer", hint);
}

static bool key_id_set(Signer *signer, Slice key_id, Error *error) {
    bool sound = key_id.length > 0 && key_id.length <= SIGNER_KEY_ID_MAX;
    for (size_t i = 0; sound && i < key_id.length; i++)
        sound = key_id.at[i] > ' ' && key_id.at[i] < 127; /* it goes into a header line */
    *signer = (Signer){0};
    if (!sound)
        return refuse(error, ERROR_CREDENTIALS,
                      "the id of the key is empty, too long or has blanks",
                      "copy the API key as the venue shows it");
    memcpy(signer->key_id, key_id.at, key_id.length);
    return true;
}

/* RFC 2104: both hashes have taken their first block, made of the secret. */
static void hmac_begin(Signer *signer, Slice secret) {
    uint8_t block[HMAC_BLOCK] = {0};
    Sha256 hash;
    if (secret.length > sizeof block) {
        sha256_init(&hash);
        sha256_add(&hash, secret.at, secret.length);
        sha256_peek(&hash, block);
    } else {
        memcpy(block, secret.at, secret.length);
    }
    for (unsigned i = 0; i < sizeof block; i++)
        block[i] ^= 0x36;
    sha256_init(&signer->inner);
    sha256_add(&signer->inner, block, sizeof block);
    for (unsigned i = 0; i < sizeof block; i++)
        block[i] ^= 0x36 ^ 0x5c;
    sha256_init(&signer->outer);
    sha256_add(&signer->outer, block, sizeof block);
    OPENSSL_cleanse(block, sizeof block);
    OPENSSL_cleanse(&hash, sizeof hash);
}

bool signer_init_hmac(Signer *signer, Slice key_id, Slice secret, Error *error) {
    if (!key_id_set(signer, key_id, error)) return false;
    if (secret.length == 0 || secret.length > SIGNER_SECRET_MAX)
        return refuse(error, ERROR_CREDENTIALS, "the secret is empty or too long",
                      "copy the secret as the venue shows it");
    hmac_begin(signer, secret);
    signer->kind = SIGNER_HMAC;
    return true;
}

static bool ed25519_sign(const Signer *signer, Slice message,
                         uint8_t mark[static SIGNER_ED25519_MARK]) {
    size_t size = SIGNER_ED25519_MARK;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok =
        context && EVP_DigestSignInit(context, NULL, NULL, NULL, signer->key) == 1 &&
        EVP_DigestSign(context, mark, &size, (const uint8_t *)message.at, message.length) == 1 &&
        size == SIGNER_ED25519_MARK;
    EVP_MD_CTX_free(context);
    return ok;
}

/* A key that cannot sign and be checked is refused here, not at the first order. */
static bool key_works(const Signer *signer) {
    uint8_t mark[SIGNER_ED25519_MARK];
    Slice message = SLICE("timestamp=0");
    bool works = ed25519_sign(signer, message, mark) &&
                 signer_ed25519_holds(signer->public_key, message, mark, sizeof mark);
    OPENSSL_cleanse(mark, sizeof mark);
    return works;
}

/* Takes the key over, whatever comes of it. */
static bool key_keep(Signer *signer, EVP_PKEY *key) {
    size_t size = SIGNER_ED25519_KEY;
    signer->key = key;
    signer->kind = SIGNER_ED25519;
    bool kept = key && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 &&
                EVP_PKEY_get_raw_public_key(key, signer->public_key, &size) == 1 &&
                key_works(signer);
    if (!kept) signer_deinit(signer);
    return kept;
}

bool signer_init_seed(Signer *signer, Slice key_id, const uint8_t seed[static SIGNER_ED25519_KEY],
                      Error *error) {
    if (!key_id_set(signer, key_id, error)) return false;
    if (key_keep(signer,
                 EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SIGNER_ED25519_KEY)))
        return true;
    return refuse(error, ERROR_CREDENTIALS, "the seed is not a key of Ed25519", NULL);
}

/* Without this the library would ask for a pass phrase on the terminal. */
static int no_phrase(char *buffer, int size, int writes, void *context) {
    (void)buffer, (void)size, (void)writes, (void)context;
    return -1;
}

bool signer_init_ed25519(Signer *signer, Slice key_id, Slice pem, Error *error) {
    if (!key_id_set(signer, key_id, error)) return false;
    bool fits = pem.length > 0 && pem.length <= SIGNER_PEM_MAX;
    BIO *bio = fits ? BIO_new_mem_buf(pem.at, (int)pem.length) : NULL;
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_phrase, NULL) : NULL;
    BIO_free(bio);
    if (key_keep(signer, key)) return true;
    return refuse(error, ERROR_CREDENTIALS, "the private key is not Ed25519 in PEM (PKCS #8)",
                  "openssl genpkey -algorithm ed25519 makes one; it must have no pass phrase");
}

void signer_deinit(Signer *signer) {
    EVP_PKEY_free(signer->key); /* wipes the seed */
    OPENSSL_cleanse(signer, sizeof *signer);
}

void signer_move(Signer *target, Signer *source) {
    *target = *source;
    OPENSSL_cleanse(source, sizeof *source);
}

const char *signer_key_id(const Signer *signer) {
    return signer->key_id;
}

/* ---- signatures ------------------------------------------------------------------------------ */

static void hmac_mark(const Signer *signer, Slice message, char mark[static SIGNER_TEXT_MAX]) {
    uint8_t digest[SHA256_SIZE];
    Text text = text_in(mark, SIGNER_TEXT_MAX);
    Sha256 hash = signer->inner;
    sha256_add(&hash, message.at, message.length);
    sha256_peek(&hash, digest);
    hash = signer->outer;
    sha256_add(&hash, digest, sizeof digest);
    sha256_peek(&hash, digest);
    OPENSSL_cleanse(&hash, sizeof hash);
    text_hex(&text, digest, sizeof digest);
    text_end(&text);
}

bool signer_ed25519_holds(const uint8_t public_key[static SIGNER_ED25519_KEY], Slice message,
                          const uint8_t *mark, size_t mark_size) {
    EVP_PKEY *key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, SIGNER_ED25519_KEY);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool holds = key && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                 EVP_DigestVerify(context, mark, mark_size, (const uint8_t *)message.at,
                                  message.length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return holds;
}

static bool ed25519_mark(const Signer *signer, Slice message, char mark[static SIGNER_TEXT_MAX]) {
    uint8_t raw[SIGNER_ED25519_MARK], half[SIGNER_ED25519_KEY];
    size_t size = sizeof half;
    bool ok = EVP_PKEY_get_raw_public_key(signer->key, half, &size) == 1 &&
              memcmp(half, signer->public_key, size) == 0 && ed25519_sign(signer, message, raw);
    if (ok) EVP_EncodeBlock((uint8_t *)mark, raw, sizeof raw);
    OPENSSL_cleanse(raw, sizeof raw);
    return ok;
}

bool signer_mark(const Signer *signer, Slice query, Slice body, char mark[static SIGNER_TEXT_MAX],
                 Error *error) {
    char payload[SIGNER_PAYLOAD_MAX];
    Text text = TEXT_IN(payload);
    text_slice(&text, query);
    text_slice(&text, body);
    Slice message = {payload, text.length};
    mark[0] = 0;
    if (signer->kind == SIGNER_NONE)
        return refuse(error, ERROR_CREDENTIALS, "there is no key to sign with", NULL);
    if (text.overflow) return refuse(error, ERROR_LIMIT, "the request is too long to sign", NULL);
    if (signer->kind == SIGNER_HMAC) {
        hmac_mark(signer, message, mark);
        return true;
    }
    return ed25519_mark(signer, message, mark) ||
           refuse(error, ERROR_CREDENTIALS, "the key does not sign", NULL);
}

/* ---- REST ------------------------------------------------------------------------------------ */

/* The venue takes what is up to a second ahead of it; we are not more liberal. */
#define AHEAD_MS_MAX 1000

bool signer_is_timely(int64_t timestamp_ms, int64_t window_ms, int64_t now_ms) {
    int64_t age_ms = now_ms - timestamp_ms;
    return age_ms <= window_ms / 2 && age_ms >= -AHEAD_MS_MAX;
}

static bool is_timely(const BinanceRequest *request, int64_t now_ms, Error *error) {
    if (signer_is_timely(request->timestamp_ms, request->window_ms, now_ms)) return true;
    bool old = now_ms > request->timestamp_ms;
    return refuse(error, ERROR_GUARD,
                  old ? "not sent: the request is older than half of its window"
                      : "not sent: the request is from the future",
                  "make it anew with the venue's time");
}

static Slice request_text(const BinanceRequest *request) {
    return (Slice){request->text, request->length};
}

bool signer_rest(const Signer *signer, const BinanceRequest *request, int64_t now_ms, Text *target,
                 Error *error) {
    char mark[SIGNER_TEXT_MAX];
    Slice parameters = request_text(request);
    text_clear(target);
    if (request->is_signed) {
        if (!is_timely(request, now_ms, error)) return false;
        if (!signer_mark(signer, parameters, SLICE(""), mark, error)) return false;
    }
    text_slice(target, parameters);
    if (request->is_signed) {
        text_put(target, "&signature=");
        binance_path_encoded(target, slice_of(mark));
    }
    text_end(target);
    return !target->overflow || refuse(error, ERROR_LIMIT, "no room for the signed request", NULL);
}

/* ---- WebSocket API --------------------------------------------------------------------------- */

/* The longest request has 22 parameters; key id, and room. */
#define PARAMETERS_MAX 32

typedef struct Parameter {
    Slice name, value; /* value: decoded */
} Parameter;

typedef struct Parameters {
    Parameter at[PARAMETERS_MAX];
    unsigned count;
    Text memory; /* of the decoded values */
    char bytes[SIGNER_PAYLOAD_MAX];
} Parameters;

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* In place of a name among the sorted ones; a name that comes twice is a fault of ours. */
static bool parameter_add(Parameters *list, Slice name, Slice value) {
    unsigned at = list->count;
    if (list->count == PARAMETERS_MAX || name.length == 0) return false;
    for (; at > 0; at--) {
        Slice before = list->at[at - 1].name;
        size_t shorter = before.length < name.length ? before.length : name.length;
        int order = memcmp(before.at, name.at, shorter);
        if (order < 0 || (order == 0 && before.length < name.length)) break;
        if (order == 0 && before.length == name.length) return false;
        list->at[at] = list->at[at - 1];
    }
    list->at[at] = (Parameter){name, value};
    list->count++;
    return true;
}

static Slice decode(Parameters *list, Slice encoded) {
    size_t begin = list->memory.length;
    for (size_t i = 0; i < encoded.length; i++) {
        bool coded = encoded.at[i] == '%' && i + 2 < encoded.length;
        int high = coded ? hex_digit(encoded.at[i + 1]) : -1;
        int low = coded ? hex_digit(encoded.at[i + 2]) : -1;
        bool both = high >= 0 && low >= 0;
        text_char(&list->memory, both ? (char)(high * 16 + low) : encoded.at[i]);
        if (both) i += 2;
    }
    return (Slice){list->bytes + begin, list->memory.length - begin};
}

static bool parameters_split(Parameters *list, Slice text) {
    list->count = 0;
    list->memory = TEXT_IN(list->bytes);
    while (text.length > 0) {
        const char *end = memchr(text.at, '&', text.length);
        size_t length = end ? (size_t)(end - text.at) : text.length;
        const char *equals = memchr(text.at, '=', length);
        if (!equals) return false;
        size_t name = (size_t)(equals - text.at);
        Slice encoded = {equals + 1, length - name - 1};
        if (!parameter_add(list, (Slice){text.at, name}, decode(list, encoded))) return false;
        size_t step = end ? length + 1 : length;
        text = (Slice){text.at + step, text.length - step};
    }
    return !list->memory.overflow;
}

static void payload_write(const Parameters *list, Text *payload) {
    for (unsigned i = 0; i < list->count; i++) {
        if (i) text_char(payload, '&');
        text_slice(payload, list->at[i].name);
        text_char(payload, '=');
        text_slice(payload, list->at[i].value);
    }
}

/* Whole numbers and truths stand bare in the frame, in the digits that were signed; amounts are
 * strings. */
static bool is_bare(Slice name) {
    static const char *const NAMES[] = {"timestamp",
                                        "recvWindow",
                                        "orderId",
                                        "orderListId",
                                        "cancelOrderId",
                                        "limit",
                                        "fromId",
                                        "startTime",
                                        "endTime",
                                        "omitZeroBalances",
                                        "trailingDelta",
                                        "computeCommissionRates",
                                        "aboveTrailingDelta",
                                        "belowTrailingDelta",
                                        "pendingAboveTrailingDelta",
                                        "pendingBelowTrailingDelta"};
    for (unsigned i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        if (slice_is(name, NAMES[i])) return true;
    return false;
}

static void parameters_write(JsonWriter *writer, const Parameters *list, const char *mark) {
    json_key(writer, "params");
    json_object_begin(writer);
    for (unsigned i = 0; i < list->count; i++) {
        char name[64];
        if (!slice_copy(list->at[i].name, name, sizeof name)) continue; /* ours are shorter */
        json_key(writer, name);
        if (is_bare(list->at[i].name))
            json_raw(writer, list->at[i].value);
        else
            json_slice(writer, list->at[i].value);
    }
    if (mark[0]) {
        json_key(writer, "signature");
        json_string(writer, mark);
    }
    json_object_end(writer);
}

bool signer_socket(const Signer *signer, const BinanceRequest *request, const char *id,
                   int64_t now_ms, Text *frame, Error *error) {
    Parameters list;
    char mark[SIGNER_TEXT_MAX] = "", payload[SIGNER_PAYLOAD_MAX];
    Text text = TEXT_IN(payload);
    text_clear(frame);
    bool ready = request->socket && parameters_split(&list, request_text(request));
    if (ready && request->is_signed)
        ready = parameter_add(&list, SLICE("apiKey"), slice_of(signer->key_id));
    if (!ready) return refuse(error, ERROR_USAGE, "the request does not go by WebSocket", NULL);
    payload_write(&list, &text);
    if (request->is_signed) {
        if (!is_timely(request, now_ms, error)) return false;
        Slice message = {payload, text.length};
        if (text.overflow || !signer_mark(signer, message, SLICE(""), mark, error))
            return !text.overflow ? false : refuse(error, ERROR_LIMIT, "too long to sign", NULL);
    }
    JsonWriter writer = json_writer(frame);
    json_object_begin(&writer);
    json_key(&writer, "id");
    json_string(&writer, id);
    json_key(&writer, "method");
    json_string(&writer, request->socket);
    parameters_write(&writer, &list, mark);
    json_object_end(&writer);
    text_end(frame);
    return !frame->overflow || refuse(error, ERROR_LIMIT, "no room for the frame", NULL);
}

bool signer_subscribe(const Signer *signer, BinanceTiming timing, const char *id, Text *frame,
                      Error *error) {
    BinanceRequest request = {.is_signed = true,
                              .socket = "userDataStream.subscribe.signature",
                              .timestamp_ms = timing.timestamp_ms,
                              .window_ms = timing.window_ms};
    Text text = TEXT_IN(request.text);
    text_format(&text, "recvWindow=%d&timestamp=%D", timing.window_ms, timing.timestamp_ms);
    request.length = text.length;
    return signer_socket(signer, &request, id, timing.timestamp_ms, frame, error);
}
