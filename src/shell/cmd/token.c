/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "core/base/json.h"
#include "shell/cmd/command.h"
#include "shell/store/state_dir.h"
#include "shell/sys/files.h"
#include "shell/web/web.h"

/* Where a browser on this machine finds the page: an address that means "all of them" is asked as
 * loopback. */
static void put_url(const Settings *settings, const char *code, Text *text) {
    const char *host = settings->dashboard.host;
    bool every = slice_is(slice_of(host), "0.0.0.0") || slice_is(slice_of(host), "::");
    text_format(text, "http://%s:%D/?code=%s", every ? "127.0.0.1" : host, settings->dashboard.port,
                code);
}

/* The running instance says where its page is; --port says it otherwise. */
static bool put_noted(const CommandCall *call, const StateDir *state, const char *code,
                      Text *text) {
    char path[544], *address;
    size_t length;
    Error none;
    snprintf(path, sizeof path, "%s/dashboard", state->path);
    if (call_value(call, "port") || !files_exist(path) || state_holder(state->path) == 0)
        return false;
    if (!files_read(path, 160, &address, &length, &none)) return false;
    text_slice(text, slice_trim((Slice){address, length}));
    text_format(text, "?code=%s", code);
    free(address);
    return true;
}

static void put_address(const CommandCall *call, const StateDir *state, const Settings *settings,
                        const char *code, Text *text) {
    if (!put_noted(call, state, code, text)) put_url(settings, code, text);
}

static int run(CommandCall *call, Error *error) {
    const Settings *settings;
    StateDir state;
    char code[33], memory[400];
    if (!call_settings(call, &settings, error) || !state_find(call_state(call), &state, error) ||
        !login_code_create(state.path, code, error))
        return error_exit_code(error->code);
    Text text = TEXT_IN(memory);
    if (call_json(call)) {
        char address[160];
        Text url = TEXT_IN(address);
        JsonWriter writer = json_writer(&text);
        put_address(call, &state, settings, code, &url);
        json_object_begin(&writer);
        json_key(&writer, "token");
        json_string(&writer, code);
        json_key(&writer, "url");
        json_string(&writer, text_end(&url));
        json_object_end(&writer);
    } else {
        put_address(call, &state, settings, code, &text);
        text_format(&text, "\nlogin code, good for one login: %s", code);
    }
    puts(text_end(&text));
    return 0;
}

const Command command_token = {
    .name = "token",
    .group = "look",
    .sentence = "A new one-time login code for the dashboard.",
    .examples = {"trader token"},
    .options = {{"port", OPTION_VALUE, "N", "port of the dashboard, if it is not the setting's",
                 "dashboard.port"}},
    .run = run,
};
