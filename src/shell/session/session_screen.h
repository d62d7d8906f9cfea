/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person sees of a run on the terminal: the heading, how the state was found, the
 * dashboard's address, progress while it runs at full speed, signals and fills while it is live or
 * paced, and the summary. All on standard error but the summary; nothing at all with --json except
 * errors and the dashboard's address. A plain value.
 */
#ifndef SHELL_SESSION_SESSION_SCREEN_H
#define SHELL_SESSION_SESSION_SCREEN_H

#include "shell/session/session.h"
#include "shell/store/state_dir.h"

/* Generated markets begin here, so that a seed is the same market on every day it is run. */
#define SESSION_MARKET_START_US 1704067200000000LL /* 2024-01-01 00:00 UTC */

typedef struct SessionScreen {
    const SessionPlan *plan;
    bool quiet, color, terminal;
    int64_t begun_us; /* monotonic */
    bool full_speed, line_open, decision_told;
    bool venue_told;
    VenueCondition venue;   /* as last told */
    int64_t quiet_until_us; /* market time: messages before it are history lived through */
} SessionScreen;

void session_screen_open(SessionScreen *screen, const SessionPlan *plan, const World *world,
                         const char *state);
void session_screen_ready(SessionScreen *screen, const char *note);
void session_screen_dashboard(SessionScreen *screen, const char *host, unsigned port,
                              const char *code);
void session_screen_message(SessionScreen *screen, const Message *message);
void session_screen_progress(SessionScreen *screen, int64_t market_us, const RunTally *tally);
void session_screen_end(SessionScreen *screen, const Feed *feed, const Engine *engine,
                        bool stopped);

#endif
