/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the simulated exchange share, and nobody else includes: the book that takers
 * walk, the orders that stand in it, the ledger between free and locked, the end of an order, and
 * the words for the user stream. Everything lies in the Exchange.
 */
#ifndef CORE_SIM_EXCHANGE_PARTS_H
#define CORE_SIM_EXCHANGE_PARTS_H

#include "core/sim/exchange.h"

#define PPM          1000000
#define BASIS_POINTS 10000

/* What a taker would get, without trading. */
typedef struct ExchangeWalk {
    Quantity quantity;
    Money quote;
    bool prevented; /* self-trade prevention would end it, or take of it */
} ExchangeWalk;

/* The market's levels of one side, one after the other. */
typedef struct ExchangeCursor {
    int64_t first, apart, depth, taken;
    unsigned level;
} ExchangeCursor;

/* exchange_book.c */
ExchangeCursor exchange_cursor(const Exchange *exchange, unsigned pair, Side side);
bool exchange_cursor_next(ExchangeCursor *cursor, ExchangeLevel *level);
/* The market's own level at the price or the next worse one: what an order that comes now has
 * before it. */
Quantity exchange_ahead_at(const Exchange *exchange, const ExchangeWish *wish);
/* Stands it where its type belongs; an order that rests goes behind those at its price. */
void exchange_stand(Exchange *exchange, ExchangeOrder *order);
void exchange_unstand(Exchange *exchange, ExchangeOrder *order);
/* The best order that rests on the side; NULL: none. */
ExchangeOrder *exchange_best(Exchange *exchange, unsigned pair, Side side);
bool exchange_crosses(const ExchangeWish *wish, Price price);
/* The best price on the side, of the market or of an order; 0: none. */
Price exchange_touch(const Exchange *exchange, unsigned pair, Side side);

/* exchange_match.c */
void exchange_walk(const Exchange *exchange, const ExchangeWish *wish, ExchangeWalk *walk);
/* Takes what it can get, then rests or ends as its time in force says. */
void exchange_take(Exchange *exchange, ExchangeOrder *order, int64_t now_us);
void exchange_fill_order(Exchange *exchange, ExchangeOrder *order, const ExchangeLevel *level,
                         bool maker, int64_t now_us);

/* exchange_order.c */
ExchangeOrder *exchange_slot(Exchange *exchange, int64_t id);
ExchangeBalance *exchange_balance(Exchange *exchange, unsigned account, unsigned asset);
/* The balance that an order gives away from. */
ExchangeBalance *exchange_given(Exchange *exchange, const ExchangeWish *wish);
Quantity exchange_left(const ExchangeOrder *order);
/* BUY: what a unit has to have locked. */
Price exchange_bound(const Exchange *exchange, const ExchangeWish *wish);
Money exchange_need(Side side, Price bound, Quantity quantity);
void exchange_lock(Exchange *exchange, ExchangeOrder *order, Money amount);
void exchange_release(Exchange *exchange, ExchangeOrder *order, Money kept);
bool exchange_has_price(ExchangeType type);
/* What has to be free for it, and for a MARKET order by quote its quantity. */
bool exchange_weigh(const Exchange *exchange, ExchangeWish *wish, Money *need,
                    ExchangeFault *fault);
bool exchange_affords(const Exchange *exchange, const ExchangeWish *wish, Money need,
                      ExchangeFault *fault);
/* Room in the ring for so many: ids of places that are still open are passed over. */
ExchangeOrder *exchange_enter(Exchange *exchange, const ExchangeWish *wish, int64_t list_id,
                              int64_t now_us);
void exchange_name(Exchange *exchange, ExchangeOrder *order, const char *client_id);
/* Takes, rests, or waits. */
void exchange_begin(Exchange *exchange, ExchangeOrder *order, int64_t now_us);
void exchange_end(Exchange *exchange, ExchangeOrder *order, ExchangeStatus status,
                  ExchangeReason reason, int64_t now_us);

/* exchange_list.c */
/* The leg of a pair that is left when this one acts: it ends, and what it had locked goes over. */
void exchange_end_other(Exchange *exchange, ExchangeOrder *order, int64_t now_us);
ExchangeOrder *exchange_other_leg(Exchange *exchange, const ExchangeOrder *order);
/* Index of the working order's pending legs; 0: none of its lists has any. */
bool exchange_is_working(const ExchangeList *list, const ExchangeOrder *order);
/* After an order of a list has ended. */
void exchange_list_moved(Exchange *exchange, const ExchangeOrder *order, int64_t now_us);
/* OPO: what the working order receives is put by. `fee` is of the base asset, else 0. */
void exchange_reserve(Exchange *exchange, const ExchangeOrder *order, Money received, Money fee);
/* Pending legs whose working orders are filled enter now. */
void exchange_enter_due(Exchange *exchange, int64_t now_us);

/* exchange_check.c: what the filters and the rules of the types say, before any balance. */
bool exchange_check(const Exchange *exchange, const ExchangeWish *wish, ExchangeFault *fault);
/* The part that does not depend on the moment. */
bool exchange_check_form(const Exchange *exchange, const ExchangeWish *wish, ExchangeFault *fault);
bool exchange_check_moment(const Exchange *exchange, const ExchangeWish *wish,
                           ExchangeFault *fault);
bool exchange_check_amount(const ExchangePair *pair, const ExchangeWish *wish,
                           ExchangeFault *fault);
bool exchange_check_names(const Exchange *exchange, const ExchangeWish *wish, ExchangeFault *fault);
/* `wishes` would be new; `lists` of them. */
bool exchange_check_counts(const Exchange *exchange, const ExchangeWish *wishes, unsigned count,
                           unsigned lists, ExchangeFault *fault);
bool exchange_stop_reached(const ExchangeWish *wish, Price price);

/* exchange.c */
uint32_t exchange_hash(unsigned account, Slice client_id);
ExchangeEvent *exchange_say_order(Exchange *exchange, const ExchangeOrder *order,
                                  ExchangeExecution execution, int64_t fill_id);
void exchange_say_position(Exchange *exchange, const ExchangeWish *wish, bool with_bnb,
                           int64_t now_us);
ExchangeEvent *exchange_say_list(Exchange *exchange, const ExchangeList *list, int64_t now_us);

#endif
