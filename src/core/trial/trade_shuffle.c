/* SPDX-License-Identifier: Apache-2.0 */
/* Two kinds of paths over one list of shares. */
#include "core/trial/trade_shuffle.h"

#include "core/base/arena.h"
#include "core/base/random.h"
#include "core/num/sorted.h"

typedef struct Path {
    double growth, drawdown;
    bool ruined;
} Path;

size_t trade_shuffle_memory(const TradeShufflePlan *plan) {
    return 2 * arena_rounded(plan->count * sizeof(double)) +
           2 * arena_rounded(plan->paths * sizeof(double));
}

static bool plan_is_sound(const TradeShufflePlan *plan, Error *error) {
    if (plan->count == 0)
        return error_set(error, ERROR_DATA, "without trades there is nothing to shuffle", "trades",
                         NULL);
    if (plan->paths == 0 || !(plan->ruin >= 0 && plan->ruin < 1))
        return error_set(error, ERROR_USAGE, "a shuffle needs paths and a ruin from 0 to below 1",
                         "ruin", NULL);
    return true;
}

/* Each trade's gain as a share of the equity before it. */
static bool shares_of(const TradeShufflePlan *plan, double *shares, Error *error) {
    Money equity = plan->balance;
    for (uint32_t index = 0; index < plan->count; index++) {
        double before = money_double(equity);
        if (!(before > 0))
            return error_set(error, ERROR_DATA, "the trades lost everything", "trades", NULL);
        shares[index] = money_double(plan->trades[index].gain) / before;
        equity = money_add(equity, plan->trades[index].gain);
    }
    return true;
}

static Path walk(const double *shares, uint32_t count, double ruin) {
    double equity = 1, peak = 1;
    Path path = {0, 0, false};
    for (uint32_t index = 0; index < count; index++) {
        equity *= 1 + shares[index];
        if (equity > peak) peak = equity;
        if (1 - equity / peak > path.drawdown) path.drawdown = 1 - equity / peak;
        path.ruined = path.ruined || equity <= ruin;
    }
    path.growth = equity - 1;
    return path;
}

static void shuffle(double *shares, uint32_t count, Random *random) {
    for (uint32_t left = count; left > 1; left--) {
        uint32_t other = random_below(random, left);
        double share = shares[left - 1];
        shares[left - 1] = shares[other];
        shares[other] = share;
    }
}

bool trade_shuffle_of(const TradeShufflePlan *plan, void *memory, TradeShuffle *result,
                      Error *error) {
    if (!plan_is_sound(plan, error)) return false;
    Arena arena = arena_in(memory, trade_shuffle_memory(plan));
    double *shares = arena_take(&arena, plan->count * sizeof(double));
    double *drawn = arena_take(&arena, plan->count * sizeof(double));
    double *drawdowns = arena_take(&arena, plan->paths * sizeof(double));
    double *growths = arena_take(&arena, plan->paths * sizeof(double));
    if (!shares_of(plan, shares, error)) return false;
    Path own = walk(shares, plan->count, plan->ruin);
    uint32_t ruined = 0, lost = 0;
    for (uint32_t path = 0; path < plan->paths; path++) {
        Random random = random_stream(plan->seed, path);
        for (uint32_t index = 0; index < plan->count; index++)
            drawn[index] = shares[random_below(&random, plan->count)];
        Path other = walk(drawn, plan->count, plan->ruin);
        growths[path] = other.growth;
        ruined += other.ruined;
        lost += other.growth < 0;
        shuffle(shares, plan->count, &random);
        drawdowns[path] = walk(shares, plan->count, plan->ruin).drawdown;
    }
    sorted_put(drawdowns, plan->paths);
    sorted_put(growths, plan->paths);
    *result = (TradeShuffle){.drawdown = own.drawdown,
                             .drawdown_median = sorted_quantile(drawdowns, plan->paths, 0.5),
                             .drawdown_high = sorted_quantile(drawdowns, plan->paths, 0.95),
                             .drawdown_99 = sorted_quantile(drawdowns, plan->paths, 0.99),
                             .growth = own.growth,
                             .growth_low = sorted_quantile(growths, plan->paths, 0.05),
                             .growth_median = sorted_quantile(growths, plan->paths, 0.5),
                             .growth_high = sorted_quantile(growths, plan->paths, 0.95),
                             .loss = lost / (double)plan->paths,
                             .ruin = ruined / (double)plan->paths};
    return true;
}
