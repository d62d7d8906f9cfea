/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows out of the journal again (store.h): what a damaged or older database lacks stands there in
 * full, except for bulk of which the journal keeps a digest only. Writing twice changes nothing.
 */
#include "core/kernel/record.h"
#include "shell/store/journal.h"
#include "shell/store/store_parts.h"

typedef struct Refill {
    Store *store;
    uint64_t from, to;
    bool latest_only;
    _Alignas(16) uint8_t payload[LIMIT_PAYLOAD];
} Refill;

static bool is_wanted(const Refill *refill, const Record *record) {
    const TopicShape *shape = &topic_shapes[record->topic];
    bool whole = record->kind == RECORD_INPUT ||
                 (record->kind == RECORD_EFFECT && shape->journal == JOURNAL_FULL);
    bool kept = refill->latest_only ? shape->store == STORE_LATEST : shape->store != STORE_NONE;
    return whole && kept && record->sequence > refill->from && record->sequence <= refill->to;
}

static bool put_record(Refill *refill, const Record *record, Error *error) {
    const MessageShape *shape = topic_message((Topic)record->topic);
    memset(refill->payload, 0, shape->size);
    if (!codec_decode(shape, record->payload, record->length, refill->payload, error)) return false;
    Message message = {.sequence = record->sequence,
                       .time_us = record->time_us,
                       .size = shape->size,
                       .topic = record->topic,
                       .origin = record->origin,
                       .payload = refill->payload};
    return store_put(refill->store, &message, error);
}

static bool put_records(Refill *refill, JournalReader *reader, Error *error) {
    Record record;
    const uint8_t *bytes;
    size_t size;
    while (journal_read(reader, &record, &bytes, &size) == JOURNAL_RECORD)
        if (is_wanted(refill, &record) && !put_record(refill, &record, error)) return false;
    return store_flush(refill->store, error);
}

bool store_refill(Store *store, const char *state_directory, uint64_t from, uint64_t to,
                  bool latest_only, Error *error) {
    static Refill refill; /* 32 KiB; one writer a process */
    JournalReader *reader = journal_reader_open_first(state_directory, error);
    uint64_t through = store->through;
    refill.store = store;
    refill.from = from;
    refill.to = to;
    refill.latest_only = latest_only;
    store->through_written = UINT64_MAX; /* rows may be met at any sequence */
    bool sound = reader && put_records(&refill, reader, error);
    journal_reader_close(reader);
    if (through > store->through) store->through = through;
    return sound;
}
