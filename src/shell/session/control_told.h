/* SPDX-License-Identifier: Apache-2.0 */
/* What kill and resume answer with --json: the state, the level, and who has heard it. */
#ifndef SHELL_SESSION_CONTROL_TOLD_H
#define SHELL_SESSION_CONTROL_TOLD_H

#include "shell/store/state_dir.h"

/* Prints one document; `holder` is the pid of the running instance, 0: heard at the next start. */
void control_told_json(const StateDir *state, KillLevel level, const ControlTold *told);

#endif
