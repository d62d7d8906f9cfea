/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/filters_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/json.h"
#include "shell/sys/files.h"

#define FILE_SIZE_MAX                                                                              \
    (1u << 20) /* all 3,000 symbols of the venue take about 500 KiB in this form */

typedef struct Reading {
    JsonReader reader;
    const char *path;
    const char *text;
    Error *error;
} Reading;

/* `where`: path and line of the reader's position. */
static bool refuse(const Reading *reading, const char *message, const char *hint) {
    char place[160];
    Text where = TEXT_IN(place);
    size_t position = json_position(&reading->reader);
    int line = 1;
    for (size_t i = 0; i < position; i++)
        line += reading->text[i] == '\n';
    text_format(&where, "%s, line %d", reading->path, line);
    return error_set(reading->error, ERROR_CONFIG, message, text_end(&where), hint);
}

enum { KEY_BASE, KEY_QUOTE, KEY_TICK, KEY_STEP, KEY_MIN, KEY_MAX, KEY_NOTIONAL, KEY_COUNT };
static const char *const keys[KEY_COUNT] = {
    "base", "quote", "tick", "step", "min_quantity", "max_quantity", "min_notional",
};

static int key_of(Slice text) {
    for (int i = 0; i < KEY_COUNT; i++)
        if (slice_is(text, keys[i])) return i;
    return -1;
}

static bool refuse_key(const Reading *reading, Slice key) {
    char message[120], hint[120];
    Text text = TEXT_IN(message), near = TEXT_IN(hint);
    int best = 0;
    for (int i = 1; i < KEY_COUNT; i++)
        if (slice_distance(key, slice_of(keys[i])) < slice_distance(key, slice_of(keys[best])))
            best = i;
    if (key.length > 40) key.length = 40; /* enough to recognise it */
    text_format(&text, "unknown key \"%S\"", key);
    text_format(&near, "did you mean \"%s\"?", keys[best]);
    return refuse(reading, text_end(&text), text_end(&near));
}

static bool take_asset(Reading *reading, AssetName *asset) {
    Slice text;
    memset(asset, 0, sizeof *asset);
    return json_take_string(&reading->reader, &text) && text.length > 0 &&
           slice_copy(text, asset->text, sizeof asset->text);
}

static bool take_price(Reading *reading, Price *price) {
    return json_take_price(&reading->reader, price) && price->units > 0;
}

static bool take_quantity(Reading *reading, Quantity *quantity) {
    return json_take_quantity(&reading->reader, quantity) && quantity->units > 0;
}

static bool take_value(Reading *reading, int key, Symbol *symbol) {
    Filters *filters = &symbol->filters;
    Price notional;
    switch (key) {
    case KEY_BASE:
        return take_asset(reading, &symbol->base);
    case KEY_QUOTE:
        return take_asset(reading, &symbol->quote);
    case KEY_TICK:
        return take_price(reading, &filters->tick);
    case KEY_STEP:
        return take_quantity(reading, &filters->step);
    case KEY_MIN:
        return take_quantity(reading, &filters->quantity_min);
    case KEY_MAX:
        return take_quantity(reading, &filters->quantity_max);
    default:
        if (!take_price(reading, &notional)) return false;
        filters->notional_min = money_of(notional.units);
        return true;
    }
}

static bool refuse_value(const Reading *reading, int key) {
    char message[120];
    Text text = TEXT_IN(message);
    text_format(&text, "the value of \"%s\" cannot be used", keys[key]);
    return refuse(reading, text_end(&text),
                  key <= KEY_QUOTE ? "an asset's name in quotes, at most 15 characters"
                                   : "a number above zero with at most 8 decimals");
}

static bool read_symbol(Reading *reading, Symbol *symbol) {
    unsigned seen = 0;
    JsonToken token;
    if (json_next(&reading->reader) != JSON_OBJECT_BEGIN)
        return refuse(reading, "a symbol's rules must be an object", "see config/filters.json");
    while ((token = json_next(&reading->reader)) == JSON_KEY) {
        int key = key_of(reading->reader.slice);
        if (key < 0) return refuse_key(reading, reading->reader.slice);
        if (!take_value(reading, key, symbol)) return refuse_value(reading, key);
        seen |= 1u << key;
    }
    if (token != JSON_OBJECT_END) return refuse(reading, "not JSON", "look at this line");
    unsigned all = (1u << KEY_COUNT) - 1 - (1u << KEY_MAX);
    if ((seen & all) != all)
        return refuse(reading, "a symbol's rules are incomplete",
                      "base, quote, tick, step, min_quantity and min_notional are needed");
    symbol->filters.price_min = symbol->filters.tick;
    return true;
}

static bool read_all(Reading *reading, Symbol *wanted, bool *found) {
    JsonToken token;
    if (json_next(&reading->reader) != JSON_OBJECT_BEGIN)
        return refuse(reading, "the file must be one object by symbol", "see config/filters.json");
    while ((token = json_next(&reading->reader)) == JSON_KEY) {
        Symbol symbol = {0};
        if (!symbol_name_set(&symbol.name, reading->reader.slice))
            return refuse(reading, "not a symbol's name", "1 to 23 characters without blanks");
        if (!read_symbol(reading, &symbol)) return false;
        if (!symbol_name_equal(&symbol.name, &wanted->name)) continue;
        if (*found) return refuse(reading, "a symbol stands here twice", "leave one of them");
        *wanted = symbol;
        *found = true;
    }
    if (token == JSON_OBJECT_END) token = json_next(&reading->reader);
    return token == JSON_END || refuse(reading, "not JSON", "look at this line");
}

static bool load(const char *path, char *target, size_t *length, Error *error) {
    FILE *file = fopen(path, "rbe");
    if (!file)
        return error_set(error, ERROR_CONFIG, strerror(errno), path, "check the path of the rules");
    *length = fread(target, 1, FILE_SIZE_MAX + 1, file);
    bool failed = ferror(file);
    fclose(file);
    if (failed) return error_set(error, ERROR_CONFIG, "cannot be read", path, "is it a folder?");
    if (*length > FILE_SIZE_MAX)
        return error_set(error, ERROR_CONFIG, "longer than 1 MiB", path, "is it the right file?");
    return true;
}

bool filters_file_find(const char *path, Symbol *symbol, bool *found, Error *error) {
    size_t length = 0;
    char *text = malloc(FILE_SIZE_MAX + 1);
    *found = false;
    if (!text) return error_set(error, ERROR_LIMIT, "out of memory", path, "close other programs");
    bool sound = load(path, text, &length, error);
    if (sound) {
        Reading reading = {json_reader((Slice){text, length}), path, text, error};
        sound = read_all(&reading, symbol, found);
    }
    free(text);
    return sound;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void put_rule(JsonWriter *writer, int key, const char *value) {
    json_key(writer, keys[key]);
    json_string(writer, value);
}

static void put_symbol(Text *text, const Symbol *symbol) {
    char number[DECIMAL_TEXT_MAX];
    const Filters *filters = &symbol->filters;
    JsonWriter writer = json_writer(text);
    json_object_begin(&writer);
    json_key(&writer, symbol->name.text);
    json_object_begin(&writer);
    put_rule(&writer, KEY_BASE, symbol->base.text);
    put_rule(&writer, KEY_QUOTE, symbol->quote.text);
    price_to_text(filters->tick, number);
    put_rule(&writer, KEY_TICK, number);
    quantity_to_text(filters->step, number);
    put_rule(&writer, KEY_STEP, number);
    quantity_to_text(filters->quantity_min, number);
    put_rule(&writer, KEY_MIN, number);
    quantity_to_text(filters->quantity_max, number);
    if (filters->quantity_max.units > 0) put_rule(&writer, KEY_MAX, number);
    money_to_text(filters->notional_min, number);
    put_rule(&writer, KEY_NOTIONAL, number);
    json_object_end(&writer);
    json_object_end(&writer);
    text_char(text, '\n');
}

bool filters_file_write(const char *path, const Symbol *symbol, Error *error) {
    char memory[1024];
    Text text = TEXT_IN(memory);
    const Filters *filters = &symbol->filters;
    bool complete = filters->tick.units > 0 && filters->step.units > 0 &&
                    filters->quantity_min.units > 0 && filters->notional_min.units > 0 &&
                    symbol->base.text[0] && symbol->quote.text[0];
    if (!complete && unlink(path) != 0 && errno != ENOENT)
        return files_refused(error, "remove", path);
    if (!complete) return true;
    put_symbol(&text, symbol);
    text_end(&text);
    CHECK(!text.overflow, "the rules of a symbol fit");
    return files_write(path, text.at, text.length, 0666, error);
}
