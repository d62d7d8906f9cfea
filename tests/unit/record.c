/* SPDX-License-Identifier: Apache-2.0 */
/* A record of the journal: what is written is read; torn at any byte or with any bit flipped it is
 * refused; the chain takes inputs and effects, and nothing else. */
#include "any_message.h"
#include "check_aborts.h"

#include "core/kernel/record.h"

static uint8_t bytes[RECORD_MAX + 16];
static _Alignas(16) uint8_t payload[LIMIT_PAYLOAD];

static size_t record_of(Topic topic, uint8_t origin, Random *random) {
    any_message(topic_message(topic), ANY_RANDOM, random, payload);
    Message message = {.sequence = random_u64(random),
                       .time_us = (int64_t)random_u64(random),
                       .size = topic_message(topic)->size,
                       .topic = (uint8_t)topic,
                       .origin = origin,
                       .payload = payload};
    memset(bytes, 0xEE, sizeof bytes);
    size_t size = record_of_message(&message, bytes);
    if (size == 0) return 0;
    Record record;
    assert_int_equal(record_read(bytes, size, &record), size);
    assert_true(record.sequence == message.sequence && record.time_us == message.time_us);
    assert_true(record.topic == topic && record.origin == origin);
    assert_int_equal(record.kind, origin == ORIGIN_INPUT ? RECORD_INPUT : RECORD_EFFECT);
    return size;
}

static void test_every_topic_is_written_and_read(void **state) {
    (void)state;
    static _Alignas(16) uint8_t again[LIMIT_PAYLOAD];
    Random random = random_stream(91, 1);
    for (Topic topic = 0; topic < TOPIC_COUNT; topic++)
        for (unsigned i = 0; i < 20; i++) {
            Record record;
            Error error;
            size_t size = record_of(topic, i % 2 ? ORIGIN_INPUT : 3, &random);
            assert_int_equal(size == 0, topic_shapes[topic].journal == JOURNAL_NONE);
            if (size == 0) continue;
            assert_int_equal(record_read(bytes, sizeof bytes, &record),
                             size); /* what follows is not looked at */
            bool digest =
                topic_shapes[topic].journal == JOURNAL_DIGEST && record.kind == RECORD_EFFECT;
            if (digest) assert_int_equal(record.length, 8);
            if (!digest)
                assert_true(codec_decode(topic_message(topic), record.payload, record.length, again,
                                         &error));
        }
}

static void test_torn_records_are_refused(void **state) {
    (void)state;
    Random random = random_stream(92, 1);
    Record record;
    size_t size = record_of(TOPIC_TRADING_SIGNALS, 1, &random);
    for (size_t cut = 0; cut < size; cut++) assert_int_equal(record_read(bytes, cut, &record), 0);
    assert_int_equal(record_read(bytes, size, &record), size);
}

static void test_every_flipped_bit_is_noticed(void **state) {
    (void)state;
    Random random = random_stream(93, 1);
    Record record;
    size_t size = record_of(TOPIC_ORDERS, 2, &random);
    for (size_t bit = 0; bit < size * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(record_read(bytes, sizeof bytes, &record), 0);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    memset(bytes, 0, sizeof bytes); /* what a disk may give after a loss of power */
    assert_int_equal(record_read(bytes, sizeof bytes, &record), 0);
    for (unsigned i = 0; i < 100000; i++) {
        for (unsigned k = 0; k < 64; k += 8) {
            uint64_t noise = random_u64(&random);
            memcpy(bytes + k, &noise, 8);
        }
        assert_int_equal(record_read(bytes, 64, &record), 0);
    }
}

static void test_the_chain_takes_history_only(void **state) {
    (void)state;
    for (RecordKind kind = RECORD_INPUT; kind <= RECORD_NOTE; kind++) {
        Sha256 chain, untouched;
        uint8_t a[SHA256_SIZE], b[SHA256_SIZE];
        sha256_init(&chain);
        sha256_init(&untouched);
        Record record = {
            .kind = kind, .sequence = 7, .time_us = 8, .payload = payload, .length = 9};
        size_t size = record_write(&record, bytes);
        record_chain(&chain, bytes, size);
        sha256_peek(&chain, a);
        sha256_peek(&untouched, b);
        bool history = kind == RECORD_INPUT || kind == RECORD_EFFECT;
        assert_int_equal(memcmp(a, b, SHA256_SIZE) != 0, history);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_topic_is_written_and_read),
        cmocka_unit_test(test_torn_records_are_refused),
        cmocka_unit_test(test_every_flipped_bit_is_noticed),
        cmocka_unit_test(test_the_chain_takes_history_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
