/* SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/market/order.h"
#include "core/protocol/client_name.h"
#include "scenario.h"

/* ---- settled ------------------------------------------------------------------------------- */

static void forget(Compare *compare, const char *id) {
    for (unsigned i = 0; i < compare->order_count; i++)
        if (strcmp(compare->orders[i], id) == 0)
            memcpy(compare->orders[i], compare->orders[--compare->order_count],
                   sizeof compare->orders[i]);
}

void compare_hear(Compare *compare, const Message *message) {
    const OrderRecord *order = message->payload;
    if (message->topic == TOPIC_VENUE_STATES)
        compare->venue = *(const VenueState *)message->payload;
    if (message->topic != TOPIC_ORDERS) return;
    forget(compare, order->order_id);
    bool rests = (order->state == ORDER_ACKED || order->state == ORDER_PARTIALLY_FILLED) &&
                 order->action != ORDER_ACTION_MARKET;
    if (!order_is_terminal(order->state) && !rests && compare->order_count < 256)
        memcpy(compare->orders[compare->order_count++], order->order_id, sizeof order->order_id);
}

bool compare_is_settled(const Compare *compare) {
    return compare->venue.condition == VENUE_READY && compare->venue.unknown_orders == 0 &&
           compare->order_count == 0;
}

void compare_explain(const Compare *compare) {
    fprintf(stderr, "order_life: not settled: venue %s (%s), %lld unknown",
            VenueCondition_text(compare->venue.condition), compare->venue.text,
            (long long)compare->venue.unknown_orders);
    for (unsigned i = 0; i < compare->order_count; i++)
        fprintf(stderr, ", %s", compare->orders[i]);
    fputc('\n', stderr);
}

/* ---- the venue's side ---------------------------------------------------------------------- */

static void take_amount(JsonReader *reader, int64_t *units) {
    Quantity quantity;
    if (json_take_quantity(reader, &quantity)) *units = quantity.units;
}

static void take_text(JsonReader *reader, char *target, size_t capacity) {
    Slice raw;
    if (json_take_string(reader, &raw) && !slice_copy(raw, target, capacity)) target[0] = 0;
}

static void take_member(JsonReader *reader, VenueRow *row) {
    Slice key = reader->slice;
    bool sound = true;
    if (slice_is(key, "clientOrderId"))
        take_text(reader, row->client_id, sizeof row->client_id);
    else if (slice_is(key, "status"))
        take_text(reader, row->status, sizeof row->status);
    else if (slice_is(key, "side"))
        take_text(reader, row->side, sizeof row->side);
    else if (slice_is(key, "commissionAsset"))
        take_text(reader, row->fee_asset, sizeof row->fee_asset);
    else if (slice_is(key, "id"))
        sound = json_take_int(reader, &row->id);
    else if (slice_is(key, "orderId"))
        sound = json_take_int(reader, &row->order_id);
    else if (slice_is(key, "qty") || slice_is(key, "origQty"))
        take_amount(reader, &row->quantity);
    else if (slice_is(key, "executedQty"))
        take_amount(reader, &row->executed);
    else if (slice_is(key, "price"))
        take_amount(reader, &row->price);
    else if (slice_is(key, "commission"))
        take_amount(reader, &row->fee);
    else if (slice_is(key, "isBuyer"))
        sound = json_take_bool(reader, &row->is_buyer);
    else
        sound = json_skip(reader);
    CHECK(sound, "the venue's list is not readable");
}

static bool read_rows(const VenueBinancePlan *plan, const char *path, VenueRow *rows,
                      unsigned *count, Error *error) {
    VenueClock clock;
    VenueAnswer answer;
    if (!venue_binance_clock(plan, &clock, error) ||
        !venue_binance_ask(plan, path, &clock, &answer, error))
        return false;
    JsonReader reader = json_reader((Slice){answer.body, answer.length});
    bool sound = answer.status == 200 && json_next(&reader) == JSON_ARRAY_BEGIN;
    for (*count = 0; sound && json_next(&reader) == JSON_OBJECT_BEGIN;) {
        CHECK(*count < COMPARE_ROWS, "more rows than there is room for");
        VenueRow *row = &rows[(*count)++];
        memset(row, 0, sizeof *row);
        while (json_next(&reader) == JSON_KEY)
            take_member(&reader, row);
    }
    venue_answer_free(&answer);
    return sound || error_set(error, ERROR_EXCHANGE, "no list from the venue", path, NULL);
}

/* ---- our side ------------------------------------------------------------------------------ */

static bool keep_fill(void *context, const Message *message) {
    Compare *compare = context;
    CHECK(compare->fill_count < COMPARE_ROWS, "more fills than there is room for");
    compare->fills[compare->fill_count++] = *(const Fill *)message->payload;
    return true;
}

static bool keep_record(void *context, const Message *message) {
    Compare *compare = context;
    CHECK(compare->record_count < COMPARE_ROWS, "more orders than there is room for");
    compare->records[compare->record_count++] = *(const OrderRecord *)message->payload;
    return true;
}

static bool keep_position(void *context, const Message *message) {
    ((Compare *)context)->position = ((const PositionFact *)message->payload)->quantity.units;
    return true;
}

/* ---- differences --------------------------------------------------------------------------- */

static void differs(Compare *compare, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void differs(Compare *compare, const char *format, ...) {
    va_list values;
    va_start(values, format);
    fprintf(stderr, "DIFFERS: ");
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
    va_end(values);
    compare->differences++;
}

/* Every trade of the venue is booked once, with its price, quantity and fee, and nothing else is.
 */
static void compare_fills(Compare *compare) {
    for (unsigned i = 0; i < compare->trade_count; i++) {
        const VenueRow *trade = &compare->trades[i];
        unsigned booked = 0;
        for (unsigned k = 0; k < compare->fill_count; k++) {
            const Fill *fill = &compare->fills[k];
            booked += fill->trade_id == trade->id && fill->quantity.units == trade->quantity &&
                      fill->price.units == trade->price &&
                      (fill->side == SIDE_BUY) == trade->is_buyer && fill->fee.units == trade->fee;
        }
        if (booked != 1)
            differs(compare, "trade %lld of the venue is booked %u times", (long long)trade->id,
                    booked);
    }
    if (compare->fill_count != compare->trade_count)
        differs(compare, "%u fills are booked, the venue has %u trades", compare->fill_count,
                compare->trade_count);
}

static void compare_position(Compare *compare) {
    int64_t position = 0;
    for (unsigned i = 0; i < compare->trade_count; i++) {
        const VenueRow *trade = &compare->trades[i];
        position += trade->is_buyer ? trade->quantity : -trade->quantity;
        if (strcmp(trade->fee_asset, "BTC") == 0) position -= trade->fee;
    }
    if (position != compare->position)
        differs(compare, "the position on record is %lld, by the venue's trades it is %lld",
                (long long)compare->position, (long long)position);
}

static bool is_open(const VenueRow *order) {
    return strcmp(order->status, "NEW") == 0 || strcmp(order->status, "PARTIALLY_FILLED") == 0;
}

static const OrderRecord *record_of(const Compare *compare, int64_t number) {
    for (unsigned i = 0; i < compare->record_count; i++)
        if (client_order_number(compare->records[i].order_id) == number)
            return &compare->records[i];
    return NULL;
}

static ClientReading reading_of(const VenueRow *order) {
    ClientId name = {0};
    snprintf(name.text, sizeof name.text, "%s", order->client_id);
    return client_name_read(&name, SCENARIO_INSTANCE);
}

/* Of one intent and leg at most one order was executed, and at most one rests. */
static void compare_doubles(Compare *compare, unsigned index) {
    ClientReading own = reading_of(&compare->venue_orders[index]);
    for (unsigned i = 0; i < index; i++) {
        const VenueRow *one = &compare->venue_orders[i], *other = &compare->venue_orders[index];
        ClientReading reading = reading_of(one);
        if (reading.number != own.number || reading.leg != own.leg) continue;
        if (strcmp(one->client_id, other->client_id) == 0)
            differs(compare, "DOUBLED: %s stands twice at the venue", one->client_id);
        if (one->executed > 0 && other->executed > 0 && own.leg == LEG_MARKET)
            differs(compare, "DOUBLED: order o-%lld was executed twice", (long long)own.number);
        if (is_open(one) && is_open(other))
            differs(compare, "DOUBLED: order o-%lld rests twice", (long long)own.number);
    }
}

static void compare_orders(Compare *compare) {
    bool resting = false;
    for (unsigned i = 0; i < compare->venue_order_count; i++) {
        const VenueRow *order = &compare->venue_orders[i];
        ClientReading reading = reading_of(order);
        const OrderRecord *record = record_of(compare, reading.number);
        resting |= is_open(order);
        if (reading.owner != CLIENT_OURS || !record) {
            differs(compare, "LOST: the venue has %s (%s), nothing is on record", order->client_id,
                    order->status);
            continue;
        }
        if (is_open(order) && order_is_terminal(record->state))
            differs(compare, "%s rests at the venue and is %s on record", order->client_id,
                    OrderState_text(record->state));
        compare_doubles(compare, i);
    }
    for (unsigned i = 0; i < compare->record_count; i++)
        if (!order_is_terminal(compare->records[i].state) && !resting)
            differs(compare, "%s is %s on record and nothing rests at the venue",
                    compare->records[i].order_id, OrderState_text(compare->records[i].state));
    /* The smallest order of the venue is 5 quote: what is below it is dust. */
    int64_t least =
        compare->trade_count
            ? 6 * (DECIMAL_SCALE * (DECIMAL_SCALE / 10000) / (compare->trades[0].price / 10000))
            : 0;
    if (compare->position > least && !resting)
        differs(compare, "a position of %lld is not protected", (long long)compare->position);
}

bool compare_with_venue(Compare *compare, Store *store, const VenueBinancePlan *plan,
                        Error *error) {
    bool sound = read_rows(plan, "/api/v3/allOrders?symbol=" SCENARIO_SYMBOL "&limit=1000",
                           compare->venue_orders, &compare->venue_order_count, error) &&
                 read_rows(plan, "/api/v3/myTrades?symbol=" SCENARIO_SYMBOL "&limit=1000",
                           compare->trades, &compare->trade_count, error) &&
                 store_visit(store, TOPIC_TRADE_EXECUTIONS, keep_fill, compare, error) &&
                 store_visit(store, TOPIC_ORDERS, keep_record, compare, error) &&
                 store_visit(store, TOPIC_POSITION_FACTS, keep_position, compare, error);
    if (!sound) {
        differs(compare, "%s (%s)", error->message, error->where);
        return false;
    }
    compare_fills(compare);
    compare_position(compare);
    compare_orders(compare);
    printf("%u orders at the venue, %u trades, %u fills, position %lld, %u differences\n",
           compare->venue_order_count, compare->trade_count, compare->fill_count,
           (long long)compare->position, compare->differences);
    return compare->differences == 0;
}
