/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which world a plan belongs to: its kind, the fingerprint that tells whether a state may continue,
 * and where the state and its logs stand. Nothing is kept.
 */
#ifndef SHELL_SESSION_SESSION_WORLD_H
#define SHELL_SESSION_SESSION_WORLD_H

#include "shell/session/session.h"
#include "shell/store/state_dir.h"

bool session_world(const SessionPlan *plan, World *world, Error *error) MUST_USE;
/* --state, ./state/WORLD for worlds without end, else a fresh ./state/runs/TIME-FINGERPRINT. */
void session_state_path(const SessionPlan *plan, const World *world, char path[static 512]);
/* logging.log_directory, ./logs for the default states, else STATE/logs. */
void session_log_path(const SessionPlan *plan, const char *state, char path[static 600]);
/* The symbols of the files' names into the settings, where none were given. */
bool session_symbols(SessionPlan *plan, Error *error) MUST_USE;
/* settings.trading.symbols as a list; the count. */
bool session_symbol_list(const Settings *settings, SymbolName symbols[static LIMIT_SYMBOLS],
                         unsigned *count, Error *error) MUST_USE;

#endif
