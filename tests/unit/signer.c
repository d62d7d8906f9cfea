/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures against published vectors, the two payload rules, what is refused, and what is wiped.
 */
#include "unit.h"

#include <zlib.h>

#include "core/base/json.h"
#include "shell/drivers/signer.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

#define SECRET "example-not-a-real-secret-0123456789"
#define NOW    1790000000000

static const char CASE_A[] =
    "symbol=BTCUSDC&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.00150&price=61250.50&"
    "newClientOrderId=t-000001&recvWindow=5000&timestamp=1790000000000";
static const char CASE_D[] = "apiKey=demo-api-key&recvWindow=5000&timestamp=1790000000003";

static Signer hmac(const char *secret) {
    Signer signer;
    Error error = {0};
    assert_true(signer_init_hmac(&signer, SLICE("demo-api-key"), slice_of(secret), &error));
    return signer;
}

static void counting_seed(uint8_t seed[static 32]) {
    for (unsigned i = 0; i < 32; i++)
        seed[i] = (uint8_t)i;
}

static Signer ed25519(void) {
    uint8_t seed[32];
    Signer signer;
    Error error = {0};
    counting_seed(seed);
    assert_true(signer_init_seed(&signer, SLICE("demo-api-key"), seed, &error));
    return signer;
}

static void expect(const Signer *signer, const char *query, const char *body, const char *wanted) {
    char mark[SIGNER_TEXT_MAX];
    Error error = {0};
    assert_true(signer_mark(signer, slice_of(query), slice_of(body), mark, &error));
    assert_string_equal(mark, wanted);
}

static void hmac_cases(void **state) {
    (void)state;
    Signer signer = hmac(SECRET);
    expect(&signer, CASE_A, "", "df0c9e181b93d207393ee9ec5585b56cb11f0d6ccfbdab67fcb5fa726138024d");
    expect(&signer, "symbol=BTCUSDC&side=BUY&type=MARKET&quoteOrderQty=25&newOrderRespType=FULL",
           "timestamp=1790000000001&recvWindow=5000",
           "bedbe6d6901829490d530ca0f44998a30f1d07b830a83dfcbbc29dd53dd8d76e");
    expect(&signer, "symbol=%E6%B5%8BUSDT&side=BUY&type=MARKET&quantity=10&timestamp=1790000000002",
           "", "947c8bc772e82a4b2cdb40c24b39ad3b0edc29a9e89a7d8f380ef26882cab032");
    expect(&signer, CASE_D, "", "da360dd089e1149d65af60abe12c60ab1e157538e1261a457d5c4226d13d9bba");
}

static void ed25519_cases(void **state) {
    (void)state;
    Signer signer = ed25519();
    char hex[65];
    Text text = TEXT_IN(hex);
    text_hex(&text, signer.public_key, 32);
    assert_string_equal(text_end(&text),
                        "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
    expect(
        &signer, CASE_A, "",
        "lnH8lh604vv9V8dBDPOxq2xmccIld4NWv134FYMdvN+QftL2bQw5tpdn+yU0//1sINqYIZc6EqM1T0RyMGMmBg==");
    expect(
        &signer, CASE_D, "",
        "rge5kihyTtNocEQ9VM0v2ZliO2DzQkzMu3I1Id/17PaO9PHaZmywR2FYpgL8BBCollEjmf+ceWgKXOBeM4fiBg==");
    signer_deinit(&signer);
}

/* The mistake that betrays an Ed25519 key: a mark under another public half. */
static void a_damaged_key_signs_no_more(void **state) {
    (void)state;
    Signer signer = ed25519();
    char mark[SIGNER_TEXT_MAX] = "untouched";
    Error error = {0};
    signer.public_key[7] ^= 4;
    assert_false(signer_mark(&signer, slice_of(CASE_A), SLICE(""), mark, &error));
    assert_int_equal(error.code, ERROR_CREDENTIALS);
    assert_string_equal(mark, "");
    signer_deinit(&signer);
}

static void a_key_stands_in_one_place(void **state) {
    (void)state;
    static const Signer EMPTY;
    Signer moved, signer = ed25519();
    signer_move(&moved, &signer);
    assert_memory_equal(&signer, &EMPTY, sizeof signer);
    expect(
        &moved, CASE_A, "",
        "lnH8lh604vv9V8dBDPOxq2xmccIld4NWv134FYMdvN+QftL2bQw5tpdn+yU0//1sINqYIZc6EqM1T0RyMGMmBg==");
    signer_deinit(&moved);
}

/* The text of a member `"name": "text"` after `at`. */
static Slice member(const char *at, const char *name) {
    char key[40];
    snprintf(key, sizeof key, "\"%s\": \"", name);
    const char *begin = strstr(at, key);
    assert_non_null(begin);
    begin += strlen(key);
    return (Slice){begin, strcspn(begin, "\"")};
}

static char *read_all(const char *path) {
    static char text[1 << 20];
    gzFile file = gzopen(path, "rb"); /* reads plain files too */
    assert_non_null(file);
    int length = gzread(file, text, sizeof text - 1);
    gzclose(file);
    assert_true(length > 0);
    text[length] = 0;
    return text;
}

static void the_venues_own_vectors(void **state) {
    (void)state;
    char *text = read_all(shared_data("api/binance/hmac_vectors_rest.json"));
    char secret[128], payload[512], wanted[80];
    unsigned count = 0;
    assert_true(slice_copy(member(text, "secretKey"), secret, sizeof secret));
    Signer signer = hmac(secret);
    for (char *at = text; (at = strstr(at, "\"payload\"")); at++, count++) {
        assert_true(slice_copy(member(at, "payload"), payload, sizeof payload));
        assert_true(slice_copy(member(at, "signature"), wanted, sizeof wanted));
        expect(&signer, payload, "", wanted);
    }
    assert_int_equal(count, 2);
}

static size_t bytes_of(Slice hex, uint8_t *target, size_t capacity) {
    assert_true(hex.length % 2 == 0 && hex.length / 2 <= capacity);
    for (size_t i = 0; i < hex.length; i += 2) {
        char pair[3] = {hex.at[i], hex.at[i + 1], 0};
        target[i / 2] = (uint8_t)strtol(pair, NULL, 16);
    }
    return hex.length / 2;
}

static void wycheproof_hmac(void **state) {
    (void)state;
    char *text = read_all(shared_data("suites/hmac_sha256_test.json.gz"));
    unsigned valid = 0, invalid = 0;
    for (char *at = text; (at = strstr(at, "\"tcId\"")); at++) {
        uint8_t key[256], message[1024];
        char mark[SIGNER_TEXT_MAX];
        Signer signer;
        Error error = {0};
        size_t key_size = bytes_of(member(at, "key"), key, sizeof key);
        size_t size = bytes_of(member(at, "msg"), message, sizeof message);
        Slice tag = member(at, "tag");
        assert_true(
            signer_init_hmac(&signer, SLICE("key"), (Slice){(char *)key, key_size}, &error));
        assert_true(signer_mark(&signer, (Slice){(char *)message, size}, SLICE(""), mark, &error));
        bool same = strncmp(mark, tag.at, tag.length) == 0; /* some tags are cut to 128 bits */
        bool is_valid = slice_is(member(at, "result"), "valid");
        assert_int_equal(same, is_valid);
        *(is_valid ? &valid : &invalid) += 1;
    }
    assert_int_equal(valid + invalid, 174);
    assert_true(valid > 50 && invalid > 50);
}

static void wycheproof_ed25519(void **state) {
    (void)state;
    char *text = read_all(shared_data("suites/ed25519_test.json.gz"));
    unsigned valid = 0, invalid = 0;
    uint8_t key[32], message[1024], mark[256];
    for (char *at = text; (at = strpbrk(at, "pt")); at++) {
        if (strncmp(at, "pk\": \"", 6) == 0) {
            assert_int_equal(bytes_of(member(at - 1, "pk"), key, sizeof key), 32);
        } else if (strncmp(at, "tcId\"", 5) == 0) {
            size_t size = bytes_of(member(at, "msg"), message, sizeof message);
            size_t mark_size = bytes_of(member(at, "sig"), mark, sizeof mark);
            bool is_valid = slice_is(member(at, "result"), "valid");
            Slice plain = {(char *)message, size};
            assert_int_equal(signer_ed25519_holds(key, plain, mark, mark_size), is_valid);
            *(is_valid ? &valid : &invalid) += 1;
        }
    }
    assert_int_equal(valid + invalid, 151);
    assert_true(valid > 50 && invalid > 50);
}

static BinanceRequest some_order(void) {
    BinanceNewOrder order = {.side = SIDE_SELL, .quantity = quantity_of(150000)};
    BinanceRequest request;
    Error error = {0};
    order.leg = (BinanceLeg){.type = BINANCE_LIMIT, .force = BINANCE_GTC};
    order.leg.price = price_of(6125050000000);
    snprintf(order.leg.client_id.text, sizeof order.leg.client_id.text, "t-000001");
    assert_true(symbol_name_set(&order.symbol, SLICE("测USDT")));
    assert_true(binance_order_new(&order, (BinanceTiming){NOW, 5000}, &request, &error));
    return request;
}

static void rest(void **state) {
    (void)state;
    Signer signer = ed25519();
    BinanceRequest request = some_order();
    char memory[4096], mark[SIGNER_TEXT_MAX];
    Text text = TEXT_IN(memory);
    Error error = {0};
    assert_true(signer_rest(&signer, &request, NOW, &text, &error));
    char *tail = strstr(memory, "&signature=");
    assert_non_null(tail);
    assert_true((size_t)(tail - memory) == request.length);
    assert_memory_equal(memory, request.text, request.length);
    assert_true(strchr(tail + 11, '=') == NULL && strstr(tail, "%3D%3D")); /* base64, encoded */
    assert_true(
        signer_mark(&signer, (Slice){request.text, request.length}, SLICE(""), mark, &error));
    assert_null(strstr(memory, mark)); /* not the bare form */
    binance_order_time(&request);
    assert_true(signer_rest(&signer, &request, 0, &text, &error));
    assert_string_equal(memory, "");
    Text small = text_in(memory, 20);
    request = some_order();
    assert_false(signer_rest(&signer, &request, NOW, &small, &error));
    assert_int_equal(error.code, ERROR_LIMIT);
    signer_deinit(&signer);
}

static void sockets(void **state) {
    (void)state;
    Signer signer = hmac(SECRET);
    BinanceRequest request = some_order();
    char memory[4096], mark[SIGNER_TEXT_MAX], wanted[200];
    Text text = TEXT_IN(memory);
    Error error = {0};
    assert_true(signer_socket(&signer, &request, "r-17", NOW, &text, &error));
    assert_true(json_valid((Slice){memory, text.length}));
    assert_non_null(
        strstr(memory, "{\"id\":\"r-17\",\"method\":\"order.place\",\"params\":{\"apiKey\":"));
    assert_non_null(strstr(memory, "\"symbol\":\"测USDT\""));
    assert_non_null(strstr(memory, "\"timestamp\":1790000000000,"));
    assert_non_null(strstr(memory, "\"price\":\"61250.5\""));
    assert_true(
        signer_mark(&signer,
                    SLICE("apiKey=demo-api-key&newClientOrderId=t-000001&newOrderRespType="
                          "FULL&price=61250.5&quantity=0.0015&recvWindow=5000&side=SELL&"
                          "symbol=测USDT&timeInForce=GTC&timestamp=1790000000000&type=LIMIT"),
                    SLICE(""), mark, &error));
    snprintf(wanted, sizeof wanted, ",\"signature\":\"%s\"}}", mark);
    assert_non_null(strstr(memory, wanted));
    assert_true(
        signer_subscribe(&signer, (BinanceTiming){1790000000003, 5000}, "u1", &text, &error));
    assert_string_equal(
        memory, "{\"id\":\"u1\",\"method\":\"userDataStream.subscribe.signature\",\"params\":{"
                "\"apiKey\":\"demo-api-key\",\"recvWindow\":5000,\"timestamp\":1790000000003,"
                "\"signature\":"
                "\"da360dd089e1149d65af60abe12c60ab1e157538e1261a457d5c4226d13d9bba\"}}");
    assert_true(binance_order_restrictions((BinanceTiming){NOW, 5000}, &request, &error));
    assert_false(signer_socket(&signer, &request, "r", NOW, &text, &error)); /* REST only */
}

static void what_is_old_is_not_sent(void **state) {
    (void)state;
    static const struct {
        int64_t age_ms;
        bool is_sent;
    } ROWS[] = {{0, true},     {2500, true},   {2501, false},     {5000, false},
                {-1000, true}, {-1001, false}, {86400000, false}, {-86400000, false}};
    Signer signer = hmac(SECRET);
    BinanceRequest request = some_order();
    for (unsigned i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char memory[4096] = "untouched";
        Text text = TEXT_IN(memory);
        Error error = {0};
        assert_int_equal(signer_rest(&signer, &request, NOW + ROWS[i].age_ms, &text, &error),
                         ROWS[i].is_sent);
        assert_int_equal(error.code, ROWS[i].is_sent ? ERROR_NONE : ERROR_GUARD);
        assert_int_equal(text.length > 0, ROWS[i].is_sent);
        assert_int_equal(signer_socket(&signer, &request, "x", NOW + ROWS[i].age_ms, &text, &error),
                         ROWS[i].is_sent);
    }
}

static const char PEM[] = "-----BEGIN PRIVATE KEY-----\n"
                          "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
                          "-----END PRIVATE KEY-----\n";

static const char PUBLIC_PEM[] =
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAfU0Of2FTpptiQrUiq77mhf2kQg+INLEIw72uNp71Sfo=\n"
    "-----END PUBLIC KEY-----\n";

static void keys(void **state) {
    (void)state;
    Signer signer, seeded = ed25519();
    Error error = {0};
    assert_true(signer_init_ed25519(&signer, SLICE("demo-api-key"), slice_of(PEM), &error));
    assert_memory_equal(signer.public_key, seeded.public_key, 32);
    assert_string_equal(signer_key_id(&signer), "demo-api-key");
    signer_deinit(&signer);
    signer_deinit(&seeded);
    static const char *const IDS[] = {"", "with blank", "line\r\nbreak", "caf\xc3\xa9"};
    for (unsigned i = 0; i < 4; i++)
        assert_false(signer_init_hmac(&signer, slice_of(IDS[i]), SLICE("x"), &error));
    assert_false(signer_init_hmac(&signer, SLICE("id"), SLICE(""), &error));
    static const char *const PEMS[] = {
        "", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        PUBLIC_PEM};
    for (unsigned i = 0; i < 4; i++) {
        error = (Error){0};
        assert_false(signer_init_ed25519(&signer, SLICE("id"), slice_of(PEMS[i]), &error));
        assert_int_equal(error.code, ERROR_CREDENTIALS);
        assert_int_equal(signer.kind, SIGNER_NONE);
    }
}

/* Whether the bytes of the secret stand anywhere in the memory. */
static bool holds(const void *memory, size_t size, const void *secret, size_t length) {
    return memmem(memory, size, secret, length) != NULL;
}

static void nothing_tells_the_secret(void **state) {
    (void)state;
    static const Signer EMPTY;
    Signer signer = hmac(SECRET);
    BinanceRequest request = some_order();
    char memory[4096] = "", mark[SIGNER_TEXT_MAX] = "";
    Text text = TEXT_IN(memory);
    Error error = {0};
    assert_true(signer_rest(&signer, &request, NOW, &text, &error));
    assert_false(holds(memory, sizeof memory, SECRET, 12));
    assert_false(signer_rest(&signer, &request, NOW * 2, &text, &error));
    assert_false(holds(&error, sizeof error, SECRET, 12));
    assert_false(holds(&signer, sizeof signer, SECRET, 12)); /* only what was made of it */
    signer_deinit(&signer);
    assert_memory_equal(&signer, &EMPTY, sizeof signer);
    assert_false(signer_mark(&signer, SLICE("x"), SLICE(""), mark, &error));
    assert_int_equal(error.code, ERROR_CREDENTIALS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hmac_cases),
        cmocka_unit_test(ed25519_cases),
        cmocka_unit_test(a_damaged_key_signs_no_more),
        cmocka_unit_test(a_key_stands_in_one_place),
        cmocka_unit_test(the_venues_own_vectors),
        cmocka_unit_test(wycheproof_hmac),
        cmocka_unit_test(wycheproof_ed25519),
        cmocka_unit_test(rest),
        cmocka_unit_test(sockets),
        cmocka_unit_test(what_is_old_is_not_sent),
        cmocka_unit_test(keys),
        cmocka_unit_test(nothing_tells_the_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
