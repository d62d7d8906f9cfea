/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/control_told.h"

#include <stdio.h>

#include "core/base/json.h"
#include "core/bus/shape.h"

void control_told_json(const StateDir *state, KillLevel level, const ControlTold *told) {
    char memory[2048];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "state");
    json_string(&writer, state->path);
    json_key(&writer, "level");
    json_string(&writer, KillLevel_text(level));
    json_key(&writer, "pid");
    if (told->holder)
        json_int(&writer, told->holder);
    else
        json_null(&writer);
    json_key(&writer, "heard");
    json_string(&writer, told->holder ? "now" : "at_next_start");
    json_key(&writer, "kept");
    json_bool(&writer, told->kept);
    json_object_end(&writer);
    puts(text_end(&text));
}
