/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the engine finds its place again: the newest snapshot that fits, then the journal's tail turn by turn, comparing
 * every effect that comes out again with the one on record. What stands behind the last whole turn is torn and cut;
 * the feed is read on from the last event that a whole turn took.
 */
#include <stdlib.h>
#include <string.h>

#include "core/bus/codec.h"
#include "shell/drivers/engine_parts.h"

#define EFFECTS_MAX (4u << 20) /* bytes of one turn's records: a turn's messages have LIMIT_TURN_BYTES, their records less */

/* The records of one turn, as they stand in the journal. */
typedef struct TailTurn {
    uint8_t *bytes; /* INPUT and EFFECT records, one behind the other */
    size_t used;
    bool overflow;
} TailTurn;

static bool feed_input(Engine *engine, const Record *record, Error *error) {
    uint8_t payload[LIMIT_PAYLOAD] __attribute__((aligned(16)));
    const MessageShape *shape = topic_message((Topic)record->topic);
    return codec_decode(shape, record->payload, record->length, payload, error) &&
           kernel_input(engine->kernel, (Topic)record->topic, record->time_us, payload, error);
}

static bool feed_inputs(Engine *engine, const TailTurn *turn, Error *error) {
    Record record;
    for (size_t at = 0, size; at < turn->used; at += size) {
        size = record_read(turn->bytes + at, turn->used - at, &record);
        CHECK(size > 0, "records that were read once can be read again");
        if (record.kind == RECORD_INPUT && !feed_input(engine, &record, error)) return false;
    }
    return true;
}

/* The turn again: its records must be the same bytes. */
static bool same_records(Engine *engine, const TailTurn *turn) {
    size_t at = 0;
    for (const Message *message = kernel_first(engine->kernel); message;
         message = kernel_next(engine->kernel, message)) {
        uint8_t record[RECORD_MAX];
        size_t size = record_of_message(message, record);
        if (turn->used - at < size || memcmp(turn->bytes + at, record, size) != 0) return false;
        at += size;
    }
    return at == turn->used;
}

static bool store_turn(Engine *engine, Error *error) {
    for (const Message *message = kernel_first(engine->kernel); message;
         message = kernel_next(engine->kernel, message)) {
        engine_count_message(engine, message);
        if (!store_put(engine->store, message, error)) return false;
    }
    return true;
}

static bool replay_turn(Engine *engine, const TailTurn *turn, const char *directory, Error *error) {
    if (turn->overflow || !feed_inputs(engine, turn, error))
        return error_set(error, ERROR_DATA, "the journal holds a turn that cannot be read", directory,
                         "the file is damaged or from another version; start anew with --fresh");
    kernel_turn(engine->kernel);
    if (!same_records(engine, turn))
        return error_set(error, ERROR_DATA, "the journal's tail does not replay to the same effects", directory,
                         "run `trader replay` for the first difference; start anew with --fresh");
    return store_turn(engine, error);
}

static void keep_record(TailTurn *turn, const uint8_t *bytes, size_t size) {
    if (EFFECTS_MAX - turn->used < size) {
        turn->overflow = true;
        return;
    }
    memcpy(turn->bytes + turn->used, bytes, size);
    turn->used += size;
}

/* Replays whole turns; `mark` ends behind the last one. */
static bool replay_tail(Engine *engine, JournalReader *reader, TailTurn *turn, JournalMark *mark,
                        uint64_t *turns, Error *error) {
    Record record;
    const uint8_t *bytes;
    size_t size;
    while (journal_read(reader, &record, &bytes, &size) == JOURNAL_RECORD) {
        if (record.kind == RECORD_INPUT || record.kind == RECORD_EFFECT) {
            keep_record(turn, bytes, size);
            continue;
        }
        if (record.kind == RECORD_TURN) {
            if (!replay_turn(engine, turn, engine->plan->state_directory, error)) return false;
            turn->used = 0;
            ++*turns;
        }
        if (turn->used == 0) *mark = *journal_reader_mark(reader);
    }
    return true;
}

static bool recover_tail(Engine *engine, JournalMark *mark, uint64_t *turns, Error *error) {
    JournalReader *reader = journal_reader_open(engine->plan->state_directory, mark, error);
    TailTurn turn = {.bytes = malloc(EFFECTS_MAX)};
    bool sound = reader && turn.bytes && replay_tail(engine, reader, &turn, mark, turns, error);
    free(turn.bytes);
    journal_reader_close(reader);
    return sound;
}

static void say_found(Text *note, bool snapshot, uint64_t turns) {
    if (!note) return;
    if (!snapshot && turns == 0)
        text_put(note, "new state");
    else
        text_format(note, "continued from %s and %D turns of the journal",
                    snapshot ? "a snapshot" : "the start", (int64_t)turns);
}

static void write_settings(const Settings *settings, JsonWriter *writer) {
    json_key(writer, "settings");
    json_object_begin(writer);
    for (unsigned i = 0; i < setting_count; i++) {
        char path[128], value[600];
        Text key = TEXT_IN(path), text = TEXT_IN(value);
        setting_path(&setting_table[i], &key);
        setting_write(settings, &setting_table[i], &text);
        json_key(writer, text_end(&key));
        json_raw(writer, (Slice){text.at, text.length});
    }
    json_object_end(writer);
}

/* Every start leaves a note: build and settings, so that a replay knows under which rules the history was made. */
static bool note_start(Engine *engine, Error *error) {
    char memory[LIMIT_PAYLOAD];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "start");
    json_string(&writer, TRADER_VERSION);
    write_settings(engine->plan->settings, &writer);
    json_object_end(&writer);
    return journal_note(engine->journal, kernel_time(engine->kernel), text_end(&text), error);
}

bool engine_recover(Engine *engine, Text *note, Error *error) {
    size_t size;
    bool found, fits;
    uint64_t turns = 0;
    SnapshotHead head = {0}, wanted = {.layout = kernel_layout(&engine->kernel_plan)};
    memcpy(wanted.settings, engine->settings_digest, SHA256_SIZE);
    void *block = kernel_state(engine->kernel, &size);
    JournalMark mark = journal_start();
    if (snapshot_read(engine->plan->state_directory, &wanted, &head, block, size, &found, &fits)) {
        mark = head.mark;
        engine->tally = head.tally;
        engine->snapshots = head.count;
    } else if (found && !fits) {
        return error_set(error, ERROR_STATE, "the state was made by another version or other settings",
                         engine->plan->state_directory, "use the same ones, or begin anew with --fresh");
    }
    engine->replaying = true;
    if (!recover_tail(engine, &mark, &turns, error)) return false;
    engine->replaying = false;
    engine->snapshot_at = head.mark.records;
    say_found(note, found, turns);
    if (!store_rewind(engine->store, kernel_sequence(engine->kernel), error)) return false;
    engine->journal = journal_open(engine->plan->state_directory, &mark,
                                   (uint64_t)engine->plan->settings->journal.segment_bytes, error);
    return engine->journal && note_start(engine, error);
}

bool engine_snapshot(Engine *engine, Error *error) {
    size_t size;
    const void *block = kernel_state(engine->kernel, &size);
    SnapshotHead head;
    memset(&head, 0, sizeof head);
    head.layout = kernel_layout(&engine->kernel_plan);
    memcpy(head.settings, engine->settings_digest, SHA256_SIZE);
    head.mark = *journal_mark(engine->journal);
    head.tally = engine->tally;
    head.count = engine->snapshots + 1;
    /* The database must hold what a recovery from here will not make again. */
    if (!engine_write_out(engine, false, error)) return false;
    if (!snapshot_write(engine->plan->state_directory, &head, block, size, error)) return false;
    engine->snapshots = head.count;
    engine->snapshot_at = head.mark.records;
    return true;
}
