/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the engine finds its place again: the newest snapshot that fits, then the journal's tail turn
 * by turn, comparing every effect that comes out again with the one on record. What stands behind
 * the last whole turn is torn and cut; the feed is read on from the last event that a whole turn
 * took.
 */
#include <string.h>

#include "core/base/json.h"
#include "shell/drivers/engine_parts.h"
#include "shell/drivers/turn_replay.h"

static bool store_turn(Engine *engine, Error *error) {
    for (const Message *message = kernel_first(engine->kernel); message;
         message = kernel_next(engine->kernel, message)) {
        engine_count_message(engine, message);
        engine_outside_learn(engine, message);
        if (!store_put(engine->store, message, error)) return false;
    }
    return true;
}

static bool replay_turn(Engine *engine, ReplayTurn *turn, Error *error) {
    char memory[160];
    Text difference = TEXT_IN(memory);
    switch (turn_replay_run(turn, engine->kernel, &difference, error)) {
    case REPLAY_EQUAL:
        return store_turn(engine, error);
    case REPLAY_DIFFERS:
        return error_set(error, ERROR_DATA,
                         "the journal's tail does not replay to the same effects",
                         text_end(&difference),
                         "`trader replay` compares the whole journal; --fresh begins anew");
    default:
        return error_set(error, ERROR_DATA, "the journal holds a turn that cannot be read",
                         engine->plan->state_directory, "the file is damaged; --fresh begins anew");
    }
}

/* Replays whole turns; `mark` ends behind the last one. */
static bool replay_tail(Engine *engine, JournalReader *reader, ReplayTurn *turn, JournalMark *mark,
                        uint64_t *turns, Error *error) {
    Record record;
    const uint8_t *bytes;
    size_t size;
    while (journal_read(reader, &record, &bytes, &size) == JOURNAL_RECORD) {
        if (record.kind == RECORD_INPUT || record.kind == RECORD_EFFECT) {
            turn_replay_keep(turn, bytes, size);
            continue;
        }
        if (record.kind == RECORD_TURN) {
            if (!replay_turn(engine, turn, error)) return false;
            ++*turns;
        }
        if (turn->used == 0) *mark = *journal_reader_mark(reader);
    }
    return true;
}

/* A torn end is cut. History behind damage is not: a virtual feed would make it again, but what a
 * live market said is said once. */
static bool judge_end(Engine *engine, JournalReader *reader, Error *error) {
    if (!journal_reader_broken(reader)) return true;
    const JournalMark *mark = journal_reader_mark(reader);
    engine_damage(engine, "the journal is damaged in file %d at byte %D", (int)mark->segment,
                  (int64_t)mark->offset);
    if (engine->plan->feed->is_virtual) return true;
    return error_set(error, ERROR_DATA, "the journal is damaged in the middle: nothing is cut",
                     engine->plan->state_directory,
                     "restore the journal from a copy, or begin anew with --fresh");
}

static bool recover_tail(Engine *engine, JournalMark *mark, uint64_t *turns, Error *error) {
    JournalReader *reader = journal_reader_open(engine->plan->state_directory, mark, error);
    ReplayTurn turn = {.bytes = NULL};
    bool sound = reader && turn_replay_init(&turn, error) &&
                 replay_tail(engine, reader, &turn, mark, turns, error) &&
                 judge_end(engine, reader, error);
    turn_replay_free(&turn);
    journal_reader_close(reader);
    return sound;
}

static void say_found(Text *note, const SnapshotHead *head, uint64_t turns) {
    bool snapshot = head->count > 0;
    if (!note) return;
    if (!snapshot && turns == 0) {
        text_put(note, "new state");
        return;
    }
    text_format(note, "continued from %s and %D turns of the journal",
                snapshot ? "a snapshot" : "the start", (int64_t)turns);
    if (!head->closed) text_put(note, "; the last run did not end properly");
}

/* ---- is what is stored what was written? --------------------------------------------------- */

static void judge_snapshots(Engine *engine, const SnapshotFault *fault) {
    if (fault->damaged)
        engine_damage(engine, "%d snapshot%s damaged, older history was played again",
                      (int)fault->damaged, fault->damaged > 1 ? "s were" : " was");
    if (fault->ahead_sequence)
        engine_damage(engine,
                      "the journal ends before message %D, which a snapshot has seen: power was "
                      "lost, or an older journal stands in its place",
                      (int64_t)fault->ahead_sequence);
}

/* Without a snapshot the journal must be there from its beginning, if there ever was one. */
static bool history_is_lost(Engine *engine) {
    uint32_t first = journal_first(engine->plan->state_directory);
    uint64_t through = store_through(engine->store);
    if (first == 1 || (first == 0 && (through == 0 || through == UINT64_MAX))) return false;
    engine_damage(engine,
                  first ? "the journal begins with file %d and no snapshot stands"
                        : "the journal is gone",
                  (int)first);
    return true;
}

/* The database keeps step with the journal. Behind it, rows are missing that the tail will not make
 * again. They come first: a database that ends behind the tail shows no more that it lacks some. */
static bool refill_database(Engine *engine, uint64_t from, uint64_t through, Error *error) {
    if (through >= from) return true;
    engine_damage(engine,
                  "the database ends at message %D, before %D: what the journal has in full was "
                  "put there again, `trader db repair` makes the rest",
                  (int64_t)through, (int64_t)from);
    return store_refill(engine->store, engine->plan->state_directory, through, from, false, error);
}

/* Ahead of it, the journal has lost its end. */
static void judge_database(Engine *engine, uint64_t through) {
    const char *words;
    uint64_t now = kernel_sequence(engine->kernel);
    if (store_damage(engine->store, &words)) engine_damage(engine, "the database: %s", words);
    if (through > now && through < UINT64_MAX)
        engine_damage(engine,
                      "the journal ends at message %D and the database at %D: power was lost, or "
                      "an older journal stands in its place",
                      (int64_t)now, (int64_t)through);
}

static bool flush_journal(void *context, Error *error) {
    Engine *engine = context;
    return !engine->journal || journal_flush(engine->journal, false, error);
}

/* Rows behind the journal's end go; the latest of a key that went with them comes back. */
static bool rewind_store(Engine *engine, Error *error) {
    uint64_t now = kernel_sequence(engine->kernel);
    store_before_flush(engine->store, flush_journal, engine);
    if (!store_rewind(engine->store, now, error)) return false;
    return store_latest_cut(engine->store) == 0 ||
           store_refill(engine->store, engine->plan->state_directory, 0, now, true, error);
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

bool engine_note_start(Engine *engine, bool cold, Error *error) {
    char memory[LIMIT_PAYLOAD];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "start");
    json_string(&writer, TRADER_VERSION);
    json_key(&writer, "cold");
    json_bool(&writer, cold);
    write_settings(engine->plan->settings, &writer);
    json_object_end(&writer);
    return journal_note(engine->journal, kernel_time(engine->kernel), text_end(&text), error);
}

/* Found before there was a journal to write it into. */
static bool note_damage(Engine *engine, Error *error) {
    char memory[sizeof engine->damage * 2];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    if (!store_put_meta(engine->store, "damage", engine->damage, error)) return false;
    if (engine->damages == 0) return true;
    json_object_begin(&writer);
    json_key(&writer, "damage");
    json_string(&writer, engine->damage);
    json_object_end(&writer);
    return journal_note(engine->journal, kernel_time(engine->kernel), text_end(&text), error);
}

static bool open_journal(Engine *engine, const JournalMark *mark, bool cold, Error *error) {
    if (!rewind_store(engine, error)) return false;
    engine->journal = journal_open(engine->plan->state_directory, mark,
                                   (uint64_t)engine->plan->settings->journal.segment_bytes, error);
    return engine->journal && engine_note_start(engine, cold, error) && note_damage(engine, error);
}

/* What a cold start takes for true must be proved. */
static bool prove_facts(Engine *engine, Error *error) {
    char memory[200];
    Text finding = TEXT_IN(memory);
    if (!store_facts_check(engine->store, &finding, error)) return false;
    if (finding.length == 0) return true;
    return error_set(error, ERROR_DATA, text_end(&finding), engine->plan->state_directory,
                     "`trader db repair` makes it again from the journal");
}

static bool recover_cold(Engine *engine, JournalMark *mark, Text *note, Error *error) {
    if (!engine->plan->endless)
        return error_set(
            error, engine->damages ? ERROR_DATA : ERROR_STATE,
            engine->damages ? engine->damage
                            : "the state was made by another version or other settings",
            engine->plan->state_directory, "use the same ones, or begin anew with --fresh");
    if (note)
        text_put(note,
                 engine->damages
                     ? "history is lost: rebuilt from orders, fills and stored bars"
                     : "other version or settings: rebuilt from orders, fills and stored bars");
    engine->continued = true;
    if (!prove_facts(engine, error)) return false;
    engine->wants_snapshot = true;
    engine_fresh_kernel(engine); /* an older snapshot that fits may have been read into it */
    return engine_cold_place(engine, mark, error) && open_journal(engine, mark, true, error) &&
           engine_cold_rebuild(engine, error);
}

/* The kernel's state; the event at hand; the feed's place, where it has one; what is asked. */
static void list_blocks(Engine *engine, SnapshotBlock blocks[static SNAPSHOT_BLOCKS]) {
    const Feed *feed = engine->plan->feed;
    blocks[0].at = kernel_state(engine->kernel, &blocks[0].size);
    blocks[1] = (SnapshotBlock){&engine->taken, feed->place ? sizeof engine->taken : 0};
    blocks[2] = (SnapshotBlock){feed->place, feed->place ? feed->place_size : 0};
    blocks[3] = (SnapshotBlock){engine->asked, sizeof *engine->asked};
}

bool engine_recover(Engine *engine, Text *note, Error *error) {
    SnapshotBlock blocks[SNAPSHOT_BLOCKS];
    uint64_t turns = 0, through = store_through(engine->store); /* before the tail is put */
    SnapshotHead head, wanted;
    memset(&head, 0, sizeof head);
    memset(&wanted, 0, sizeof wanted);
    wanted.layout = kernel_layout(&engine->kernel_plan);
    memcpy(wanted.settings, engine->settings_digest, SHA256_SIZE);
    list_blocks(engine, blocks);
    SnapshotFault fault;
    SnapshotAnswer found =
        snapshot_read(engine->plan->state_directory, &wanted, &head, blocks, &fault);
    JournalMark mark = found == SNAPSHOT_NONE ? journal_start() : head.mark;
    judge_snapshots(engine, &fault);
    engine->snapshot_mark = mark;
    engine->tally = head.tally;
    engine->snapshots = head.count;
    engine->snapshot_at = head.mark.records;
    engine->snapshot_time_us = head.time_us;
    bool lost = found == SNAPSHOT_NONE && history_is_lost(engine);
    if (found == SNAPSHOT_OTHER || lost) return recover_cold(engine, &mark, note, error);
    if (found == SNAPSHOT_FITS && engine->plan->feed->place)
        engine->feed_events_at = head.tally.feed_events;
    if (!refill_database(engine, head.mark.sequence, through, error) ||
        !recover_tail(engine, &mark, &turns, error))
        return false;
    engine->continued = head.count > 0 || turns > 0;
    say_found(note, &head, turns);
    engine->wants_snapshot = found != SNAPSHOT_FITS;
    judge_database(engine, through);
    return open_journal(engine, &mark, false, error);
}

bool engine_snapshot(Engine *engine, Error *error) {
    SnapshotBlock blocks[SNAPSHOT_BLOCKS];
    SnapshotHead head;
    list_blocks(engine, blocks);
    memset(&head, 0, sizeof head);
    head.layout = kernel_layout(&engine->kernel_plan);
    memcpy(head.settings, engine->settings_digest, SHA256_SIZE);
    head.mark = *journal_mark(engine->journal);
    head.tally = engine->tally;
    head.time_us = kernel_time(engine->kernel);
    head.count = engine->snapshots + 1;
    head.closed = engine->closing;
    /* The database must hold what a recovery from here will not make again. */
    if (!engine_settle(engine, error)) return false;
    bool hurry = !engine->plan->feed->is_virtual; /* what a virtual feed said can be made again */
    if (!snapshot_write(engine->plan->state_directory, &head, blocks, hurry, error)) return false;
    engine->snapshots = head.count;
    engine->snapshot_at = head.mark.records;
    return true;
}
