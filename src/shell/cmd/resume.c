/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/cmd/command.h"
#include "shell/session/control_told.h"
#include "shell/store/state_dir.h"

static void tell(const CommandCall *call, const StateDir *state, const ControlTold *told) {
    if (call_json(call)) {
        control_told_json(state, KILL_NONE, told);
        return;
    }
    puts("resume: entries are allowed again");
    if (told->holder)
        printf("told the instance with pid %d (%s)\n", told->holder, state->path);
    else
        printf("nothing runs on %s; it is heard at the next start\n", state->path);
}

static int run(CommandCall *call, Error *error) {
    StateDir state;
    ControlTold told;
    Control control = {.level = KILL_NONE, .by = "cli"};
    const char *reason = call_value(call, "reason");
    if (!slice_copy(slice_of(reason ? reason : "trader resume"), control.reason,
                    sizeof control.reason)) {
        error_set(error, ERROR_USAGE, "the reason is longer than 159 characters", "resume", NULL);
        return error_exit_code(ERROR_USAGE);
    }
    if (!state_find(call_state(call), &state, error) ||
        !control_tell(state.path, &control, &told, error))
        return error_exit_code(error->code);
    tell(call, &state, &told);
    return 0;
}

const Command command_resume = {
    .name = "resume",
    .group = "run",
    .sentence = "Take the kill switch back: entries are allowed again.",
    .examples = {"trader resume"},
    .options = {{"reason", OPTION_VALUE, "TEXT", "why; it stands in the journal", NULL}},
    .run = run,
};
