/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the simulated exchange: both kinds, whose they are, and files that are none. */
#include "unit.h"

#include "temporary.h"

#include "shell/exchange/exchange_keep.h"
#include "shell/sys/files.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: %s\n", file, line, text);
    abort();
}

/* The pair of the seed 00, 01, ..., 1f (external-apis sheet; computed with OpenSSL). */
#define PUBLIC_PEM                                                                                 \
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\n"   \
    "-----END PUBLIC KEY-----\n"
#define PAYLOAD                                                                                    \
    "symbol=BTCUSDC&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.00150&price=61250.50"          \
    "&newClientOrderId=t-000001&recvWindow=5000&timestamp=1790000000000"
#define SIGNATURE                                                                                  \
    "lnH8lh604vv9V8dBDPOxq2xmccIld4NWv134FYMdvN+QftL2bQw5tpdn+yU0//1sINqYIZc6EqM1T0RyMGMmBg=="
#define HMAC_SIGNATURE "df0c9e181b93d207393ee9ec5585b56cb11f0d6ccfbdab67fcb5fa726138024d"

static void put_file(const char *path, const char *text) {
    Error error;
    assert_true(files_write(path, text, strlen(text), 0600, &error));
}

static ExchangeSeal judge(const ExchangeKeyring *ring, const char *key, const char *payload,
                          const char *signature, const ExchangeKey **found) {
    return exchange_key_judge(ring, slice_of(key), slice_of(payload), slice_of(signature), found);
}

static void both_kinds_of_keys_fit_their_signatures(void **state) {
    (void)state;
    ExchangeKeyring ring = {.count = 0};
    const ExchangeKey *found;
    Error error;
    put_file("public.pem", PUBLIC_PEM);
    assert_non_null(exchange_key_add(&ring, 0, SLICE("demo"),
                                     SLICE("example-not-a-real-secret-0123456789"), &error));
    assert_non_null(exchange_key_open_public(&ring, 3, "public.pem", SLICE("edward"), &error));
    assert_int_equal(judge(&ring, "demo", PAYLOAD, HMAC_SIGNATURE, &found), SEAL_GOOD);
    assert_int_equal(found->account, 0);
    assert_int_equal(judge(&ring, "edward", PAYLOAD, SIGNATURE, &found), SEAL_GOOD);
    assert_int_equal(found->account, 3);
    /* Each with the other's, with another payload, cut, or of another alphabet. */
    assert_int_equal(judge(&ring, "demo", PAYLOAD, SIGNATURE, &found), SEAL_BAD_SIGNATURE);
    assert_int_equal(judge(&ring, "edward", PAYLOAD, HMAC_SIGNATURE, &found), SEAL_BAD_SIGNATURE);
    assert_int_equal(judge(&ring, "edward", PAYLOAD "0", SIGNATURE, &found), SEAL_BAD_SIGNATURE);
    assert_int_equal(judge(&ring, "edward", PAYLOAD, &SIGNATURE[1], &found), SEAL_BAD_SIGNATURE);
    char odd[] = SIGNATURE;
    odd[7] = '*';
    assert_int_equal(judge(&ring, "edward", PAYLOAD, odd, &found), SEAL_BAD_SIGNATURE);
    exchange_key_close(&ring);
}

static void a_key_is_known_before_its_signature_is_asked_for(void **state) {
    (void)state;
    ExchangeKeyring ring = {.count = 0};
    const ExchangeKey *found;
    Error error;
    assert_non_null(exchange_key_add(&ring, 0, SLICE("demo"), SLICE("words"), &error));
    assert_int_equal(judge(&ring, "", PAYLOAD, HMAC_SIGNATURE, &found), SEAL_NO_KEY);
    assert_int_equal(judge(&ring, "other", PAYLOAD, HMAC_SIGNATURE, &found), SEAL_UNKNOWN_KEY);
    assert_int_equal(judge(&ring, "demo", PAYLOAD, "", &found), SEAL_NO_SIGNATURE);
    assert_int_equal(judge(&ring, "demo", PAYLOAD, HMAC_SIGNATURE, &found), SEAL_BAD_SIGNATURE);
    exchange_key_close(&ring);
}

static void a_public_key_names_itself(void **state) {
    (void)state;
    ExchangeKeyring ring = {.count = 0};
    Error error;
    put_file("public.pem", PUBLIC_PEM);
    const ExchangeKey *key = exchange_key_open_public(&ring, 0, "public.pem", SLICE(""), &error);
    assert_non_null(key);
    assert_string_equal(key->key,
                        "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c");
    exchange_key_close(&ring);
}

static void what_is_no_key_is_refused(void **state) {
    static const char *const bad[] = {
        "", "one line", "key\n\n",
        "a-key-of-more-than-sixty-four-characters-xxxxxxxxxxxxxxxxxxxxxxxxxx\nsecret\n"};
    (void)state;
    ExchangeKeyring ring = {.count = 0};
    Error error;
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        put_file("key", bad[i]);
        assert_null(exchange_key_open(&ring, 0, "key", &error));
        assert_null(exchange_key_open_public(&ring, 0, "key", SLICE(""), &error));
    }
    assert_null(exchange_key_open(&ring, 0, "nowhere", &error));
    /* A public key of another kind (P-256). */
    put_file("key", "-----BEGIN PUBLIC KEY-----\n"
                    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
                    "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
                    "-----END PUBLIC KEY-----\n");
    assert_null(exchange_key_open_public(&ring, 0, "key", SLICE(""), &error));
    assert_int_equal(ring.count, 0);
    for (int i = 0; i < EXCHANGE_KEYS; i++)
        assert_non_null(exchange_key_open(&ring, 0, NULL, &error));
    assert_null(exchange_key_open(&ring, 0, NULL, &error));
    exchange_key_close(&ring);
}

static void a_drawn_key_is_kept(void **state) {
    (void)state;
    ExchangeKeyring first = {.count = 0}, second = {.count = 0};
    Error error;
    assert_true(files_make_directory("state", &error));
    assert_true(exchange_keep_key("state", &first, &error));
    assert_true(exchange_keep_key("state", &second, &error));
    assert_string_equal(first.keys[0].key, second.keys[0].key);
    assert_string_equal(first.keys[0].secret, second.keys[0].secret);
    assert_int_equal(strlen(first.keys[0].key), EXCHANGE_KEY_SIZE - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_kinds_of_keys_fit_their_signatures, temporary_enter,
                                        temporary_leave),
        cmocka_unit_test(a_key_is_known_before_its_signature_is_asked_for),
        cmocka_unit_test_setup_teardown(a_public_key_names_itself, temporary_enter,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(what_is_no_key_is_refused, temporary_enter,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(a_drawn_key_is_kept, temporary_enter, temporary_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
