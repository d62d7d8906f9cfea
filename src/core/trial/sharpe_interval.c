/* SPDX-License-Identifier: Apache-2.0 */
/* One pass from the last return to the first, since trades are told apart by their entries. */
#include "core/trial/sharpe_interval.h"

#include <math.h>

#include "core/base/elementary.h"
#include "core/num/bounds.h"
#include "core/num/moments.h"

#define LAGS_MAX 511 /* of 3e11 returns */

/* What the returns from one entry out of flat to the next add up to. */
typedef struct Spell {
    double sum, squares, cubes;
    double steps, held; /* with a position: how many, and their sum */
} Spell;

/* Over the spells: sum x squares, and that of different steps alone; the same with the number of
 * steps in the place of their squares; and how the two of different steps scatter together. */
typedef struct Products {
    double squares, cubes, steps, held, scatter_squares, scatter_both, scatter_steps;
} Products;

typedef struct Passage {
    const MetricsInput *input;
    double mean, deviation, ratio;
    uint32_t left;             /* trades before the present spell */
    int64_t begin_us, exit_us; /* of the present spell: first entry, last exit */
    Spell spell;
    Products products;
    uint32_t spells;
    double squares;                             /* of all returns */
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
    passage->begin_us = passage->exit_us = INT64_MIN; /* flat until the first entry */
    if (passage->left == 0) return;
    passage->exit_us = trades[--passage->left].exit_us;
    passage->begin_us = trades[passage->left].entry_us;
    while (passage->left > 0 && trades[passage->left - 1].exit_us > passage->begin_us) {
        int64_t entry_us = trades[--passage->left].entry_us;
        if (entry_us < passage->begin_us) passage->begin_us = entry_us;
    }
}

static void end_spell(Passage *passage) {
    const Spell *spell = &passage->spell;
    Products *products = &passage->products;
    double squares = spell->sum * spell->squares - spell->cubes;
    double steps = spell->sum * spell->steps - spell->held;
    products->squares += spell->sum * spell->squares;
    products->cubes += spell->cubes;
    products->steps += spell->sum * spell->steps;
    products->held += spell->held;
    products->scatter_squares += squares * squares;
    products->scatter_both += squares * steps;
    products->scatter_steps += steps * steps;
    passage->spell = (Spell){.sum = 0};
}

/* Where a step begins: at the close before it. */
static int64_t begin_of(const Passage *passage, size_t step) {
    return step ? metrics_close(passage->input, step - 1) : INT64_MIN;
}

static void add_to_spell(Passage *passage, size_t step, double felt) {
    Spell *spell = &passage->spell;
    int64_t begin_us = begin_of(passage, step);
    double square = felt * felt, held = begin_us < passage->exit_us;
    spell->sum += felt;
    spell->squares += square;
    spell->cubes += square * felt;
    spell->steps += held;
    spell->held += held * felt;
    passage->squares += square;
    if (passage->begin_us == INT64_MIN || passage->begin_us < begin_us) return;
    passage->spells++;
    end_spell(passage);
    while (passage->begin_us != INT64_MIN && passage->begin_us >= begin_us)
        take_spell(passage); /* what began and ended within the step is in it */
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

static double error_of(const Passage *passage) {
    double lagged = sqrt(passage->windows / (double)passage->width) *
                    quantile_of(passage->width, passage->input->count);
    return bounds_greater(sqrt(passage->squares), lagged / SHARPE_NORMAL95) /
           (double)passage->input->count;
}

/* Sums stand around their own mean, so that k spells show 1 - 1/k of what hangs together. */
static SharpeInterval conclude(const Passage *passage) {
    const Products *products = &passage->products;
    SharpeInterval interval = {error_of(passage), 0, SHARPE_NORMAL95};
    if (passage->spells < 2) return interval;
    double spells = passage->spells, usual = passage->squares / (double)passage->input->count;
    double cubed = passage->squares * passage->squares * passage->squares;
    double together = products->squares - usual * products->steps;
    double single = products->cubes - usual * products->held;
    double scatter = products->scatter_squares - 2 * usual * products->scatter_both +
                     usual * usual * products->scatter_steps;
    interval.lean = (together * spells / (spells - 1) - single) / sqrt(cubed) / 2;
    interval.reach *= sqrt(1 + bounds_greater(scatter, 0) / cubed / 4);
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
