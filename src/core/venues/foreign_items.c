/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/foreign_items.h"

#include <math.h>

#include "core/base/instant.h"
#include "core/base/number_text.h"
#include "core/base/plain_text.h"

/* ---- by brackets alone --------------------------------------------------------------------- */

static const char *skip_blanks(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
        at++;
    return at;
}

/* Behind the closing quote of the string that begins at `at`; NULL: there is none. */
static const char *skip_string(const char *at, const char *end) {
    for (at++; at < end; at++) {
        if (*at == '"') return at + 1;
        if (*at == '\\') at++;
    }
    return NULL;
}

/* Behind the value that begins at `at`; NULL: the body ends in it. */
static const char *skip_value(const char *at, const char *end) {
    size_t depth = 0;
    while (at < end) {
        if (*at == '"') {
            if (!(at = skip_string(at, end))) return NULL;
            if (depth == 0) return at;
            continue;
        }
        bool closes = *at == '}' || *at == ']';
        if (depth == 0 && (closes || strchr(", \t\r\n", *at))) return at;
        depth += *at == '{' || *at == '[';
        depth -= closes;
        at++;
        if (closes && depth == 0) return at;
    }
    return NULL;
}

/* Before the value of `key` in the object at `at`, or NULL. */
static const char *value_of(const char *at, const char *end, Slice key) {
    if (at == end || *at != '{') return NULL;
    at = skip_blanks(at + 1, end);
    while (at < end && *at == '"') {
        const char *name = at + 1;
        if (!(at = skip_string(at, end))) return NULL;
        bool here = slice_equal((Slice){name, (size_t)(at - 1 - name)}, key);
        at = skip_blanks(at, end);
        if (at == end || *at != ':') return NULL;
        at = skip_blanks(at + 1, end);
        if (here) return at;
        if (at == end || !(at = skip_value(at, end))) return NULL;
        at = skip_blanks(at, end);
        if (at == end || *at != ',') return NULL;
        at = skip_blanks(at + 1, end);
    }
    return NULL;
}

bool foreign_items_open(Slice body, const char *path, ForeignItems *items) {
    const char *end = body.at + body.length, *at = skip_blanks(body.at, end);
    for (Slice names = slice_of(path); at && names.length;)
        at = value_of(at, end, slice_part(&names, '.'));
    if (!at || at == end || *at != '[') return false;
    *items = (ForeignItems){.at = at + 1, .end = end};
    return true;
}

bool foreign_items_next(ForeignItems *items, Slice *item) {
    const char *at = skip_blanks(items->at, items->end), *after;
    while (at < items->end && *at == ',')
        at = skip_blanks(at + 1, items->end);
    if (at == items->end || *at == ']') {
        items->cut = at == items->end;
        items->at = at;
        return false;
    }
    after = skip_value(at, items->end);
    items->cut = !after;
    items->at = after ? after : items->end;
    if (!after || after == at) return false; /* a bracket that closes nothing: no array any more */
    *item = (Slice){at, (size_t)(after - at)};
    return true;
}

/* ---- fields -------------------------------------------------------------------------------- */

ForeignFault foreign_object(Slice item) {
    if (item.length == 0 || item.at[0] != '{') return "not an object";
    return json_valid(item) ? NULL : "not valid JSON";
}

/* Before the value of `key`, in the object that the reader is about to begin. */
static bool enter(JsonReader *reader, Slice key) {
    if (json_next(reader) != JSON_OBJECT_BEGIN) return false;
    while (json_next(reader) == JSON_KEY) {
        if (slice_equal(reader->slice, key)) return true;
        if (!json_skip(reader)) return false;
    }
    return false;
}

bool foreign_find(Slice object, const char *path, JsonReader *value, JsonToken *token) {
    JsonReader reader = json_reader(object);
    for (Slice names = slice_of(path); names.length;)
        if (!enter(&reader, slice_part(&names, '.'))) return false;
    *value = reader;
    *token = json_next(value);
    return *token != JSON_NULL && *token != JSON_ERROR;
}

ForeignFault foreign_number(Slice object, const char *path, double low, double high,
                            double *value) {
    JsonReader reader;
    JsonToken token;
    *value = (double)NAN;
    if (!foreign_find(object, path, &reader, &token)) return NULL;
    if (token == JSON_STRING && reader.slice.length == 0) return NULL;
    double number;
    if ((token != JSON_NUMBER && token != JSON_STRING) || !number_from_slice(reader.slice, &number))
        return "a number is none";
    if (!(number >= low && number <= high)) return "a number is out of its bounds";
    *value = number;
    return NULL;
}

ForeignFault foreign_whole(Slice object, const char *path, int64_t *value) {
    double number;
    ForeignFault fault = foreign_number(object, path, -9e15, 9e15, &number);
    *value = fault || number != number ? 0 : (int64_t)number;
    return fault;
}

ForeignFault foreign_text(Slice object, const char *path, char *target, size_t capacity) {
    JsonReader reader;
    JsonToken token;
    target[0] = 0;
    if (!foreign_find(object, path, &reader, &token)) return NULL;
    if (token == JSON_NUMBER) {
        (void)plain_text_into(reader.slice, target, capacity);
        return NULL;
    }
    if (token != JSON_STRING) return "a text is none";
    (void)plain_text_of_json(&reader, target, capacity);
    return NULL;
}

/* ---- times --------------------------------------------------------------------------------- */

/* The next word of letters, digits, signs and colons. */
static Slice take_word(Slice *text) {
    size_t at = 0, length = 0;
    while (at < text->length && strchr(" ,\t-", text->at[at]) && text->at[at])
        at++;
    while (at + length < text->length && !strchr(" ,\t-", text->at[at + length]))
        length++;
    Slice word = {text->at + at, length};
    *text = (Slice){word.at + length, text->length - at - length};
    return word;
}

static int month_of(Slice word) {
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (word.length >= 3 && memcmp(word.at, names + 3 * i, 3) == 0) return i + 1;
    return 0;
}

/* Minutes east of Greenwich of a zone as mails name it (RFC 5322, 4.3); unknown ones mean 0. */
static int64_t zone_minutes(Slice text) {
    static const struct Zone {
        const char *name;
        int hours;
    } zones[] = {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5},
                 {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
    Slice zone = slice_trim(text);
    int64_t digits;
    if (zone.length == 5 && (zone.at[0] == '+' || zone.at[0] == '-') &&
        slice_int((Slice){zone.at + 1, 4}, &digits) && digits >= 0 && digits <= 1400)
        return (digits / 100 * 60 + digits % 100) * (zone.at[0] == '-' ? -1 : 1);
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
        if (slice_is(zone, zones[i].name)) return (int64_t)zones[i].hours * 60;
    return 0;
}

/* "Sun, 22 Nov 2026 08:00:00 GMT"; the weekday may be missing. */
static bool read_mail_date(Slice text, int64_t *time_us) {
    int64_t day, year, clock_us;
    char stamp[32];
    Slice word = take_word(&text);
    if (!slice_int(word, &day)) word = take_word(&text);
    if (!slice_int(word, &day) || day < 1 || day > 31) return false;
    int month = month_of(take_word(&text));
    if (month == 0 || !slice_int(take_word(&text), &year)) return false;
    year += year < 50 ? 2000 : year < 100 ? 1900 : 0;
    Slice hour = take_word(&text);
    Text iso = TEXT_IN(stamp);
    text_int_padded(&iso, year, 4);
    text_char(&iso, '-');
    text_int_padded(&iso, month, 2);
    text_char(&iso, '-');
    text_int_padded(&iso, day, 2);
    text_format(&iso, "T%S", hour);
    (void)text_end(&iso);
    if (iso.overflow || !instant_parse((Slice){iso.at, iso.length}, &clock_us)) return false;
    *time_us = clock_us - zone_minutes(text) * INSTANT_MINUTE_US;
    return true;
}

/* "20261122T080000Z" */
static bool read_basic_date(Slice text, int64_t *time_us) {
    char stamp[24];
    if (text.length != 16 || text.at[8] != 'T' || text.at[15] != 'Z') return false;
    Text iso = TEXT_IN(stamp);
    const char *at = text.at;
    text_format(&iso, "%S-%S-%ST%S:%S:%S", (Slice){at, 4}, (Slice){at + 4, 2}, (Slice){at + 6, 2},
                (Slice){at + 9, 2}, (Slice){at + 11, 2}, (Slice){at + 13, 2});
    (void)text_end(&iso);
    return !iso.overflow && instant_parse((Slice){iso.at, iso.length}, time_us);
}

bool foreign_time_read(Slice text, int64_t *time_us) {
    text = slice_trim(text);
    bool read = instant_parse(text, time_us) || read_basic_date(text, time_us) ||
                read_mail_date(text, time_us);
    /* Nothing of ours happened before 1970; a day is left for buckets that end later. */
    return read && *time_us >= 0 && *time_us <= INSTANT_LAST_US - INSTANT_DAY_US;
}

ForeignFault foreign_time(Slice object, const char *path, int64_t *time_us) {
    JsonReader reader;
    JsonToken token;
    double stamp;
    *time_us = 0;
    if (!foreign_find(object, path, &reader, &token)) return NULL;
    if (number_from_slice(reader.slice, &stamp) && stamp >= 0 && stamp < 4e18) {
        if (instant_from_stamp((int64_t)stamp, time_us)) return NULL;
    } else if (token == JSON_STRING && foreign_time_read(reader.slice, time_us)) {
        return NULL;
    }
    *time_us = 0;
    return "a time is none";
}

void foreign_encode(Text *target, Slice text) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = (uint8_t)text.at[i];
        bool letter = ((byte | 32) >= 'a' && (byte | 32) <= 'z') || (byte >= '0' && byte <= '9');
        if (letter || (byte && strchr("-._~", byte))) {
            text_char(target, (char)byte);
        } else {
            text_char(target, '%');
            text_char(target, digits[byte >> 4]);
            text_char(target, digits[byte & 15]);
        }
    }
}
