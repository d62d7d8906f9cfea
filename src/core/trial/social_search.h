/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the five social strategies would have fitted a symbol, and with which parameters: a
 * small seeded search by the trial engine, one trial at a time, so that whoever asks cuts the work
 * where it likes. Each variant gets a round of parameter sets, judged on the first part of the
 * rows; thresholds are drawn where the data are (quantiles of the symbol's own series), since 5,000
 * posts are many for one coin and few for another. The best set is judged once more on the rest,
 * which it has not seen, and the variant with the best ratio there is chosen, if that is above 0.
 * A round in which no set trades has failed: at most three more with other parameters, then the
 * variant is skipped. It is a choice out of five: what it is worth, live outcomes must show.
 *
 * Point-in-time: a bar reads samples that were known before its end. A SocialSearch is a plain
 * block; columns, memory and trades are the caller's. Deterministic.
 */
#ifndef CORE_TRIAL_SOCIAL_SEARCH_H
#define CORE_TRIAL_SOCIAL_SEARCH_H

#include "core/trade/version_score.h"
#include "core/trial/trial.h"

#define SOCIAL_VARIANTS      5
#define SOCIAL_SETS          8   /* of a round: five rounds of them are 40 trials, some 10 ms */
#define SOCIAL_RETRIES       3   /* READING 3 */
#define SOCIAL_QUANTILES     19  /* every twentieth */
#define SOCIAL_TRADES_KEPT   128 /* of the judged part: one every second hour of nine days */
#define SOCIAL_SEARCH_MEMORY (64u << 10) /* a trial of these spans needs 9 KiB */
#define SOCIAL_SEARCH_TEXT   256

typedef struct SocialVariant {
    unsigned variant; /* social_variant_name */
    double parameters[STRATEGY_PARAMETERS_MAX];
    double ratio;       /* Sharpe, annualised, of the part that it was chosen on */
    double judged;      /* ... of the part that it was chosen without */
    VersionTally tally; /* of the trades there */
} SocialVariant;

typedef struct SocialSearch {
    uint64_t seed;
    size_t split; /* first row of the part that judges */
    unsigned variant, round, set;
    bool any;           /* a set of this round has traded */
    SocialVariant best; /* of this round */
    bool chosen;
    SocialVariant choice;                               /* of all so far */
    double quantiles[EXTERNAL_COUNT][SOCIAL_QUANTILES]; /* NaN: no such data */
} SocialSearch;

typedef enum SearchEvent {
    SEARCH_GOES_ON,
    SEARCH_RETRIES, /* the round of search->variant failed: others are tried; text says which did */
    SEARCH_SKIPS,   /* no round of the variant traded */
    SEARCH_JUDGED,  /* a variant was judged */
    SEARCH_ENDED
} SearchEvent;

const char *social_variant_name(unsigned variant);
/* "sentiment=0.55,volume=1200": what differs from the presets. */
void social_variant_text(const SocialVariant *variant, char text[static SOCIAL_SEARCH_TEXT]);
/* `sorted` has room for the market's rows. */
void social_search_begin(SocialSearch *search, const TrialMarket *market, uint64_t seed,
                         double *sorted);
/* One trial. `plan` says market, balance and costs; `memory` has SOCIAL_SEARCH_MEMORY bytes,
 * aligned as malloc does; `trades` room for SOCIAL_TRADES_KEPT. `told` is the set that the event is
 * about. */
SearchEvent social_search_step(SocialSearch *search, const TrialPlan *plan, void *memory,
                               TrialTrade *trades, SocialVariant *told);

#endif
