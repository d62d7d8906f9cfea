/* SPDX-License-Identifier: Apache-2.0 */
/* Errors, slices, texts, numbers as text, arenas: what every other file writes with. */
#include "check_expected.h"

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/number_text.h"
#include "core/base/random.h"
#include "core/base/text.h"

static void error_carries_its_parts(void **state) {
    (void)state;
    Error error;
    assert_false(error_set(&error, ERROR_NETWORK, "no answer", "api.example", NULL));
    assert_string_equal(error.message, "no answer");
    assert_string_equal(error.where, "api.example");
    assert_string_equal(error.hint, "");
    assert_true(error.retry_helps);
    assert_false(error_at(&error, "line 3"));
    assert_string_equal(error.where, "line 3");
    assert_string_equal(error.message, "no answer");
    assert_false(error_set(&error, ERROR_CONFIG, "x", "y", "z"));
    assert_false(error.retry_helps);
    assert_false(error_set(NULL, ERROR_IO, "nobody listens", NULL, NULL));
    assert_string_equal(error_name(ERROR_DISK_FULL), "disk_full");
    assert_int_equal(error_exit_code(ERROR_INTERRUPTED), 130);
    assert_int_equal(error_exit_code(ERROR_NONE), 0);
    assert_check(error_name(ERROR_CODE_COUNT));
}

static void error_is_cut_between_characters(void **state) {
    (void)state;
    Error error;
    char text[500];
    for (int shift = 0; shift < 3; shift++) {
        memset(text, 'a', sizeof text);
        for (size_t i = (size_t)shift; i + 2 < sizeof text; i += 3)
            memcpy(text + i, "\xE2\x82\xAC", 3);
        text[sizeof text - 1] = 0;
        error_set(&error, ERROR_DATA, text, NULL, NULL);
        size_t length = strlen(error.message);
        assert_in_range(length, sizeof error.message - 3, sizeof error.message - 1);
        assert_int_equal((length - (size_t)shift) % 3, 0);
    }
}

static void slices_compare_and_trim(void **state) {
    (void)state;
    assert_true(slice_is(slice_trim(SLICE(" \t\r\n key \n")), "key"));
    assert_int_equal(slice_trim(SLICE(" \n")).length, 0);
    assert_true(slice_equal((Slice){NULL, 0}, SLICE("")));
    assert_false(slice_equal(SLICE("abc"), SLICE("abd")));
    assert_true(slice_starts(SLICE("BTCUSDT"), "BTC"));
    assert_true(slice_starts(SLICE("BTC"), ""));
    assert_false(slice_starts(SLICE("BT"), "BTC"));
    assert_int_equal(slice_of(NULL).length, 0);
    char target[4] = "xyz";
    assert_true(slice_copy(SLICE("abc"), target, sizeof target));
    assert_string_equal(target, "abc");
    assert_false(slice_copy(SLICE("abcd"), target, sizeof target));
    assert_string_equal(target, "");
}

static void whole_numbers_are_read_exactly(void **state) {
    (void)state;
    const char *refused[] = {"",
                             "-",
                             "+1",
                             " 1",
                             "1 ",
                             "1.0",
                             "1e3",
                             "0x1",
                             "--1",
                             "12345678a",
                             "9223372036854775808",
                             "-9223372036854775809",
                             "99999999999999999999",
                             "1844674407370955161600",
                             "1234567:"};
    int64_t value = 7;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (slice_int(slice_of(refused[i]), &value)) fail_msg("%s was accepted", refused[i]);
    assert_int_equal(value, 7);
    Random random = random_stream(1, 1);
    for (int i = 0; i < 200000; i++) {
        int64_t want = (int64_t)(random_u64(&random) >> random_below(&random, 64));
        char text[32];
        if (random_u32(&random) & 1) want = -want;
        int length = snprintf(text, sizeof text, "%lld", (long long)want);
        assert_true(slice_int((Slice){text, (size_t)length}, &value));
        assert_int_equal(value, want);
    }
    assert_true(slice_int(SLICE("-9223372036854775808"), &value));
    assert_true(value == INT64_MIN);
    assert_true(slice_int(SLICE("0000000000000000000000000000012"), &value));
    assert_int_equal(value, 12);
}

static void distance_counts_edits(void **state) {
    (void)state;
    assert_int_equal(slice_distance(SLICE("kitten"), SLICE("sitting")), 3);
    assert_int_equal(slice_distance(SLICE(""), SLICE("abc")), 3);
    assert_int_equal(slice_distance(SLICE("replay"), SLICE("replay")), 0);
    assert_int_equal(slice_distance(SLICE("relpay"), SLICE("replay")), 2);
}

static void text_remembers_that_it_ran_full(void **state) {
    (void)state;
    char memory[9];
    memset(memory, '#', sizeof memory);
    Text text = text_in(memory, 8);
    text_put(&text, "12345");
    assert_false(text.overflow);
    text_put(&text, "6789");
    assert_true(text.overflow);
    text_char(&text, 'z');
    assert_string_equal(text_end(&text), "1234567");
    assert_int_equal(memory[8], '#');
    text_clear(&text);
    assert_false(text.overflow);
    assert_string_equal(text_end(&text), "");
    assert_check(text_in(memory, 0));
}

static void text_formats_in_small(void **state) {
    (void)state;
    char memory[200];
    Text text = TEXT_IN(memory);
    text_format(&text, "%s=%S %d %D 100%%", "a", SLICE("bc"), -7, INT64_MIN);
    assert_string_equal(text_end(&text), "a=bc -7 -9223372036854775808 100%");
    text_clear(&text);
    text_int_padded(&text, 7, 3);
    text_int_padded(&text, -12345, 3);
    text_hex(&text, (const uint8_t *)"\x00\xAF\x10", 3);
    assert_string_equal(text_end(&text), "007-1234500af10");
    assert_check(text_format(&text, "%u", 1u));
}

static void expect_fixed(double value, int decimals, const char *want) {
    char memory[400];
    Text text = TEXT_IN(memory);
    text_fixed(&text, value, decimals);
    assert_string_equal(text_end(&text), want);
}

static void fixed_rounds_half_to_even(void **state) {
    (void)state;
    expect_fixed(0.125, 2, "0.12");
    expect_fixed(0.375, 2, "0.38");
    expect_fixed(2.5, 0, "2");
    expect_fixed(-0.001, 2, "0.00");
    expect_fixed(-1.005, 2, "-1.00"); /* as a double it lies nearer to 1 */
    expect_fixed(1e22, 2, "10000000000000000000000.00");
    expect_fixed(0, 0, "0");
    expect_fixed(99.999, 2, "100.00");
    Random random = random_stream(2, 1);
    for (int i = 0; i < 200000; i++) {
        int decimals = (int)random_below(&random, 11);
        double value = random_normal(&random) * pow(10, (int)random_below(&random, 20) - 8);
        if (i % 4 == 0) value = rint(value * 64) / 64; /* exact halves are met often */
        char want[400], got[400];
        snprintf(want, sizeof want, "%.*f", decimals, value);
        bool zero = strspn(want, "-0.") == strlen(want);
        size_t length = number_to_fixed(value, decimals, got, sizeof got);
        assert_int_equal(length, strlen(got));
        assert_string_equal(got, zero && want[0] == '-' ? want + 1 : want);
    }
    char small[4];
    assert_int_equal(number_to_fixed(10.5, 1, small, sizeof small), 0);
    assert_string_equal(small, "");
}

static double any_double(Random *random) {
    union {
        uint64_t bits;
        double value;
    } form;
    do
        form.bits = random_u64(random);
    while (!isfinite(form.value));
    return form.value;
}

static void check_shortest(double value) {
    char got[32], shorter[40];
    double back = 0;
    size_t length = number_to_text(value, got);
    assert_in_range(length, 1, 31);
    assert_int_equal(length, strlen(got));
    assert_true(number_from_slice((Slice){got, length}, &back));
    assert_true(back == value && strtod(got, NULL) == value);
    int digits = 0;
    for (const char *at = got; *at && *at != 'e'; at++)
        if (*at >= '1' || (*at == '0' && digits)) digits += *at != '.';
    while (digits > 1 && strchr(got, 'e') == NULL && got[length - 1] == '0') {
        digits--;
        length--;
    }
    if (digits < 2) return;
    snprintf(shorter, sizeof shorter, "%.*e", digits - 2, value);
    if (strtod(shorter, NULL) == value) fail_msg("%s is longer than %s", got, shorter);
}

static void doubles_read_back_and_are_shortest(void **state) {
    (void)state;
    Random random = random_stream(3, 1);
    for (int i = 0; i < 30000; i++) {
        check_shortest(any_double(&random));
        check_shortest(rint(random_normal(&random) * 1e8) / 1e8);
        check_shortest(random_normal(&random));
    }
    static const struct {
        double value;
        const char *text;
    } rows[] = {{0, "0"},
                {-0.0, "0"},
                {0.1, "0.1"},
                {1e21, "1e+21"},
                {1e20, "100000000000000000000"},
                {1e-6, "0.000001"},
                {1e-7, "1e-7"},
                {5e-324, "5e-324"},
                {123456.75, "123456.75"},
                {-1.5, "-1.5"},
                {1.7976931348623157e308, "1.7976931348623157e+308"},
                {1.0 / 3, "0.3333333333333333"}};
    char got[32];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        number_to_text(rows[i].value, got);
        assert_string_equal(got, rows[i].text);
    }
    assert_check(number_to_text((double)INFINITY, got));
}

static void numbers_are_read_as_the_library_reads_them(void **state) {
    (void)state;
    Random random = random_stream(4, 1);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        double got, value = any_double(&random);
        if (i & 1) value = random_normal(&random) * 1e5;
        int places = (int)random_below(&random, 22);
        int length = snprintf(text, sizeof text, i & 2 ? "%.*e" : "%.*g", places, value);
        if (!number_from_slice((Slice){text, (size_t)length}, &got)) {
            assert_true(fabs(strtod(text, NULL)) > 1.7976931348623157e308);
            continue;
        }
        if (got != strtod(text, NULL)) fail_msg("%s became %.17g", text, got);
    }
    const char *refused[] = {"",    ".",  "-",  "1.", ".5",    "1e",    "1e+", "0x10", "inf",
                             "nan", "1 ", " 1", "+1", "1e999", "1.2.3", "1,5", "-e5",  "1..2"};
    double untouched = 7;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (number_from_slice(slice_of(refused[i]), &untouched)) fail_msg("%s", refused[i]);
    assert_true(untouched == 7);
}

static void long_numbers_are_rounded_once(void **state) {
    (void)state;
    static char text[3000];
    double got;
    /* Half-way between 2^53 and its neighbour; a digit far behind decides. */
    int length = snprintf(text, sizeof text, "9007199254740993.%02000d", 0);
    assert_true(number_from_slice((Slice){text, (size_t)length}, &got));
    assert_true(got == 9007199254740992.0);
    text[length - 1] = '1';
    assert_true(number_from_slice((Slice){text, (size_t)length}, &got));
    assert_true(got == 9007199254740994.0);
    memset(text, '0', 2500);
    memcpy(text + 2500, "12e-2490", 9);
    assert_true(number_from_slice(slice_of(text), &got));
    assert_true(got == strtod(text, NULL));
    assert_true(number_from_slice(SLICE("1e-99999999999"), &got));
    assert_true(got == 0);
    assert_false(number_from_slice(SLICE("1e99999999999"), &got));
}

static void arena_hands_out_and_stops(void **state) {
    (void)state;
    static _Alignas(16) uint8_t block[256];
    memset(block, 0xEE, sizeof block);
    Arena arena = arena_in(block, sizeof block);
    uint8_t *first = arena_take(&arena, 17), *second = arena_take(&arena, 1);
    assert_ptr_equal(second, first + 32);
    assert_int_equal((uintptr_t)second % ARENA_ALIGNMENT, 0);
    for (int i = 0; i < 17; i++)
        assert_int_equal(first[i], 0);
    assert_int_equal(arena_rounded(33), 48);
    assert_int_equal(arena_rounded(0), 0);
    assert_non_null(arena_take(&arena, 256 - 48));
    assert_check(arena_take(&arena, 1));
    assert_check(arena_take(&arena, SIZE_MAX - 3));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_carries_its_parts),
        cmocka_unit_test(error_is_cut_between_characters),
        cmocka_unit_test(slices_compare_and_trim),
        cmocka_unit_test(whole_numbers_are_read_exactly),
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(text_remembers_that_it_ran_full),
        cmocka_unit_test(text_formats_in_small),
        cmocka_unit_test(fixed_rounds_half_to_even),
        cmocka_unit_test(doubles_read_back_and_are_shortest),
        cmocka_unit_test(numbers_are_read_as_the_library_reads_them),
        cmocka_unit_test(long_numbers_are_rounded_once),
        cmocka_unit_test(arena_hands_out_and_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
