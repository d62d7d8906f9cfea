/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/turn_replay.h"

#include <stdlib.h>
#include <string.h>

#include "core/bus/codec.h"

#define TURN_BYTES LIMIT_TURN_BYTES /* a turn's records are smaller than its messages */

bool turn_replay_init(ReplayTurn *turn, Error *error) {
    *turn = (ReplayTurn){.bytes = malloc(TURN_BYTES)};
    return turn->bytes || error_set(error, ERROR_LIMIT, "out of memory", "replay", NULL);
}

void turn_replay_free(ReplayTurn *turn) {
    free(turn->bytes);
    turn->bytes = NULL;
}

void turn_replay_keep(ReplayTurn *turn, const uint8_t *record, size_t size) {
    if (TURN_BYTES - turn->used < size) {
        turn->overflow = true;
        return;
    }
    memcpy(turn->bytes + turn->used, record, size);
    turn->used += size;
}

static bool feed_input(Kernel *kernel, const Record *record, Error *error) {
    uint8_t payload[LIMIT_PAYLOAD] __attribute__((aligned(16)));
    Topic topic = (Topic)record->topic;
    return codec_decode(topic_message(topic), record->payload, record->length, payload, error) &&
           kernel_input(kernel, topic, record->time_us, payload, error);
}

static bool feed_inputs(const ReplayTurn *turn, Kernel *kernel, Error *error) {
    Record record;
    for (size_t at = 0, size; at < turn->used; at += size) {
        size = record_read(turn->bytes + at, turn->used - at, &record);
        CHECK(size > 0, "records that were read once can be read again");
        if (record.kind == RECORD_INPUT && !feed_input(kernel, &record, error)) return false;
    }
    return true;
}

static void describe(const char *what, const uint8_t *bytes, size_t size, Text *difference) {
    Record record;
    if (!difference || record_read(bytes, size, &record) == 0) return;
    text_format(difference, "%s %s, sequence %D", what, topic_shapes[record.topic].name,
                (int64_t)record.sequence);
}

static ReplayAnswer compare(const ReplayTurn *turn, const Kernel *kernel, Text *difference) {
    size_t at = 0;
    for (const Message *message = kernel_first(kernel); message;
         message = kernel_next(kernel, message)) {
        uint8_t record[RECORD_MAX];
        size_t size = record_of_message(message, record), left = turn->used - at;
        if (left < size || memcmp(turn->bytes + at, record, size) != 0) {
            describe(left ? "recorded" : "made again, but not on record:",
                     left ? turn->bytes + at : record, left ? left : size, difference);
            return REPLAY_DIFFERS;
        }
        at += size;
    }
    if (at == turn->used) return REPLAY_EQUAL;
    describe("on record, but not made again:", turn->bytes + at, turn->used - at, difference);
    return REPLAY_DIFFERS;
}

ReplayAnswer turn_replay_run(ReplayTurn *turn, Kernel *kernel, Text *difference, Error *error) {
    ReplayAnswer answer = REPLAY_UNREADABLE;
    if (turn->overflow) {
        error_set(error, ERROR_DATA, "a turn is larger than a turn can be", "journal", NULL);
    } else if (feed_inputs(turn, kernel, error)) {
        kernel_turn(kernel);
        answer = compare(turn, kernel, difference);
    }
    turn->used = 0;
    return answer;
}
