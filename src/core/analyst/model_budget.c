/* SPDX-License-Identifier: Apache-2.0 */
#include "core/analyst/model_budget.h"

#include <math.h>

#include "core/base/instant.h"

#define MILLION 1000000
/* Each message of a chat costs a few tokens beside its text (OpenAI: 3, and 3 for the answer's
 * beginning); templates of open models have up to some dozen bytes. */
#define CHAT_TOKENS 64

/* Settings end at 100,000 dollars, so that these are whole numbers a double holds exactly. */
static int64_t millionths(double dollars) {
    return (int64_t)ceil(dollars * MILLION);
}

void model_budget_init(ModelBudget *budget, const Settings *settings) {
    *budget = (ModelBudget){
        .prompt_price = millionths(settings->ai.price_prompt_usd),
        .completion_price = millionths(settings->ai.price_completion_usd),
        .windows = {[BUDGET_HOUR] = {.length_us = INSTANT_HOUR_US,
                                     .cap = millionths(settings->ai.budget_per_hour_usd)},
                    [BUDGET_DAY] = {.length_us = INSTANT_DAY_US,
                                    .cap = millionths(settings->ai.budget_per_day_usd)},
                    [BUDGET_RUN] = {.cap = millionths(settings->ai.budget_per_run_usd)}}};
}

/* More than every cap, and small enough that sums of a few million do not overflow. */
#define COST_MAX (1LL << 40)

int64_t model_budget_cost(const ModelBudget *budget, int64_t prompt_tokens,
                          int64_t completion_tokens) {
    CHECK(prompt_tokens >= 0 && completion_tokens >= 0, "a negative count of tokens");
    __int128 cost = (__int128)prompt_tokens * budget->prompt_price +
                    (__int128)completion_tokens * budget->completion_price;
    cost = (cost + MILLION - 1) / MILLION;
    return cost > COST_MAX ? COST_MAX : (int64_t)cost;
}

int64_t model_budget_bound(const ModelBudget *budget, int64_t prompt_bytes, int64_t max_tokens) {
    return model_budget_cost(budget, prompt_bytes + CHAT_TOKENS, max_tokens);
}

/* A window that is over begins anew; time does not go back. */
static void roll(ModelBudget *budget, int64_t now_us) {
    for (unsigned i = 0; i < BUDGET_SPANS; i++) {
        BudgetWindow *window = &budget->windows[i];
        if (window->length_us == 0 || now_us - window->start_us < window->length_us) continue;
        window->start_us = now_us - now_us % window->length_us;
        window->spent = 0;
    }
}

bool model_budget_reserve(ModelBudget *budget, int64_t now_us, int64_t amount, BudgetHold *hold,
                          BudgetSpan *full) {
    roll(budget, now_us);
    for (unsigned i = 0; i < BUDGET_SPANS && amount != 0; i++) { /* what is free passes no cap */
        *full = (BudgetSpan)i;
        if (amount < 0 || budget->windows[i].spent + amount > budget->windows[i].cap) return false;
    }
    for (unsigned i = 0; i < BUDGET_SPANS; i++)
        budget->windows[i].spent += amount;
    *hold = (BudgetHold){now_us, amount};
    return true;
}

static void add(BudgetWindow *window, int64_t amount) {
    window->spent += amount;
    if (window->spent > COST_MAX) window->spent = COST_MAX;
    CHECK(window->spent >= 0, "more came back than was taken");
}

void model_budget_settle(ModelBudget *budget, const BudgetHold *hold, int64_t cost) {
    for (unsigned i = 0; i < BUDGET_SPANS; i++) {
        BudgetWindow *window = &budget->windows[i];
        bool taken_here = hold->at_us >= window->start_us;
        int64_t excess = cost - hold->amount;
        if (taken_here || excess > 0) add(window, excess);
    }
}

void model_budget_recall(ModelBudget *budget, int64_t at_us, int64_t cost) {
    roll(budget, at_us);
    for (unsigned i = 0; i < BUDGET_RUN; i++)
        if (at_us >= budget->windows[i].start_us && cost > 0) add(&budget->windows[i], cost);
}

const char *budget_span_text(BudgetSpan span) {
    static const char *const texts[] = {"hour", "day", "run"};
    return texts[span];
}
