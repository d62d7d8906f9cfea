/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The long backtest: history in, the kernel with every deciding service over it, a result out. The
 * same object files as in a live run decide here; only the two ends differ: candles of 1 to 32
 * symbols come from columns (candle_series.h), and what is said is counted, hashed and turned into
 * trades and equity instead of being written anywhere. There is no database, no file, no log and no
 * screen in the loop.
 *
 * Each candle is the events of every recorded candle (feed_event.h): an open, and its range and
 * close a microsecond before the next one's place. The running hash is over the canonical bytes
 * that the engine's journal holds, so a replay of the same candles leaves the same journal_hash: a
 * law compares. Bars before a market's `first` only warm up.
 *
 * The caller owns plan, columns and memory, which must outlive the Lab. Pure; nothing is allocated.
 */
#ifndef CORE_LAB_LAB_H
#define CORE_LAB_LAB_H

#include "core/base/digest.h"
#include "core/bus/outside.h"
#include "core/bus/social_line.h"
#include "core/kernel/kernel.h"
#include "core/trial/trial.h"

typedef struct LabMarket {
    CandleSeries candles;
    Symbol symbol;
    size_t first, end; /* of what is traded; what lies before `first` warms up */
} LabMarket;

typedef struct LabPlan {
    const Settings *settings; /* trading_params.symbols names every market */
    /* In order of their names: all of the program's own, or those that a test scripts. */
    const Service *const *services;
    unsigned service_count;
    const LabMarket *markets; /* of one interval and one quote asset, in order of their names */
    unsigned market_count;
    Money balance; /* quote */
    /* Of these symbols and "*", in order of `known`: heard then, or at the first candle. */
    const SocialReading *social;
    size_t social_count;
    const Headline *news; /* likewise */
    size_t news_count;
    const PromptTemplate *prompts; /* the operator's own */
    unsigned prompt_count;
    bool flatten;    /* sell what is open at the end, at the last close, with costs */
    bool hash;       /* keep the running hash of the journal */
    Outside outside; /* zero: what is asked of sources and models is missing */
    /* Shown every message of every turn, in order; NULL: nobody. */
    void (*watch)(void *context, const Message *message);
    void *watch_context;
} LabPlan;

typedef struct LabResult {
    /* As a trial's, from the same definitions; `refused` counts named refusals. */
    TrialResult trial;
    uint64_t signals, orders, fills;
    /* Of language models: requests that left, questions that the record does not hold, cost in
     * millionths of a dollar. */
    uint64_t calls, ai_missing, cost_usd_micro;
    /* Judgements of data before the model's knowledge cutoff: it may have known what came next. */
    uint64_t ai_recallable;
    uint8_t journal[SHA256_SIZE]; /* before the end's flattening; of nothing without `hash` */
} LabResult;

typedef struct Lab Lab;

/* The plan's readings and headlines as one line. */
static inline SocialLine lab_social_line(const LabPlan *plan) {
    return (SocialLine){plan->social, plan->news, plan->social_count, plan->news_count};
}

/* Bytes that lab_open wants, aligned to 16. */
size_t lab_memory(const LabPlan *plan);
/* Zeroed memory of that size. NULL with an Error for a plan that cannot be run: no bars, several
 * intervals or quote assets, names out of order or named twice, a symbol that the settings lack. */
Lab *lab_open(const LabPlan *plan, void *memory, TrialOutput *output, Error *error);
/* Lives through at most `turns` instants; false when the data were through already. */
bool lab_step(Lab *lab, uint64_t turns);
int64_t lab_time(const Lab *lab);
/* For tests and views: what holds the services' states. */
const Kernel *lab_kernel(const Lab *lab);
/* Once the data are through. */
void lab_end(Lab *lab, LabResult *result);

/* All of it at once. */
bool lab_run(const LabPlan *plan, void *memory, TrialOutput *output, LabResult *result,
             Error *error) MUST_USE;

#endif
