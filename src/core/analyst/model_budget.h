/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What language models may cost: hard caps for an hour, a UTC day and a run, in whole millionths of
 * a dollar. Before a request leaves, the most that it can cost is taken from all three; when its
 * usage is known the difference comes back. A request whose usage is never known keeps all that was
 * taken. The most is a true bound, not an estimate: no tokenizer makes more tokens than there are
 * bytes, and an answer has at most the tokens that were asked for. So what is spent never passes a
 * cap, unless a server bills more than it was asked for; then the whole bill counts, and nothing is
 * asked until the window ends. A recorded answer costs nothing. "Run" means: since the state began
 * or was last rebuilt under other settings. Plain values, owned by the analyst; exact and pure.
 */
#ifndef CORE_ANALYST_MODEL_BUDGET_H
#define CORE_ANALYST_MODEL_BUDGET_H

#include "core/bus/settings.h"

typedef enum BudgetSpan { BUDGET_HOUR, BUDGET_DAY, BUDGET_RUN, BUDGET_SPANS } BudgetSpan;

typedef struct BudgetWindow {
    int64_t length_us; /* 0: without end */
    int64_t start_us;
    int64_t cap, spent; /* spent: what is settled and what is reserved */
} BudgetWindow;

typedef struct ModelBudget {
    int64_t prompt_price, completion_price; /* millionths of a dollar for a million tokens */
    BudgetWindow windows[BUDGET_SPANS];
} ModelBudget;

/* What was taken for one request. */
typedef struct BudgetHold {
    int64_t at_us, amount;
} BudgetHold;

void model_budget_init(ModelBudget *budget, const Settings *settings);
/* By the configured prices, rounded up. Neither count is negative. */
int64_t model_budget_cost(const ModelBudget *budget, int64_t prompt_tokens,
                          int64_t completion_tokens);
/* The most that a request can cost. */
int64_t model_budget_bound(const ModelBudget *budget, int64_t prompt_bytes, int64_t max_tokens);
/* False, and nothing taken, when a cap would be passed; `full` then names the first such span. */
bool model_budget_reserve(ModelBudget *budget, int64_t now_us, int64_t amount, BudgetHold *hold,
                          BudgetSpan *full) MUST_USE;
/* Once for every hold whose cost is known. */
void model_budget_settle(ModelBudget *budget, const BudgetHold *hold, int64_t cost);
/* What an earlier life spent, in order of time: it counts in its hour and its day. */
void model_budget_recall(ModelBudget *budget, int64_t at_us, int64_t cost);
const char *budget_span_text(BudgetSpan span);

#endif
