/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to run, from the words of the command line: the options that every command with a backtest
 * in it shares (JOB_OPTIONS, rows of its table), and their reading. Symbols and files, interval,
 * span, balance, the strategy and its parameters; costs come from the settings. Nothing is owned:
 * the job points at the words.
 */
#ifndef SHELL_BACKTEST_JOB_WORDS_H
#define SHELL_BACKTEST_JOB_WORDS_H

#include "core/trial/sweep.h"
#include "shell/backtest/trial_job.h"

/* Rows for Command.options. */
#define JOB_DATA_OPTIONS                                                                           \
    {"symbols", OPTION_LIST, "SYMBOL", "which symbols of the candle store", NULL},                 \
        {"intervals", OPTION_LIST, "INTERVAL", "of the candles: 1m to 1d (1h)", NULL},             \
        {"days", OPTION_VALUE, "N", "the last N days of what is stored", NULL},                    \
        {"start_date", OPTION_VALUE, "DATE", "from here, inclusive (UTC)", NULL},                  \
        {"end_date", OPTION_VALUE, "DATE", "to here, exclusive (UTC)", NULL},                      \
        {"input", OPTION_LIST, "FILE", "candle files instead of the store", NULL}, {               \
        "data_dir", OPTION_VALUE, "DIR", "where candles are stored (./data)", NULL                 \
    }
#define JOB_RUN_OPTIONS                                                                            \
    {"balance", OPTION_VALUE, "AMOUNT", "opening balance in the quote asset (10000)", NULL},       \
        {"strategy", OPTION_VALUE, "NAME", "which one; trader list strategies shows them", NULL},  \
        {"parameters", OPTION_LIST, "NAME=VALUE", "of the strategy; the others keep presets",      \
         NULL},                                                                                    \
        {"no_social", OPTION_SWITCH, NULL, "candles alone: as --social off", NULL},                \
        {"resolve", OPTION_VALUE, "INTERVAL", "judge stops on these finer stored candles", NULL},  \
        {"fee_bps", OPTION_VALUE, "N", "fee in basis points", "paper.fee_bps"},                    \
        {"spread_bps", OPTION_VALUE, "N", "bid to ask in basis points", "paper.spread_bps"},       \
        {"slippage_bps", OPTION_VALUE, "N", "slippage in basis points", "paper.slippage_bps"}, {   \
        "seed", OPTION_VALUE, "N", "of strategies that draw lots (1)", NULL                        \
    }

typedef struct CommandCall CommandCall;

/* How to ask the command line: call_value, call_list and call_has of shell/cmd/command.h. */
typedef struct JobSource {
    const CommandCall *call;
    const char *(*value)(const CommandCall *call, const char *option);
    unsigned (*list)(const CommandCall *call, const char *option, const char *const **values);
    bool (*has)(const CommandCall *call, const char *option);
} JobSource;

#define JOB_DATA_PRESET "./data"
#define JOB_RESULTS     "./state/backtest/results"

/* The candles and their span. ERROR_USAGE names the option. */
bool job_words_candles(const JobSource *source, MarketWish *wish, Error *error) MUST_USE;
/* The candles, and all else; `job` comes from trial_job_init. */
bool job_words_take(const JobSource *source, TrialJob *job, Error *error) MUST_USE;
/* "fast=10" into the parameters of the job's strategy. */
bool job_words_parameter(TrialJob *job, const char *word, Error *error) MUST_USE;
/* The axes of --grid, which are put together into `words` (empty: none were given); parameters
 * without an axis stay at the job's. */
bool job_words_grid(const JobSource *source, const TrialJob *job, Text *words, SweepSpace *space,
                    Error *error) MUST_USE;
/* "1h" as a length; false for what is no interval. */
bool job_words_length(const char *word, int64_t *length_us) MUST_USE;
/* Where results stand: STATE/results, or JOB_RESULTS without a state. */
void job_words_results(const char *state, char *path, size_t size);

#endif
