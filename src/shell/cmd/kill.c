/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/bus/shape.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"
#include "shell/session/control_told.h"
#include "shell/store/state_dir.h"

static bool take_level(const CommandCall *call, KillLevel *level, Error *error) {
    const char *word = call_value(call, "level");
    *level = KILL_PAUSE;
    for (int i = KILL_PAUSE; word && i < KillLevel_COUNT; i++) {
        if (strcmp(KillLevel_text((KillLevel)i), word) != 0) continue;
        *level = (KillLevel)i;
        return true;
    }
    return !word || error_set(error, ERROR_USAGE, "there is no such level", word,
                              "pause: no new entries; stop: and open orders are cancelled; "
                              "flatten: and positions are sold");
}

/* With --state a state that does not exist yet is made: the word is heard at its first start. */
static bool find_state(const CommandCall *call, StateDir *state, Error *error) {
    if (call_state(call)) return state_dir_create(state, call_state(call), error);
    return state_find(NULL, state, error);
}

/* Selling everything at the market on a real account wants a typed word, or --yes. */
static bool confirmed(const CommandCall *call, const StateDir *state, KillLevel level,
                      Error *error) {
    World world;
    bool found;
    if (!world_read(state->path, &world, &found, error)) return false;
    bool live = found && strncmp(world.kind, "live-", 5) == 0;
    if (!live || level != KILL_FLATTEN || call_has(call, "yes")) return true;
    char answer[32] = "";
    if (!call_has(call, "no_input") && !call_json(call) && isatty(STDIN_FILENO)) {
        fprintf(stderr,
                "This sells every position of %s at the market. Type \"live\": ", world.kind);
        if (fgets(answer, sizeof answer, stdin) && strcmp(answer, "live\n") == 0) return true;
    }
    return error_set(error, ERROR_GUARD, "flattening a real account was not confirmed", state->path,
                     "--yes confirms it; --level stop keeps positions");
}

static const char *effect_of(KillLevel level) {
    static const char *const effects[] = {
        [KILL_NONE] = "entries are allowed again",
        [KILL_PAUSE] = "no new entries; positions and their stops stay",
        [KILL_STOP] = "no new entries, open entry orders are cancelled; positions stay",
        [KILL_FLATTEN] = "no new entries, open orders are cancelled, positions are sold"};
    return effects[level];
}

static void tell_holder(const StateDir *state, const ControlTold *told) {
    if (told->holder)
        printf("told the instance with pid %d (%s)   next: trader status\n", told->holder,
               state->path);
    else
        printf("nothing runs on %s; it is heard at the next start\n", state->path);
    if (!told->kept)
        fprintf(stderr,
                "trader: warning: the word could not be written (%s); it was told by a "
                "signal and does not survive a restart\n",
                told->fault.message);
}

static void tell(const CommandCall *call, const StateDir *state, KillLevel level,
                 const ControlTold *told) {
    bool color = call_color(call);
    if (call_json(call)) {
        control_told_json(state, level, told);
        return;
    }
    printf("%s%s%s: %s\n", paint_begin(STYLE_BOLD, color), KillLevel_text(level),
           paint_end(STYLE_BOLD, color), effect_of(level));
    tell_holder(state, told);
    puts("undo: trader resume");
}

static int run(CommandCall *call, Error *error) {
    StateDir state;
    ControlTold told;
    Control control = {.by = "cli"};
    const char *reason = call_value(call, "reason");
    if (!slice_copy(slice_of(reason ? reason : "trader kill"), control.reason,
                    sizeof control.reason)) {
        error_set(error, ERROR_USAGE, "the reason is longer than 159 characters", "kill", NULL);
        return error_exit_code(ERROR_USAGE);
    }
    if (!take_level(call, &control.level, error) || !find_state(call, &state, error) ||
        !confirmed(call, &state, control.level, error) ||
        !control_tell(state.path, &control, &told, error))
        return error_exit_code(error->code);
    tell(call, &state, control.level, &told);
    return 0;
}

const Command command_kill = {
    .name = "kill",
    .group = "run",
    .sentence = "The kill switch: pause entries, stop orders, or sell everything.",
    .examples = {"trader kill", "trader kill --level flatten --reason \"leaving for a week\""},
    .options = {{"level", OPTION_VALUE, "LEVEL", "pause (preset), stop or flatten", NULL},
                {"reason", OPTION_VALUE, "TEXT", "why; it stands in the journal", NULL}},
    .run = run,
};
