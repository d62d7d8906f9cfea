/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a state's journal tells of a run: the candles that came in, the trades that it made, under
 * which settings, and everything that a backtest of those candles cannot know (an operator's word,
 * a restart, prices between the closes). Read in one pass, without the state's lock: a running
 * instance may go on writing. A RecordedRun owns its lists until recorded_run_free.
 */
#ifndef SHELL_BACKTEST_RECORDED_RUN_H
#define SHELL_BACKTEST_RECORDED_RUN_H

#include "shell/backtest/bar_columns.h"

/* What happened to the run at an instant, beside its market. */
typedef enum RunMarkKind {
    MARK_OTHER_BUILD,    /* a start by another version than the first */
    MARK_OTHER_SETTINGS, /* a start under other deciding settings */
    MARK_REBUILT,        /* a cold start: from facts, not from history */
    MARK_OPERATOR,       /* the kill switch */
    MARK_REFUSED,        /* the feed refused or missed something */
} RunMarkKind;

typedef struct RunMark {
    RunMarkKind kind;
    int64_t time_us;
    char symbol[LIMIT_SYMBOL_TEXT]; /* empty: of all */
    char text[160];
} RunMark;

typedef struct RecordedRun {
    BarColumns columns; /* `first` behind what only warmed up; `end`: it was never traded */
    Settings settings;  /* of the first start */
    char version[24];
    Opening opening;
    bool live; /* prices moved between the closes */
    Trade *trades;
    size_t trade_count, trade_room;
    /* Stored social history as it was heard, in order of `known`. */
    SocialReading *readings;
    size_t reading_count, reading_room;
    Headline *news;
    size_t news_count, news_room;
    RunMark *marks;
    size_t mark_count, mark_room;
    char journal_hash[65]; /* of all that was read */
    int64_t end_us;        /* of the last bar */
} RecordedRun;

bool recorded_run_read(const char *state_directory, RecordedRun *run, Error *error) MUST_USE;
void recorded_run_free(RecordedRun *run);

#endif
