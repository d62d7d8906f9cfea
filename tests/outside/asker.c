/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The port at the command line, for the tests of this folder: the plan from settings that the words
 * name (PATH=VALUE ...) and from the environment, as a run makes it; then one OutsideRequest a line
 * on standard input as JSON, and its OutsideReply on standard output; of a language model with what
 * the codec reads in it, as "fault" and "content".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bus/codec.h"
#include "core/venues/openai.h"
#include "shell/outside/outside_open.h"

static char line[1 << 20], out[1 << 20];
static OutsideRequest request;
static OutsideReply reply;
static OpenaiReply read;

static int refuse(const Error *error) {
    fprintf(stderr, "%s: %s\n", error->where, error->message);
    return error_exit_code(error->code);
}

static bool take_words(Settings *settings, int count, char **words, Error *error) {
    for (int i = 1; i < count; i++) {
        char *equals = strchr(words[i], '=');
        const Setting *setting =
            equals ? setting_find((Slice){words[i], (size_t)(equals - words[i])}) : NULL;
        if (!setting) return error_set(error, ERROR_USAGE, "not a setting", words[i], NULL);
        if (!setting_set(settings, setting, slice_of(equals + 1), error)) return false;
    }
    return true;
}

static void answer(void) {
    Text text = TEXT_IN(out);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "reply");
    codec_write_json(&message_shapes[MESSAGE_OUTSIDE_REPLY], &reply, &writer);
    if (reply.source == OUTSIDE_MODEL && reply.outcome == OUTSIDE_ANSWERED) {
        openai_read_reply(reply.status, slice_of(reply.body), &read);
        json_key(&writer, "fault");
        json_string(&writer, openai_fault_text(read.fault));
        json_key(&writer, "content");
        json_slice(&writer, openai_object_in(slice_of(read.content)));
    }
    json_object_end(&writer);
    puts(text_end(&text));
    fflush(stdout);
}

int main(int count, char **words) {
    Settings settings;
    OutsidePlan plan;
    OutsideWish wish = {.is_live = true};
    Error error;
    settings_presets(&settings);
    if (!take_words(&settings, count, words, &error) ||
        !outside_plan_make(&settings, &wish, &plan, &error))
        return refuse(&error);
    OutsidePort *port = outside_open(&plan, &error);
    outside_plan_wipe(&plan);
    if (!port) return refuse(&error);
    while (fgets(line, sizeof line, stdin)) {
        JsonReader reader = json_reader(slice_of(line));
        if (!codec_read_json(&message_shapes[MESSAGE_OUTSIDE_REQUEST], &reader, &request, &error))
            return refuse(&error);
        port->outside.ask(port->outside.context, &request, &reply);
        answer();
    }
    port->close(port);
    return EXIT_SUCCESS;
}
