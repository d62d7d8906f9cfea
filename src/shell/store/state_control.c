/* SPDX-License-Identifier: Apache-2.0 */
/* The operator's words to the kill switch: kept in the state, told to who holds it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/bus/codec.h"
#include "shell/store/sealed_file.h"
#include "shell/store/state_dir.h"
#include "shell/sys/files.h"

#define SIGNAL_MARK 0x74720000 /* "tr": a queued signal's value is ours */

static const char *const markers[KillLevel_COUNT] = {
    [KILL_PAUSE] = "PAUSE", [KILL_STOP] = "STOP", [KILL_FLATTEN] = "FLATTEN"};

static bool place_in(const char *directory, const char *name, char target[static 544],
                     Error *error) {
    int printed = snprintf(target, 544, "%s/%s", directory, name);
    if (printed > 0 && printed < 544) return true;
    return error_set(error, ERROR_LIMIT, "the path is too long", directory, NULL);
}

/* ---- keeping ------------------------------------------------------------------------------- */

static void drop_markers(const char *path) {
    char name[544];
    for (int level = KILL_PAUSE; level < KillLevel_COUNT; level++)
        if (place_in(path, markers[level], name, NULL)) unlink(name);
}

static bool keep_file(const char *path, const Control *control, Error *error) {
    char name[544], memory[1024];
    if (!place_in(path, "control", name, error)) return false;
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    codec_write_json(&message_shapes[MESSAGE_CONTROL], control, &writer);
    text_char(&text, '\n');
    CHECK(!text.overflow, "state_control: control outgrew its memory");
    return sealed_write(name, text_end(&text), 0600, error);
}

/* An empty file takes no block on a full disk; where not even that is left, the name of the old
 * word's file is changed, which takes nothing at all. */
static bool keep_marker(const char *path, KillLevel level) {
    char name[544], old[544];
    if (level == KILL_NONE || !place_in(path, markers[level], name, NULL)) return false;
    int file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0) {
        bool flushed = fsync(file) == 0;
        close(file);
        if (flushed) return true;
    }
    return place_in(path, "control", old, NULL) && rename(old, name) == 0;
}

/* ---- telling ------------------------------------------------------------------------------- */

static bool signal_holder(const char *path, const Control *control, ControlTold *told,
                          Error *error) {
    union sigval value = {.sival_int = 0};
    if (!told->kept) value.sival_int = SIGNAL_MARK + (int)control->level;
    told->holder = state_holder(path);
    if (!told->holder || sigqueue(told->holder, SIGUSR2, value) == 0) return true;
    if (errno == ESRCH) told->holder = 0;
    return !told->holder || files_refused(error, "signal the running instance", path);
}

int control_signal_level(int value) {
    int level = value - SIGNAL_MARK;
    return level > KILL_NONE && level < KillLevel_COUNT ? level : -1;
}

bool control_tell(const char *path, const Control *control, ControlTold *told, Error *error) {
    *told = (ControlTold){.kept = false};
    told->kept = keep_file(path, control, &told->fault);
    if (told->kept)
        drop_markers(path);
    else
        told->kept = keep_marker(path, control->level);
    bool resumes = control->level == KILL_NONE;
    if (!told->kept && resumes) {
        if (error) *error = told->fault;
        return false;
    }
    if (!signal_holder(path, control, told, error)) return false;
    if (!told->kept && !told->holder && error) *error = told->fault;
    return told->kept || told->holder;
}

bool control_write(const char *path, const Control *control, Error *error) {
    ControlTold told;
    if (!control_tell(path, control, &told, error)) return false;
    if (!told.kept && error) *error = told.fault;
    return told.kept;
}

bool control_raise(const char *path, const Control *control, Error *error) {
    Control present;
    Error unreadable; /* then it counts as a pause already, and the operator sees why */
    bool found = false;
    if (control_read(path, &present, &found, &unreadable) && found &&
        present.level >= control->level)
        return true;
    return control_write(path, control, error);
}

/* ---- reading ------------------------------------------------------------------------------- */

static KillLevel strongest_marker(const char *path) {
    char name[544];
    for (int level = KillLevel_COUNT - 1; level > KILL_NONE; level--)
        if (place_in(path, markers[level], name, NULL) && files_exist(name))
            return (KillLevel)level;
    return KILL_NONE;
}

static bool read_file(const char *path, Control *control, bool *found, Error *error) {
    char name[544], *bytes;
    if (!place_in(path, "control", name, error)) return false;
    if (!sealed_read(name, &bytes, found, error)) return false;
    if (!*found) return true;
    JsonReader reader = json_reader(slice_of(bytes));
    bool good = codec_read_json(&message_shapes[MESSAGE_CONTROL], &reader, control, error);
    free(bytes);
    return good || error_at(error, name);
}

/* A marker above pause holds even where the file beside it cannot be read: that would be a pause.
 */
bool control_read(const char *path, Control *control, bool *found, Error *error) {
    KillLevel marked = strongest_marker(path);
    *control = (Control){.level = KILL_NONE};
    bool sound = read_file(path, control, found, error);
    if (!sound && marked == KILL_NONE) return false;
    if (sound && *found && control->level >= marked) return true;
    if (marked == KILL_NONE) return true;
    *control = (Control){.level = marked, .by = "file"};
    Text reason = TEXT_IN(control->reason);
    text_format(&reason, "STATE/%s", markers[marked]);
    text_end(&reason);
    *found = true;
    return true;
}

/* ---- whether there is something new -------------------------------------------------------- */

static bool look_at(const char *path, int index, struct stat *about) {
    char name[544];
    const char *file = index == KILL_NONE ? "control" : markers[index];
    return place_in(path, file, name, NULL) && stat(name, about) == 0;
}

static uint64_t mixed(uint64_t hash, uint64_t value) {
    return (hash ^ value) * 0x100000001b3ULL; /* the prime of FNV-1a */
}

uint64_t control_stamp(const char *path) {
    uint64_t stamp = 0xcbf29ce484222325ULL; /* the offset of FNV-1a */
    for (int i = 0; i < KillLevel_COUNT; i++) {
        struct stat about = {0};
        bool there = look_at(path, i, &about);
        stamp = mixed(mixed(stamp, there), (uint64_t)about.st_ino);
        stamp = mixed(stamp, (uint64_t)about.st_mtim.tv_sec);
        stamp = mixed(mixed(stamp, (uint64_t)about.st_mtim.tv_nsec), (uint64_t)about.st_size);
    }
    return stamp;
}

int64_t control_changed_us(const char *path) {
    int64_t newest = 0;
    for (int i = 0; i < KillLevel_COUNT; i++) {
        struct stat about;
        if (!look_at(path, i, &about)) continue;
        int64_t changed = about.st_mtim.tv_sec * INT64_C(1000000) + about.st_mtim.tv_nsec / 1000;
        if (changed > newest) newest = changed;
    }
    return newest;
}
