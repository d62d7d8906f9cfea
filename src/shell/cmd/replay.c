/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/json.h"
#include "shell/cmd/command.h"
#include "shell/drivers/journal_check.h"
#include "shell/screen/paint.h"
#include "shell/store/state_dir.h"

static void print_json(const JournalVerdict *verdict) {
    char memory[1024];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "events");
    json_int(&writer, (int64_t)verdict->events);
    json_key(&writer, "turns");
    json_int(&writer, (int64_t)verdict->turns);
    json_key(&writer, "journal_hash");
    json_string(&writer, verdict->journal_hash);
    json_key(&writer, "equal");
    json_bool(&writer, verdict->equal);
    json_key(&writer, "first_difference");
    if (verdict->equal)
        json_null(&writer);
    else
        json_string(&writer, verdict->first_difference);
    json_object_end(&writer);
    puts(text_end(&text));
}

static void print_text(const JournalVerdict *verdict, bool color) {
    paint_mark(stdout, verdict->equal ? MARK_GOOD : MARK_BAD, color);
    printf(" %llu records in %llu turns %s\n", (unsigned long long)verdict->events,
           (unsigned long long)verdict->turns,
           verdict->equal ? "came out again, bit for bit" : "compared until the first difference");
    if (!verdict->equal) printf("  first difference: %s\n", verdict->first_difference);
    printf("  journal %s\n", verdict->journal_hash);
}

static int run(CommandCall *call, Error *error) {
    StateDir state;
    JournalVerdict verdict;
    if (!state_find(call_state(call), &state, error) || !journal_check(state.path, &verdict, error))
        return error_exit_code(error->code);
    if (call_json(call)) {
        print_json(&verdict);
    } else {
        fprintf(stderr, "state %s\n", state.path);
        print_text(&verdict, call_color(call));
    }
    return verdict.equal ? 0 : error_exit_code(ERROR_FINDINGS);
}

const Command command_replay = {
    .name = "replay",
    .group = "look",
    .sentence = "The journal of a state through the kernel again: the same decisions must come "
                "out, bit for bit.",
    .examples = {"trader replay", "trader replay --state state/demo --json"},
    .run = run,
};
