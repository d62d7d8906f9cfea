/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a version's record is worth: a tally gives metrics and comes back from them, intervals of
 * shares have their published values, the test of two versions finds what is planted and, looked at
 * again and again over versions that are alike, errs no more often than its level.
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/random.h"
#include "core/trade/version_score.h"

static void test_tally_and_back(void **state) {
    (void)state;
    Random random = random_stream(5, 1);
    VersionTally tally = {0};
    VersionMetrics metrics;
    version_tally_metrics(&tally, &metrics);
    assert_true(isnan(metrics.win_rate) && isnan(metrics.profit_factor));
    for (unsigned i = 0; i < 1000; i++) {
        double moved = random_normal(&random);
        version_tally_take(&tally, moved > 0, moved, 0.3, random_uniform(&random));
        version_tally_metrics(&tally, &metrics);
        VersionTally back = version_tally_of(&metrics);
        assert_int_equal(back.scored, tally.scored);
        assert_int_equal(back.hits, tally.hits);
        assert_int_equal(back.right, tally.right);
        assert_close(back.confidence, tally.confidence, 1e-9);
        assert_close(back.gains, tally.gains, 0);
        assert_close(back.losses, tally.losses, 0);
    }
}

/* Newcombe 1998, "Two-sided confidence intervals for the single proportion", Statistics in Medicine
 * 17, table I, method 3: 81/263, 15/148, 0/20, 1/29. */
static void test_published_intervals(void **state) {
    (void)state;
    static const struct {
        int64_t hits, count;
        double low, high;
    } rows[] = {{81, 263, 0.2553, 0.3662},
                {15, 148, 0.0624, 0.1605},
                {0, 20, 0.0000, 0.1611},
                {1, 29, 0.0061, 0.1718}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double low, high;
        version_share_interval(rows[i].hits, rows[i].count, rows[i].count, &low, &high);
        assert_close(low, rows[i].low, 0.00005);
        assert_close(high, rows[i].high, 0.00005);
    }
}

/* In the order of their ends: 0 to 4, 4 to 8 and 8 to 12 lie apart. */
static void test_outcomes_that_overlap_count_once(void **state) {
    (void)state;
    static const int64_t spans[][2] = {{0, 4}, {1, 5}, {2, 6}, {4, 8}, {7, 9}, {8, 12}};
    VersionTally tally = {0};
    VersionMetrics metrics;
    double low, high, narrow_low, narrow_high;
    for (unsigned i = 0; i < 6; i++) {
        version_tally_take(&tally, i % 2 == 0, i % 2 ? -1 : 1, 0.3, 0.5);
        version_tally_span(&tally, spans[i][0], spans[i][1]);
    }
    version_tally_metrics(&tally, &metrics);
    assert_int_equal(metrics.separate_trades, 3);
    assert_int_equal(version_tally_of(&metrics).separate, 3);
    version_share_interval(3, 6, 6, &narrow_low, &narrow_high);
    version_share_interval(3, 6, metrics.separate_trades, &low, &high);
    assert_true(low < narrow_low && high > narrow_high);
    version_share_interval(3, 6, 0, &low, &high); /* a record of before they were counted */
    assert_true(isnan(low) && isnan(high));
}

static void test_levels_sum_to_alpha(void **state) {
    (void)state;
    double sum = 0;
    for (int64_t look = 1; look < 100000; look++)
        sum += version_look_level(0.05, look);
    assert_true(sum < 0.05);
    assert_close(sum, 0.05, 1e-6);
    assert_int_equal(version_look_at(30, 1), 30);
    assert_int_equal(version_look_at(30, 4), 240);
}

typedef struct Word {
    unsigned day, each;
    uint64_t key;
    double mean; /* of its return: what the market of that day did to all, and an edge */
} Word;

static void say(VersionOutcomes *outcomes, Word word, Random *random) {
    version_outcomes_take(
        outcomes, &(VersionOutcome){.key = word.key,
                                    .emitted_us = (int64_t)word.day * INSTANT_DAY_US + word.each,
                                    .return_pct = word.mean + random_normal(random)});
}

static bool finds(uint64_t seed, double edge, bool paired) {
    static VersionOutcomes champion, challenger;
    Random random = random_stream(seed, 2);
    champion.count = challenger.count = 0;
    int64_t look = 1;
    for (unsigned day = 0; day < 160; day++) {
        double market = random_normal(&random), other = random_normal(&random);
        for (unsigned each = 0; each < 3; each++) {
            uint64_t key = day * 3 + each;
            say(&champion, (Word){day, each, key, market}, &random);
            say(&challenger,
                (Word){day, each, paired ? key : key + 100000, (paired ? market : other) + edge},
                &random);
        }
        if (challenger.count < version_look_at(30, look)) continue;
        VersionTest test = version_test(&champion, &challenger, 0, 30, (uint64_t)look);
        assert_int_equal(test.paired, paired);
        if (test.p <= version_look_level(0.05, look)) return true;
        look++;
    }
    assert_true(look > 4);
    return false;
}

/* 200 pairs of versions that are alike, five looks each: 5 % are 10, and 18 or more have a chance
 * of less than 2 % (binomial). */
static void test_looking_again_does_not_find(void **state) {
    (void)state;
    for (int paired = 0; paired < 2; paired++) {
        unsigned found = 0, planted = 0;
        for (uint64_t seed = 0; seed < 100; seed++)
            if (finds(seed, 0, paired)) found++;
        for (uint64_t seed = 0; seed < 20; seed++)
            if (finds(seed, 1, paired)) planted++;
        print_message("%s: %u of 100 alike, %u of 20 better ones found\n",
                      paired ? "same closes" : "two samples", found, planted);
        assert_true(found < 12);
        assert_true(planted >= 18);
    }
}

static void test_too_few(void **state) {
    (void)state;
    static VersionOutcomes champion, challenger;
    Random random = random_stream(9, 3);
    for (unsigned i = 0; i < 40; i++) { /* all on one day */
        say(&champion, (Word){1, i, i, 0}, &random);
        say(&challenger, (Word){1, i, i, 5}, &random);
    }
    VersionTest test = version_test(&champion, &challenger, 0, 30, 1);
    assert_int_equal(test.days, 1);
    assert_true(isnan(test.p) != 0);
    test = version_test(&champion, &challenger, 0, 50, 1);
    assert_true(isnan(test.difference) != 0);
    assert_int_equal(version_outcomes_since(&champion, INSTANT_DAY_US + 10), 30);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tally_and_back),
        cmocka_unit_test(test_published_intervals),
        cmocka_unit_test(test_outcomes_that_overlap_count_once),
        cmocka_unit_test(test_levels_sum_to_alpha),
        cmocka_unit_test(test_looking_again_does_not_find),
        cmocka_unit_test(test_too_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
