/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/binance_user.h"

/* ---- an order -------------------------------------------------------------------------------- */

typedef struct OrderDraft {
    BinanceOrderEvent event;
    ClientId original;
    Slice status, type, force, side, execution, reject, expiry;
} OrderDraft;

static const Field ORDER_ROWS[] = {
    {"s", FIELD_SYMBOL, true, offsetof(OrderDraft, event.report.symbol)},
    {"c", FIELD_CLIENT, true, offsetof(OrderDraft, event.report.client_id)},
    {"S", FIELD_SLICE, true, offsetof(OrderDraft, side)},
    {"o", FIELD_SLICE, true, offsetof(OrderDraft, type)},
    {"f", FIELD_SLICE, true, offsetof(OrderDraft, force)},
    {"q", FIELD_QUANTITY, true, offsetof(OrderDraft, event.report.quantity)},
    {"p", FIELD_PRICE, true, offsetof(OrderDraft, event.report.price)},
    {"P", FIELD_PRICE, false, offsetof(OrderDraft, event.report.stop_price)},
    {"F", FIELD_QUANTITY, false, offsetof(OrderDraft, event.report.iceberg)},
    {"g", FIELD_INT, false, offsetof(OrderDraft, event.report.list_id)},
    {"C", FIELD_CLIENT, false, offsetof(OrderDraft, original)},
    {"x", FIELD_SLICE, true, offsetof(OrderDraft, execution)},
    {"X", FIELD_SLICE, true, offsetof(OrderDraft, status)},
    {"r", FIELD_SLICE, false, offsetof(OrderDraft, reject)},
    {"i", FIELD_INT, true, offsetof(OrderDraft, event.report.order_id)},
    {"l", FIELD_QUANTITY, true, offsetof(OrderDraft, event.last.quantity)},
    {"z", FIELD_QUANTITY, true, offsetof(OrderDraft, event.report.executed)},
    {"L", FIELD_PRICE, true, offsetof(OrderDraft, event.last.price)},
    {"n", FIELD_MONEY, true, offsetof(OrderDraft, event.last.commission)},
    {"N", FIELD_ASSET, true, offsetof(OrderDraft, event.last.commission_asset)},
    {"T", FIELD_STAMP, true, offsetof(OrderDraft, event.report.time_us)},
    {"t", FIELD_INT, true, offsetof(OrderDraft, event.last.trade_id)},
    {"I", FIELD_INT, false, offsetof(OrderDraft, event.execution_id)},
    {"w", FIELD_BOOL, false, offsetof(OrderDraft, event.is_working)},
    {"m", FIELD_BOOL, false, offsetof(OrderDraft, event.is_maker)},
    {"Z", FIELD_MONEY, true, offsetof(OrderDraft, event.report.quote_executed)},
    {"Q", FIELD_MONEY, false, offsetof(OrderDraft, event.report.quote_quantity)},
    {"eR", FIELD_SLICE, false, offsetof(OrderDraft, expiry)},
};
static const FieldTable ORDER_TABLE = FIELD_TABLE("executionReport", ORDER_ROWS);

static const char *order_fault(const BinanceOrderEvent *event) {
    const BinanceReport *report = &event->report;
    bool trades = event->execution == BINANCE_EXECUTION_TRADE;
    if (report->order_id < 0) return "order id below 0";
    if (report->quantity.units < 0 || report->executed.units < 0) return "negative quantity";
    if (report->price.units < 0 || report->stop_price.units < 0) return "negative price";
    if (report->quote_executed.units < 0) return "negative quote amount";
    if (report->quantity.units > 0 && report->executed.units > report->quantity.units)
        return "more is executed than was ordered";
    bool sound = event->last.quantity.units > 0 && event->last.price.units > 0;
    if (trades && (!sound || event->last.quantity.units > report->executed.units))
        return "a trade without price or quantity";
    return trades || event->last.quantity.units == 0 ? NULL : "a quantity without a trade";
}

/* Words that are longer than any known are kept as "?". */
static void word_keep(Slice word, char *target, size_t capacity) {
    if (!slice_copy(word, target, capacity)) (void)!slice_copy(SLICE("?"), target, capacity);
}

static bool order_read(JsonReader value, BinanceOrderEvent *event, Error *error) {
    OrderDraft draft = {.event = {.report = {.list_id = -1}, .execution_id = -1}};
    if (!binance_fields_inside(value, &ORDER_TABLE, &draft, error)) return false;
    BinanceReport *report = &draft.event.report;
    report->status = binance_word_find(draft.status, binance_status_word, BINANCE_STATUS_COUNT);
    report->type = binance_word_find(draft.type, binance_type_word, BINANCE_TYPE_COUNT);
    report->force = binance_word_find(draft.force, binance_force_word, BINANCE_FORCE_COUNT);
    report->quote_known = true;
    draft.event.execution =
        binance_word_find(draft.execution, binance_execution_word, BINANCE_EXECUTION_COUNT);
    word_keep(draft.reject, draft.event.reject_reason, sizeof draft.event.reject_reason);
    word_keep(draft.expiry, report->expiry_reason, sizeof report->expiry_reason);
    if (!binance_side_find(draft.side, &report->side)) {
        return binance_fail(error, &value, "executionReport", "side is neither BUY nor SELL");
    }
    const char *fault = order_fault(&draft.event);
    if (fault) return binance_fail(error, &value, "executionReport", fault);
    if (draft.original.text[0]) { /* of a cancel: the order's own id */
        report->cancel_id = report->client_id;
        report->client_id = draft.original;
    }
    *event = draft.event;
    return true;
}

/* ---- the account ----------------------------------------------------------------------------- */

static const Field HELD_ROWS[] = {
    {"a", FIELD_ASSET, true, offsetof(BinanceBalance, asset)},
    {"f", FIELD_MONEY, true, offsetof(BinanceBalance, free)},
    {"l", FIELD_MONEY, true, offsetof(BinanceBalance, locked)},
};
static const FieldTable HELD_TABLE = FIELD_TABLE("balance", HELD_ROWS);

static bool held_take(JsonReader *object, void *target, Error *error) {
    BinanceBalances *balances = target;
    BinanceBalance balance = {0};
    if (!binance_fields_read(object, &HELD_TABLE, &balance, NULL, error)) return false;
    if (!balance.asset.text[0]) return binance_fail(error, object, "balance", "without an asset");
    if (balances->count == balances->capacity) {
        return binance_fail(error, object, "balances", "more assets than there is room for");
    }
    balances->at[balances->count++] = balance;
    return true;
}

static bool position_read(JsonReader value, BinanceBalances *balances, Error *error) {
    static const Field ROWS[] = {{"B", FIELD_VALUE, true, 0}};
    static const FieldTable TABLE = FIELD_TABLE("outboundAccountPosition", ROWS);
    JsonReader held;
    balances->count = 0;
    return binance_fields_inside(value, &TABLE, &held, error) &&
           binance_fields_each(&held, "balances", held_take, balances, error);
}

static bool transfer_read(JsonReader value, BinanceTransfer *transfer, Error *error) {
    static const Field ROWS[] = {
        {"a", FIELD_ASSET, true, offsetof(BinanceTransfer, asset)},
        {"d", FIELD_MONEY, true, offsetof(BinanceTransfer, change)},
        {"T", FIELD_STAMP, true, offsetof(BinanceTransfer, time_us)},
    };
    static const FieldTable TABLE = FIELD_TABLE("balanceUpdate", ROWS);
    if (!binance_fields_inside(value, &TABLE, transfer, error)) return false;
    return transfer->asset.text[0] ||
           binance_fail(error, &value, "balanceUpdate", "without an asset");
}

typedef struct ListDraft {
    BinanceListReport list;
    Slice contingency, step, state;
    JsonReader legs;
} ListDraft;

static const Field LIST_ROWS[] = {
    {"s", FIELD_SYMBOL, true, offsetof(ListDraft, list.symbol)},
    {"g", FIELD_INT, true, offsetof(ListDraft, list.list_id)},
    {"c", FIELD_SLICE, true, offsetof(ListDraft, contingency)},
    {"l", FIELD_SLICE, true, offsetof(ListDraft, step)},
    {"L", FIELD_SLICE, true, offsetof(ListDraft, state)},
    {"C", FIELD_CLIENT, true, offsetof(ListDraft, list.client_id)},
    {"T", FIELD_STAMP, true, offsetof(ListDraft, list.time_us)},
    {"O", FIELD_VALUE, true, offsetof(ListDraft, legs)},
};
static const FieldTable LIST_TABLE = FIELD_TABLE("listStatus", LIST_ROWS);

static const Field LEG_ROWS[] = {
    {"s", FIELD_SYMBOL, true, offsetof(BinanceLegName, symbol)},
    {"i", FIELD_INT, true, offsetof(BinanceLegName, order_id)},
    {"c", FIELD_CLIENT, true, offsetof(BinanceLegName, client_id)},
};
static const FieldTable LEG_TABLE = FIELD_TABLE("order of a list", LEG_ROWS);

static bool list_read(JsonReader value, BinanceListReport *list, Error *error) {
    ListDraft draft = {0};
    if (!binance_fields_inside(value, &LIST_TABLE, &draft, error)) return false;
    *list = draft.list;
    list->state = binance_word_find(draft.state, binance_list_word, BINANCE_LIST_COUNT);
    word_keep(draft.contingency, list->contingency, sizeof list->contingency);
    word_keep(draft.step, list->step, sizeof list->step);
    BinanceLegs legs = {list->legs, &list->leg_count, &LEG_TABLE};
    return binance_reply_legs(draft.legs, legs, error);
}

/* ---- one event ------------------------------------------------------------------------------- */

static bool unknown(BinanceUserEvent *event, Slice name) {
    event->kind = BINANCE_USER_UNKNOWN;
    if (name.length > sizeof event->unknown - 1) name.length = sizeof event->unknown - 1;
    (void)!slice_copy(name, event->unknown, sizeof event->unknown);
    return true;
}

typedef struct Head {
    Slice name;
    int64_t event_us;
} Head;

static bool event_read(JsonReader value, BinanceBalances *balances, BinanceUserEvent *event,
                       Error *error) {
    static const Field ROWS[] = {
        {"e", FIELD_SLICE, true, offsetof(Head, name)},
        {"E", FIELD_STAMP, true, offsetof(Head, event_us)},
    };
    static const FieldTable TABLE = FIELD_TABLE("event", ROWS);
    static const char *const NAMES[] = {"executionReport", "outboundAccountPosition",
                                        "balanceUpdate",   "externalLockUpdate",
                                        "listStatus",      "eventStreamTerminated",
                                        "serverShutdown"}; /* in the order of the kinds */
    Head head;
    unsigned kind = 0;
    if (!binance_fields_inside(value, &TABLE, &head, error)) return false;
    event->event_us = head.event_us;
    while (kind < sizeof NAMES / sizeof NAMES[0] && !slice_is(head.name, NAMES[kind]))
        kind++;
    event->kind = kind;
    switch (event->kind) {
    case BINANCE_USER_ORDER:
        return order_read(value, &event->order, error);
    case BINANCE_USER_POSITION:
        return position_read(value, balances, error);
    case BINANCE_USER_BALANCE:
    case BINANCE_USER_LOCK:
        return transfer_read(value, &event->transfer, error);
    case BINANCE_USER_LIST:
        return list_read(value, &event->list, error);
    case BINANCE_USER_ENDED:
    case BINANCE_USER_SHUTDOWN:
        return true;
    default:
        return unknown(event, head.name);
    }
}

/* ---- answers --------------------------------------------------------------------------------- */

/* The bytes of a value that was kept before it. */
static Slice value_text(JsonReader value) {
    const char *first = value.at;
    if (!json_skip(&value)) return (Slice){"", 0};
    while (first < value.at && (*first == ':' || *first == ',' || *first == ' ' || *first == '\t' ||
                                *first == '\n' || *first == '\r'))
        first++;
    return (Slice){first, (size_t)(value.at - first)};
}

static bool id_read(JsonReader value, char *target, size_t capacity) {
    JsonToken token = json_next(&value);
    target[0] = 0;
    if (token == JSON_STRING) return json_unescape(&value, target, capacity);
    if (token == JSON_NUMBER) return slice_copy(value.slice, target, capacity);
    return token == JSON_NULL;
}

static int64_t retry_time(JsonReader value) {
    static const Field ROWS[] = {{"retryAfter", FIELD_STAMP, true, 0}};
    static const FieldTable TABLE = FIELD_TABLE("retry", ROWS);
    int64_t time_us;
    return binance_fields_inside(value, &TABLE, &time_us, NULL) ? time_us : 0;
}

typedef struct Frame {
    int64_t subscription, status;
    Slice name;
    JsonReader event, id, result, error, limits;
} Frame;

enum { ROW_EVENT, ROW_NAME, ROW_STATUS, ROW_ID, ROW_RESULT, ROW_ERROR, ROW_LIMITS };

static const Field FRAME_ROWS[] = {
    {"event", FIELD_VALUE, false, offsetof(Frame, event)},
    {"e", FIELD_SLICE, false, offsetof(Frame, name)},
    {"status", FIELD_INT, false, offsetof(Frame, status)},
    {"id", FIELD_VALUE, false, offsetof(Frame, id)},
    {"result", FIELD_VALUE, false, offsetof(Frame, result)},
    {"error", FIELD_VALUE, false, offsetof(Frame, error)},
    {"rateLimits", FIELD_VALUE, false, offsetof(Frame, limits)},
    {"subscriptionId", FIELD_INT, false, offsetof(Frame, subscription)},
};
static const FieldTable FRAME_TABLE = FIELD_TABLE("frame", FRAME_ROWS);

static bool seen_row(uint32_t seen, unsigned row) {
    return seen >> row & 1;
}

static bool answer_error(const Frame *frame, BinanceAnswer *answer, Error *error) {
    static const Field ROWS[] = {{"data", FIELD_VALUE, true, 0}};
    static const FieldTable TABLE = FIELD_TABLE("error", ROWS);
    JsonReader more;
    answer->error = value_text(frame->error);
    if (!binance_reply_fault(frame->error, &answer->fault, error)) return false;
    if (binance_fields_inside(frame->error, &TABLE, &more, NULL))
        answer->silent_until_us = retry_time(more);
    return true;
}

static bool answer_read(const Frame *frame, uint32_t seen, BinanceAnswer *answer, Error *error) {
    JsonReader place = seen_row(seen, ROW_ID) ? frame->id : frame->error;
    *answer = (BinanceAnswer){.status = frame->status};
    if (!seen_row(seen, ROW_ID) || !id_read(frame->id, answer->id, sizeof answer->id)) {
        return error_set(error, ERROR_DATA, "answer: id is missing or too long", NULL, NULL);
    }
    if (frame->status < 100 || frame->status > 599) {
        return binance_fail(error, &place, "answer", "status is not one of HTTP");
    }
    if (seen_row(seen, ROW_LIMITS)) answer->limits = value_text(frame->limits);
    if (seen_row(seen, ROW_ERROR)) return answer_error(frame, answer, error);
    if (!seen_row(seen, ROW_RESULT) || frame->status != 200) {
        return binance_fail(error, &place, "answer", "neither result nor error");
    }
    answer->result = value_text(frame->result);
    return true;
}

bool binance_user_read(Slice text, BinanceBalances *balances, BinanceUserEvent *event,
                       Error *error) {
    Frame frame = {.subscription = -1};
    uint32_t seen;
    if (!binance_fields_whole(text, &FRAME_TABLE, &frame, &seen, error)) return false;
    memset(event, 0, sizeof *event);
    event->subscription = frame.subscription;
    if (seen_row(seen, ROW_EVENT)) return event_read(frame.event, balances, event, error);
    if (seen_row(seen, ROW_NAME)) return event_read(json_reader(text), balances, event, error);
    if (seen_row(seen, ROW_STATUS)) {
        event->kind = BINANCE_USER_REPLY;
        return answer_read(&frame, seen, &event->answer, error);
    }
    return unknown(event, SLICE("nameless object"));
}
