/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/bus/codec.h"
#include "shell/store/sealed_file.h"
#include "shell/sys/files.h"

/* Who asks for the holder has the lock for microseconds: 20 tries outlast it. */
#define TRIES    20
#define PAUSE_NS 5000000 /* 5 ms between tries */

static bool place_in(const char *directory, const char *name, char target[static 544],
                     Error *error) {
    int printed = snprintf(target, 544, "%s/%s", directory, name);
    if (printed > 0 && printed < 544) return true;
    return error_set(error, ERROR_LIMIT, "the path is too long", directory, NULL);
}

bool state_dir_create(StateDir *state, const char *path, Error *error) {
    *state = (StateDir){.lock_descriptor = -1};
    if (!slice_copy(slice_of(path), state->path, sizeof state->path))
        return error_set(error, ERROR_LIMIT, "the path of the state is too long", path, NULL);
    return files_make_directory(path, error);
}

/* ---- the lock ------------------------------------------------------------------------------ */

static int pid_in(int file) {
    char digits[16] = "";
    ssize_t count = pread(file, digits, sizeof digits - 1, 0);
    int64_t pid = 0;
    if (count <= 0 || !slice_int(slice_trim((Slice){digits, (size_t)count}), &pid)) return 0;
    return pid > 0 && pid <= INT32_MAX ? (int)pid : 0;
}

static bool locked_by_other(const StateDir *state, int file, Error *error) {
    char message[120];
    Text text = TEXT_IN(message);
    text_format(&text, "the state is in use by the instance with pid %d", pid_in(file));
    return error_set(error, ERROR_STATE, text_end(&text), state->path,
                     "stop that instance, or give another state with --state DIR");
}

static bool take(int file) {
    for (int i = 0; i < TRIES; i++) {
        if (flock(file, LOCK_EX | LOCK_NB) == 0) return true;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    return false;
}

bool state_lock(StateDir *state, Error *error) {
    char path[544], digits[16];
    if (!place_in(state->path, "lock", path, error)) return false;
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return files_refused(error, "open", path);
    if (!take(file)) {
        locked_by_other(state, file, error);
        close(file);
        return false;
    }
    int length = snprintf(digits, sizeof digits, "%d\n", (int)getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, digits, (size_t)length, 0) != length) {
        files_refused(error, "write", path);
        close(file);
        return false;
    }
    state->lock_descriptor = file;
    return true;
}

void state_unlock(StateDir *state) {
    if (state->lock_descriptor >= 0) close(state->lock_descriptor);
    state->lock_descriptor = -1;
}

int state_holder(const char *path) {
    char name[544];
    if (!place_in(path, "lock", name, NULL)) return 0;
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    int pid = flock(file, LOCK_SH | LOCK_NB) == 0 ? 0 : pid_in(file);
    close(file);
    return pid;
}

/* ---- which world --------------------------------------------------------------------------- */

bool world_write(const char *path, const World *world, Error *error) {
    char name[544], memory[1024];
    if (!place_in(path, "world.json", name, error)) return false;
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "kind");
    json_string(&writer, world->kind);
    json_key(&writer, "fingerprint");
    json_string(&writer, world->fingerprint);
    json_key(&writer, "description");
    json_string(&writer, world->description);
    json_key(&writer, "finished");
    json_bool(&writer, world->finished);
    json_key(&writer, "version");
    json_string(&writer, world->version);
    json_object_end(&writer);
    text_char(&text, '\n');
    CHECK(!text.overflow, "state_dir: world.json outgrew its memory");
    return sealed_write(name, text_end(&text), 0644, error);
}

static bool world_field(JsonReader *reader, World *world) {
    const struct {
        const char *key;
        char *at;
        size_t capacity;
    } fields[] = {{"kind", world->kind, sizeof world->kind},
                  {"fingerprint", world->fingerprint, sizeof world->fingerprint},
                  {"description", world->description, sizeof world->description},
                  {"version", world->version, sizeof world->version}};
    if (slice_is(reader->slice, "finished")) return json_take_bool(reader, &world->finished);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!slice_is(reader->slice, fields[i].key)) continue;
        return json_next(reader) == JSON_STRING &&
               json_unescape(reader, fields[i].at, fields[i].capacity);
    }
    return json_skip(reader);
}

static bool world_parse(Slice text, World *world) {
    JsonReader reader = json_reader(text);
    if (json_next(&reader) != JSON_OBJECT_BEGIN) return false;
    JsonToken token;
    while ((token = json_next(&reader)) == JSON_KEY)
        if (!world_field(&reader, world)) return false;
    return token == JSON_OBJECT_END && json_next(&reader) == JSON_END && world->kind[0];
}

bool world_read(const char *path, World *world, bool *found, Error *error) {
    char name[544], *bytes;
    *world = (World){0};
    if (!place_in(path, "world.json", name, error)) return false;
    if (!sealed_read(name, &bytes, found, error)) return false;
    if (!*found) return true;
    bool good = world_parse(slice_of(bytes), world);
    free(bytes);
    if (good) return true;
    return error_set(error, ERROR_STATE, "the state does not say which world it is of", name,
                     "move the state away, or give another with --state DIR");
}
