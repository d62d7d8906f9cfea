/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/engine_poison.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "shell/sys/check.h"
#include "shell/sys/files.h"

#define CRASHES_TO_QUARANTINE                                                                      \
    2 /* once may be bad luck (memory, a killed machine), twice on the same input is not */
#define POISON_FILE_MAX 4096

typedef struct PoisonWatch {
    char path[600];
    const Kernel *kernel;
    const Poison *known;
} PoisonWatch;

static PoisonWatch watching; /* one engine a process; read only by the failing check */

static void path_of(const char *state_directory, char path[static 600]) {
    snprintf(path, 600, "%.580s/poison", state_directory);
}

static bool parse(Slice text, Poison *poison) {
    JsonReader reader = json_reader(text);
    if (json_next(&reader) != JSON_OBJECT_BEGIN) return false;
    while (json_next(&reader) == JSON_KEY) {
        Slice key = reader.slice, raw;
        int64_t number = 0;
        bool sound;
        if (slice_is(key, "check")) {
            sound = json_take_string(&reader, &raw) &&
                    json_unescape(&reader, poison->check, sizeof poison->check);
        } else {
            sound = json_take_int(&reader, &number) && number >= 0;
            if (slice_is(key, "sequence")) poison->sequence = (uint64_t)number;
            if (slice_is(key, "crashes")) poison->crashes = (uint64_t)number;
        }
        if (!sound) return false;
    }
    return true;
}

bool poison_read(const char *state_directory, Poison *poison, Error *error) {
    char path[600], *bytes;
    size_t length;
    memset(poison, 0, sizeof *poison);
    path_of(state_directory, path);
    if (!files_exist(path)) return true;
    if (!files_read(path, POISON_FILE_MAX, &bytes, &length, error)) return false;
    bool sound = parse((Slice){bytes, length}, poison);
    free(bytes);
    return sound || error_set(error, ERROR_STATE, "cannot be read", path,
                              "remove the file to try the input again");
}

bool poison_is(const Poison *poison, uint64_t sequence) {
    return poison->sequence == sequence && poison->crashes >= CRASHES_TO_QUARANTINE;
}

static void on_check(void *context, const char *check) {
    const PoisonWatch *watch = context;
    const Message *first = kernel_first(watch->kernel);
    char memory[1024];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    if (!first) return;
    bool again = watch->known->sequence == first->sequence;
    json_object_begin(&writer);
    json_key(&writer, "sequence");
    json_int(&writer, (int64_t)first->sequence);
    json_key(&writer, "crashes");
    json_int(&writer, again ? (int64_t)watch->known->crashes + 1 : 1);
    json_key(&writer, "check");
    json_string(&writer, check);
    json_object_end(&writer);
    Error ignored; /* the program is ending: what cannot be written is lost, and the crash counts
                      anew */
    if (!files_write(watch->path, text_end(&text), text.length, 0600, &ignored))
        perror(watch->path);
}

void poison_watch(const char *state_directory, const Kernel *kernel, const Poison *known) {
    if (!state_directory) {
        check_listen(NULL, NULL);
        return;
    }
    path_of(state_directory, watching.path);
    watching.kernel = kernel;
    watching.known = known;
    check_listen(on_check, &watching);
}
