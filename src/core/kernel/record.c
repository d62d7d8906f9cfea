/* SPDX-License-Identifier: Apache-2.0 */
#include "core/kernel/record.h"

#include <string.h>

#include "core/bus/codec.h"

#define CHECKED_FROM 4 /* the checksum does not cover itself */

static void header_fill(const Record *record, uint8_t *target) {
    memcpy(target + 4, &record->length, 4);
    target[8] = (uint8_t)record->kind;
    target[9] = record->topic;
    target[10] = record->origin;
    target[11] = 0;
    memcpy(target + 12, &record->sequence, 8);
    memcpy(target + 20, &record->time_us, 8);
}

static void header_put(const Record *record, uint8_t *target) {
    header_fill(record, target);
    uint32_t crc = crc32c(0, target + CHECKED_FROM, RECORD_HEADER - CHECKED_FROM + record->length);
    memcpy(target, &crc, 4);
}

size_t record_write(const Record *record, uint8_t target[static RECORD_MAX]) {
    CHECK(record->length <= LIMIT_PAYLOAD, "a record's payload fits LIMIT_PAYLOAD");
    if (record->length) memcpy(target + RECORD_HEADER, record->payload, record->length);
    header_put(record, target);
    return RECORD_HEADER + record->length;
}

/* All but the checksum; 0 for a topic that is not journaled. */
static size_t fill(const Message *message, Record *record, uint8_t target[static RECORD_MAX]) {
    const TopicShape *topic = &topic_shapes[message->topic];
    if (topic->journal == JOURNAL_NONE) return 0;
    uint8_t *payload = target + RECORD_HEADER;
    size_t length =
        codec_encode(&message_shapes[topic->kind], message->payload, payload, LIMIT_PAYLOAD);
    CHECK(length > 0, "a message's canonical bytes fit LIMIT_PAYLOAD");
    bool input = message->origin == ORIGIN_INPUT;
    if (topic->journal == JOURNAL_DIGEST && !input) {
        uint64_t digest = hash64(payload, length);
        length = sizeof digest;
        memcpy(payload, &digest, sizeof digest);
    }
    *record = (Record){.kind = input ? RECORD_INPUT : RECORD_EFFECT,
                       .topic = message->topic,
                       .origin = message->origin,
                       .sequence = message->sequence,
                       .time_us = message->time_us,
                       .length = (uint32_t)length};
    return RECORD_HEADER + length;
}

size_t record_of_message(const Message *message, uint8_t target[static RECORD_MAX]) {
    Record record;
    size_t size = fill(message, &record, target);
    if (size) header_put(&record, target);
    return size;
}

void record_chain_message(Sha256 *chain, const Message *message) {
    Record record;
    uint8_t bytes[RECORD_MAX];
    size_t size = fill(message, &record, bytes);
    if (size == 0) return;
    header_fill(&record, bytes);
    sha256_add(chain, bytes + CHECKED_FROM, size - CHECKED_FROM);
}

size_t record_read(const uint8_t *bytes, size_t count, Record *record) {
    uint32_t crc, length;
    if (count < RECORD_HEADER) return 0;
    memcpy(&crc, bytes, 4);
    memcpy(&length, bytes + 4, 4);
    if (length > LIMIT_PAYLOAD || count - RECORD_HEADER < length) return 0;
    if (crc32c(0, bytes + CHECKED_FROM, RECORD_HEADER - CHECKED_FROM + length) != crc) return 0;
    if (bytes[8] < RECORD_INPUT || bytes[8] > RECORD_NOTE || bytes[9] >= TOPIC_COUNT || bytes[11])
        return 0;
    *record = (Record){.kind = (RecordKind)bytes[8],
                       .topic = bytes[9],
                       .origin = bytes[10],
                       .payload = bytes + RECORD_HEADER,
                       .length = length};
    memcpy(&record->sequence, bytes + 12, 8);
    memcpy(&record->time_us, bytes + 20, 8);
    return RECORD_HEADER + length;
}

void record_chain(Sha256 *chain, const uint8_t *record, size_t size) {
    if (record[8] == RECORD_INPUT || record[8] == RECORD_EFFECT)
        sha256_add(chain, record + CHECKED_FROM, size - CHECKED_FROM);
}
