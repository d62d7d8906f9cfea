/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every message kind through both codecs: bytes and JSON round trips, every truncation, a thousand
 * flips, every field at its bounds and just beyond them, and the schemas. The mission's samples
 * stand in tests/golden/mission.c.
 */
#include "any_message.h"
#include "check_aborts.h"

#define ROUNDS 40
#define FLIPS 1000
#define JSON_MAX (1u << 19)

static _Alignas(16) uint8_t message[LIMIT_PAYLOAD], other[LIMIT_PAYLOAD];
static uint8_t bytes[LIMIT_PAYLOAD], again[LIMIT_PAYLOAD];
static char json_memory[JSON_MAX], json_again[JSON_MAX];

static Text json_of(const MessageShape *shape, const void *of, char *memory) {
    Text text = text_in(memory, JSON_MAX);
    JsonWriter writer = json_writer(&text);
    codec_write_json(shape, of, &writer);
    text_end(&text);
    assert_false(text.overflow);
    return text;
}

static void test_bytes_round_trip(void **state) {
    (void)state;
    Error error;
    for (unsigned kind = 0; kind < MESSAGE_KIND_COUNT; kind++) {
        const MessageShape *shape = &message_shapes[kind];
        Random random = random_stream(1, kind);
        for (unsigned round = 0; round < ROUNDS; round++) {
            AnyStyle style = round == 0 ? ANY_LOWEST : round == 1 ? ANY_HIGHEST : ANY_RANDOM;
            any_message(shape, style, &random, message);
            assert_null(codec_fault(shape, message));
            size_t size = codec_encode(shape, message, bytes, sizeof bytes);
            assert_true(size > 0);
            assert_true(codec_decode(shape, bytes, size, other, &error));
            assert_int_equal(codec_encode(shape, other, again, sizeof again), size);
            assert_memory_equal(bytes, again, size);
            assert_int_equal(codec_encode(shape, message, again, size - 1), 0);
        }
    }
}

static void test_json_round_trip(void **state) {
    (void)state;
    for (unsigned kind = 0; kind < MESSAGE_KIND_COUNT; kind++) {
        const MessageShape *shape = &message_shapes[kind];
        Random random = random_stream(2, kind);
        for (unsigned round = 0; round < ROUNDS; round++) {
            Error error = {.code = ERROR_NONE};
            AnyStyle style = round == 0 ? ANY_LOWEST : round == 1 ? ANY_HIGHEST : ANY_RANDOM;
            any_message(shape, style, &random, message);
            Text first = json_of(shape, message, json_memory);
            assert_true(json_valid((Slice){first.at, first.length}));
            JsonReader reader = json_reader((Slice){first.at, first.length});
            bool read = codec_read_json(shape, &reader, other, &error);
            if (!read)
                print_error("%s %s: %s\n%.300s\n", shape->name, error.where, error.message,
                            first.at);
            assert_true(read);
            assert_string_equal(first.at, json_of(shape, other, json_again).at);
        }
    }
}

static void test_truncated_bytes_are_refused(void **state) {
    (void)state;
    for (unsigned kind = 0; kind < MESSAGE_KIND_COUNT; kind++) {
        const MessageShape *shape = &message_shapes[kind];
        Random random = random_stream(3, kind);
        any_message(shape, ANY_RANDOM, &random, message);
        size_t size = codec_encode(shape, message, bytes, sizeof bytes);
        for (size_t cut = 0; cut < size; cut++) {
            Error error = {.code = ERROR_NONE};
            assert_false(codec_decode(shape, bytes, cut, other, &error));
            assert_int_not_equal(error.code, ERROR_NONE);
        }
        bytes[size] = 0; /* one byte too many is another message too */
        assert_false(codec_decode(shape, bytes, size + 1, other, NULL));
    }
}

static void test_flipped_bytes_never_crash(void **state) {
    (void)state;
    unsigned refused = 0, taken = 0;
    for (unsigned kind = 0; kind < MESSAGE_KIND_COUNT; kind++) {
        const MessageShape *shape = &message_shapes[kind];
        Random random = random_stream(4, kind);
        any_message(shape, ANY_RANDOM, &random, message);
        size_t size = codec_encode(shape, message, bytes, sizeof bytes);
        for (unsigned flip = 0; flip < FLIPS; flip++) {
            size_t at = random_below(&random, (uint32_t)size);
            uint8_t bit = (uint8_t)(1u << random_below(&random, 8));
            bytes[at] ^= bit;
            if (codec_decode(shape, bytes, size, other, NULL)) {
                taken++;
                assert_null(codec_fault(shape, other));
                assert_true(codec_encode(shape, other, again, sizeof again) > 0);
                Text text = json_of(shape, other, json_memory);
                if (flip % 16 == 0) assert_true(json_valid((Slice){text.at, text.length}));
            } else {
                refused++;
            }
            bytes[at] ^= bit;
        }
    }
    print_message("flips: %u refused, %u another valid message\n", refused, taken);
    assert_true(refused > 1000 && taken > 1000);
}

/* ---- bounds -------------------------------------------------------------------------------- */

static void put_real(const Field *field, double value) {
    memcpy(message + field->offset, &value, sizeof value);
}

static void put_whole(const Field *field, int64_t value) {
    memcpy(message + field->offset, &value, sizeof value);
}

static void expect(const MessageShape *shape, const char *fault) {
    const char *found = codec_fault(shape, message);
    if (!fault && found) print_error("%s: %s is refused within its bounds\n", shape->name, found);
    if (fault && !found) print_error("%s: %s is taken beyond its bounds\n", shape->name, fault);
    assert_true(!fault == !found);
    if (fault) assert_string_equal(found, fault);
}

static void try_numbers(const MessageShape *shape, const Field *field) {
    bool whole = field->type == FIELD_INT;
    const double edges[] = {field->lowest, field->highest};
    for (unsigned i = 0; i < 2; i++) {
        double away = i ? 1 : -1;
        if (whole) put_whole(field, (int64_t)edges[i]);
        else put_real(field, edges[i]);
        expect(shape, NULL);
        if (whole) put_whole(field, (int64_t)edges[i] + (int64_t)away);
        else put_real(field, nextafter(edges[i], away * (double)INFINITY));
        expect(shape, field->name);
    }
    if (whole) return;
    put_real(field, (double)INFINITY);
    expect(shape, field->name);
    put_real(field, (double)NAN);
    expect(shape, field->type == FIELD_MAYBE ? NULL : field->name);
}

static void try_units(const MessageShape *shape, const Field *field, int64_t highest) {
    put_whole(field, 0);
    expect(shape, NULL);
    put_whole(field, -1);
    expect(shape, field->name);
    put_whole(field, highest);
    expect(shape, NULL);
    if (highest == INT64_MAX) return;
    put_whole(field, highest + 1);
    expect(shape, field->name);
}

static void try_count(const MessageShape *shape, const Field *field) {
    uint32_t count = field->capacity + 1;
    memcpy(message + field->count_offset, &count, sizeof count);
    expect(shape, field->name);
}

static void try_field(const MessageShape *shape, const Field *field) {
    unsigned choice = field->choices ? field->choices->count : 0;
    switch (field->type) {
    case FIELD_INT:
    case FIELD_REAL:
    case FIELD_MAYBE:
        try_numbers(shape, field);
        break;
    case FIELD_TIME:
    case FIELD_MAYBE_TIME:
        try_units(shape, field, INSTANT_LAST_US);
        break;
    case FIELD_PRICE:
    case FIELD_MAYBE_PRICE:
    case FIELD_QUANTITY:
        try_units(shape, field, INT64_MAX);
        break;
    case FIELD_TEXT:
    case FIELD_MAYBE_TEXT:
        memset(message + field->offset, 'x', field->capacity); /* without its closing zero */
        expect(shape, field->name);
        break;
    case FIELD_CHOICE:
        memcpy(message + field->offset, &choice, sizeof choice);
        expect(shape, field->name);
        break;
    case FIELD_LIST:
    case FIELD_TEXTS:
    case FIELD_MAP:
        try_count(shape, field);
        break;
    default:
        break; /* flags and money have no bounds; parts are kinds of their own */
    }
}

static void test_fields_at_their_bounds(void **state) {
    (void)state;
    for (unsigned kind = 0; kind < MESSAGE_KIND_COUNT; kind++) {
        const MessageShape *shape = &message_shapes[kind];
        Random random = random_stream(5, kind);
        for (unsigned i = 0; i < shape->field_count; i++) {
            any_message(shape, ANY_RANDOM, &random, message);
            try_field(shape, &shape->fields[i]);
        }
    }
}

static void test_fault_inside_a_part_is_found(void **state) {
    (void)state;
    Signal *signal = (Signal *)(void *)message;
    memset(message, 0, sizeof message);
    signal->contributions_count = 1;
    signal->contributions[0].value = 1.5;
    assert_string_equal(codec_fault(&message_shapes[MESSAGE_SIGNAL], signal), "contributions");
    signal->contributions[0].value = 1;
    signal->group_weights.market_regime = -1;
    assert_string_equal(codec_fault(&message_shapes[MESSAGE_SIGNAL], signal), "group_weights");
    FeatureImportance *map = (FeatureImportance *)(void *)message;
    memset(message, 0, sizeof message);
    map->top_categories_count = 1;
    memset(map->top_categories[0].name, 'x', sizeof map->top_categories[0].name);
    assert_string_equal(codec_fault(&message_shapes[MESSAGE_FEATURE_IMPORTANCE], map),
                        "top_categories");
}

/* ---- schemas ------------------------------------------------------------------------------- */

static void test_schemas_name_every_field(void **state) {
    (void)state;
    for (unsigned kind = 0; kind < MESSAGE_KIND_COUNT; kind++) {
        const MessageShape *shape = &message_shapes[kind];
        Text text = text_in(json_memory, JSON_MAX);
        JsonWriter writer = json_writer(&text);
        codec_write_schema(shape, &writer);
        text_end(&text);
        assert_true(json_valid((Slice){text.at, text.length}));
        for (unsigned i = 0; i < shape->field_count; i++) {
            char memory[80];
            Text key = TEXT_IN(memory);
            if (shape->fields[i].type == FIELD_FLAG &&
                strcmp(shape->fields[i].name, "present") == 0)
                continue;
            text_format(&key, "\"%S\":", field_json_name(&shape->fields[i]));
            assert_non_null(strstr(text.at, text_end(&key)));
        }
        assert_non_null(strstr(text.at, "\"required\":["));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_round_trip),
        cmocka_unit_test(test_json_round_trip),
        cmocka_unit_test(test_truncated_bytes_are_refused),
        cmocka_unit_test(test_flipped_bytes_never_crash),
        cmocka_unit_test(test_fields_at_their_bounds),
        cmocka_unit_test(test_fault_inside_a_part_is_found),
        cmocka_unit_test(test_schemas_name_every_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
