/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run from its plan to its result: which world it belongs to and where its state stands, the
 * lock, the feed, the dashboard, the engine, signals, and the final document. What `run`, `demo`
 * and their like share. The plan is the caller's and must outlive the call; everything else is
 * opened and closed inside.
 */
#ifndef SHELL_SESSION_SESSION_H
#define SHELL_SESSION_SESSION_H

#include "core/bus/settings.h"
#include "core/market/symbol.h"
#include "shell/config/dotenv.h"
#include "shell/drivers/engine.h"

typedef enum SessionFeed {
    SESSION_BINANCE,
    SESSION_REPLAY,
    SESSION_GENERATED,
    SESSION_DEMO
} SessionFeed;

/* Where orders go. TEST: a real venue without real money. */
typedef enum SessionMarket { SESSION_PAPER, SESSION_TEST, SESSION_LIVE } SessionMarket;

#define SESSION_PATHS_MAX 256
#define NO_DASHBOARD      (-1)

typedef struct SessionPlan {
    Settings settings; /* symbols and the like are settled here */
    SessionFeed feed;
    const char *state; /* --state, or NULL: the world's own place */
    bool fresh;        /* --fresh: an existing state of another world is moved aside */
    const char *const *paths;
    unsigned path_count;
    bool symbols_given; /* else those of the files */
    int64_t start_us, end_us;
    uint64_t seed;
    unsigned days; /* generated: length; demo: lived through first */
    double speed;  /* 0: as fast as possible */
    Money opening;
    int port;       /* NO_DASHBOARD, 0: a free one */
    bool fall_back; /* binance: exchangeInfo does not answer: go on as demo */
    bool json, color;
    /* Real orders, where settings.venue.name is binance. */
    bool live;             /* --live: every check binds */
    const char *live_word; /* --live=WORD, or NULL: it is asked for at the terminal */
    bool no_input;
    bool balance_given;   /* then `opening` is the budget at a real venue */
    const Dotenv *dotenv; /* where keys may stand; the key is overwritten there */
    bool ai_budget_given; /* --ai-budget: it may ask where time is not real */
    SessionMarket venue;  /* settled by session_run */
} SessionPlan;

/* Runs to the end; prints what people see on standard error and the result on standard output. The
 * exit code. */
int session_run(SessionPlan *plan, Error *error);

#endif
