/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/model_inbox.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/bus/codec.h"
#include "shell/store/state_dir.h"
#include "shell/sys/clock.h"
#include "shell/sys/files.h"

#define INBOX     "models/inbox"
#define WORD_MAX  4096 /* a word has about 300 bytes */
#define NAME_TAIL ".json"

static bool inbox_of(const char *state, char path[static MODEL_INBOX_PATH], Error *error) {
    int printed = snprintf(path, MODEL_INBOX_PATH, "%s/" INBOX, state);
    if (printed > 0 && printed < MODEL_INBOX_PATH - 64) return true;
    return error_set(error, ERROR_LIMIT, "the path is too long", state, NULL);
}

bool model_inbox_put(const char *state, const ModelOrder *order, int *holder, Error *error) {
    char directory[MODEL_INBOX_PATH], file[MODEL_INBOX_PATH + 64], memory[WORD_MAX];
    if (!inbox_of(state, directory, error) || !files_make_directory(directory, error)) return false;
    snprintf(file, sizeof file, "%s/%020lld-%d" NAME_TAIL, directory, (long long)clock_wall_us(),
             (int)getpid());
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    codec_write_json(&message_shapes[MESSAGE_MODEL_ORDER], order, &writer);
    text_char(&text, '\n');
    CHECK(!text.overflow, "model_inbox: a word outgrew its memory");
    if (!files_write(file, text.at, text.length, 0600, error)) return false;
    *holder = state_holder(state);
    if (*holder && kill(*holder, SIGUSR2) != 0) {
        if (errno != ESRCH) return files_refused(error, "signal the running instance", state);
        *holder = 0;
    }
    return true;
}

/* Names begin with their time in 20 digits, so the least is the oldest. */
static bool oldest(const char *directory, char name[static 64]) {
    DIR *files = opendir(directory);
    name[0] = 0;
    if (!files) return false;
    for (struct dirent *each; (each = readdir(files));) {
        size_t length = strlen(each->d_name), tail = sizeof NAME_TAIL - 1;
        if (length <= tail || length >= 64 || each->d_name[0] == '.') continue;
        if (strcmp(each->d_name + length - tail, NAME_TAIL) != 0) continue;
        if (!name[0] || strcmp(each->d_name, name) < 0) memcpy(name, each->d_name, length + 1);
    }
    closedir(files);
    return name[0] != 0;
}

static bool read_word(const char *file, ModelOrder *order, Error *error) {
    char *bytes;
    size_t length;
    if (!files_read(file, WORD_MAX, &bytes, &length, error)) return false;
    JsonReader reader = json_reader((Slice){bytes, length});
    memset(order, 0, sizeof *order);
    bool good = codec_read_json(&message_shapes[MESSAGE_MODEL_ORDER], &reader, order, error);
    free(bytes);
    return good || error_at(error, file);
}

bool model_inbox_next(const char *state, ModelOrder *order, char file[static MODEL_INBOX_PATH],
                      Error *error) {
    char directory[MODEL_INBOX_PATH], name[64], aside[MODEL_INBOX_PATH + 8];
    error->code = ERROR_NONE;
    if (!inbox_of(state, directory, error)) return false;
    while (oldest(directory, name)) {
        int printed = snprintf(file, MODEL_INBOX_PATH, "%s/%s", directory, name);
        if (printed < 0 || printed >= MODEL_INBOX_PATH) return false; /* inbox_of left room */
        if (read_word(file, order, error)) return true;
        snprintf(aside, sizeof aside, "%s.bad", file);
        if (rename(file, aside) != 0) return false; /* it would be read for ever */
    }
    return false;
}

bool model_inbox_done(const char *file) {
    return unlink(file) == 0 || errno == ENOENT;
}
