/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the simulated exchange share, and nobody else includes: the book that takers
 * walk, the ledger between free and locked, the end of an order, and the words for the user stream.
 * Everything lies in the Exchange.
 */
#ifndef CORE_SIM_EXCHANGE_PARTS_H
#define CORE_SIM_EXCHANGE_PARTS_H

#include "core/sim/exchange.h"

/* What a taker would get: at each level so much. */
typedef struct ExchangeWalk {
    unsigned count;
    ExchangeLevel levels[LIMIT_EXCHANGE_LEVELS];
    Quantity quantity;
    Money quote;
} ExchangeWalk;

/* exchange_match.c */
void exchange_walk(const Exchange *exchange, const ExchangeWish *wish, Quantity quantity,
                   ExchangeWalk *walk);
/* Takes what the walk found, then rests or ends as its time in force says. */
void exchange_take(Exchange *exchange, ExchangeOrder *order, int64_t now_us);
/* A stop has been reached. */
void exchange_trigger(Exchange *exchange, ExchangeOrder *order, int64_t now_us);
void exchange_fill_order(Exchange *exchange, ExchangeOrder *order, const ExchangeLevel *level,
                         bool maker, int64_t now_us);

/* exchange_order.c */
ExchangeOrder *exchange_slot(Exchange *exchange, int64_t id);
/* The asset that an order gives away. */
unsigned exchange_given(const Exchange *exchange, const ExchangeWish *wish);
/* What `quantity` of the wish has to have locked. */
Money exchange_need(const ExchangeWish *wish, Quantity quantity);
void exchange_release(Exchange *exchange, ExchangeOrder *order, Money kept);
void exchange_end(Exchange *exchange, ExchangeOrder *order, ExchangeStatus status,
                  ExchangeReason reason, int64_t now_us);
bool exchange_has_price(ExchangeType type);
/* The leg of a list that is left when this one acts: it ends, and what it had locked goes over. */
void exchange_end_other(Exchange *exchange, ExchangeOrder *order, int64_t now_us);

/* exchange_check.c: what the filters and the rules of the types say, before any balance. */
bool exchange_check(const Exchange *exchange, const ExchangeWish *wish, ExchangeFault *fault);
bool exchange_check_counts(const Exchange *exchange, unsigned pair, unsigned orders, unsigned stops,
                           ExchangeFault *fault);
bool exchange_stop_reached(const ExchangeWish *wish, Price price);

/* exchange.c */
void exchange_say_order(Exchange *exchange, const ExchangeOrder *order, ExchangeExecution execution,
                        int64_t fill_id);
void exchange_say_position(Exchange *exchange, unsigned pair, bool with_bnb, int64_t now_us);
void exchange_say_list(Exchange *exchange, int64_t list_id, int64_t now_us);

#endif
