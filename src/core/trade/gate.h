/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate before every entry: the last word, in exact integers, after risk has had its say. The
 * first reason that holds is the refusal's name. Exits never pass here: nothing that limits entries
 * may block them. Pure.
 */
#ifndef CORE_TRADE_GATE_H
#define CORE_TRADE_GATE_H

#include "core/market/choices.h"
#include "core/market/symbol.h"

typedef struct GateAsk {
    KillLevel kill;
    bool stale;                     /* the feed, or this symbol */
    bool position_open, order_open; /* of this symbol */
    unsigned positions, positions_max;
    int64_t age_us, age_max_us; /* of the data behind the signal */
    Price price, stop;
    Quantity quantity;
    Money free_quote, smallest; /* smallest entry */
    Money committed;            /* value of positions and of entries on their way */
    Money exposure_max;
    const Filters *filters;
    /* of a real venue; zero on paper */
    RefusalCode venue; /* why it takes no entry now; ALLOWED: it does */
    Money cap;         /* of all positions on the first day; 0: none */
} GateAsk;

RefusalCode gate_entry(const GateAsk *ask);
/* The refusal in words, for people. */
const char *gate_words(RefusalCode code);

#endif
