/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of the venue's trading interface, as unsigned requests (Binance Spot API, "Trading
 * endpoints" and "Account endpoints"): method, path, and the parameters percent-encoded in the
 * order in which they are signed; the signer adds key and signature and parses nothing. The same
 * request goes by REST or, where the venue has a name for it, by the WebSocket API. Amounts are
 * exact decimals without exponent or sign. Everything is bounded before it is printed: a parameter
 * that is missing, too many for the type of order, or out of range is an Error and no request. Time
 * and window come from the caller, who has the venue's clock. Plain values; a path points to a
 * constant.
 */
#ifndef CORE_VENUES_BINANCE_ORDER_H
#define CORE_VENUES_BINANCE_ORDER_H

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/venues/binance_word.h"

/* The longest (a list of three orders) has 22 parameters of at most 80 bytes. */
#define BINANCE_PARAMETERS_TEXT 2048
#define BINANCE_WINDOW_MS_MAX   60000         /* the venue's own bound of recvWindow */
#define BINANCE_STAMP_MS_MIN    1483228800000 /* 2017: the venue refuses what is older */
#define BINANCE_TRADES_MAX      1000          /* trades or orders of one call */
#define BINANCE_SPAN_US_MAX     86400000000   /* of one look into trades or orders: a day */
#define BINANCE_TRAILING_MAX    10000         /* basis points: the whole price */

typedef enum BinanceMethod { BINANCE_GET, BINANCE_POST, BINANCE_DELETE } BinanceMethod;

typedef struct BinanceRequest {
    BinanceMethod method;
    bool is_signed;
    uint16_t weight;      /* of the request budget, as documented */
    uint8_t orders;       /* how many it adds to the count of unfilled orders */
    const char *path;     /* of REST */
    const char *socket;   /* method of the WebSocket API; NULL: REST only */
    int64_t timestamp_ms; /* as in `text`; the signer refuses what is too old */
    int32_t window_ms;
    size_t length; /* of `text` */
    char text[BINANCE_PARAMETERS_TEXT];
} BinanceRequest;

typedef struct BinanceTiming {
    int64_t timestamp_ms; /* by the venue's clock */
    int32_t window_ms;    /* recvWindow: 1 to 60000 */
} BinanceTiming;

/* What is one order's own, alone or in a list. Zero or empty: not sent. */
typedef struct BinanceLeg {
    BinanceType type;
    BinanceForce force;
    Price price, stop_price;
    int32_t trailing_bps;
    Quantity iceberg;
    ClientId client_id;
} BinanceLeg;

typedef struct BinanceNewOrder {
    SymbolName symbol;
    Side side;
    Quantity quantity;
    Money quote_quantity; /* MARKET only, instead of the quantity */
    BinanceLeg leg;       /* its client id must be given: it finds the order again */
} BinanceNewOrder;

/* One of the two ids, or both; order id 0: not sent. */
typedef struct BinanceOrderKey {
    SymbolName symbol;
    int64_t order_id;
    ClientId client_id;
} BinanceOrderKey;

typedef enum BinanceRestriction {
    BINANCE_CANCEL_ANY,
    BINANCE_CANCEL_ONLY_NEW,
    BINANCE_CANCEL_ONLY_PARTIALLY_FILLED
} BinanceRestriction;

typedef struct BinanceCancel {
    BinanceOrderKey key;
    ClientId cancel_id; /* of the cancel itself; may be empty */
    BinanceRestriction restriction;
} BinanceCancel;

typedef struct BinanceReplace {
    BinanceCancel cancel;
    BinanceNewOrder order;
    bool even_if_cancel_fails; /* ALLOW_FAILURE, else STOP_ON_FAILURE */
    bool cancel_over_limit;    /* over the order limit: CANCEL_ONLY, else nothing is done */
} BinanceReplace;

/* Two orders of which one cancels the other. SELL: the profit above, the stop below; BUY: turned.
 */
typedef struct BinanceOco {
    SymbolName symbol;
    ClientId list_id;
    Side side;
    Quantity quantity;
    BinanceLeg above, below;
} BinanceOco;

typedef struct BinanceOtoco {
    BinanceNewOrder working; /* LIMIT or LIMIT_MAKER */
    BinanceOco pending;      /* its symbol is the working order's */
} BinanceOtoco;

typedef struct BinanceListKey {
    SymbolName symbol; /* for a cancel */
    int64_t list_id;   /* below 0: not sent; the venue counts from 0 */
    ClientId client_id;
} BinanceListKey;

/* A look into the past of a symbol; what is 0 (ids: below 0) is not sent. */
typedef struct BinancePast {
    SymbolName symbol;
    int64_t order_id, from_id;
    int64_t from_us, until_us;
    unsigned limit;
} BinancePast;

bool binance_order_new(const BinanceNewOrder *order, BinanceTiming timing, BinanceRequest *request,
                       Error *error) MUST_USE;
/* Is checked by the venue and not sent to its engine; with the rates of commission if asked. */
bool binance_order_test(const BinanceNewOrder *order, bool rates, BinanceTiming timing,
                        BinanceRequest *request, Error *error) MUST_USE;
bool binance_order_query(const BinanceOrderKey *key, BinanceTiming timing, BinanceRequest *request,
                         Error *error) MUST_USE;
bool binance_order_cancel(const BinanceCancel *cancel, BinanceTiming timing,
                          BinanceRequest *request, Error *error) MUST_USE;
bool binance_order_replace(const BinanceReplace *replace, BinanceTiming timing,
                           BinanceRequest *request, Error *error) MUST_USE;
bool binance_order_oco(const BinanceOco *oco, BinanceTiming timing, BinanceRequest *request,
                       Error *error) MUST_USE;
bool binance_order_otoco(const BinanceOtoco *otoco, BinanceTiming timing, BinanceRequest *request,
                         Error *error) MUST_USE;
bool binance_order_list_cancel(const BinanceListKey *key, BinanceTiming timing,
                               BinanceRequest *request, Error *error) MUST_USE;
bool binance_order_list_query(const BinanceListKey *key, BinanceTiming timing,
                              BinanceRequest *request, Error *error) MUST_USE;
/* Every open order of the symbol, lists too, also those that others placed: the last resort. */
bool binance_order_cancel_all(const SymbolName *symbol, BinanceTiming timing,
                              BinanceRequest *request, Error *error) MUST_USE;
/* Of one symbol, or of all (NULL), which weighs 80. */
bool binance_order_open(const SymbolName *symbol, BinanceTiming timing, BinanceRequest *request,
                        Error *error) MUST_USE;
bool binance_order_all(const BinancePast *past, BinanceTiming timing, BinanceRequest *request,
                       Error *error) MUST_USE;
bool binance_order_trades(const BinancePast *past, BinanceTiming timing, BinanceRequest *request,
                          Error *error) MUST_USE;
/* Only assets of which something is held. */
bool binance_order_account(BinanceTiming timing, BinanceRequest *request, Error *error) MUST_USE;
bool binance_order_commission(const SymbolName *symbol, BinanceTiming timing,
                              BinanceRequest *request, Error *error) MUST_USE;
bool binance_order_counts(BinanceTiming timing, BinanceRequest *request, Error *error) MUST_USE;
/* What the key may do: withdraw, trade, from which addresses. */
bool binance_order_restrictions(BinanceTiming timing, BinanceRequest *request,
                                Error *error) MUST_USE;
void binance_order_time(BinanceRequest *request);

#endif
