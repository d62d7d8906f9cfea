/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binance's REST over the simulated exchange: a request in, a status and a JSON text out (Binance
 * Spot API, "Market Data", "Trading" and "Account endpoints"). The caller has checked the key and
 * the signature and says how that went; whether the call needs them is judged here, and its
 * timestamp too. What a call weighs and how many orders it may place is charged to the caller's
 * ExchangeLimits (none: no limits). The answer is written into the caller's Text; everything else
 * lies in the Exchange.
 */
#ifndef CORE_SIM_EXCHANGE_API_H
#define CORE_SIM_EXCHANGE_API_H

#include "core/sim/exchange_limit.h"
#include "core/sim/exchange_query.h"

#define EXCHANGE_ANSWER_MAX (4u << 20) /* 1,000 orders or candles of 600 bytes, and room */

typedef enum ExchangeSeal {
    SEAL_NO_KEY,
    SEAL_UNKNOWN_KEY,
    SEAL_NO_SIGNATURE,
    SEAL_BAD_SIGNATURE,
    SEAL_GOOD
} ExchangeSeal;

/* What a key may and is; zero: it reads and trades, and nothing else. */
typedef struct ExchangeRights {
    bool no_reading, no_trading, withdraws, transfers, bound_to_address;
} ExchangeRights;

typedef struct ExchangeCall {
    Slice method, path; /* "GET", "/api/v3/time" */
    const ExchangeQuery *query;
    ExchangeSeal seal;
    unsigned account;  /* whose key it is */
    int64_t now_us;    /* of the exchange's market */
    int64_t wall_us;   /* of the machine: a client may use either as its timestamp */
    bool microseconds; /* X-MBX-TIME-UNIT */
    bool maintenance;
    uint32_t address; /* whose weight it is */
    ExchangeLimits *limits;
    const ExchangeRights *rights;
} ExchangeCall;

/* The HTTP status. */
unsigned exchange_answer(Exchange *exchange, const ExchangeCall *call, Text *answer);
void exchange_write_fault(const ExchangeFault *fault, Text *answer);
/* The seal, then timestamp and recvWindow. */
bool exchange_seal_fits(const ExchangeCall *call, ExchangeFault *fault) MUST_USE;

/* ---- the parts, each a group of endpoints -------------------------------------------------- */

typedef struct ExchangeReply {
    JsonWriter writer;
    const ExchangeCall *call;
} ExchangeReply;

typedef bool ExchangeRoute(Exchange *exchange, ExchangeReply *reply, ExchangeFault *fault);

typedef enum ExchangeSecurity { FOR_ALL, FOR_READERS, FOR_TRADERS } ExchangeSecurity;

typedef struct ExchangeEndpoint {
    const char *method, *path;
    unsigned weight;
    ExchangeSecurity security;
    ExchangeRoute *answer;
    /* Where it depends on the parameters. */
    unsigned (*weigh)(const Exchange *exchange, const ExchangeCall *call);
    unsigned orders; /* that it places */
    bool is_free;    /* where it succeeds */
} ExchangeEndpoint;

/* exchange_api_table.c: NULL: there is none; `known`: but the path has other methods. */
const ExchangeEndpoint *exchange_find_endpoint(const ExchangeCall *call, bool *known);
unsigned exchange_endpoint_weight(const Exchange *exchange, const ExchangeCall *call,
                                  const ExchangeEndpoint *endpoint);

/* exchange_write.c: how the venue writes things down */
void exchange_put_decimal(JsonWriter *writer, const char *key, Money value);
void exchange_put_text(JsonWriter *writer, const char *key, const char *text);
void exchange_put_int(JsonWriter *writer, const char *key, int64_t value);
void exchange_put_bool(JsonWriter *writer, const char *key, bool value);
void exchange_put_time(ExchangeReply *reply, const char *key, int64_t time_us);
void exchange_put_double(JsonWriter *writer, const char *key, double value);
int64_t exchange_stamp(const ExchangeCall *call, int64_t time_us);
void exchange_write_order(const ExchangeOrder *order, ExchangeReply *reply);
/* As a call that changed it answers: ACK, RESULT or FULL. */
void exchange_write_report(const Exchange *exchange, const ExchangeOrder *order,
                           ExchangeReply *reply, const char *detail);
void exchange_write_canceled(const ExchangeOrder *order, ExchangeReply *reply);
void exchange_write_list(const Exchange *exchange, const ExchangeList *list, ExchangeReply *reply,
                         const char *detail);
/* As the call that placed it answers. */
void exchange_write_placed_list(const Exchange *exchange, const ExchangeList *list,
                                ExchangeReply *reply, const char *detail);
void exchange_write_amended(const Exchange *exchange, const ExchangeAmendment *amendment,
                            ExchangeReply *reply);
void exchange_write_prevented(const Exchange *exchange, const ExchangePrevented *match,
                              ExchangeReply *reply);
/* exchange_write_rules.c */
void exchange_write_filters(const ExchangePair *pair, JsonWriter *writer);
/* Those that hold for the whole account. */
void exchange_write_account_filters(JsonWriter *writer);
void exchange_write_symbol(const ExchangePair *pair, JsonWriter *writer);
void exchange_write_levels(const Exchange *exchange, unsigned pair, unsigned limit,
                           JsonWriter *writer);

/* exchange_day.c */
typedef struct ExchangeDay {
    Price open, high, low;
    double volume, quote_volume, weighted;
    int64_t open_us, trades;
} ExchangeDay;
ExchangeDay exchange_day(const ExchangePair *pair, int64_t now_us);
/* Since `start_us`, as far back as minutes are remembered. */
ExchangeDay exchange_window(const ExchangePair *pair, int64_t start_us, int64_t now_us);

/* exchange_api_market.c: bit i: pair i is asked for; `alone`: by `symbol`, which is answered
 * without an array. `symbolStatus` narrows it. */
bool exchange_take_pairs(const Exchange *exchange, const ExchangeCall *call, uint64_t *wanted,
                         bool *alone, ExchangeFault *fault) MUST_USE;

/* exchange_api.c */
bool exchange_take_pair(const Exchange *exchange, const ExchangeCall *call, unsigned *pair,
                        ExchangeFault *fault) MUST_USE;
bool exchange_take_limit(const ExchangeCall *call, int64_t preset, int64_t most, int64_t *limit,
                         ExchangeFault *fault) MUST_USE;
bool exchange_take_span(const ExchangeCall *call, int64_t *start_us, int64_t *end_us,
                        ExchangeFault *fault) MUST_USE;

/* exchange_api_market.c */
ExchangeRoute exchange_get_ping, exchange_get_time, exchange_get_depth, exchange_get_trades,
    exchange_get_agg_trades, exchange_get_klines, exchange_get_average, exchange_get_day,
    exchange_get_price, exchange_get_book_ticker, exchange_get_window, exchange_get_trading_day;
/* exchange_api_rules.c */
ExchangeRoute exchange_get_rules, exchange_get_execution_rules, exchange_get_reference;
/* exchange_api_trade.c */
ExchangeRoute exchange_post_order, exchange_post_test, exchange_get_order, exchange_delete_order,
    exchange_get_open, exchange_delete_open, exchange_get_orders, exchange_post_replace;
/* exchange_api_amend.c */
ExchangeRoute exchange_put_amendment, exchange_get_amendments, exchange_get_prevented,
    exchange_get_filters;
/* exchange_api_lists.c */
ExchangeRoute exchange_post_oco, exchange_post_old_oco, exchange_post_oto, exchange_post_otoco,
    exchange_post_opo, exchange_post_opoco, exchange_get_list, exchange_delete_list,
    exchange_get_lists, exchange_get_open_lists;
/* exchange_api_account.c */
ExchangeRoute exchange_get_account, exchange_get_fills, exchange_get_commission,
    exchange_get_counts, exchange_get_nothing, exchange_get_restrictions, exchange_get_status,
    exchange_refuse_gone;

/* exchange_api_account.c: what a test of an order answers when it is asked for commission rates. */
void exchange_write_order_rates(const Exchange *exchange, JsonWriter *writer);
/* exchange_api_trade.c: an order of the call's account by `orderId` or the client's id, under the
 * names that the call uses. NULL: no such order. */
const ExchangeOrder *exchange_take_order(const Exchange *exchange, const ExchangeCall *call,
                                         unsigned pair, const char *id_name,
                                         const char *client_name);
bool exchange_names_order(const ExchangeCall *call, ExchangeFault *fault) MUST_USE;

/* exchange_api_wish.c */
bool exchange_take_wish(const Exchange *exchange, const ExchangeCall *call, ExchangeWish *wish,
                        ExchangeFault *fault) MUST_USE;
/* The parameters that begin with `leg`, without side and quantity. */
bool exchange_take_leg(const ExchangeCall *call, const char *leg, ExchangeWish *wish,
                       ExchangeFault *fault) MUST_USE;
bool exchange_take_prevention(const Exchange *exchange, const ExchangeCall *call, unsigned pair,
                              ExchangePrevention *mode, ExchangeFault *fault) MUST_USE;
bool exchange_take_client_id(const ExchangeCall *call, const char *name,
                             char target[static LIMIT_EXCHANGE_CLIENT_ID],
                             ExchangeFault *fault) MUST_USE;
bool exchange_take_side(const char *word, Side *side, ExchangeFault *fault) MUST_USE;
bool exchange_take_force(const char *word, ExchangeForce *force, ExchangeFault *fault) MUST_USE;
bool exchange_take_type(const char *word, ExchangeType *type, ExchangeFault *fault) MUST_USE;

#endif
