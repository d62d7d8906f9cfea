/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the venue answers about orders (Binance Spot API, "Trading endpoints"): one report for every
 * shape of it, from the bare receipt (ACK) to the one with fills, of a new order, a query, a cancel
 * or a part of a list. What was traded is `executed` and the fills, never the status: an order that
 * ends CANCELED or EXPIRED may have traded. Amounts are exact; keys that are not named here are
 * skipped; a body that is malformed or lacks what every report has is an Error with its place, and
 * then the order's fate is unknown. Fills and reports lie in memory that the caller hands in.
 */
#ifndef CORE_VENUES_BINANCE_REPLY_H
#define CORE_VENUES_BINANCE_REPLY_H

#include "core/venues/binance_fields.h"
#include "core/venues/binance_stream.h"
#include "core/venues/binance_word.h"

typedef struct BinanceFill {
    int64_t trade_id; /* -1: not of a trade of its own (SOR) */
    Price price;
    Quantity quantity;
    Money commission;
    AssetName commission_asset;
} BinanceFill;

/* Room for fills: filled from `count` on. */
typedef struct BinanceFills {
    BinanceFill *at;
    unsigned capacity, count;
} BinanceFills;

typedef struct BinanceReport {
    SymbolName symbol;
    int64_t order_id, list_id; /* list -1: alone */
    ClientId client_id;        /* the order's own, also in the report of its cancel */
    ClientId cancel_id;        /* in the report of a cancel; else empty */
    int64_t time_us;           /* of the transaction, or of the order in a query */
    int64_t update_us;         /* 0: not told, as all that follows of a receipt */
    bool is_receipt;           /* ACK: accepted, nothing more is told */
    bool quote_known;          /* false: old orders, whose quote amount the venue lost */
    BinanceStatus status;
    BinanceType type;
    BinanceForce force;
    Side side;
    Price price, stop_price;
    Quantity quantity, executed, iceberg;
    Money quote_executed, quote_quantity;
    char expiry_reason[48]; /* empty: none */
    const BinanceFill *fills;
    unsigned fill_count;
} BinanceReport;

typedef struct BinanceReports {
    BinanceReport *at;
    unsigned capacity, count;
    BinanceFills *fills; /* NULL: a report with fills is an Error */
} BinanceReports;

typedef struct BinanceLegName {
    SymbolName symbol;
    int64_t order_id;
    ClientId client_id;
} BinanceLegName;

typedef struct BinanceListReport {
    int64_t list_id, time_us;
    SymbolName symbol;
    ClientId client_id;
    BinanceListState state;
    char contingency[8]; /* OCO or OTO */
    char step[16];       /* EXEC_STARTED, UPDATED, ALL_DONE, RESPONSE */
    BinanceLegName legs[BINANCE_LEGS_MAX];
    unsigned leg_count;
    BinanceReport reports[BINANCE_LEGS_MAX];
    unsigned report_count; /* 0 in queries */
} BinanceListReport;

typedef enum BinanceHalf { /* of a cancel and replace */
                           BINANCE_HALF_UNTOLD,
                           BINANCE_HALF_SUCCESS,
                           BINANCE_HALF_FAILURE,
                           BINANCE_HALF_NOT_ATTEMPTED
} BinanceHalf;

typedef struct BinanceReplaced {
    BinanceFault fault; /* of the whole; code 0: none */
    BinanceHalf cancel, order;
    BinanceReport cancel_report, order_report; /* where the half is a success */
    BinanceFault cancel_fault, order_fault;    /* where it is a failure */
} BinanceReplaced;

/* Answer to a new order, a query or a cancel of one. */
bool binance_reply_order(Slice body, BinanceFills *fills, BinanceReport *report,
                         Error *error) MUST_USE;
/* Open orders, all orders, or what a cancel of all gave: the orders of lists are among them. */
bool binance_reply_orders(Slice body, BinanceReports *reports, Error *error) MUST_USE;
bool binance_reply_list(Slice body, BinanceFills *fills, BinanceListReport *list,
                        Error *error) MUST_USE;
/* Also the body of an error: halves that are not told stay BINANCE_HALF_UNTOLD. */
bool binance_reply_replaced(Slice body, BinanceFills *fills, BinanceReplaced *replaced,
                            Error *error) MUST_USE;
/* The answer to a test without rates: nothing. */
bool binance_reply_empty(Slice body, Error *error) MUST_USE;
/* An object with `code` and `msg`, as every error has. */
bool binance_reply_fault(JsonReader value, BinanceFault *fault, Error *error) MUST_USE;
/* The legs `[{symbol,orderId,clientOrderId}]` under the keys of `table`, which fills a
 * BinanceLegName. */
typedef struct BinanceLegs {
    BinanceLegName *at;
    unsigned *count;
    const FieldTable *table;
} BinanceLegs;
bool binance_reply_legs(JsonReader value, BinanceLegs legs, Error *error) MUST_USE;

#endif
