/* SPDX-License-Identifier: Apache-2.0 */
/* Time as a value against the C library's calendar, and every form that is refused. */
#include "unit.h"

#include <time.h>

#include "core/base/instant.h"
#include "core/base/random.h"

#define FIRST_US     (-62135596800LL * INSTANT_SECOND_US)
#define SPAN_SECONDS 315537897600ULL /* of the years 1 to 9999 */

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static void calendar_agrees_with_the_library(void **state) {
    (void)state;
    Random random = random_stream(1, 1);
    for (int i = 0; i < 300000; i++) {
        int64_t time_us = FIRST_US + (int64_t)(random_u64(&random) % (SPAN_SECONDS * 1000000));
        Calendar got = instant_calendar(time_us);
        int64_t second = time_us / 1000000 - (time_us % 1000000 < 0);
        time_t library = (time_t)second;
        struct tm want;
        gmtime_r(&library, &want);
        assert_int_equal(got.year, want.tm_year + 1900);
        assert_int_equal(got.month, want.tm_mon + 1);
        assert_int_equal(got.day, want.tm_mday);
        assert_int_equal(got.weekday, want.tm_wday);
        assert_int_equal(got.hour * 3600 + got.minute * 60 + got.second,
                         want.tm_hour * 3600 + want.tm_min * 60 + want.tm_sec);
        assert_int_equal(got.microsecond, time_us - second * 1000000);
        int64_t back = instant_of(got.year, got.month, got.day, got.hour, got.minute, got.second);
        assert_true(back + got.microsecond == time_us);
    }
}

static void every_day_of_the_calendar_follows_the_last(void **state) {
    (void)state;
    int64_t before = instant_of(1, 1, 1, 0, 0, 0) - INSTANT_DAY_US;
    for (int64_t day = FIRST_US / INSTANT_DAY_US; day < 2932897; day++) {
        Calendar date = instant_calendar(day * INSTANT_DAY_US);
        int64_t here = instant_of(date.year, date.month, date.day, 0, 0, 0);
        assert_true(here == before + INSTANT_DAY_US);
        before = here;
    }
}

static void forms_are_exact(void **state) {
    (void)state;
    char iso[25], log[24];
    int64_t time_us = instant_of(2024, 11, 24, 21, 33, 45) + 29999;
    instant_to_iso(time_us, iso);
    assert_string_equal(iso, "2024-11-24T21:33:45.029Z");
    instant_to_log(time_us + 371000, log);
    assert_string_equal(log, "2024-11-24 21:33:45,400");
    instant_to_iso(-1, iso);
    assert_string_equal(iso, "1969-12-31T23:59:59.999Z");
    instant_to_iso(INT64_MAX, iso);
    assert_string_equal(iso, "9999-12-31T23:59:59.999Z");
    instant_to_iso(INT64_MIN, iso);
    assert_string_equal(iso, "0001-01-01T00:00:00.000Z");
}

static void reads_dates_and_times(void **state) {
    (void)state;
    int64_t base = instant_of(2024, 2, 29, 12, 34, 0);
    const struct {
        const char *text;
        int64_t time_us;
    } rows[] = {{"2024-02-29", instant_of(2024, 2, 29, 0, 0, 0)},
                {"2024-02-29T12:34", base},
                {"2024-02-29 12:34:56", base + 56000000},
                {"2024-02-29T12:34:56Z", base + 56000000},
                {"2024-02-29T12:34:56.7", base + 56700000},
                {"2024-02-29T12:34:56.123456789Z", base + 56123456},
                {"2024-02-29T12:34+01:30", base - 90 * INSTANT_MINUTE_US},
                {"2024-02-29 12:34:00.5-00:30", base + 30 * INSTANT_MINUTE_US + 500000},
                {"1970-01-01T00:00:00.000Z", 0},
                {"0001-01-01", FIRST_US}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t got;
        if (!instant_parse(slice_of(rows[i].text), &got)) fail_msg("%s", rows[i].text);
        assert_true(got == rows[i].time_us);
    }
}

static void refuses_other_forms(void **state) {
    (void)state;
    const char *rows[] = {"",
                          "2024",
                          "2024-13-01",
                          "2024-00-10",
                          "2024-02-30",
                          "2023-02-29",
                          "2024-1-01",
                          "1900-02-29",
                          "2024-01-01T",
                          "2024-01-01T1:00",
                          "2024-01-01T24:00",
                          "2024-01-01T00:60",
                          "2024-01-01T00:00:60",
                          "2024-01-01T00:00:00.",
                          "2024-01-01T00:00:00.1234567890",
                          "2024-01-01T00:00+1:00",
                          "0000-01-01",
                          "2024-01-01T00:00ZZ",
                          "2024-01-01T00:00Z ",
                          " 2024-01-01",
                          "2024-01-01Z",
                          "2024-01-01x00:00",
                          "2024/01/01",
                          "0001-01-01T00:00+01:00",
                          "-024-01-01",
                          "9999-12-31T23:59-01:00",
                          "2024-01-01T00:00+24:00",
                          "2024-01-0a"};
    int64_t time_us = 7;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (instant_parse(slice_of(rows[i]), &time_us)) fail_msg("%s was accepted", rows[i]);
    assert_false(instant_parse((Slice){"2024-01-01\0", 11}, &time_us));
    assert_int_equal(time_us, 7);
}

static void written_times_read_back(void **state) {
    (void)state;
    Random random = random_stream(2, 1);
    for (int i = 0; i < 100000; i++) {
        int64_t time_us = FIRST_US + (int64_t)(random_u64(&random) % (SPAN_SECONDS * 1000)) * 1000,
                back;
        char iso[25];
        instant_to_iso(time_us, iso);
        assert_true(instant_parse(slice_of(iso), &back) && back == time_us);
        /* Cut anywhere, it is either a shorter whole form or refused; never something else. */
        size_t length = random_below(&random, 25);
        if (instant_parse((Slice){iso, length}, &back)) assert_true(length == 10 || length >= 16);
    }
}

static void stamps_are_told_apart_by_size(void **state) {
    (void)state;
    const int64_t second = 1732484025, want = second * 1000000;
    int64_t got = 0;
    assert_true(instant_from_stamp(second, &got) && got == want);
    assert_true(instant_from_stamp(second * 1000 + 29, &got) && got == want + 29000);
    assert_true(instant_from_stamp(want + 29001, &got) && got == want + 29001);
    assert_true(instant_from_stamp(want * 1000 + 29001999, &got) && got == want + 29001);
    const int64_t refused[] = {0,          -1,           978307199,
                               7258118400, 978307199999, 7258118400000,
                               INT64_MAX,  INT64_MIN,    978307199999999};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_false(instant_from_stamp(refused[i], &got));
    for (int64_t unit = 1; unit <= 1000000000; unit *= 1000) {
        assert_true(instant_from_stamp(978307200 * unit, &got));
        assert_true(got == instant_of(2001, 1, 1, 0, 0, 0));
        assert_true(instant_from_stamp(7258118400 * unit - 1, &got));
        assert_true(got < instant_of(2200, 1, 1, 0, 0, 0));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calendar_agrees_with_the_library),
        cmocka_unit_test(every_day_of_the_calendar_follows_the_last),
        cmocka_unit_test(forms_are_exact),
        cmocka_unit_test(reads_dates_and_times),
        cmocka_unit_test(refuses_other_forms),
        cmocka_unit_test(written_times_read_back),
        cmocka_unit_test(stamps_are_told_apart_by_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
