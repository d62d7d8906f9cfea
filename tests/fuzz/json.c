/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes through the JSON reader: it ends, stays inside, and what it accepts it accepts again
 * when rewritten. */
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"

#define REWRITTEN_MAX 65536 /* an escape takes six bytes for one: room for inputs of up to 8 KiB   \
                             */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

void check_failed(const char *file, int line, const char *text) {
    (void)file, (void)line, (void)text;
    abort();
}

static void rewrite_token(JsonWriter *writer, const JsonReader *reader, JsonToken token) {
    static char plain[REWRITTEN_MAX];
    switch (token) {
    case JSON_OBJECT_BEGIN:
        json_object_begin(writer);
        break;
    case JSON_OBJECT_END:
        json_object_end(writer);
        break;
    case JSON_ARRAY_BEGIN:
        json_array_begin(writer);
        break;
    case JSON_ARRAY_END:
        json_array_end(writer);
        break;
    case JSON_KEY:
    case JSON_STRING:
        if (!json_unescape(reader, plain, sizeof plain)) strcpy(plain, "zero");
        if (token == JSON_KEY) json_key(writer, plain);
        if (token == JSON_STRING) json_string(writer, plain);
        break;
    case JSON_NUMBER:
        json_raw(writer, reader->slice);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        json_bool(writer, token == JSON_TRUE);
        break;
    default:
        json_null(writer);
    }
}

/* The numbers of a document by every typed reader; only that they neither stop nor read outside. */
static void take_everything(Slice text) {
    JsonReader numbers = json_reader(text);
    int64_t whole;
    double number;
    Price price;
    bool truth;
    Slice raw;
    while (json_next(&numbers) > JSON_END) {
        JsonReader copies[5] = {numbers, numbers, numbers, numbers, numbers};
        int taken = json_take_int(&copies[0], &whole);
        taken += json_take_double(&copies[1], &number);
        taken += json_take_price(&copies[2], &price);
        taken += json_take_bool(&copies[3], &truth);
        taken += json_take_string(&copies[4], &raw);
        JsonReader skipped = numbers;
        if (taken && !json_skip(&skipped)) abort(); /* what can be taken is a value */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static char memory[REWRITTEN_MAX];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    JsonReader reader = json_reader((Slice){(const char *)bytes, count});
    JsonToken token = json_next(&reader);
    for (; token != JSON_ERROR && token != JSON_END; token = json_next(&reader))
        rewrite_token(&writer, &reader, token);
    bool accepted = token == JSON_END;
    if (accepted != json_valid((Slice){(const char *)bytes, count})) abort();
    if (accepted && !text.overflow && !json_valid((Slice){text.at, text.length})) abort();
    take_everything((Slice){(const char *)bytes, count});
    return 0;
}
