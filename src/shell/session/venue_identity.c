/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/venue_identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/base/json.h"
#include "shell/store/sealed_file.h"
#include "shell/sys/files.h"

#define INSTANCE_CHARS 8

static bool path_of(const char *state, char path[static 600], Error *error) {
    int printed = snprintf(path, 600, "%s/venue.json", state);
    if (printed > 0 && printed < 600) return true;
    return error_set(error, ERROR_LIMIT, "the path is too long", state, NULL);
}

static bool is_instance(const char *text) {
    return strspn(text, "abcdefghijklmnopqrstuvwxyz234567") == INSTANCE_CHARS &&
           text[INSTANCE_CHARS] == 0;
}

/* Five bits a character: 40 random bits tell the few instances that an account ever has apart. */
static bool make_instance(char instance[static INSTANCE_CHARS + 1], Error *error) {
    uint8_t bytes[INSTANCE_CHARS];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return files_refused(error, "read random bytes", "getrandom");
    for (unsigned i = 0; i < INSTANCE_CHARS; i++)
        instance[i] = "abcdefghijklmnopqrstuvwxyz234567"[bytes[i] & 31];
    instance[INSTANCE_CHARS] = 0;
    return true;
}

static bool write_file(const char *state, const VenueIdentity *identity, Error *error) {
    char path[600], memory[400];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    if (!path_of(state, path, error)) return false;
    json_object_begin(&writer);
    json_key(&writer, "account");
    json_string(&writer, identity->account);
    json_key(&writer, "instance");
    json_string(&writer, identity->instance);
    json_key(&writer, "armed_since_us");
    json_int(&writer, identity->armed_since);
    json_object_end(&writer);
    text_char(&text, '\n');
    CHECK(!text.overflow, "venue_identity: the file outgrew its memory");
    return sealed_write(path, text_end(&text), 0600, error);
}

static bool take_text(JsonReader *reader, char *target, size_t capacity) {
    Slice raw;
    return json_take_string(reader, &raw) && json_unescape(reader, target, capacity);
}

static bool parse(Slice text, VenueIdentity *identity) {
    JsonReader reader = json_reader(text);
    JsonToken token;
    bool sound = json_next(&reader) == JSON_OBJECT_BEGIN;
    while (sound && (token = json_next(&reader)) == JSON_KEY) {
        Slice key = reader.slice;
        if (slice_is(key, "account"))
            sound = take_text(&reader, identity->account, sizeof identity->account);
        else if (slice_is(key, "instance"))
            sound = take_text(&reader, identity->instance, sizeof identity->instance);
        else if (slice_is(key, "armed_since_us"))
            sound = json_take_int(&reader, &identity->armed_since);
        else
            sound = json_skip(&reader);
    }
    return sound && token == JSON_OBJECT_END && json_next(&reader) == JSON_END &&
           identity->account[0] && is_instance(identity->instance) && identity->armed_since >= 0;
}

bool venue_identity_read(const char *state, VenueIdentity *identity, bool *found, Error *error) {
    char path[600], *bytes;
    *identity = (VenueIdentity){0};
    if (!path_of(state, path, error)) return false;
    if (!sealed_read(path, &bytes, found, error)) return false;
    if (!*found) return true;
    bool good = parse(slice_of(bytes), identity);
    free(bytes);
    if (good) return true;
    return error_set(error, ERROR_STATE, "the state does not say which account it trades", path,
                     "restore the file from a copy, or begin anew with --fresh");
}

static bool make(const char *state, const char *account, VenueIdentity *identity, Error *error) {
    bool fits = slice_copy(slice_of(account), identity->account, sizeof identity->account);
    CHECK(fits, "venue_identity: the account's name does not fit");
    return make_instance(identity->instance, error) && write_file(state, identity, error);
}

bool venue_identity_enter(const char *state, const char *account, bool is_new,
                          VenueIdentity *identity, Error *error) {
    bool found;
    if (!venue_identity_read(state, identity, &found, error)) return false;
    if (!found && is_new) return make(state, account, identity, error);
    if (!found)
        return error_set(error, ERROR_STATE,
                         "the state has no venue.json: its orders at the venue "
                         "could not be told from strangers'",
                         state, "restore the file from a copy, or begin anew with --fresh");
    return strcmp(identity->account, account) == 0 ||
           error_set(error, ERROR_STATE, "the state trades another account", state,
                     "give that account's key, or another directory with --state");
}

bool venue_identity_arm(const char *state, VenueIdentity *identity, int64_t now_us, Error *error) {
    if (identity->armed_since > 0) return true;
    identity->armed_since = now_us;
    return write_file(state, identity, error);
}
