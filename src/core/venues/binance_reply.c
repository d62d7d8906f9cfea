/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/binance_reply.h"

#define SEEN(seen, row) ((seen) >> (row)&1)

static const Field FILL_ROWS[] = {
    {"price", FIELD_PRICE, true, offsetof(BinanceFill, price)},
    {"qty", FIELD_QUANTITY, true, offsetof(BinanceFill, quantity)},
    {"commission", FIELD_MONEY, true, offsetof(BinanceFill, commission)},
    {"commissionAsset", FIELD_ASSET, true, offsetof(BinanceFill, commission_asset)},
    {"tradeId", FIELD_INT, true, offsetof(BinanceFill, trade_id)},
};
static const FieldTable FILL_TABLE = FIELD_TABLE("fill", FILL_ROWS);

static bool fill_take(JsonReader *object, void *target, Error *error) {
    BinanceFills *fills = target;
    BinanceFill fill = {0};
    if (!binance_fields_read(object, &FILL_TABLE, &fill, NULL, error)) return false;
    if (fill.price.units < 0 || fill.quantity.units <= 0) {
        return binance_fail(error, object, "fill", "price or quantity is not above zero");
    }
    if (!fills || fills->count == fills->capacity) {
        return binance_fail(error, object, "fill", "more fills than there is room for");
    }
    fills->at[fills->count++] = fill;
    return true;
}

/* The values of a report as the venue names them. */
typedef struct Draft {
    BinanceReport report;
    ClientId original;
    Slice status, force, type, side, reason;
    int64_t transact_us, opened_us;
    JsonReader fills;
} Draft;

enum { ROW_STATUS, ROW_TYPE, ROW_SIDE, ROW_EXECUTED, ROW_QUOTE, ROW_FORCE, ROW_ORIGINAL };
enum { ROW_TRANSACT = 7, ROW_TIME, ROW_FILLS, ROW_REASON };

static const Field REPORT_ROWS[] = {
    {"status", FIELD_SLICE, false, offsetof(Draft, status)},
    {"type", FIELD_SLICE, false, offsetof(Draft, type)},
    {"side", FIELD_SLICE, false, offsetof(Draft, side)},
    {"executedQty", FIELD_QUANTITY, false, offsetof(Draft, report.executed)},
    {"cummulativeQuoteQty", FIELD_MONEY, false, offsetof(Draft, report.quote_executed)},
    {"timeInForce", FIELD_SLICE, false, offsetof(Draft, force)},
    {"origClientOrderId", FIELD_CLIENT, false, offsetof(Draft, original)},
    {"transactTime", FIELD_STAMP, false, offsetof(Draft, transact_us)},
    {"time", FIELD_STAMP, false, offsetof(Draft, opened_us)},
    {"fills", FIELD_VALUE, false, offsetof(Draft, fills)},
    {"expiryReason", FIELD_SLICE, false, offsetof(Draft, reason)},
    {"updateTime", FIELD_STAMP, false, offsetof(Draft, report.update_us)},
    {"symbol", FIELD_SYMBOL, true, offsetof(Draft, report.symbol)},
    {"orderId", FIELD_INT, true, offsetof(Draft, report.order_id)},
    {"orderListId", FIELD_INT, false, offsetof(Draft, report.list_id)},
    {"clientOrderId", FIELD_CLIENT, true, offsetof(Draft, report.client_id)},
    {"price", FIELD_PRICE, false, offsetof(Draft, report.price)},
    {"stopPrice", FIELD_PRICE, false, offsetof(Draft, report.stop_price)},
    {"origQty", FIELD_QUANTITY, false, offsetof(Draft, report.quantity)},
    {"icebergQty", FIELD_QUANTITY, false, offsetof(Draft, report.iceberg)},
    {"origQuoteOrderQty", FIELD_MONEY, false, offsetof(Draft, report.quote_quantity)},
};
static const FieldTable REPORT_TABLE = FIELD_TABLE("order", REPORT_ROWS);

/* All of what tells an order's state is there, or nothing of it. */
static bool tells_state(uint32_t seen) {
    return SEEN(seen, ROW_STATUS) && SEEN(seen, ROW_TYPE) && SEEN(seen, ROW_SIDE) &&
           SEEN(seen, ROW_EXECUTED) && SEEN(seen, ROW_QUOTE);
}

static const char *draft_fault(const Draft *draft, uint32_t seen) {
    const BinanceReport *report = &draft->report;
    if (report->order_id < 0) return "order id below 0";
    if (!SEEN(seen, ROW_TRANSACT) && !SEEN(seen, ROW_TIME)) return "no time";
    if (SEEN(seen, ROW_STATUS) && !tells_state(seen)) return "tells its state in part";
    if (report->price.units < 0 || report->stop_price.units < 0) return "negative price";
    if (report->executed.units < 0 || report->quantity.units < 0) return "negative quantity";
    if (report->quantity.units > 0 && report->executed.units > report->quantity.units) {
        return "more is executed than was ordered";
    }
    return NULL;
}

static bool words_find(Draft *draft, Error *error, const JsonReader *reader) {
    BinanceReport *report = &draft->report;
    report->status = binance_word_find(draft->status, binance_status_word, BINANCE_STATUS_COUNT);
    report->type = binance_word_find(draft->type, binance_type_word, BINANCE_TYPE_COUNT);
    report->force = binance_word_find(draft->force, binance_force_word, BINANCE_FORCE_COUNT);
    if (!slice_copy(draft->reason, report->expiry_reason, sizeof report->expiry_reason))
        report->expiry_reason[0] = '?'; /* longer than any: told, but not named */
    return report->is_receipt || binance_side_find(draft->side, &report->side) ||
           binance_fail(error, reader, "order", "side is neither BUY nor SELL");
}

/* The report of a cancel names the order by its original id and the cancel by the plain one. */
static void settle_names(Draft *draft, uint32_t seen) {
    BinanceReport *report = &draft->report;
    if (!SEEN(seen, ROW_ORIGINAL) || !draft->original.text[0]) return;
    report->cancel_id = report->client_id;
    report->client_id = draft->original;
}

static bool report_read(JsonReader *object, BinanceFills *fills, BinanceReport *report,
                        Error *error) {
    Draft draft = {.report = {.list_id = -1}};
    uint32_t seen;
    if (!binance_fields_read(object, &REPORT_TABLE, &draft, &seen, error)) return false;
    const char *fault = draft_fault(&draft, seen);
    if (fault) return binance_fail(error, object, "order", fault);
    draft.report.is_receipt = !SEEN(seen, ROW_STATUS);
    draft.report.time_us = SEEN(seen, ROW_TRANSACT) ? draft.transact_us : draft.opened_us;
    draft.report.quote_known = !draft.report.is_receipt && draft.report.quote_executed.units >= 0;
    if (!words_find(&draft, error, object)) return false;
    settle_names(&draft, seen);
    if (SEEN(seen, ROW_FILLS)) {
        unsigned before = fills ? fills->count : 0;
        if (!binance_fields_each(&draft.fills, "fills", fill_take, fills, error)) return false;
        draft.report.fill_count = (fills ? fills->count : 0) - before;
        draft.report.fills = draft.report.fill_count ? fills->at + before : NULL;
    }
    *report = draft.report;
    return true;
}

bool binance_reply_order(Slice body, BinanceFills *fills, BinanceReport *report, Error *error) {
    JsonReader reader = json_reader(body);
    if (json_next(&reader) != JSON_OBJECT_BEGIN) {
        return binance_fail(error, &reader, "order", "not an object");
    }
    if (!report_read(&reader, fills, report, error)) return false;
    return json_next(&reader) == JSON_END ||
           binance_fail(error, &reader, "order", "something follows the answer");
}

static bool report_take(JsonReader *object, void *target, Error *error) {
    BinanceReports *reports = target;
    if (reports->count == reports->capacity) {
        return binance_fail(error, object, "orders", "more orders than there is room for");
    }
    if (!report_read(object, reports->fills, &reports->at[reports->count], error)) return false;
    reports->count++;
    return true;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static const Field LEG_ROWS[] = {
    {"symbol", FIELD_SYMBOL, true, offsetof(BinanceLegName, symbol)},
    {"orderId", FIELD_INT, true, offsetof(BinanceLegName, order_id)},
    {"clientOrderId", FIELD_CLIENT, true, offsetof(BinanceLegName, client_id)},
};
static const FieldTable LEG_TABLE = FIELD_TABLE("order of a list", LEG_ROWS);

static bool leg_take(JsonReader *object, void *target, Error *error) {
    BinanceLegs *legs = target;
    if (*legs->count == BINANCE_LEGS_MAX) {
        return binance_fail(error, object, "list", "more than three orders");
    }
    BinanceLegName *leg = &legs->at[*legs->count];
    if (!binance_fields_read(object, legs->table, leg, NULL, error)) return false;
    ++*legs->count;
    return true;
}

bool binance_reply_legs(JsonReader value, BinanceLegs legs, Error *error) {
    *legs.count = 0;
    return binance_fields_each(&value, "orders of a list", leg_take, &legs, error);
}

typedef struct ListDraft {
    BinanceListReport list;
    Slice state, contingency, step;
    JsonReader legs, reports;
} ListDraft;

enum { LIST_REPORTS };

static const Field LIST_ROWS[] = {
    {"orderReports", FIELD_VALUE, false, offsetof(ListDraft, reports)},
    {"orderListId", FIELD_INT, true, offsetof(ListDraft, list.list_id)},
    {"contingencyType", FIELD_SLICE, true, offsetof(ListDraft, contingency)},
    {"listStatusType", FIELD_SLICE, true, offsetof(ListDraft, step)},
    {"listOrderStatus", FIELD_SLICE, true, offsetof(ListDraft, state)},
    {"listClientOrderId", FIELD_CLIENT, true, offsetof(ListDraft, list.client_id)},
    {"transactionTime", FIELD_STAMP, true, offsetof(ListDraft, list.time_us)},
    {"symbol", FIELD_SYMBOL, true, offsetof(ListDraft, list.symbol)},
    {"orders", FIELD_VALUE, true, offsetof(ListDraft, legs)},
};
static const FieldTable LIST_TABLE = FIELD_TABLE("order list", LIST_ROWS);

static bool list_read(JsonReader *object, ListDraft *draft, uint32_t *seen, Error *error) {
    *draft = (ListDraft){0};
    if (!binance_fields_read(object, &LIST_TABLE, draft, seen, error)) return false;
    BinanceListReport *list = &draft->list;
    list->state = binance_word_find(draft->state, binance_list_word, BINANCE_LIST_COUNT);
    if (!slice_copy(draft->contingency, list->contingency, sizeof list->contingency) ||
        !slice_copy(draft->step, list->step, sizeof list->step)) {
        return binance_fail(error, object, "order list", "a word is too long");
    }
    BinanceLegs legs = {list->legs, &list->leg_count, &LEG_TABLE};
    return binance_reply_legs(draft->legs, legs, error);
}

bool binance_reply_list(Slice body, BinanceFills *fills, BinanceListReport *list, Error *error) {
    ListDraft draft;
    uint32_t seen;
    JsonReader reader = json_reader(body);
    if (json_next(&reader) != JSON_OBJECT_BEGIN) {
        return binance_fail(error, &reader, "order list", "not an object");
    }
    if (!list_read(&reader, &draft, &seen, error)) return false;
    *list = draft.list;
    BinanceReports reports = {.at = list->reports, .capacity = BINANCE_LEGS_MAX, .fills = fills};
    if (SEEN(seen, LIST_REPORTS) &&
        !binance_fields_each(&draft.reports, "reports of a list", report_take, &reports, error))
        return false;
    list->report_count = reports.count;
    return json_next(&reader) == JSON_END ||
           binance_fail(error, &reader, "order list", "something follows the answer");
}

/* An order or a list of orders: told apart by the key that only lists have. */
static bool mixed_take(JsonReader *object, void *target, Error *error) {
    static const Field ROWS[] = {{"listStatusType", FIELD_SLICE, false, 0}};
    static const FieldTable TABLE = FIELD_TABLE("order or list", ROWS);
    JsonReader again = *object;
    Slice step;
    uint32_t seen;
    ListDraft draft;
    if (!binance_fields_read(&again, &TABLE, &step, &seen, error)) return false;
    if (!seen) return report_take(object, target, error);
    if (!list_read(object, &draft, &seen, error)) return false;
    if (!SEEN(seen, LIST_REPORTS)) {
        return binance_fail(error, object, "order list", "without reports");
    }
    return binance_fields_each(&draft.reports, "reports of a list", report_take, target, error);
}

bool binance_reply_orders(Slice body, BinanceReports *reports, Error *error) {
    reports->count = 0;
    return binance_fields_list(body, "orders", mixed_take, reports, error);
}

/* ---- cancel and replace ---------------------------------------------------------------------- */

typedef struct FaultDraft {
    int64_t code;
    Slice text;
} FaultDraft;

static const Field FAULT_ROWS[] = {
    {"code", FIELD_INT, true, offsetof(FaultDraft, code)},
    {"msg", FIELD_SLICE, true, offsetof(FaultDraft, text)},
};
static const FieldTable FAULT_TABLE = FIELD_TABLE("error", FAULT_ROWS);

static void fault_set(BinanceFault *fault, int64_t code, Slice text) {
    size_t room = sizeof fault->text - 1;
    *fault = (BinanceFault){.code = code};
    memcpy(fault->text, text.length ? text.at : "", text.length < room ? text.length : room);
}

bool binance_reply_fault(JsonReader value, BinanceFault *fault, Error *error) {
    FaultDraft draft;
    if (!binance_fields_inside(value, &FAULT_TABLE, &draft, error)) return false;
    fault_set(fault, draft.code, draft.text);
    return true;
}

typedef struct ReplaceDraft {
    int64_t code;
    Slice text, cancel, order;
    JsonReader halves, cancel_value, order_value;
} ReplaceDraft;

enum { REPLACE_CODE, REPLACE_HALVES, REPLACE_CANCEL, REPLACE_ORDER };
enum { REPLACE_CANCEL_VALUE = 4, REPLACE_ORDER_VALUE };

static const Field REPLACE_ROWS[] = {
    {"code", FIELD_INT, false, offsetof(ReplaceDraft, code)},
    {"data", FIELD_VALUE, false, offsetof(ReplaceDraft, halves)},
    {"cancelResult", FIELD_SLICE, false, offsetof(ReplaceDraft, cancel)},
    {"newOrderResult", FIELD_SLICE, false, offsetof(ReplaceDraft, order)},
    {"cancelResponse", FIELD_VALUE, false, offsetof(ReplaceDraft, cancel_value)},
    {"newOrderResponse", FIELD_VALUE, false, offsetof(ReplaceDraft, order_value)},
    {"msg", FIELD_SLICE, false, offsetof(ReplaceDraft, text)},
};
static const FieldTable REPLACE_TABLE = FIELD_TABLE("cancel and replace", REPLACE_ROWS);

/* One half: its word, and behind it a report, an error, or nothing. */
typedef struct Half {
    BinanceHalf *half;
    BinanceReport *report;
    BinanceFault *fault;
    BinanceFills *fills;
} Half;

static bool half_read(Slice word, const JsonReader *value, Half half, Error *error) {
    if (slice_is(word, "SUCCESS")) *half.half = BINANCE_HALF_SUCCESS;
    if (slice_is(word, "FAILURE")) *half.half = BINANCE_HALF_FAILURE;
    if (slice_is(word, "NOT_ATTEMPTED")) *half.half = BINANCE_HALF_NOT_ATTEMPTED;
    if (!value || *half.half == BINANCE_HALF_NOT_ATTEMPTED) return true;
    JsonReader reader = *value;
    if (*half.half == BINANCE_HALF_FAILURE) return binance_reply_fault(reader, half.fault, error);
    if (*half.half == BINANCE_HALF_UNTOLD || json_next(&reader) != JSON_OBJECT_BEGIN) return true;
    return report_read(&reader, half.fills, half.report, error);
}

static bool halves_read(const ReplaceDraft *draft, uint32_t seen, BinanceFills *fills,
                        BinanceReplaced *replaced, Error *error) {
    Half cancel = {&replaced->cancel, &replaced->cancel_report, &replaced->cancel_fault, fills};
    Half order = {&replaced->order, &replaced->order_report, &replaced->order_fault, fills};
    const JsonReader *first = SEEN(seen, REPLACE_CANCEL_VALUE) ? &draft->cancel_value : NULL;
    const JsonReader *second = SEEN(seen, REPLACE_ORDER_VALUE) ? &draft->order_value : NULL;
    return half_read(draft->cancel, first, cancel, error) &&
           half_read(draft->order, second, order, error);
}

bool binance_reply_replaced(Slice body, BinanceFills *fills, BinanceReplaced *replaced,
                            Error *error) {
    ReplaceDraft draft = {0}, inner = {0};
    uint32_t seen;
    *replaced = (BinanceReplaced){0};
    if (!binance_fields_whole(body, &REPLACE_TABLE, &draft, &seen, error)) return false;
    if (SEEN(seen, REPLACE_CODE)) fault_set(&replaced->fault, draft.code, draft.text);
    if (!SEEN(seen, REPLACE_HALVES)) {
        JsonReader start = json_reader(body);
        bool told = SEEN(seen, REPLACE_CANCEL) && SEEN(seen, REPLACE_ORDER);
        if (!told && !SEEN(seen, REPLACE_CODE))
            return binance_fail(error, &start, "cancel and replace", "neither result nor error");
        return halves_read(&draft, seen, fills, replaced, error);
    }
    if (json_next(&draft.halves) != JSON_OBJECT_BEGIN) {
        return binance_fail(error, &draft.halves, "cancel and replace", "not an object");
    }
    if (!binance_fields_read(&draft.halves, &REPLACE_TABLE, &inner, &seen, error)) return false;
    return halves_read(&inner, seen, fills, replaced, error);
}

bool binance_reply_empty(Slice body, Error *error) {
    JsonReader reader = json_reader(body);
    bool empty = json_next(&reader) == JSON_OBJECT_BEGIN && json_next(&reader) == JSON_OBJECT_END &&
                 json_next(&reader) == JSON_END;
    return empty || binance_fail(error, &reader, "test of an order", "not an empty object");
}
