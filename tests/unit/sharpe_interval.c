/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the Sharpe ratio's interval: a case by hand, a naive formula, and a market in which
 * the lean is what it is said to be. */
#include "check_aborts.h"
#include "trial_stage.h"
#include "unit.h"

#include "core/base/random.h"
#include "core/trial/sharpe_interval.h"

#define STEP_US INSTANT_HOUR_US

/* Step i reaches from i to i + 1 hours; a trade from the beginning of its first step to the end of
 * its last. */
static TrialTrade trade_of(unsigned first, unsigned last) {
    return (TrialTrade){.entry_us = first * STEP_US, .exit_us = (last + 1) * STEP_US};
}

static MetricsInput input_of(size_t count, const TrialTrade *trades, uint32_t trade_count) {
    return (MetricsInput){
        .count = count, .length_us = STEP_US, .trades = trades, .trade_count = trade_count};
}

/* Eight returns -1 1 1 -1 0 0 2 -2: mean 0, squares 12, deviation sqrt(1.5) = d, so that the felt
 * values are the returns / d: squares 8, usual 1. Two trades: steps 1 to 3 and 5 to 7.
 *   first spell  (1 to 4): sum 1, squares 3, cubes 1, 3 steps held with sum 1
 *   second       (5 to 7): sum 0, squares 8, cubes 0, 3 steps held with sum 0
 *   before            (0): sum -1, squares 1, cubes -1, none held
 * Together (3 + 0 - 1) / d^3 - (3 + 0) / d, single 0 - 1 / d, two spells: lean
 * (2 (2 / d^3 - 3 / d) + 1 / d) / 8^1.5 / 2; of different steps the first spell has
 * (3 - 1) / d^3 - (3 - 1) / d, the others 0. */
static void by_hand(void **state) {
    (void)state;
    static const double returns[] = {-1, 1, 1, -1, 0, 0, 2, -2};
    TrialTrade trades[] = {trade_of(1, 3), trade_of(5, 7)};
    MetricsInput input = input_of(8, trades, 2);
    SharpeInterval interval = sharpe_interval(&input, returns);
    double d = sqrt(1.5), cube = 1.5 * d;
    assert_close(interval.lean, (2 * (2 / cube - 3 / d) + 1 / d) / pow(8, 1.5) / 2, 1e-14);
    assert_close(interval.reach, 1.96 * sqrt(1 + pow(2 / cube - 2 / d, 2) / 512 / 4), 1e-14);
}

/* As many as two spells, or there is nothing to compare: one sum around its own mean is 0. */
static void without_spells_there_is_no_lean(void **state) {
    (void)state;
    static const double returns[] = {0, 1, 1, -1, -3, 0, 2, -2};
    TrialTrade whole = trade_of(0, 7);
    MetricsInput input = input_of(8, &whole, 0), one = input_of(8, &whole, 1);
    assert_close(sharpe_interval(&input, returns).lean, 0, 0);
    assert_close(sharpe_interval(&one, returns).lean, 0, 0);
    assert_close(sharpe_interval(&one, returns).reach, SHARPE_NORMAL95, 0);
    static const double flat[8];
    assert_true(isnan(sharpe_interval(&input, flat).error));
    input.count = 1;
    assert_true(isnan(sharpe_interval(&input, returns).lean));
}

typedef struct Place {
    size_t first, held; /* step of the entry; steps with a position */
} Place;

/* The formulas as the header has them, step by step against step. */
static void naive(const double *returns, size_t count, const Place *places, size_t spells,
                  double result[static 2]) {
    double mean = 0, square = 0, felt[64], all = 0, together = 0, single = 0, scatter = 0;
    for (size_t step = 0; step < count; step++)
        mean += returns[step] / (double)count;
    for (size_t step = 0; step < count; step++)
        square += (returns[step] - mean) * (returns[step] - mean) / (double)count;
    for (size_t step = 0; step < count; step++) {
        double unit = (returns[step] - mean) / sqrt(square);
        felt[step] = unit - mean / sqrt(square) / 2 * (unit * unit - 1);
        all += felt[step] * felt[step];
    }
    for (size_t spell = 0; spell <= spells; spell++) {
        size_t from = spell ? places[spell - 1].first : 0, cross_from = from;
        size_t to = spell < spells ? places[spell].first : count;
        size_t until = spell ? from + places[spell - 1].held : from;
        double cross = 0;
        for (size_t one = cross_from; one < to; one++)
            for (size_t other = from; other < to; other++) {
                double beyond =
                    felt[other] * felt[other] - (other < until ? all / (double)count : 0);
                together += felt[one] * beyond;
                if (one == other) single += felt[one] * beyond;
                if (one != other) cross += felt[one] * beyond;
            }
        scatter += cross * cross;
    }
    double apart = together * (double)spells / ((double)spells - 1) - single;
    result[0] = apart / pow(all, 1.5) / 2;
    result[1] = 1.96 * sqrt(1 + scatter / pow(all, 3) / 4);
}

static void assert_naive(const MetricsInput *input, const double *returns, const Place *places,
                         size_t spells) {
    double want[2];
    naive(returns, input->count, places, spells, want);
    SharpeInterval interval = sharpe_interval(input, returns);
    assert_close(interval.lean, want[0], 1e-13);
    assert_close(interval.reach, want[1], 1e-13);
}

/* Trades that overlap are one spell, those that touch are two, one that begins and ends within a
 * step counts with the step; bars may be missing. */
static void equal_to_a_naive_formula(void **state) {
    (void)state;
    double returns[40];
    int64_t close_us[40];
    Random random = random_stream(31, 1);
    for (unsigned step = 0; step < 40; step++)
        returns[step] = 0.01 + random_normal(&random) * (step % 7 ? 1 : 3);
    TrialTrade trades[] = {trade_of(2, 6),   trade_of(7, 9),   trade_of(12, 14), trade_of(11, 16),
                           trade_of(20, 20), trade_of(25, 26), trade_of(24, 30), trade_of(33, 39)};
    trades[4].entry_us += 5;
    trades[4].exit_us = trades[4].entry_us + 5;
    MetricsInput input = input_of(40, trades, 8);
    assert_naive(&input, returns, (Place[]){{2, 5}, {7, 3}, {11, 6}, {20, 1}, {24, 7}, {33, 7}}, 6);
    for (unsigned step = 0; step < 40; step++) /* fifty hours are missing before the end of 18 */
        close_us[step] = (step + 1 + (step >= 18 ? 50 : 0)) * STEP_US;
    for (unsigned trade = 4; trade < 8; trade++)
        trades[trade].entry_us += 50 * STEP_US, trades[trade].exit_us += 50 * STEP_US;
    trades[4].entry_us = 30 * STEP_US;
    input.equity_us = close_us;
    assert_naive(&input, returns, (Place[]){{2, 5}, {7, 3}, {11, 6}, {18, 3}, {24, 7}, {33, 7}}, 6);
}

/* Prices that turn back make no error smaller; those that go on make it greater. */
static void the_error_has_a_floor(void **state) {
    (void)state;
    static double returns[20000];
    Random random = random_stream(31, 2);
    double last = 0;
    MetricsInput input = input_of(20000, NULL, 0);
    for (unsigned step = 0; step < 20000; step++)
        returns[step] = last = -0.5 * last + random_normal(&random);
    assert_close(sharpe_interval(&input, returns).error * sqrt(20000), 1, 0.02);
    for (unsigned step = 0; step < 20000; step++)
        returns[step] = last = 0.5 * last + random_normal(&random);
    assert_close(sharpe_interval(&input, returns).error * sqrt(20000 / 3.0), 1, 0.06);
}

/* Fair coins, +1 or -1 a step, of which nobody earns anything. A spell ends as soon as it is 2 up,
 * or after 24 steps; the next begins with the following step, or where `clock` steps are over.
 * Means over 20,000 histories of ratio / error, and of the same with the lean. */
static void toss(unsigned clock, double means[static 2]) {
    enum { STEPS = 240, TURNS = 20000, LONGEST = 24 };
    static double returns[STEPS];
    static TrialTrade trades[STEPS];
    means[0] = means[1] = 0;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        Random random = random_stream(77, turn);
        uint32_t spells = 0;
        double mean = 0, squares = 0;
        memset(returns, 0, sizeof returns);
        for (unsigned step = 0; step < STEPS; step += clock - 1 - (step + clock - 1) % clock) {
            unsigned first = step;
            for (int sum = 0; step < STEPS && sum < 2 && step - first < LONGEST; step++)
                sum += (int)(returns[step] = random_below(&random, 2) ? 1 : -1);
            trades[spells++] = trade_of(first, step - 1);
        }
        MetricsInput input = input_of(STEPS, trades, spells);
        SharpeInterval interval = sharpe_interval(&input, returns);
        for (unsigned step = 0; step < STEPS; step++)
            mean += returns[step] / STEPS, squares += returns[step] * returns[step] / STEPS;
        double ratio = mean / sqrt(squares - mean * mean) / interval.error;
        means[0] += ratio / TURNS;
        means[1] += (ratio + interval.lean) / TURNS;
    }
    print_message("a spell at least every %u steps: ratio / error lies around %.3f, with its lean "
                  "around %.3f (each -/+ 0.007)\n",
                  clock, means[0], means[1]);
}

/* Flat after an early gain, the history is quiet where it is good: off centre, of which eight
 * spells show the greater part. Without a pause there is nothing to correct, and nothing is. */
static void the_lean_is_the_centre(void **state) {
    (void)state;
    double paused[2], busy[2];
    toss(30, paused);
    toss(1, busy);
    assert_true(paused[0] > 0.06);
    assert_true(fabs(paused[1]) < 0.6 * paused[0]);
    assert_true(fabs(busy[0]) < 0.03 && fabs(busy[1]) < 0.03);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(without_spells_there_is_no_lean),
        cmocka_unit_test(equal_to_a_naive_formula),
        cmocka_unit_test(the_error_has_a_floor),
        cmocka_unit_test(the_lean_is_the_centre),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
