/* SPDX-License-Identifier: Apache-2.0 */
/* Digests against published vectors, cut everywhere, and against a bitwise form. */
#include "unit.h"

#include "core/base/digest.h"
#include "core/base/random.h"
#include "core/base/text.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static void expect_sha(const uint8_t digest[static SHA256_SIZE], const char *want) {
    char memory[2 * SHA256_SIZE + 1];
    Text text = TEXT_IN(memory);
    text_hex(&text, digest, SHA256_SIZE);
    assert_string_equal(text_end(&text), want);
}

/* FIPS 180-2, appendix B, and NIST's empty message. */
static void sha256_gives_the_vectors(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"}};
    uint8_t digest[SHA256_SIZE];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sha256_of(rows[i][0], strlen(rows[i][0]), digest);
        expect_sha(digest, rows[i][1]);
    }
    static char million[1000000];
    memset(million, 'a', sizeof million);
    sha256_of(million, sizeof million, digest);
    expect_sha(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Whatever instructions the processor has: the plain form gives the same state. */
static void sha256_equals_its_plain_form(void **state) {
    (void)state;
    uint8_t bytes[64 * 5];
    Random random = random_stream(9, 1);
    for (unsigned round = 0; round < 2000; round++) {
        Sha256 sha;
        uint32_t plain[8];
        size_t blocks = 1 + round % 5;
        for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)random_u32(&random);
        sha256_init(&sha);
        memcpy(plain, sha.state, sizeof plain);
        sha256_add(&sha, bytes, 64 * blocks);
        sha256_blocks_plain(plain, bytes, blocks);
        assert_memory_equal(sha.state, plain, sizeof plain);
    }
}

static void sha256_is_the_same_however_it_is_cut(void **state) {
    (void)state;
    uint8_t bytes[300], want[SHA256_SIZE], got[SHA256_SIZE];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    for (size_t count = 0; count <= sizeof bytes; count += count < 140 ? 1 : 16) {
        sha256_of(bytes, count, want);
        for (size_t cut = 0; cut <= count; cut++) {
            Sha256 sha, copy;
            uint8_t middle[SHA256_SIZE], fresh[SHA256_SIZE];
            sha256_init(&sha);
            sha256_add(&sha, bytes, cut);
            sha256_peek(&sha, middle);
            sha256_of(bytes, cut, fresh);
            assert_memory_equal(middle, fresh, SHA256_SIZE);
            copy = sha; /* as a snapshot would hold it */
            sha256_add(&copy, bytes + cut, count - cut);
            sha256_peek(&copy, got);
            assert_memory_equal(got, want, SHA256_SIZE);
        }
    }
}

static uint32_t crc_bitwise(const uint8_t *bytes, size_t count) {
    uint32_t crc = ~0u;
    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
    }
    return ~crc;
}

/* RFC 3720, B.4, and the check value of the catalogue of CRCs. */
static void crc32c_gives_the_vectors(void **state) {
    (void)state;
    uint8_t bytes[32] = {0};
    assert_int_equal(crc32c(0, bytes, 32), 0x8A9136AA);
    memset(bytes, 0xFF, 32);
    assert_int_equal(crc32c(0, bytes, 32), 0x62A8AB43);
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(crc32c(0, bytes, 32), 0x46DD794E);
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(31 - i);
    assert_int_equal(crc32c(0, bytes, 32), 0x113FDB5C);
    assert_int_equal(crc32c(0, "123456789", 9), 0xE3069283);
    assert_int_equal(crc32c(0, NULL, 0), 0);
}

static void crc32c_equals_the_bitwise_form(void **state) {
    (void)state;
    uint8_t bytes[257];
    Random random = random_stream(1, 1);
    for (int i = 0; i < 20000; i++) {
        size_t count = random_below(&random, sizeof bytes), cut = random_below(&random, 257);
        for (size_t k = 0; k < count; k++)
            bytes[k] = (uint8_t)random_u32(&random);
        if (cut > count) cut = count;
        uint32_t want = crc_bitwise(bytes, count);
        assert_int_equal(crc32c(0, bytes, count), want);
        assert_int_equal(crc32c(crc32c(0, bytes, cut), bytes + cut, count - cut), want);
    }
}

static void hash64_is_stable_and_spreads(void **state) {
    (void)state;
    uint8_t bytes[100];
    for (int i = 0; i < 100; i++)
        bytes[i] = (uint8_t)i;
    assert_true(hash64("", 0) == 0xc917dd4fea72d1b9);
    assert_true(hash64("abc", 3) == 0xbf38c37312a74b11);
    assert_true(hash64(bytes, 100) == 0x42dda03dcae65487);
    /* Any flipped bit changes about half of the result's; zeros of different counts differ. */
    for (size_t count = 1; count <= 100; count += 3) {
        uint64_t want = hash64(bytes, count);
        int changed = 0;
        for (size_t bit = 0; bit < count * 8; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            changed += __builtin_popcountll(hash64(bytes, count) ^ want);
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        double share = changed / (64.0 * (double)count * 8);
        assert_true(share > 0.4 && share < 0.6);
    }
    uint8_t zeros[64] = {0};
    for (size_t a = 0; a < 64; a++)
        for (size_t b = a + 1; b <= 64; b++)
            assert_true(hash64(zeros, a) != hash64(zeros, b));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_vectors),
        cmocka_unit_test(sha256_equals_its_plain_form),
        cmocka_unit_test(sha256_is_the_same_however_it_is_cut),
        cmocka_unit_test(crc32c_gives_the_vectors),
        cmocka_unit_test(crc32c_equals_the_bitwise_form),
        cmocka_unit_test(hash64_is_stable_and_spreads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
