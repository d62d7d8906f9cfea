/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sim/exchange_query.h"

#include <string.h>

static int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool decode(Slice raw, char *target, size_t capacity) {
    size_t length = 0;
    for (size_t i = 0; i < raw.length; i++) {
        char c = raw.at[i];
        if (c == '+') c = ' ';
        if (c == '%') {
            if (i + 2 >= raw.length) return false;
            int high = digit_of(raw.at[i + 1]);
            if (high < 0 || digit_of(raw.at[i + 2]) < 0) return false;
            c = (char)(high * 16 + digit_of(raw.at[i + 2]));
            i += 2;
        }
        if (c == 0 || length + 1 >= capacity) return false;
        target[length++] = c;
    }
    target[length] = 0;
    return true;
}

/* The part before the next '&'; `text` goes on behind it. */
static Slice next_part(Slice *text) {
    const char *end = text->length ? memchr(text->at, '&', text->length) : NULL;
    size_t length = end ? (size_t)(end - text->at) : text->length;
    Slice part = {text->at, length};
    size_t step = length + (end != NULL);
    *text = (Slice){text->at + step, text->length - step};
    return part;
}

const char *exchange_query_value(const ExchangeQuery *query, const char *name) {
    for (unsigned i = 0; i < query->count; i++)
        if (strcmp(query->parameters[i].name, name) == 0) return query->parameters[i].value;
    return NULL;
}

static bool add_part(ExchangeQuery *query, Slice part, unsigned known, ExchangeFault *fault) {
    if (part.length == 0) return true;
    if (query->count == QUERY_PARAMETERS_MAX)
        return exchange_refuse(fault, -1101, "Too many parameters sent for this endpoint.");
    ExchangeParameter *added = &query->parameters[query->count];
    const char *equals = memchr(part.at, '=', part.length);
    size_t length = equals ? (size_t)(equals - part.at) : part.length;
    Slice value = equals ? (Slice){equals + 1, part.length - length - 1} : (Slice){part.at, 0};
    if (!decode((Slice){part.at, length}, added->name, sizeof added->name) ||
        !decode(value, added->value, sizeof added->value))
        return exchange_refuse(fault, -1100, "Illegal characters found in a parameter.");
    for (unsigned i = 0; i < query->count; i++) {
        if (strcmp(query->parameters[i].name, added->name) != 0) continue;
        if (i < known) return true; /* the query wins over the body */
        return exchange_refuse(fault, -1101, "Duplicate values for a parameter detected.");
    }
    query->count++;
    return true;
}

bool exchange_query_read(ExchangeQuery *query, Slice text, Slice body, ExchangeFault *fault) {
    query->count = 0;
    while (text.length)
        if (!add_part(query, next_part(&text), 0, fault)) return false;
    unsigned known = query->count;
    while (body.length)
        if (!add_part(query, next_part(&body), known, fault)) return false;
    return true;
}

static bool broken(ExchangeFault *fault) {
    return exchange_refuse(fault, -1135, "Invalid JSON Request");
}

static bool take_member(ExchangeQuery *query, JsonReader *reader, ExchangeFault *fault) {
    if (query->count == QUERY_PARAMETERS_MAX)
        return exchange_refuse(fault, -1101, "Too many parameters sent for this endpoint.");
    ExchangeParameter *added = &query->parameters[query->count];
    if (!json_unescape(reader, added->name, sizeof added->name)) return broken(fault);
    JsonToken token = json_next(reader);
    bool fits = false;
    if (token == JSON_STRING) fits = json_unescape(reader, added->value, sizeof added->value);
    if (token == JSON_NUMBER) fits = slice_copy(reader->slice, added->value, sizeof added->value);
    if (token == JSON_TRUE || token == JSON_FALSE)
        fits = slice_copy(slice_of(token == JSON_TRUE ? "true" : "false"), added->value,
                          sizeof added->value);
    query->count++;
    return fits || broken(fault);
}

bool exchange_query_json(ExchangeQuery *query, JsonReader *reader, ExchangeFault *fault) {
    query->count = 0;
    if (json_next(reader) != JSON_OBJECT_BEGIN) return broken(fault);
    for (;;) {
        JsonToken token = json_next(reader);
        if (token == JSON_OBJECT_END) return true;
        if (token != JSON_KEY) return broken(fault);
        if (!take_member(query, reader, fault)) return false;
    }
}

/* ---- what is signed ------------------------------------------------------------------------ */

static void add_unsigned(Slice text, Text *payload) {
    bool first = true;
    while (text.length) {
        Slice part = next_part(&text);
        if (slice_starts(part, "signature=")) continue;
        if (!first) text_char(payload, '&');
        text_slice(payload, part);
        first = false;
    }
}

void exchange_query_signed(Slice text, Slice body, Text *payload) {
    add_unsigned(text, payload);
    add_unsigned(body, payload);
}

void exchange_query_signed_json(const ExchangeQuery *query, Text *payload) {
    const char *last = "";
    for (unsigned round = 0; round < query->count; round++) {
        const ExchangeParameter *next = NULL;
        for (unsigned i = 0; i < query->count; i++) {
            const ExchangeParameter *at = &query->parameters[i];
            if (strcmp(at->name, "signature") != 0 && strcmp(at->name, last) > 0 &&
                (!next || strcmp(at->name, next->name) < 0))
                next = at;
        }
        if (!next) return;
        text_format(payload, "%s%s=%s", round ? "&" : "", next->name, next->value);
        last = next->name;
    }
}

/* ---- typed --------------------------------------------------------------------------------- */

bool exchange_query_needs(const ExchangeQuery *query, const char *name, ExchangeFault *fault) {
    const char *value = exchange_query_value(query, name);
    if (value && value[0]) return true;
    return exchange_refuse(
        fault, -1102, "Mandatory parameter '%s' was not sent, was empty/null, or malformed.", name);
}

static bool illegal(ExchangeFault *fault, const char *name, const char *range) {
    return exchange_refuse(fault, -1100,
                           "Illegal characters found in parameter '%s'; legal range is '%s'.", name,
                           range);
}

bool exchange_query_int(const ExchangeQuery *query, const char *name, int64_t *value,
                        ExchangeFault *fault) {
    const char *text = exchange_query_value(query, name);
    if (!text) return true;
    int64_t read;
    if (!slice_int(slice_of(text), &read) || read < 0) return illegal(fault, name, "^[0-9]{1,20}$");
    *value = read;
    return true;
}

/* A sound decimal with more digits than there are. */
static bool is_too_fine(const char *text) {
    const char *point = strchr(text, '.');
    if (!point || strlen(point + 1) <= 8) return false;
    for (const char *c = text; *c; c++)
        if (c != point && (*c < '0' || *c > '9')) return false;
    return true;
}

bool exchange_query_decimal(const ExchangeQuery *query, const char *name, int64_t *units,
                            ExchangeFault *fault) {
    const char *text = exchange_query_value(query, name);
    Price read;
    if (!text) return true;
    if (price_parse(slice_of(text), &read) && read.units >= 0) {
        *units = read.units;
        return true;
    }
    if (is_too_fine(text))
        return exchange_refuse(fault, -1111, "Parameter '%s' has too much precision.", name);
    return illegal(fault, name, "^([0-9]{1,20})(\\.[0-9]{1,20})?$");
}
