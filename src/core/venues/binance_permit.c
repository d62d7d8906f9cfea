/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/binance_permit.h"

#include <stddef.h>

#include "core/venues/binance_fields.h"

typedef struct ListingDraft {
    SymbolName symbol;
    JsonReader types;
    bool oco, replace;
} ListingDraft;

typedef struct Wanted {
    const SymbolName *symbol;
    BinancePermits *permits;
    bool found;
} Wanted;

static bool types_read(JsonReader reader, BinancePermits *permits, Error *error) {
    if (json_next(&reader) != JSON_ARRAY_BEGIN)
        return binance_fail(error, &reader, "orderTypes", "not an array");
    JsonToken token;
    while ((token = json_next(&reader)) == JSON_STRING) {
        if (slice_is(reader.slice, "STOP_LOSS")) permits->has_stop = true;
        if (slice_is(reader.slice, "STOP_LOSS_LIMIT")) permits->has_stop_limit = true;
    }
    return token == JSON_ARRAY_END || binance_fail(error, &reader, "orderTypes", "not words");
}

static bool listing_take(JsonReader *object, void *target, Error *error) {
    static const Field ROWS[] = {
        {"symbol", FIELD_SYMBOL, true, offsetof(ListingDraft, symbol)},
        {"orderTypes", FIELD_VALUE, true, offsetof(ListingDraft, types)},
        {"ocoAllowed", FIELD_BOOL, false, offsetof(ListingDraft, oco)},
        {"cancelReplaceAllowed", FIELD_BOOL, false, offsetof(ListingDraft, replace)},
    };
    static const FieldTable TABLE = FIELD_TABLE("symbol", ROWS);
    Wanted *wanted = target;
    ListingDraft draft = {.replace = true};
    if (!binance_fields_read(object, &TABLE, &draft, NULL, error)) return false;
    if (!symbol_name_equal(&draft.symbol, wanted->symbol)) return true;
    wanted->found = true;
    *wanted->permits = (BinancePermits){.has_oco = draft.oco, .has_replace = draft.replace};
    return types_read(draft.types, wanted->permits, error);
}

bool binance_permit_read(Slice exchange_info, const SymbolName *symbol, BinancePermits *permits,
                         Error *error) {
    static const Field ROWS[] = {{"symbols", FIELD_VALUE, true, 0}};
    static const FieldTable TABLE = FIELD_TABLE("exchangeInfo", ROWS);
    JsonReader symbols;
    Wanted wanted = {.symbol = symbol, .permits = permits};
    *permits = (BinancePermits){0};
    if (!binance_fields_whole(exchange_info, &TABLE, &symbols, NULL, error)) return false;
    if (!binance_fields_each(&symbols, "symbols", listing_take, &wanted, error)) return false;
    return wanted.found || binance_fail(error, &symbols, symbol->text, "not listed by the venue");
}
