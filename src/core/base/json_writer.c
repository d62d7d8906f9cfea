/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/instant.h"
#include "core/base/json.h"
#include "core/base/lanes.h"
#include "core/base/utf8.h"

#include <math.h>

JsonWriter json_writer(Text *text) {
    return (JsonWriter){.text = text};
}

static void before_value(JsonWriter *writer) {
    if (writer->comma) text_char(writer->text, ',');
    writer->comma = writer->depth > 0;
}

static void begin_level(JsonWriter *writer, char bracket) {
    before_value(writer);
    CHECK(writer->depth < JSON_DEPTH_MAX, "json writer: nested too deep");
    text_char(writer->text, bracket);
    writer->depth++;
    writer->comma = false;
}

static void end_level(JsonWriter *writer, char bracket) {
    CHECK(writer->depth > 0, "json writer: end without begin");
    text_char(writer->text, bracket);
    writer->depth--;
    writer->comma = writer->depth > 0;
}

void json_object_begin(JsonWriter *writer) {
    begin_level(writer, '{');
}

void json_object_end(JsonWriter *writer) {
    end_level(writer, '}');
}

void json_array_begin(JsonWriter *writer) {
    begin_level(writer, '[');
}

void json_array_end(JsonWriter *writer) {
    end_level(writer, ']');
}

static const char *plain_end(const char *at, const char *end) {
    while (end - at >= 8) {
        uint64_t stops = lanes_not_plain(lanes_load(at));
        if (stops) return at + lanes_before(stops);
        at += 8;
    }
    for (; at < end; at++) {
        unsigned char c = (unsigned char)*at;
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') break;
    }
    return at;
}

static void put_ascii_escape(Text *text, unsigned char c) {
    static const char letters[] = "\b\f\n\r\t\"\\", names[] = "bfnrt\"\\";
    const char *found = c ? strchr(letters, c) : NULL;
    if (found) {
        char pair[2] = {'\\', names[found - letters]};
        text_slice(text, (Slice){pair, 2});
        return;
    }
    text_put(text, "\\u00");
    text_hex(text, &c, 1);
}

static void put_quoted(Text *text, Slice slice) {
    const char *at = slice.at, *end = at + slice.length;
    text_char(text, '"');
    while (at < end) {
        const char *stop = plain_end(at, end);
        text_slice(text, (Slice){at, (size_t)(stop - at)});
        if (stop == end) break;
        int step = utf8_step(stop, end);
        if (step == 1)
            put_ascii_escape(text, (unsigned char)*stop);
        else if (step > 1)
            text_slice(text, (Slice){stop, (size_t)step});
        else
            text_put(text, UTF8_REPLACEMENT);
        at = stop + (step < 0 ? -step : step);
    }
    text_char(text, '"');
}

void json_key(JsonWriter *writer, const char *key) {
    before_value(writer);
    put_quoted(writer->text, slice_of(key));
    text_char(writer->text, ':');
    writer->comma = false;
}

void json_slice(JsonWriter *writer, Slice text) {
    before_value(writer);
    put_quoted(writer->text, text);
}

void json_string(JsonWriter *writer, const char *zero_ended) {
    json_slice(writer, slice_of(zero_ended));
}

void json_raw(JsonWriter *writer, Slice json) {
    before_value(writer);
    text_slice(writer->text, json);
}

void json_int(JsonWriter *writer, int64_t value) {
    before_value(writer);
    text_int(writer->text, value);
}

void json_null(JsonWriter *writer) {
    json_raw(writer, SLICE("null"));
}

void json_double(JsonWriter *writer, double value) {
    if (!isfinite(value)) {
        json_null(writer);
        return;
    }
    before_value(writer);
    text_double(writer->text, value);
}

void json_key_double(JsonWriter *writer, const char *key, double value) {
    json_key(writer, key);
    json_double(writer, value);
}

void json_bool(JsonWriter *writer, bool value) {
    json_raw(writer, value ? SLICE("true") : SLICE("false"));
}

void json_money(JsonWriter *writer, Money value) {
    char buffer[DECIMAL_TEXT_MAX];
    json_raw(writer, (Slice){buffer, money_to_text(value, buffer)});
}

void json_price(JsonWriter *writer, Price value) {
    char buffer[DECIMAL_TEXT_MAX];
    json_raw(writer, (Slice){buffer, price_to_text(value, buffer)});
}

void json_quantity(JsonWriter *writer, Quantity value) {
    char buffer[DECIMAL_TEXT_MAX];
    json_raw(writer, (Slice){buffer, quantity_to_text(value, buffer)});
}

void json_time(JsonWriter *writer, int64_t time_us) {
    char buffer[25];
    instant_to_iso(time_us, buffer);
    json_string(writer, buffer);
}

void json_key_time(JsonWriter *writer, const char *key, int64_t time_us) {
    json_key(writer, key);
    json_time(writer, time_us);
}
