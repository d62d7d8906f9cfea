/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "shell/cmd/command.h"
#include "shell/config/environment.h"
#include "shell/session/checkup.h"
#include "shell/session/session_venue.h"

static unsigned keys_given(CommandCall *call) {
    unsigned keys = 0;
    for (unsigned i = 0; i < variable_count; i++)
        if (variable_is_secret(&variable_table[i]))
            keys += call_secret(call, variable_table[i].name) != NULL;
    return keys;
}

/* ---- the venue ----------------------------------------------------------------------------- */

static void take_arming(Checkup *checkup, const Arming *arming) {
    for (unsigned i = 0; i < arming->count; i++) {
        const ArmingCheck *check = &arming->checks[i];
        checkup_add(checkup, check->name, check->mark, check->text,
                    check->mark == MARK_GOOD ? NULL : check->fix);
    }
}

/* Only with a key is there a venue to ask; without one nothing leaves this machine. Of a venue
 * where real money is at stake every doubt is an error, as it is for run --live. */
static void check_venue(CommandCall *call, Checkup *checkup) {
    static VenueKey key;
    static Arming arming;
    Error error = {0};
    VenuePlace place;
    if (!checkup->settings) return;
    if (!venue_key_load(&key, call_dotenv(call), &error)) {
        checkup_add_error(checkup, "key", &error);
        return;
    }
    if (key.signer.kind == SIGNER_NONE) {
        checkup_add(checkup, "venue", MARK_GOOD, "no key: paper trading only", NULL);
        return;
    }
    bool real =
        venue_place(checkup->settings->venue.rest_url, &place, &error) && place == PLACE_REAL;
    session_venue_check(checkup->settings, &key, real, &arming);
    venue_key_wipe(&key);
    take_arming(checkup, &arming);
}

/* ---- telling ------------------------------------------------------------------------------- */

static void print_json(const Checkup *checkup) {
    static const char *const levels[] = {"ok", "warning", "error"};
    static char memory[131072]; /* 32 findings of at most 520 bytes, escaped to six each */
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "errors");
    json_int(&writer, checkup_count(checkup, MARK_BAD));
    json_key(&writer, "warnings");
    json_int(&writer, checkup_count(checkup, MARK_WARN));
    json_key(&writer, "checks");
    json_array_begin(&writer);
    for (unsigned i = 0; i < checkup->count; i++) {
        const Finding *finding = &checkup->findings[i];
        json_object_begin(&writer);
        json_key(&writer, "name");
        json_string(&writer, finding->name);
        json_key(&writer, "level");
        json_string(&writer, levels[finding->mark]);
        json_key(&writer, "text");
        json_string(&writer, finding->text);
        json_key(&writer, "fix");
        if (finding->fix[0])
            json_string(&writer, finding->fix);
        else
            json_null(&writer);
        json_object_end(&writer);
    }
    json_array_end(&writer);
    json_object_end(&writer);
    puts(text_end(&text));
}

static void print_screen(const CommandCall *call, const Checkup *checkup) {
    bool color = call_color(call);
    for (unsigned i = 0; i < checkup->count; i++) {
        const Finding *finding = &checkup->findings[i];
        paint_mark(stdout, finding->mark, color);
        printf(" %-11s %s\n", finding->name, finding->text);
        if (finding->fix[0]) printf("%14sfix: %s\n", "", finding->fix);
    }
    unsigned errors = checkup_count(checkup, MARK_BAD),
             warnings = checkup_count(checkup, MARK_WARN);
    if (errors + warnings)
        printf("%u error%s, %u warning%s\n", errors, errors == 1 ? "" : "s", warnings,
               warnings == 1 ? "" : "s");
    else
        puts("all is well");
}

static void look(CommandCall *call, Checkup *checkup) {
    const Settings *settings;
    Error error = {0};
    checkup_binary(checkup);
    if (call_settings(call, &settings, &error))
        checkup->settings = settings;
    else
        checkup_add_error(checkup, "config", &error);
    checkup_config(checkup);
    checkup_dotenv(checkup, keys_given(call));
    checkup_machine(checkup);
    if (checkup->has_state) {
        checkup_world(checkup);
        checkup_database(checkup);
        checkup_journal(checkup);
        checkup_verified(checkup);
        checkup_growth(checkup);
    }
    checkup_candles(checkup);
    check_venue(call, checkup);
}

static int run(CommandCall *call, Error *error) {
    static Checkup checkup;
    StateDir state;
    Error ignored;
    bool has_state = state_find(call_state(call), &state, call_state(call) ? error : &ignored);
    if (!has_state && call_state(call)) return error_exit_code(error->code);
    checkup_begin(&checkup, NULL, has_state ? state.path : NULL);
    look(call, &checkup);
    if (call_json(call))
        print_json(&checkup);
    else
        print_screen(call, &checkup);
    bool found = checkup_count(&checkup, MARK_BAD) + checkup_count(&checkup, MARK_WARN) > 0;
    return found ? error_exit_code(ERROR_FINDINGS) : 0;
}

const Command command_doctor = {
    .name = "doctor",
    .group = "set up",
    .sentence =
        "Check the program, its settings, the machine, the state and, with a key, the venue.",
    .examples = {"trader doctor", "trader doctor --state state/demo --json"},
    .run = run,
};
