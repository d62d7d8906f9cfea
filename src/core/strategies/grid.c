/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grid: lines below an anchor, each a fixed share below the one above. A close at or below a line
 * buys one part for it; a close at or above the line over it sells that part again. The number of
 * lines and what all parts together may cost are bounded, so a fall through the grid ends with the
 * investment spent and, at `stop_pct` below the average, with the loss taken. While nothing is
 * held, the anchor follows a rising price, a line at a time. Orders go to the market at the next
 * open, not to a book at the line: what a resting order would have got is not counted.
 *
 * Presets: the described system's grid, which invested a fifth, in at most 6 of its lines, 1 %
 * apart, with a stop at 10 %.
 */
#include "core/strategies/strategy.h"

enum { LINES, SPACING, INVESTMENT, STOP };

typedef struct Grid {
    double anchor; /* 0: not yet */
    double ratio;  /* of a line to the one below */
    double part;   /* share of the run's first equity */
    uint32_t lines, held;
} Grid;

static void plan(const double *parameters, StrategyPlan *plan) {
    plan_protect(plan, parameters[STOP], 0, parameters[INVESTMENT]);
}

static size_t state_size(const double *parameters) {
    (void)parameters;
    return sizeof(Grid);
}

static void init(void *state, const double *parameters) {
    *(Grid *)state = (Grid){.ratio = 1 + parameters[SPACING] / 100,
                            .part = parameters[INVESTMENT] / parameters[LINES],
                            .lines = (uint32_t)parameters[LINES]};
}

/* How many of the lines from the anchor's on (`from` 0) or below it (1) stand at the price or above
 * it; `strictly`: above it. */
static uint32_t lines_over(const Grid *grid, double price, uint32_t from, bool strictly) {
    double line = from ? grid->anchor / grid->ratio : grid->anchor;
    uint32_t count = 0;
    while (count < grid->lines && (strictly ? line > price : line >= price)) {
        line /= grid->ratio;
        count++;
    }
    return count;
}

static StrategyWish sell_down_to(Grid *grid, uint32_t kept) {
    double share = (double)(grid->held - kept) / grid->held;
    grid->held = kept;
    return (StrategyWish){.kind = kept ? WISH_REDUCE : WISH_LEAVE, .fraction = share};
}

static StrategyWish step(void *state, const StrategyView *view) {
    Grid *grid = state;
    if (!view->open && grid->held) { /* stopped out, or nothing came of the purchase */
        grid->held = 0;
        grid->anchor = 0;
    }
    if (grid->held == 0 && (grid->anchor == 0 || view->price > grid->anchor * grid->ratio))
        grid->anchor = view->price;
    uint32_t reached = lines_over(grid, view->price, 1, false);
    if (reached > grid->held) {
        double parts = reached - grid->held;
        grid->held = reached;
        return (StrategyWish){.kind = WISH_ADD, .fraction = parts * grid->part, .of_start = true};
    }
    /* The part of line i is kept while line i - 1 stands above the price. */
    uint32_t kept = lines_over(grid, view->price, 0, true);
    return kept < grid->held ? sell_down_to(grid, kept) : (StrategyWish){0};
}

const Strategy strategy_grid = {
    .name = "grid",
    .group = "grid",
    .sentence = "Buys a part at each line that the price falls through, sells it a line higher.",
    .parameters = {{"lines", .preset = 6, .lowest = 1, .highest = 50, .step = 1, .unit = "lines",
                    .whole = true},
                   {"spacing_pct", .preset = 1, .lowest = 0.1, .highest = 20, .step = 0.25,
                    .unit = "percent"},
                   {"investment", .preset = 0.2, .lowest = 0.01, .highest = 1, .step = 0.05,
                    .unit = "of the start"},
                   STRATEGY_STOP(10)},
    .plan = plan,
    .state_size = state_size,
    .init = init,
    .step = step,
};
