/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields as columns (store_parts.h). Parts, lists and maps are JSON as codec.h writes it: a shape
 * of that one field alone is written and read, and its braces and name are taken off and put back.
 */
#include <math.h>

#include "shell/store/store_parts.h"

static int64_t int_at(const uint8_t *at) {
    int64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static double real_at(const uint8_t *at) {
    double value;
    memcpy(&value, at, sizeof value);
    return value;
}

static MessageShape shape_of_one(const Field *field) {
    return (MessageShape){.name = "column", .sentence = "", .fields = field, .field_count = 1};
}

/* The field's JSON behind what `scratch` holds already; an empty slice if it does not fit. */
static Slice json_of(const Field *field, const void *message, Text *scratch) {
    size_t start = scratch->length + field_json_name(field).length + 4; /* {"name": */
    MessageShape one = shape_of_one(field);
    JsonWriter writer = json_writer(scratch);
    codec_write_json(&one, message, &writer);
    if (scratch->overflow) return (Slice){"", 0};
    return (Slice){scratch->at + start, scratch->length - start - 1};
}

static bool bind_slice(sqlite3_stmt *statement, int index, Slice text) {
    return sqlite3_bind_text(statement, index, text.at, (int)text.length, SQLITE_STATIC) ==
           SQLITE_OK;
}

static bool bind_json(sqlite3_stmt *statement, int index, const Field *field, const void *message,
                      Text *scratch) {
    Slice json = json_of(field, message, scratch);
    if (scratch->overflow) return false;
    if (slice_is(json, "null")) return sqlite3_bind_null(statement, index) == SQLITE_OK;
    return bind_slice(statement, index, json);
}

static bool bind_decimal(sqlite3_stmt *statement, int index, const Field *field, const uint8_t *at,
                         Text *scratch) {
    char digits[DECIMAL_TEXT_MAX];
    size_t length;
    if (field->type == FIELD_MONEY)
        length = money_to_text(*(const Money *)(const void *)at, digits);
    else if (field->type == FIELD_QUANTITY)
        length = quantity_to_text(quantity_of(int_at(at)), digits);
    else
        length = price_to_text(price_of(int_at(at)), digits);
    size_t start = scratch->length;
    text_slice(scratch, (Slice){digits, length});
    return !scratch->overflow && bind_slice(statement, index, (Slice){scratch->at + start, length});
}

static bool bind_maybe(sqlite3_stmt *statement, int index, const Field *field, const uint8_t *at,
                       Text *scratch) {
    if (field->type == FIELD_MAYBE_PRICE && int_at(at) != 0)
        return bind_decimal(statement, index, field, at, scratch);
    if (field->type == FIELD_MAYBE_TIME && int_at(at) != 0)
        return sqlite3_bind_int64(statement, index, int_at(at)) == SQLITE_OK;
    if (field->type == FIELD_MAYBE && !isnan(real_at(at)))
        return sqlite3_bind_double(statement, index, real_at(at)) == SQLITE_OK;
    if (field->type == FIELD_MAYBE_TEXT && *at)
        return bind_slice(statement, index, slice_of((const char *)at));
    return sqlite3_bind_null(statement, index) == SQLITE_OK;
}

bool store_bind(sqlite3_stmt *statement, int index, const Field *field, const void *message,
                Text *scratch) {
    const uint8_t *at = (const uint8_t *)message + field->offset;
    unsigned choice;
    switch (field->type) {
    case FIELD_INT:
    case FIELD_TIME:
        return sqlite3_bind_int64(statement, index, int_at(at)) == SQLITE_OK;
    case FIELD_FLAG:
        return sqlite3_bind_int(statement, index, *(const bool *)at) == SQLITE_OK;
    case FIELD_REAL:
        return sqlite3_bind_double(statement, index, real_at(at)) == SQLITE_OK;
    case FIELD_TEXT:
        return bind_slice(statement, index, slice_of((const char *)at));
    case FIELD_CHOICE:
        memcpy(&choice, at, sizeof choice);
        return bind_slice(statement, index, slice_of(choice_text(field->choices, choice)));
    case FIELD_PRICE:
    case FIELD_QUANTITY:
    case FIELD_MONEY:
        return bind_decimal(statement, index, field, at, scratch);
    case FIELD_MAYBE:
    case FIELD_MAYBE_TIME:
    case FIELD_MAYBE_PRICE:
    case FIELD_MAYBE_TEXT:
        return bind_maybe(statement, index, field, at, scratch);
    default:
        return bind_json(statement, index, field, message, scratch);
    }
}

/* ---- back ---------------------------------------------------------------------------------- */

static Slice text_column(sqlite3_stmt *statement, int index) {
    const char *text = (const char *)sqlite3_column_text(statement, index);
    return (Slice){text ? text : "", text ? (size_t)sqlite3_column_bytes(statement, index) : 0};
}

static bool take_json(Store *store, const Field *field, Slice json, void *message) {
    Text whole = TEXT_IN(store->scratch);
    text_put(&whole, "{\"");
    text_slice(&whole, field_json_name(field));
    text_put(&whole, "\":");
    text_slice(&whole, json);
    text_char(&whole, '}');
    if (whole.overflow) return false;
    MessageShape one = shape_of_one(field);
    JsonReader reader = json_reader((Slice){whole.at, whole.length});
    return codec_read_json(&one, &reader, message, NULL);
}

static bool take_decimal(const Field *field, Slice text, uint8_t *at) {
    if (field->type == FIELD_MONEY) return money_parse(text, (Money *)(void *)at);
    if (field->type == FIELD_QUANTITY) return quantity_parse(text, (Quantity *)(void *)at);
    return price_parse(text, (Price *)(void *)at);
}

static bool take_choice(const Field *field, Slice text, uint8_t *at) {
    int value = choice_value(field->choices, text);
    unsigned choice = value < 0 ? 0 : (unsigned)value;
    memcpy(at, &choice, sizeof choice);
    return value >= 0;
}

bool store_column(Store *store, sqlite3_stmt *statement, int index, const Field *field,
                  void *message) {
    uint8_t *at = (uint8_t *)message + field->offset;
    if (sqlite3_column_type(statement, index) == SQLITE_NULL) {
        const double no_data = (double)NAN;
        if (field->type == FIELD_MAYBE) memcpy(at, &no_data, sizeof no_data);
        return true; /* the rest of the message is zero already */
    }
    int64_t whole = sqlite3_column_int64(statement, index);
    double real = sqlite3_column_double(statement, index);
    switch (field->type) {
    case FIELD_INT:
    case FIELD_TIME:
    case FIELD_MAYBE_TIME:
        memcpy(at, &whole, sizeof whole);
        return true;
    case FIELD_FLAG:
        *(bool *)at = whole != 0;
        return true;
    case FIELD_REAL:
    case FIELD_MAYBE:
        memcpy(at, &real, sizeof real);
        return true;
    case FIELD_TEXT:
    case FIELD_MAYBE_TEXT:
        return slice_copy(text_column(statement, index), (char *)at, field->capacity);
    case FIELD_CHOICE:
        return take_choice(field, text_column(statement, index), at);
    case FIELD_PRICE:
    case FIELD_MAYBE_PRICE:
    case FIELD_QUANTITY:
    case FIELD_MONEY:
        return take_decimal(field, text_column(statement, index), at);
    default:
        return take_json(store, field, text_column(statement, index), message);
    }
}

/* ---- defaults of columns that an older table lacks ----------------------------------------- */

static bool is_number(FieldType type) {
    return type == FIELD_INT || type == FIELD_TIME || type == FIELD_FLAG || type == FIELD_REAL;
}

static void put_quoted(Text *sql, Slice text) {
    text_char(sql, '\'');
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] == '\'') text_char(sql, '\'');
        text_char(sql, text.at[i]);
    }
    text_char(sql, '\'');
}

void store_put_default(Text *sql, const Field *field, char *scratch, size_t capacity) {
    static _Alignas(16) const uint8_t zeros[LIMIT_PAYLOAD];
    if (is_number(field->type) || field->type == FIELD_PRICE || field->type == FIELD_QUANTITY ||
        field->type == FIELD_MONEY) {
        text_put(sql, is_number(field->type) ? "0" : "'0'");
        return;
    }
    if (field->type == FIELD_TEXT || field->type == FIELD_CHOICE) {
        put_quoted(sql, slice_of(field->type == FIELD_TEXT ? "" : choice_text(field->choices, 0)));
        return;
    }
    Text json = text_in(scratch, capacity);
    put_quoted(sql, json_of(field, zeros, &json));
}
