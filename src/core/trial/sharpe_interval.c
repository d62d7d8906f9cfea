/* SPDX-License-Identifier: Apache-2.0 */
/* One pass from the last return to the first, since trades are told apart by their entries. */
#include "core/trial/sharpe_interval.h"

#include <math.h>

#include "core/base/elementary.h"
#include "core/num/bounds.h"
#include "core/num/moments.h"

#define LAGS_MAX 511 /* of 3e11 returns */

/* What the returns of one spell add up to. */
typedef struct Spell {
    double sum, squares, cubes;
} Spell;

typedef struct Passage {
    const MetricsInput *input;
    double mean, deviation, ratio;
    uint32_t left;    /* trades before the present spell */
    int64_t begin_us; /* of the present spell */
    Spell spell;
    uint32_t spells;
    double squares, cubes;    /* of all */
    double products, scatter; /* over spells: sum x squares; squares of that less the cubes */
    double held[LAGS_MAX + 1], window, windows; /* the last returns, their sum, its squares */
    size_t width, at;
} Passage;

/* Newey and West 1994: the number of lags that a sample of this size gives away. */
static size_t lags_of(size_t count) {
    double root = elementary_pow((double)count / 100, 2.0 / 9);
    size_t lags = (size_t)floor(4 * root);
    if (lags > LAGS_MAX) lags = LAGS_MAX;
    return lags < count ? lags : count - 1;
}

/* How many errors lie on either side of 95 %: a little more than the normal distribution's, because
 * the error itself is estimated over so many lags (Kiefer and Vogelsang 2005, "A new asymptotic
 * theory for heteroskedasticity-autocorrelation robust tests", table 1, Bartlett). */
static double quantile_of(size_t width, size_t count) {
    double share = (double)width / (double)count;
    return SHARPE_NORMAL95 + share * (2.9694 + share * (0.4160 - share * 0.5324));
}

/* What one return adds to the ratio's error (its influence function): z - ratio/2 (z^2 - 1). */
static double influence(const Passage *passage, double value) {
    double unit = (value - passage->mean) / passage->deviation;
    return unit - passage->ratio / 2 * (unit * unit - 1);
}

/* ---- spells -------------------------------------------------------------------------------- */

/* The spell before: the last trade that is left, and those that overlap it. */
static void take_spell(Passage *passage) {
    const TrialTrade *trades = passage->input->trades;
    passage->begin_us = INT64_MIN; /* what is before the first trade goes on to the beginning */
    if (passage->left == 0) return;
    passage->begin_us = trades[--passage->left].entry_us;
    while (passage->left > 0 && trades[passage->left - 1].exit_us > passage->begin_us) {
        int64_t entry_us = trades[--passage->left].entry_us;
        if (entry_us < passage->begin_us) passage->begin_us = entry_us;
    }
}

static void end_spell(Passage *passage) {
    const Spell *spell = &passage->spell;
    double product = spell->sum * spell->squares, cross = product - spell->cubes;
    passage->products += product;
    passage->scatter += cross * cross;
    passage->spell = (Spell){0, 0, 0};
}

/* Whether the present spell begins within this step, which reaches back to the close before. */
static bool begins_in(const Passage *passage, size_t step) {
    if (passage->begin_us == INT64_MIN) return false;
    return step == 0 || metrics_close(passage->input, step - 1) <= passage->begin_us;
}

static void add_to_spell(Passage *passage, size_t step, double felt) {
    double square = felt * felt;
    passage->spell.sum += felt;
    passage->spell.squares += square;
    passage->spell.cubes += square * felt;
    passage->squares += square;
    passage->cubes += square * felt;
    if (!begins_in(passage, step)) return;
    passage->spells++;
    end_spell(passage);
    while (begins_in(passage, step)) /* what began and ended within the step is in it */
        take_spell(passage);
}

/* ---- lags ---------------------------------------------------------------------------------- */

/* The sum over lags with falling weights (Bartlett's) is the mean of squared sums over windows of
 * lags + 1 neighbours, with nothing beyond the ends: one pass instead of one a lag. */
static void add_to_window(Passage *passage, double felt) {
    passage->window += felt - passage->held[passage->at];
    passage->held[passage->at] = felt;
    passage->windows += passage->window * passage->window;
    passage->at = passage->at + 1 == passage->width ? 0 : passage->at + 1;
}

/* ---- both ---------------------------------------------------------------------------------- */

static void walk(Passage *passage, const double *returns) {
    size_t count = passage->input->count;
    take_spell(passage);
    for (size_t step = count; step-- > 0;) {
        double felt = influence(passage, returns[step]);
        add_to_spell(passage, step, felt);
        add_to_window(passage, felt);
    }
    end_spell(passage); /* flat, until the first entry */
    for (size_t beyond = 1; beyond < passage->width; beyond++)
        add_to_window(passage, 0);
}

static SharpeInterval conclude(const Passage *passage) {
    double count = (double)passage->input->count;
    double lagged = sqrt(passage->windows / (double)passage->width) *
                    quantile_of(passage->width, passage->input->count);
    double error = bounds_greater(sqrt(passage->squares), lagged / SHARPE_NORMAL95) / count;
    SharpeInterval interval = {.error = error, .lean = 0, .reach = SHARPE_NORMAL95};
    if (passage->spells < 2) return interval; /* sums around their own mean: one of them is 0 */
    double spells = passage->spells, cubed = passage->squares * passage->squares * passage->squares;
    double apart = passage->products * spells / (spells - 1) - passage->cubes;
    interval.lean = apart / sqrt(cubed) / 2;
    interval.reach *= sqrt(1 + passage->scatter / cubed / 4);
    return interval;
}

SharpeInterval sharpe_interval(const MetricsInput *input, const double *returns) {
    const SharpeInterval none = {(double)NAN, (double)NAN, (double)NAN};
    if (input->count < 2) return none;
    Passage passage = {.input = input, .left = input->trades ? input->trade_count : 0};
    passage.mean = moments_mean(returns, input->count);
    passage.deviation = moments_deviation(returns, input->count, passage.mean);
    if (!(passage.deviation > 0)) return none;
    passage.ratio = passage.mean / passage.deviation;
    passage.width = lags_of(input->count) + 1;
    walk(&passage, returns);
    return conclude(&passage);
}
