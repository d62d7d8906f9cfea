/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/journal_check.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/kernel/kernel.h"
#include "shell/drivers/engine.h"
#include "shell/drivers/turn_replay.h"
#include "shell/store/journal.h"
#include "shell/store/store.h"

typedef struct JournalCheck {
    JournalReader *reader;
    ReplayTurn turn;
    Settings settings;
    KernelPlan plan;
    void *memory;
    Kernel *kernel;    /* NULL until the settings are known */
    JournalMark whole; /* behind the last whole turn */
    Store *store;      /* NULL: nothing is put anywhere */
} JournalCheck;

/* ---- settings of the first note ------------------------------------------------------------ */

static bool take_setting(JsonReader *reader, Settings *settings, Error *error) {
    const Setting *setting = setting_find(reader->slice);
    JsonToken token = json_next(reader);
    if (!setting) return true; /* of another version: what it did is judged by the effects */
    if (token == JSON_TRUE || token == JSON_FALSE)
        return setting_set(settings, setting, slice_of(token == JSON_TRUE ? "true" : "false"),
                           error);
    char words[600];
    if (token == JSON_STRING)
        return json_unescape(reader, words, sizeof words) &&
               setting_set(settings, setting, slice_of(words), error);
    return token == JSON_NUMBER && setting_set(settings, setting, reader->slice, error);
}

static bool take_settings(JsonReader *reader, Settings *settings, Error *error) {
    if (json_next(reader) != JSON_OBJECT_BEGIN) return false;
    while (json_next(reader) == JSON_KEY)
        if (!take_setting(reader, settings, error)) return false;
    return true;
}

static bool take_start(JsonReader *reader, JournalStart *start, Error *error) {
    Slice key = reader->slice;
    if (slice_is(key, "settings")) return take_settings(reader, &start->settings, error);
    if (slice_is(key, "cold")) return json_take_bool(reader, &start->cold);
    if (!slice_is(key, "start")) return json_skip(reader);
    return json_next(reader) == JSON_STRING &&
           json_unescape(reader, start->version, sizeof start->version);
}

bool journal_start_read(const Record *note, JournalStart *start, Error *error) {
    static const char begin[] = "{\"start\":";
    if (error) error->code = ERROR_NONE;
    if (note->length < sizeof begin - 1 || memcmp(note->payload, begin, sizeof begin - 1) != 0)
        return false;
    JsonReader reader = json_reader((Slice){(const char *)note->payload, note->length});
    memset(start, 0, sizeof *start);
    settings_presets(&start->settings);
    bool sound = json_next(&reader) == JSON_OBJECT_BEGIN;
    while (sound && json_next(&reader) == JSON_KEY)
        sound = take_start(&reader, start, error);
    if (sound) return true;
    return error && error->code != ERROR_NONE
               ? false
               : error_set(error, ERROR_DATA, "a start's note in the journal cannot be read",
                           "journal", "it is damaged, or of a newer version");
}

/* The first note begins the kernel; a later one only where it says that the start was cold. */
static bool hear_note(JournalCheck *check, const Record *note, Error *error) {
    JournalStart start;
    Error fault = {.code = ERROR_NONE};
    if (!journal_start_read(note, &start, &fault)) {
        if (fault.code != ERROR_NONE && error) *error = fault;
        return fault.code == ERROR_NONE;
    }
    if (check->kernel && !start.cold) return true;
    free(check->memory);
    check->settings = start.settings;
    check->plan = engine_kernel_plan(&check->settings);
    size_t size = (kernel_size(&check->plan) + 15) & ~(size_t)15;
    check->memory = aligned_alloc(16, size);
    if (!check->memory) return error_set(error, ERROR_LIMIT, "out of memory", "kernel", NULL);
    memset(check->memory, 0, size - LIMIT_TURN_BYTES);
    check->kernel = kernel_init(check->memory, &check->plan);
    if (start.cold) kernel_resume(check->kernel, note->sequence, note->time_us);
    return true;
}

/* ---- the walk ------------------------------------------------------------------------------ */

static bool put_turn(const JournalCheck *check, Error *error) {
    for (const Message *message = kernel_first(check->kernel); check->store && message;
         message = kernel_next(check->kernel, message))
        if (!store_put(check->store, message, error)) return false;
    return true;
}

static bool end_turn(JournalCheck *check, JournalVerdict *verdict, Error *failed) {
    Error error = {.code = ERROR_NONE};
    Text difference = TEXT_IN(verdict->first_difference);
    ReplayAnswer answer = turn_replay_run(&check->turn, check->kernel, &difference, &error);
    if (answer == REPLAY_UNREADABLE) text_put(&difference, error.message);
    text_end(&difference);
    verdict->turns++;
    verdict->equal = answer == REPLAY_EQUAL;
    check->whole = *journal_reader_mark(check->reader);
    return answer != REPLAY_EQUAL || put_turn(check, failed);
}

static bool walk(JournalCheck *check, JournalVerdict *verdict, Error *error) {
    Record record;
    const uint8_t *bytes;
    size_t size;
    verdict->equal = true;
    while (verdict->equal &&
           journal_read(check->reader, &record, &bytes, &size) == JOURNAL_RECORD) {
        if (record.kind == RECORD_NOTE) {
            if (!hear_note(check, &record, error)) return false;
            continue;
        }
        if (!check->kernel) return false;
        if (record.kind != RECORD_TURN)
            turn_replay_keep(&check->turn, bytes, size);
        else if (!end_turn(check, verdict, error))
            return false;
    }
    return check->kernel != NULL;
}

static void conclude(const JournalCheck *check, JournalVerdict *verdict) {
    uint8_t digest[SHA256_SIZE];
    Text hash = TEXT_IN(verdict->journal_hash);
    sha256_peek(&check->whole.chain, digest);
    text_hex(&hash, digest, sizeof digest);
    text_end(&hash);
    verdict->events = check->whole.records;
}

bool journal_check(const char *state_directory, JournalVerdict *verdict, Error *error) {
    return journal_check_into(state_directory, NULL, verdict, error);
}

bool journal_check_into(const char *state_directory, Store *store, JournalVerdict *verdict,
                        Error *error) {
    JournalCheck check = {.whole = journal_start(), .store = store};
    Error inner = {.code = ERROR_NONE};
    memset(verdict, 0, sizeof *verdict);
    check.reader = journal_reader_open(state_directory, NULL, &inner);
    bool sound =
        check.reader && turn_replay_init(&check.turn, &inner) && walk(&check, verdict, &inner);
    if (sound) conclude(&check, verdict);
    turn_replay_free(&check.turn);
    journal_reader_close(check.reader);
    free(check.memory);
    if (sound) return true;
    if (inner.code != ERROR_NONE && error) *error = inner;
    return inner.code != ERROR_NONE
               ? false
               : error_set(error, ERROR_DATA, "no journal that can be replayed", state_directory,
                           "name a state with --state; `trader run` makes one");
}
