/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spot exchange that does not exist, with Binance's rules: accounts with free and locked balances
 * in exact integers, orders of every spot type, order lists, and a market that is told to it print
 * by print. Around the last print stands a book of levels (half a spread away, each further one by
 * the slippage) that takers walk and that each print renews. An order that rests fills at its own
 * price when a print touches it (ExchangeQueue says how much of it), or when another order of the
 * exchange crosses it, best price first, then oldest; what that trades moves no last price. A stop
 * is judged at each print. The quote amount of a fill is floored at 1e-8 (with the venue's grids it
 * is exact); fees are rounded up. Facts of types, filters, states and error codes: Binance Spot
 * API, "Trading endpoints", "Filters", "Errors" and the pages on trailing stops, self-trade
 * prevention, amendments and OPO lists. Whatever happens is said in a queue of events, which the
 * caller empties after each call. An Exchange is one plain block; the caller owns it.
 */
#ifndef CORE_SIM_EXCHANGE_H
#define CORE_SIM_EXCHANGE_H

#include <stddef.h>

#include "core/market/candle.h"
#include "core/market/choices.h"
#include "core/market/symbol.h"

#define EXCHANGE_STOPS_IN_ALL    200 /* the venue's EXCHANGE_MAX_NUM_ALGO_ORDERS */
#define EXCHANGE_ICEBERGS_IN_ALL 200 /* fewer than its 10000: LIMIT_EXCHANGE_OPEN cuts before */
#define EXCHANGE_LISTS_IN_ALL    100 /* more than its 20: a list for each order of two legs */

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
    EXCHANGE_PENDING_NEW, /* a leg whose working order is not filled yet */
    EXCHANGE_PARTIALLY_FILLED,
    EXCHANGE_FILLED,
    EXCHANGE_CANCELED,
    EXCHANGE_EXPIRED,
    EXCHANGE_EXPIRED_IN_MATCH, /* by self-trade prevention */
    EXCHANGE_STATUS_COUNT
} ExchangeStatus;

typedef enum ExchangeReason {
    EXCHANGE_NO_REASON,
    EXCHANGE_OCO_TRIGGER,
    EXCHANGE_PHASE_ONE_EXPIRED,
    EXCHANGE_UNFILLED_IOC,
    EXCHANGE_UNFILLED_FOK,
    EXCHANGE_NO_LIQUIDITY,
    EXCHANGE_REJECTED,
    EXCHANGE_DELISTED,
    EXCHANGE_OUT_OF_RANGE,
    EXCHANGE_REASON_COUNT
} ExchangeReason;

/* What becomes of an order that would trade with one of its own account: the taker's mode holds. */
typedef enum ExchangePrevention {
    PREVENT_NOTHING,
    PREVENT_TAKER,
    PREVENT_MAKER,
    PREVENT_BOTH,
    PREVENT_DECREMENT,
    EXCHANGE_PREVENTION_COUNT
} ExchangePrevention;

/* How much of a print reaches the orders that rest. */
typedef enum ExchangeQueue {
    EXCHANGE_QUEUE_SHARE, /* costs.share_ppm of its quantity, at their price or through it */
    /* Price and time: the market's quantity at the price when the order came has to trade first, by
     * prints of the other side's takers; a print through the price fills. */
    EXCHANGE_QUEUE_TRADES
} ExchangeQueue;

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
    int64_t share_ppm;                     /* of a print's quantity that reaches resting orders */
    int64_t discount_ppm;                  /* taken off a fee that is paid in BNB */
    bool pays_in_bnb;
    ExchangeQueue queue;
} ExchangeCosts;

/* The filters beside Symbol.filters, and what a symbol allows. A zero bound is off. */
typedef struct ExchangeRules {
    Quantity market_step, market_min, market_max;
    int64_t bid_up_ppm, bid_down_ppm, ask_up_ppm, ask_down_ppm; /* PERCENT_PRICE_BY_SIDE */
    int64_t range_up_ppm, range_down_ppm; /* execution rule PRICE_RANGE, times the last price */
    bool min_to_market, max_to_market;    /* NOTIONAL */
    Quantity position_max;
    unsigned orders_max, stops_max, icebergs_max, lists_max, amends_max, parts_max;
    unsigned trail_above_min, trail_above_max, trail_below_min, trail_below_max; /* basis points */
    ExchangePrevention prevention; /* if none is asked */
    bool allows_iceberg, allows_trailing, allows_amend, allows_oco, allows_oto, allows_opo;
} ExchangeRules;

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
    unsigned account, pair;
    Side side;
    ExchangeType type;
    ExchangeForce force;
    ExchangePrevention prevention;
    Quantity quantity;
    Quantity iceberg;     /* how much of it is shown at once */
    Money quote_quantity; /* MARKET: spend or receive so much */
    Price price, stop;
    unsigned trailing; /* basis points */
    bool has_strategy, has_strategy_type;
    int64_t strategy, strategy_type; /* labels, told again */
    char client_id[LIMIT_EXCHANGE_CLIENT_ID];
} ExchangeWish;

typedef enum ExchangeStand { STANDS_NOWHERE, STANDS_WAITING, STANDS_RESTING } ExchangeStand;

typedef struct ExchangeOrder {
    int64_t id;      /* 0: none */
    int64_t list_id; /* -1: none */
    ExchangeWish wish;
    ExchangeStatus status;
    ExchangeReason reason;
    ExchangeStand stand;
    unsigned amends;
    Quantity executed, prevented;
    Quantity shown; /* while it rests: all that is left, or the part of an iceberg */
    Quantity ahead; /* while it rests: of the market, at its price (EXCHANGE_QUEUE_TRADES) */
    Money quote_executed;
    Money locked;  /* of the base (SELL) or quote (BUY) asset */
    Price bound;   /* BUY: the most that a unit was locked for */
    Price extreme; /* of the prints that a trailing stop has followed */
    int64_t time_us, update_us, working_us, trailing_us; /* working_us 0: waits; trailing_us 0:
                                                            follows nothing yet */
    int64_t turn;                                        /* among those at its price */
    int64_t first_fill, prevented_id;                    /* 0: none */
    char cancel_id[LIMIT_EXCHANGE_CLIENT_ID];
} ExchangeOrder;

typedef struct ExchangeFill {
    int64_t id, order_id, list_id;
    unsigned account, pair, fee_asset;
    Side side;
    Price price;
    Quantity quantity;
    Money quote, fee;
    int64_t time_us;
    bool maker;
} ExchangeFill;

typedef enum ExchangeListKind {
    EXCHANGE_OCO,   /* one cancels the other: above, below */
    EXCHANGE_OTO,   /* one triggers the other: working, pending */
    EXCHANGE_OTOCO, /* working, pending above, pending below */
    EXCHANGE_OPO,   /* as OTO, and what the working order received is the pending one's quantity */
    EXCHANGE_OPOCO,
    EXCHANGE_LIST_KIND_COUNT
} ExchangeListKind;

typedef struct ExchangeListWish {
    ExchangeListKind kind;
    ExchangeWish legs[LIMIT_EXCHANGE_LEGS];
    char client_id[LIMIT_EXCHANGE_CLIENT_ID];
} ExchangeListWish;

typedef struct ExchangeList {
    int64_t id; /* 0 is the first */
    ExchangeListKind kind;
    unsigned leg_count;
    int64_t order_ids[LIMIT_EXCHANGE_LEGS];
    unsigned account, pair;
    bool done;
    bool due;       /* the working order is filled, the others have not entered yet */
    Money reserved; /* OPO: received and locked for the pending legs */
    int64_t time_us;
    char client_id[LIMIT_EXCHANGE_CLIENT_ID];
} ExchangeList;

typedef struct ExchangePrevented {
    int64_t id, taker_id, maker_id;
    unsigned account, pair;
    ExchangePrevention mode;
    Price price;
    Quantity taker, maker; /* expired of each; 0: none */
    int64_t time_us;
} ExchangePrevented;

/* What an order is to be from now on. */
typedef struct ExchangeChange {
    int64_t order_id;
    Quantity quantity;
    const char *client_id; /* NULL or empty: the exchange names it anew */
} ExchangeChange;

typedef struct ExchangeAmendment {
    int64_t id, order_id, execution_id, time_us;
    Quantity before, after;
    char former_id[LIMIT_EXCHANGE_CLIENT_ID], client_id[LIMIT_EXCHANGE_CLIENT_ID];
} ExchangeAmendment;

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

/* Places of orders in Exchange.orders, in the order of their turn to trade. */
typedef struct ExchangeStanding {
    unsigned count;
    uint16_t places[LIMIT_EXCHANGE_STANDING];
} ExchangeStanding;

typedef struct ExchangePair {
    Symbol symbol;
    ExchangeRules rules;
    ExchangeTrading trading;
    unsigned base, quote; /* assets */
    Price last;
    Quantity depth;    /* of the first level */
    Quantity taken[2]; /* since the last print, of the side that a BUY or SELL walks */
    int64_t print_count, update_count; /* trades; and every change of the book */
    Price last_before;                 /* of the book that the last print replaced */
    Quantity depth_before;
    Bar minute;         /* not closed yet; bars 0: none */
    uint64_t bar_count; /* closed so far */
    ExchangeStanding resting[2], waiting;
    ExchangePrint prints[LIMIT_EXCHANGE_PRINTS]; /* ring by id */
    Bar bars[LIMIT_EXCHANGE_BARS];               /* ring */
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
    EXECUTION_EXPIRED,
    EXECUTION_REPLACED,
    EXECUTION_PREVENTED
} ExchangeExecution;

typedef struct ExchangeEvent {
    ExchangeEventKind kind;
    ExchangeExecution execution;
    unsigned account;
    int64_t time_us;
    int64_t execution_id;
    int64_t fill_id;      /* of EXECUTION_TRADE, else 0 */
    int64_t prevented_id; /* of EXECUTION_PREVENTED, else 0 */
    ExchangeOrder order;
    ExchangeBalance balances[3]; /* base, quote, BNB where it paid */
    unsigned balance_count;
    int64_t list_id;
    bool updated, done; /* EXCHANGE_LIST: a leg was renamed; it ended */
} ExchangeEvent;

typedef struct ExchangeAccount {
    ExchangeBalance balances[LIMIT_EXCHANGE_ASSETS];
    unsigned open_count;
    int64_t open[LIMIT_EXCHANGE_OPEN]; /* ids of open orders, rising */
} ExchangeAccount;

/* What stands before `orders` is cleared by exchange_init; of the rings behind, only what the
 * counts say has been written is ever read. */
typedef struct Exchange {
    ExchangeCosts costs;
    unsigned asset_count, pair_count, account_count;
    int64_t order_count, fill_count, list_count, prevented_count, amended_count;
    int64_t execution_count, turn_count;
    unsigned event_count, event_taken;
    unsigned due_count;
    int64_t due[LIMIT_EXCHANGE_LISTS]; /* lists whose pending legs enter at the end of the call */
    ExchangeAccount accounts[LIMIT_EXCHANGE_ACCOUNTS];
    ExchangeOrder orders[LIMIT_EXCHANGE_ORDERS];
    uint32_t names[LIMIT_EXCHANGE_ORDERS]; /* hash of each order's account and client id */
    ExchangeFill fills[LIMIT_EXCHANGE_FILLS];
    ExchangeList lists[LIMIT_EXCHANGE_LISTS];
    ExchangePrevented prevented[LIMIT_EXCHANGE_PREVENTED];
    ExchangeAmendment amended[LIMIT_EXCHANGE_AMENDED];
    ExchangeEvent events[LIMIT_EXCHANGE_EVENTS];
    ExchangePair pairs[LIMIT_SYMBOLS];
} Exchange;

/* ---- exchange.c: accounts, pairs, history, look-ups ---------------------------------------- */

/* Begins with account 0 and nothing else; as cheap on a used block as on a new one. */
void exchange_init(Exchange *exchange, const ExchangeCosts *costs);
/* Index of one more account, or -1 when full. */
int exchange_add_account(Exchange *exchange);
/* Index of the pair, or -1 when full. */
int exchange_list_pair(Exchange *exchange, const Symbol *symbol);
/* Rules that a symbol has if nothing else is said. */
ExchangeRules exchange_rules_preset(const Filters *filters);
/* The counts are cut to the limits of this program. */
void exchange_set_rules(Exchange *exchange, unsigned pair, const ExchangeRules *rules);
/* While it is not TRADING nothing is matched and nothing new is taken; EXCHANGE_GONE expires what
 * is open. */
void exchange_set_trading(Exchange *exchange, unsigned pair, ExchangeTrading trading,
                          int64_t now_us);
int exchange_find_pair(const Exchange *exchange, Slice name);
/* Index of the asset, made where it is new; CHECK when full, which the limits exclude. */
unsigned exchange_asset(Exchange *exchange, const AssetName *name);
int exchange_find_asset(const Exchange *exchange, Slice name);
/* Opening balance of account 0. false for an asset that no pair has when there is no room. */
bool exchange_deposit(Exchange *exchange, Slice asset, Money amount) MUST_USE;
bool exchange_deposit_to(Exchange *exchange, unsigned account, Slice asset, Money amount) MUST_USE;
/* Zero for an asset that is not there. */
Money exchange_free(const Exchange *exchange, unsigned account, Slice asset);
Money exchange_locked(const Exchange *exchange, unsigned account, Slice asset);

/* A closed minute of the past. */
void exchange_history(Exchange *exchange, unsigned pair, const Bar *bar);
/* The last word on a minute of which prints were heard, open or closed: that of another venue. */
void exchange_correct(Exchange *exchange, unsigned pair, const Bar *bar);
/* The candle that began at `start_us`, from its closed minutes and, if asked, the open one. false:
 * it has none. */
bool exchange_candle(const ExchangePair *pair, int64_t start_us, int64_t length_us, bool with_open,
                     Bar *candle);
/* Closed minute by age: 0 is the newest. NULL: none. */
const Bar *exchange_bar(const ExchangePair *pair, uint64_t age);

/* NULL: never was, or so old that it is forgotten. */
const ExchangeOrder *exchange_order(const Exchange *exchange, int64_t id);
/* The newest of account 0 with the client's id. */
const ExchangeOrder *exchange_order_named(const Exchange *exchange, unsigned pair, Slice client_id);
const ExchangeOrder *exchange_order_of(const Exchange *exchange, unsigned account, unsigned pair,
                                       Slice client_id);
const ExchangeList *exchange_list(const Exchange *exchange, int64_t id);
const ExchangeFill *exchange_fill(const Exchange *exchange, int64_t id);
const ExchangePrevented *exchange_prevented(const Exchange *exchange, int64_t id);
const ExchangeAmendment *exchange_amendment(const Exchange *exchange, int64_t id);
bool exchange_is_open(const ExchangeOrder *order);
bool exchange_is_stop(ExchangeType type);
/* Oldest event that was not taken yet; NULL: none, and the queue is empty again. */
const ExchangeEvent *exchange_next_event(Exchange *exchange);

/* ---- exchange_print.c and exchange_book.c: the market -------------------------------------- */

/* The market trades: closes the minute before if this one begins another (true), renews the book,
 * triggers stops, fills resting orders. Where the pair does not trade only the time passes. */
bool exchange_print(Exchange *exchange, unsigned pair, const ExchangePrint *print);
/* The market's levels of the side that asks (SIDE_SELL) or bids (SIDE_BUY), best first; how many.
 */
unsigned exchange_book(const Exchange *exchange, unsigned pair, Side side,
                       ExchangeLevel levels[static LIMIT_EXCHANGE_LEVELS]);
/* The same of the book that the last print replaced. */
unsigned exchange_book_before(const Exchange *exchange, unsigned pair, Side side,
                              ExchangeLevel levels[static LIMIT_EXCHANGE_LEVELS]);

/* ---- exchange_order.c and exchange_list.c: orders ------------------------------------------ */

/* false with the venue's fault, and nothing has changed. The order stays valid until the next call.
 */
bool exchange_place(Exchange *exchange, const ExchangeWish *wish, int64_t now_us,
                    const ExchangeOrder **order, ExchangeFault *fault) MUST_USE;
/* All checks of exchange_place, and nothing else. */
bool exchange_try(const Exchange *exchange, const ExchangeWish *wish,
                  ExchangeFault *fault) MUST_USE;
/* The filters and counts alone: what the venue looks at before it replaces an order. */
bool exchange_try_filters(const Exchange *exchange, const ExchangeWish *wish,
                          ExchangeFault *fault) MUST_USE;
bool exchange_place_list(Exchange *exchange, const ExchangeListWish *wish, int64_t now_us,
                         const ExchangeList **list, ExchangeFault *fault) MUST_USE;
/* wishes[0] above, wishes[1] below the price. */
bool exchange_place_oco(Exchange *exchange, const ExchangeWish wishes[static 2],
                        const char *client_id, int64_t now_us, const ExchangeList **list,
                        ExchangeFault *fault) MUST_USE;
/* A leg of a list takes the other legs with it. `cancel_id` may be empty. */
bool exchange_cancel(Exchange *exchange, int64_t order_id, const char *cancel_id, int64_t now_us,
                     ExchangeFault *fault) MUST_USE;
/* Less quantity, the same place in the queue. */
bool exchange_amend(Exchange *exchange, const ExchangeChange *change, int64_t now_us,
                    const ExchangeAmendment **amendment, ExchangeFault *fault) MUST_USE;

/* ---- exchange_state.c: a file's worth of bytes --------------------------------------------- */

/* Bytes that exchange_save writes. The queue of events is not among them: take them first. */
size_t exchange_save_size(const Exchange *exchange);
void exchange_save(const Exchange *exchange, unsigned char *bytes);
/* Refused: not such bytes, of another version, damaged, or at odds with themselves; then the
 * exchange is as after exchange_init. */
bool exchange_restore(Exchange *exchange, const unsigned char *bytes, size_t size,
                      Error *error) MUST_USE;
/* NULL: what is locked is what open orders and lists need, nothing is below zero, every standing
 * order is open and in its turn. Else what is wrong. */
const char *exchange_audit(const Exchange *exchange);

/* ---- exchange_words.c ---------------------------------------------------------------------- */

const char *exchange_type_name(ExchangeType type);
const char *exchange_force_name(ExchangeForce force);
const char *exchange_status_name(ExchangeStatus status);
const char *exchange_reason_name(ExchangeReason reason);
const char *exchange_prevention_name(ExchangePrevention prevention);
const char *exchange_trading_name(ExchangeTrading trading);
/* As the venue's contingencyType: OCO or OTO. */
const char *exchange_list_name(ExchangeListKind kind);

/* Fills the fault (status 400) and returns false. */
bool exchange_refuse(ExchangeFault *fault, int code, const char *format, ...);

#endif
