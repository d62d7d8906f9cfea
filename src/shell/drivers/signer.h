/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only holder of a key of the venue. It takes a request that the core has made, with its time
 * and window inside, and adds the key's id and the signature: HMAC-SHA256 in hex, or Ed25519 (RFC
 * 8032) in base64. By REST the very bytes that are sent are signed, query and then body, already
 * percent-encoded; by the WebSocket API the parameters are signed sorted by name and not encoded
 * (Binance Spot API, "Request security"). It reads nothing but requests of our own core; a request
 * older than half of its window is refused, since the venue might execute it long after somebody
 * decided, and so is one from the future. Nothing prints the secret: no function returns it, errors
 * do not hold it, signer_deinit wipes it. The caller owns the Signer from init to deinit; it is
 * moved, never copied; secrets are copied in.
 *
 * The HMAC is made of our own SHA-256: the library's looks its algorithm up for every mark, which
 * costs 50 us on the way of an order, when nothing of it is in the caches any more.
 *
 * An Ed25519 key is built and proved once, when it is loaded: it signs a message, and the mark is
 * verified under the public key. Building it for every mark costs as much as the mark (38 us), and
 * verifying each costs three times as much (105 us). What a verification would catch is a mark made
 * of damaged memory, which can betray the key to whoever sees it: the one way known to do that is a
 * public half that does not belong to the private one, so that half is compared each time (0.1 us);
 * and who sees a mark is the venue alone, over TLS, which refuses a wrong one (-1022).
 */
#ifndef SHELL_DRIVERS_SIGNER_H
#define SHELL_DRIVERS_SIGNER_H

#include "core/base/digest.h"
#include "core/venues/binance_order.h"

#define SIGNER_KEY_ID_MAX   128 /* the venue's have 64 characters */
#define SIGNER_SECRET_MAX   256 /* the venue's have 64 characters */
#define SIGNER_PEM_MAX      4096
#define SIGNER_TEXT_MAX     96 /* 88 of base64, or 64 of hex, and the closing zero */
#define SIGNER_ED25519_KEY  32
#define SIGNER_ED25519_MARK 64
/* Parameters, each encoded byte by byte, key id and signature. */
#define SIGNER_PAYLOAD_MAX (BINANCE_PARAMETERS_TEXT + 512)

typedef enum SignerKind { SIGNER_NONE, SIGNER_HMAC, SIGNER_ED25519 } SignerKind;

typedef struct Signer {
    SignerKind kind;
    char key_id[SIGNER_KEY_ID_MAX + 1];
    Sha256 inner, outer; /* HMAC: begun with the padded secret, which is kept nowhere else */
    void *key;           /* Ed25519: the library's, which holds the seed */
    uint8_t public_key[SIGNER_ED25519_KEY];
} Signer;

bool signer_init_hmac(Signer *signer, Slice key_id, Slice secret, Error *error) MUST_USE;
/* A private key in PEM (PKCS #8), without a pass phrase. */
bool signer_init_ed25519(Signer *signer, Slice key_id, Slice pem, Error *error) MUST_USE;
/* The 32 bytes that a private key is made of (RFC 8032, 5.1.5). */
bool signer_init_seed(Signer *signer, Slice key_id, const uint8_t seed[static SIGNER_ED25519_KEY],
                      Error *error) MUST_USE;
void signer_deinit(Signer *signer);
/* The source is wiped: one key stands in one place. */
void signer_move(Signer *target, Signer *source);

/* For the header X-MBX-APIKEY. */
const char *signer_key_id(const Signer *signer);

/* The signature of query and body as the venue wants it, not percent-encoded. */
bool signer_mark(const Signer *signer, Slice query, Slice body, char mark[static SIGNER_TEXT_MAX],
                 Error *error) MUST_USE;
/* The parameters with their signature behind them, for query or body; an unsigned request as it
 * is. `now_ms` is by the venue's clock, as the request's time. ERROR_GUARD where it is too old: it
 * was not sent. */
bool signer_rest(const Signer *signer, const BinanceRequest *request, int64_t now_ms, Text *target,
                 Error *error) MUST_USE;
/* Whether a request of this time may still leave: not older than half of its window, not from the
 * future. `now_ms` is by the venue's clock. */
bool signer_is_timely(int64_t timestamp_ms, int64_t window_ms, int64_t now_ms);
/* The same request as a frame of the WebSocket API. */
bool signer_socket(const Signer *signer, const BinanceRequest *request, const char *id,
                   int64_t now_ms, Text *frame, Error *error) MUST_USE;
/* userDataStream.subscribe.signature: the account's events on this connection. */
bool signer_subscribe(const Signer *signer, BinanceTiming timing, const char *id, Text *frame,
                      Error *error) MUST_USE;

/* Whether the mark is the message's under the public key. */
bool signer_ed25519_holds(const uint8_t public_key[static SIGNER_ED25519_KEY], Slice message,
                          const uint8_t *mark, size_t mark_size) MUST_USE;

#endif
