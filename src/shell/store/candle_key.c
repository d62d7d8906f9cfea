/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/candle_key.h"

#include <string.h>

static const struct {
    const char *name;
    int64_t minutes;
} lengths[] = {{"1m", 1},   {"3m", 3},   {"5m", 5},   {"15m", 15}, {"30m", 30},  {"1h", 60},
               {"2h", 120}, {"4h", 240}, {"6h", 360}, {"8h", 480}, {"12h", 720}, {"1d", 1440}};

const char *candle_length_name(int64_t length_us) {
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        if (lengths[i].minutes * INSTANT_MINUTE_US == length_us) return lengths[i].name;
    return "";
}

bool candle_length_parse(Slice text, int64_t *length_us) {
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        if (!slice_is(text, lengths[i].name)) continue;
        *length_us = lengths[i].minutes * INSTANT_MINUTE_US;
        return true;
    }
    return false;
}

/* A part of a path: no separator, no leading dot, nothing that a shell or a terminal minds. */
static bool is_plain(const char *text, const char *more) {
    if (!text[0] || text[0] == '.' || text[0] == '-') return false;
    for (const char *at = text; *at; at++) {
        bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
        if (!letter && !(*at >= '0' && *at <= '9') && !strchr(more, *at)) return false;
    }
    return true;
}

const char *candle_key_fault(const CandleKey *key) {
    if (!is_plain(key->venue, "-_.")) return "a venue is named by letters, digits, - and _";
    if (!is_plain(key->symbol.text, "-_.")) return "a symbol is named by letters and digits";
    if (!candle_length_name(key->length_us)[0])
        return "an interval is 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h or 1d";
    return NULL;
}

bool candle_key_path(const char *root, const CandleKey *key, char path[static CANDLE_PATH_MAX],
                     Error *error) {
    const char *fault = candle_key_fault(key);
    if (fault) return error_set(error, ERROR_DATA, fault, key->symbol.text, NULL);
    Text text = text_in(path, CANDLE_PATH_MAX);
    text_format(&text, "%s/candles/%s/%s/%s.candles", root, key->venue, key->symbol.text,
                candle_length_name(key->length_us));
    text_end(&text);
    return !text.overflow || error_set(error, ERROR_LIMIT, "the path is too long", root, NULL);
}

bool candle_key_rules_path(const char *root, const CandleKey *key,
                           char path[static CANDLE_PATH_MAX], Error *error) {
    if (!candle_key_path(root, key, path, error)) return false;
    static const char name[] = "filters.json";
    char *file = strrchr(path, '/') + 1;
    if ((size_t)(file - path) + sizeof name > CANDLE_PATH_MAX)
        return error_set(error, ERROR_LIMIT, "the path is too long", root, NULL);
    memcpy(file, name, sizeof name);
    return true;
}

bool candle_key_equal(const CandleKey *a, const CandleKey *b) {
    return strcmp(a->venue, b->venue) == 0 && symbol_name_equal(&a->symbol, &b->symbol) &&
           a->length_us == b->length_us;
}
