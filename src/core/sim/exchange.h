/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spot exchange that does not exist, with Binance's rules: one account with free and locked
 * balances in exact integers, orders of every spot type, OCO lists, and a market that is told to it
 * print by print. Around the last print stands a book of levels (half a spread away, each further
 * one by the slippage) that takers walk and that each print renews; resting orders fill at their
 * own price when a print touches it, best price first, then oldest, from a share of the print's
 * quantity. Own orders meet the market, never one another. A stop is judged at each print. The
 * quote amount of a fill is floored at 1e-8 (with the venue's grids it is exact); fees are rounded
 * up. Facts of types, filters, states and error codes: Binance Spot API, "Trading endpoints",
 * "Filters", "Errors". Whatever happens is said in a queue of events, which the caller empties
 * after each call. An Exchange is one plain block; the caller owns it.
 */
#ifndef CORE_SIM_EXCHANGE_H
#define CORE_SIM_EXCHANGE_H

#include "core/market/candle.h"
#include "core/market/choices.h"
#include "core/market/symbol.h"

typedef enum ExchangeType {
    EXCHANGE_LIMIT,
    EXCHANGE_LIMIT_MAKER,
    EXCHANGE_MARKET,
    EXCHANGE_STOP_LOSS,
    EXCHANGE_STOP_LOSS_LIMIT,
    EXCHANGE_TAKE_PROFIT,
    EXCHANGE_TAKE_PROFIT_LIMIT,
    EXCHANGE_TYPE_COUNT
} ExchangeType;

typedef enum ExchangeForce {
    EXCHANGE_GTC,
    EXCHANGE_IOC,
    EXCHANGE_FOK,
    EXCHANGE_FORCE_COUNT
} ExchangeForce;

typedef enum ExchangeStatus {
    EXCHANGE_NEW,
    EXCHANGE_PARTIALLY_FILLED,
    EXCHANGE_FILLED,
    EXCHANGE_CANCELED,
    EXCHANGE_EXPIRED,
    EXCHANGE_STATUS_COUNT
} ExchangeStatus;

typedef enum ExchangeReason {
    EXCHANGE_NO_REASON,
    EXCHANGE_OCO_TRIGGER,
    EXCHANGE_UNFILLED_IOC,
    EXCHANGE_UNFILLED_FOK,
    EXCHANGE_NO_LIQUIDITY,
    EXCHANGE_REASON_COUNT
} ExchangeReason;

typedef enum ExchangeTrading {
    EXCHANGE_TRADING,
    EXCHANGE_HALT,
    EXCHANGE_BREAK,
    EXCHANGE_CANCEL_ONLY,
    EXCHANGE_GONE, /* delisted: told as BREAK, and its orders have expired */
    EXCHANGE_TRADING_COUNT
} ExchangeTrading;

typedef struct ExchangeCosts {
    int64_t maker_ppm, taker_ppm;
    int64_t half_spread_ppm, slippage_ppm; /* to the first level; from level to level */
    int64_t share_ppm;    /* of a print's quantity that reaches the account's resting orders */
    int64_t discount_ppm; /* taken off a fee that is paid in BNB */
    bool pays_in_bnb;
} ExchangeCosts;

/* The venue's refusal: its code, its words, and the HTTP status they come with. */
typedef struct ExchangeFault {
    int code;
    unsigned status;
    char text[200];
} ExchangeFault;

typedef struct ExchangeBalance {
    AssetName asset;
    Money free, locked;
} ExchangeBalance;

/* What is asked for. Zero: not given. */
typedef struct ExchangeWish {
    unsigned pair;
    Side side;
    ExchangeType type;
    ExchangeForce force;
    Quantity quantity;
    Money quote_quantity; /* MARKET: spend or receive so much */
    Price price, stop;
    char client_id[LIMIT_EXCHANGE_CLIENT_ID];
} ExchangeWish;

typedef struct ExchangeOrder {
    int64_t id;      /* 0: none */
    int64_t list_id; /* -1: none */
    ExchangeWish wish;
    ExchangeStatus status;
    ExchangeReason reason;
    Quantity executed;
    Money quote_executed;
    Money locked;                           /* of the base (SELL) or quote (BUY) asset */
    int64_t time_us, update_us, working_us; /* working_us 0: a stop that waits */
    char cancel_id[LIMIT_EXCHANGE_CLIENT_ID];
} ExchangeOrder;

typedef struct ExchangeFill {
    int64_t id, order_id, list_id;
    unsigned pair, fee_asset;
    Side side;
    Price price;
    Quantity quantity;
    Money quote, fee;
    int64_t time_us;
    bool maker;
} ExchangeFill;

/* One cancels the other. */
typedef struct ExchangeList {
    int64_t id; /* 0 is the first; time_us 0: none */
    int64_t order_ids[2];
    unsigned pair;
    bool done;
    int64_t time_us;
    char client_id[LIMIT_EXCHANGE_CLIENT_ID];
} ExchangeList;

typedef struct ExchangePrint {
    int64_t id, time_us;
    Price price;
    Quantity quantity;
    bool buyer_is_maker;
} ExchangePrint;

typedef struct ExchangeLevel {
    Price price;
    Quantity quantity;
} ExchangeLevel;

typedef struct ExchangePair {
    Symbol symbol;
    unsigned base, quote; /* assets */
    Price last;
    Quantity depth;    /* of the first level */
    Quantity taken[2]; /* since the last print, of the side that a BUY or SELL walks */
    int64_t print_count, update_count; /* trades; and every change of the book */
    Price last_before;                 /* of the book that the last print replaced */
    Quantity depth_before;
    ExchangePrint prints[LIMIT_EXCHANGE_PRINTS]; /* ring by id */
    Bar minute;                                  /* not closed yet; bars 0: none */
    uint64_t bar_count;                          /* closed so far */
    Bar bars[LIMIT_EXCHANGE_BARS];               /* ring */
    ExchangeTrading trading;
} ExchangePair;

typedef enum ExchangeEventKind {
    EXCHANGE_EXECUTION,
    EXCHANGE_POSITION,
    EXCHANGE_LIST
} ExchangeEventKind;
typedef enum ExchangeExecution {
    EXECUTION_NEW,
    EXECUTION_TRADE,
    EXECUTION_CANCELED,
    EXECUTION_EXPIRED
} ExchangeExecution;

typedef struct ExchangeEvent {
    ExchangeEventKind kind;
    ExchangeExecution execution;
    int64_t time_us;
    int64_t fill_id; /* of EXECUTION_TRADE, else 0 */
    ExchangeOrder order;
    ExchangeBalance balances[3]; /* base, quote, BNB where it paid */
    unsigned balance_count;
    int64_t list_id;
} ExchangeEvent;

typedef struct Exchange {
    ExchangeCosts costs;
    ExchangeBalance balances[LIMIT_EXCHANGE_ASSETS];
    unsigned asset_count, pair_count;
    int64_t order_count, fill_count, list_count;
    unsigned open_count;
    int64_t open[LIMIT_EXCHANGE_OPEN]; /* ids of open orders, rising */
    ExchangeOrder orders[LIMIT_EXCHANGE_ORDERS];
    ExchangeFill fills[LIMIT_EXCHANGE_FILLS];
    ExchangeList lists[LIMIT_EXCHANGE_LISTS];
    unsigned event_count, event_taken;
    ExchangeEvent events[LIMIT_EXCHANGE_EVENTS];
    int64_t minute_us; /* of the weight counted */
    unsigned weight, orders_today;
    ExchangePair pairs[LIMIT_SYMBOLS];
} Exchange;

/* Zeroed by this; the size is that of the struct. */
void exchange_init(Exchange *exchange, const ExchangeCosts *costs);
/* Index of the pair, or -1 when full. */
int exchange_list_pair(Exchange *exchange, const Symbol *symbol);
/* While it is not TRADING nothing new is taken. */
void exchange_set_trading(Exchange *exchange, unsigned pair, ExchangeTrading trading,
                          int64_t now_us);
int exchange_find_pair(const Exchange *exchange, Slice name);
/* Index of the asset, made where it is new; CHECK when full, which the limits exclude. */
unsigned exchange_asset(Exchange *exchange, const AssetName *name);
int exchange_find_asset(const Exchange *exchange, Slice name);
/* Opening balance. false for an asset that no pair has when there is no room. */
bool exchange_deposit(Exchange *exchange, Slice asset, Money amount) MUST_USE;

/* A closed minute of the past. */
void exchange_history(Exchange *exchange, unsigned pair, const Bar *bar);
/* The market trades: closes the minute before if this one begins another (true), renews the book,
 * triggers stops, fills resting orders. */
bool exchange_print(Exchange *exchange, unsigned pair, const ExchangePrint *print);

/* The book's levels of the side that asks (SIDE_SELL) or bids (SIDE_BUY), best first; how many. */
unsigned exchange_book(const Exchange *exchange, unsigned pair, Side side,
                       ExchangeLevel levels[static LIMIT_EXCHANGE_LEVELS]);

/* The same of the book that the last print replaced. */
unsigned exchange_book_before(const Exchange *exchange, unsigned pair, Side side,
                              ExchangeLevel levels[static LIMIT_EXCHANGE_LEVELS]);

/* false with the venue's fault, and nothing has changed. The order stays valid until the next call.
 */
bool exchange_place(Exchange *exchange, const ExchangeWish *wish, int64_t now_us,
                    const ExchangeOrder **order, ExchangeFault *fault) MUST_USE;
/* All checks of exchange_place, and nothing else. */
bool exchange_try(Exchange *exchange, const ExchangeWish *wish, ExchangeFault *fault) MUST_USE;
/* wishes[0] above, wishes[1] below the price. */
bool exchange_place_oco(Exchange *exchange, const ExchangeWish wishes[static 2],
                        const char *client_id, int64_t now_us, const ExchangeList **list,
                        ExchangeFault *fault) MUST_USE;
/* A leg of a list takes the other leg with it. `cancel_id` may be empty. */
bool exchange_cancel(Exchange *exchange, int64_t order_id, const char *cancel_id, int64_t now_us,
                     ExchangeFault *fault) MUST_USE;

/* NULL: never was, or so old that it is forgotten. */
const ExchangeOrder *exchange_order(const Exchange *exchange, int64_t id);
/* The newest with the client's id. */
const ExchangeOrder *exchange_order_named(const Exchange *exchange, unsigned pair, Slice client_id);
const ExchangeList *exchange_list(const Exchange *exchange, int64_t id);
const ExchangeFill *exchange_fill(const Exchange *exchange, int64_t id);
bool exchange_is_open(const ExchangeOrder *order);
bool exchange_is_stop(ExchangeType type);
/* Oldest event that was not taken yet; NULL: none, and the queue is empty again. */
const ExchangeEvent *exchange_next_event(Exchange *exchange);
/* The candle that began at `start_us`, from its closed minutes and, if asked, the open one. false:
 * it has none. */
bool exchange_candle(const ExchangePair *pair, int64_t start_us, int64_t length_us, bool with_open,
                     Bar *candle);
/* Closed minute by age: 0 is the newest. NULL: none. */
const Bar *exchange_bar(const ExchangePair *pair, uint64_t age);

const char *exchange_type_name(ExchangeType type);
const char *exchange_force_name(ExchangeForce force);
const char *exchange_status_name(ExchangeStatus status);
const char *exchange_reason_name(ExchangeReason reason);
const char *exchange_trading_name(ExchangeTrading trading);

/* Fills the fault (status 400) and returns false. */
bool exchange_refuse(ExchangeFault *fault, int code, const char *format, ...);

#endif
