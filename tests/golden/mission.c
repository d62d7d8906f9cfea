/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seven data structures of the mission, as it prints them (tests/golden/mission): each is read,
 * written again, and every field of the sample stands there with its value; a sample with any one
 * field renamed is refused or comes back without it. What the program writes is a superset.
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/bus/codec.h"

#define DOCUMENT_MAX 32768

static _Alignas(16) uint8_t message[LIMIT_PAYLOAD];

static const struct Sample {
    const char *file;
    MessageKind kind;
} samples[] = {
    {"market_data", MESSAGE_MARKET_UPDATE},
    {"social_data", MESSAGE_SOCIAL_UPDATE},
    {"social_risk_adjustment", MESSAGE_SOCIAL_RISK_ADJUSTMENT},
    {"feature_importance", MESSAGE_FEATURE_IMPORTANCE},
    {"market_regime", MESSAGE_MARKET_REGIME},
    {"price_prediction", MESSAGE_PRICE_PREDICTION},
    {"trading_signal", MESSAGE_SIGNAL},
};
#define SAMPLE_COUNT (sizeof samples / sizeof samples[0])

static Slice sample_text(const struct Sample *sample, char memory[static DOCUMENT_MAX]) {
    char path[128];
    snprintf(path, sizeof path, "tests/golden/mission/%s.json", sample->file);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(memory, 1, DOCUMENT_MAX - 1, file);
    fclose(file);
    assert_true(length > 0 && length < DOCUMENT_MAX - 1);
    memory[length] = 0;
    return (Slice){memory, length};
}

/* ---- is every value of one document also in another? --------------------------------------- */

static bool value_is_in(JsonReader *wanted, JsonReader *given);

/* Sets `given` (behind its object's begin) to the value of `key`. */
static bool find_key(JsonReader *given, Slice key) {
    for (;;) {
        if (json_next(given) != JSON_KEY) return false;
        if (slice_equal(given->slice, key)) return true;
        if (!json_skip(given)) return false;
    }
}

static bool object_is_in(JsonReader *wanted, const JsonReader *given) {
    for (;;) {
        JsonToken token = json_next(wanted);
        if (token == JSON_OBJECT_END) return true;
        assert_int_equal(token, JSON_KEY);
        Slice key = wanted->slice;
        JsonReader there = *given;
        if (!find_key(&there, key) || !value_is_in(wanted, &there)) return false;
    }
}

static bool array_is_in(JsonReader *wanted, JsonReader *given) {
    for (;;) {
        JsonReader before = *wanted, there = *given;
        bool ended = json_next(wanted) == JSON_ARRAY_END;
        if (ended) return json_next(&there) == JSON_ARRAY_END;
        *wanted = before;
        if (!value_is_in(wanted, given)) return false;
    }
}

static bool value_is_in(JsonReader *wanted, JsonReader *given) {
    JsonToken token = json_next(wanted);
    if (json_next(given) != token) return false;
    if (token == JSON_OBJECT_BEGIN) {
        JsonReader inside = *given;
        return object_is_in(wanted, &inside) && json_leave(given);
    }
    if (token == JSON_ARRAY_BEGIN) {
        bool equal = array_is_in(wanted, given);
        return equal && json_next(given) == JSON_ARRAY_END;
    }
    if (token == JSON_NUMBER)
        return strtod(wanted->slice.at, NULL) == strtod(given->slice.at, NULL);
    return token != JSON_STRING || slice_equal(wanted->slice, given->slice);
}

static bool document_is_in(Slice wanted, Slice given) {
    JsonReader a = json_reader(wanted), b = json_reader(given);
    return value_is_in(&a, &b);
}

/* ---- the tests ----------------------------------------------------------------------------- */

static bool read_and_write(const MessageShape *shape, Slice text, char written[static DOCUMENT_MAX],
                           Error *error) {
    JsonReader reader = json_reader(text);
    if (!codec_read_json(shape, &reader, message, error)) return false;
    assert_null(codec_fault(shape, message));
    Text target = text_in(written, DOCUMENT_MAX);
    JsonWriter writer = json_writer(&target);
    codec_write_json(shape, message, &writer);
    text_end(&target);
    return !target.overflow;
}

static void test_samples_are_read_and_written(void **state) {
    (void)state;
    char memory[DOCUMENT_MAX], written[DOCUMENT_MAX];
    for (unsigned i = 0; i < SAMPLE_COUNT; i++) {
        Error error = {.code = ERROR_NONE};
        Slice text = sample_text(&samples[i], memory);
        bool read = read_and_write(&message_shapes[samples[i].kind], text, written, &error);
        if (!read) print_error("%s: %s %s\n", samples[i].file, error.where, error.message);
        assert_true(read);
        if (!document_is_in(text, slice_of(written)))
            print_error("%s became %s\n", samples[i].file, written);
        assert_true(document_is_in(text, slice_of(written)));
    }
}

/* The next key's first letter in the text from `at` on, or NULL: a quote, a name, a quote, a colon.
 */
static char *next_key(char *at) {
    for (char *quote = strchr(at, '"'); quote;) {
        char *close = strchr(quote + 1, '"');
        if (!close) return NULL;
        if (close[1] == ':') return quote + 1;
        quote = strchr(close + 1, '"');
    }
    return NULL;
}

static void test_a_renamed_field_is_noticed(void **state) {
    (void)state;
    char memory[DOCUMENT_MAX], original[DOCUMENT_MAX], written[DOCUMENT_MAX];
    unsigned keys = 0;
    for (unsigned i = 0; i < SAMPLE_COUNT; i++) {
        Slice text = sample_text(&samples[i], memory);
        memcpy(original, memory, text.length + 1);
        bool names_are_data = samples[i].kind == MESSAGE_FEATURE_IMPORTANCE;
        for (char *key = next_key(memory); key; key = next_key(strchr(key, '"') + 1)) {
            char letter = *key;
            *key = '#';
            bool read = read_and_write(&message_shapes[samples[i].kind], text, written, NULL);
            bool same = read && document_is_in((Slice){original, text.length}, slice_of(written));
            if (same) print_error("%s: %.20s is not noticed\n", samples[i].file, key);
            assert_false(same);
            assert_true(!read || names_are_data || strchr(written, '#') == NULL);
            *key = letter;
            keys++;
        }
    }
    print_message("%u keys renamed one by one\n", keys);
    assert_int_equal(keys, 141); /* counted with grep */
}

static void test_a_required_field_may_not_be_missing(void **state) {
    (void)state;
    static const char *const lacking[] = {"decision",   "confidence",  "reasoning",
                                          "risk_level", "timestamp",   "symbol",
                                          "model_id",   "explanation", "factor_weights"};
    char memory[DOCUMENT_MAX], key[64];
    for (unsigned i = 0; i < sizeof lacking / sizeof lacking[0]; i++) {
        Error error = {.code = ERROR_NONE};
        Slice text = sample_text(&samples[SAMPLE_COUNT - 1], memory);
        snprintf(key, sizeof key, "\"%s\":", lacking[i]);
        char *at = strstr(memory, key);
        assert_non_null(at);
        at[1] = '#';
        JsonReader reader = json_reader(text);
        assert_false(codec_read_json(&message_shapes[MESSAGE_SIGNAL], &reader, message, &error));
        assert_int_equal(error.code, ERROR_DATA);
        assert_string_equal(error.where, lacking[i]);
    }
}

static void test_wrong_types_name_the_field(void **state) {
    (void)state;
    static const struct {
        const char *from, *to, *where;
    } wrongs[] = {
        {"\"confidence\": 0.85", "\"confidence\": 1.85", "confidence"},
        {"\"confidence\": 0.85", "\"confidence\": \"a\" ", "confidence"},
        {"\"BUY\"", "\"BYE\"", "decision"},
        {"\"MEDIUM\"", "\"medium\"", "risk_level"},
        {"\"2024-11-24T21:33:45.033Z\"", "\"2024-11-24T25:33:45.033Z\"", "timestamp"},
        {"\"rsi\": 0.25", "\"rsi\": 1.25", "rsi"},
    };
    char memory[DOCUMENT_MAX];
    for (unsigned i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        Error error = {.code = ERROR_NONE};
        Slice text = sample_text(&samples[SAMPLE_COUNT - 1], memory);
        char *at = strstr(memory, wrongs[i].from);
        assert_non_null(at);
        memcpy(at, wrongs[i].to, strlen(wrongs[i].to));
        JsonReader reader = json_reader(text);
        assert_false(codec_read_json(&message_shapes[MESSAGE_SIGNAL], &reader, message, &error));
        assert_string_equal(error.where, wrongs[i].where);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples_are_read_and_written),
        cmocka_unit_test(test_a_renamed_field_is_noticed),
        cmocka_unit_test(test_a_required_field_may_not_be_missing),
        cmocka_unit_test(test_wrong_types_name_the_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
