/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parity of a run and the lab: the candles that a paper run recorded go through the lab under
 * the run's own settings, and every trade that differs is listed with the reason, as far as the
 * journal knows one: another build or other settings, an operator's word, a restart, missing
 * candles, prices between the closes (a live run trades at the price of the moment, and its stops
 * move with every price; recorded candles have an open and a range). A trade may also differ only
 * because an earlier one did. What is left is UNEXPLAINED, and is a bug. A Parity owns its list
 * until parity_free.
 */
#ifndef SHELL_BACKTEST_PARITY_H
#define SHELL_BACKTEST_PARITY_H

#include "shell/backtest/recorded_run.h"

typedef enum ParityReason {
    PARITY_OTHER_BUILD,
    PARITY_OTHER_SETTINGS,
    PARITY_REBUILT,
    PARITY_OPERATOR,
    PARITY_MISSING_CANDLES,
    PARITY_LIVE_PRICES,
    PARITY_FOLLOWS, /* from the difference before it */
    PARITY_UNEXPLAINED,
    PARITY_REASON_COUNT
} ParityReason;

typedef enum ParitySide { PARITY_BOTH, PARITY_ONLY_RUN, PARITY_ONLY_LAB } ParitySide;

typedef struct ParityDifference {
    ParitySide side;
    Trade run, lab; /* of `side` */
    ParityReason reason;
    char text[200]; /* what differs, or what is known of the reason */
} ParityDifference;

typedef struct Parity {
    size_t run_trades, lab_trades, equal;
    ParityDifference *differences;
    size_t count, room;
    bool live;
    bool same_journal; /* also every other record came out again */
    char run_hash[65], lab_hash[65];
} Parity;

/* `settings`: NULL: those of the run; else others, and differences are theirs. */
bool parity_check(const char *state_directory, const Settings *settings, Parity *parity,
                  Error *error) MUST_USE;
void parity_free(Parity *parity);
/* "the operator's word" */
const char *parity_reason_words(ParityReason reason);

#endif
