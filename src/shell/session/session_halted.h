/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session whose engine has failed at a real venue. Ending there would leave the operator without
 * the kill switch just when it is needed, so the process stays: no new orders, what protects
 * positions rests at the venue, and stop and flatten are still heard (signal, file, command,
 * dashboard) and carried out by direct requests. It ends when it is told to, with the failure's
 * exit code. Owns nothing; engine and port are the session's.
 */
#ifndef SHELL_SESSION_SESSION_HALTED_H
#define SHELL_SESSION_SESSION_HALTED_H

#include "shell/drivers/engine.h"
#include "shell/session/session_venue.h"
#include "shell/web/web.h"

typedef struct HaltedSession {
    Engine *engine;
    const SessionVenue *venue;
    const Settings *settings;
    const char *state;
    Web *web;                     /* or NULL */
    KillLevel (*signalled)(void); /* the level that a signal asked for since the last word */
    bool (*stopping)(void);
} HaltedSession;

void session_halted(const HaltedSession *session, const Error *why);

#endif
