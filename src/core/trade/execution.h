/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of orders and positions, one desk a symbol: entries after the gate, a protection for
 * every position, exits that wait for their protection's cancellation, and the booking of fills.
 * One entry, one protection and one exit may be on their way per symbol. What happens is published
 * through the outbox of the service that owns the Execution (a plain block).
 */
#ifndef CORE_TRADE_EXECUTION_H
#define CORE_TRADE_EXECUTION_H

#include "core/bus/service.h"
#include "core/trade/portfolio_view.h"

typedef struct Desk {
    Price price; /* 0: none known */
    bool stale;
    OrderRecord entry, protection, exit; /* empty id: none; terminal: over */
    Money reserved;                      /* quote locked for the entry */
    Quantity locked;                     /* base locked for the protection */
    RiskVerdict verdict;                 /* of the entry */
    bool open;
    Trade trade;   /* of the open position, filled while it lasts */
    Money cost;    /* of the entry so far */
    Quantity sold; /* of the open position so far, for how much, and what was gained */
    Money proceeds, gain;
    Price stop, target, high_water;
    int64_t stop_moved_us;
    bool exit_wanted; /* the protection is being cancelled so that the exit can go */
    TradeReason exit_reason;
    int64_t rejected_us; /* when the venue last rejected an order */
    bool fact_told;      /* the last fact said that there is an inventory */
} Desk;

typedef struct Execution {
    Money smallest; /* entry, in quote */
    int64_t positions_max, ttl_us, exposure_ppm;
    KillLevel kill;
    bool stale; /* the whole feed */
    int64_t orders, trades;
    SymbolTable symbols;
    TradingAccount account;
    Desk desks[LIMIT_SYMBOLS];
} Execution;

/* What every function of a step needs. */
typedef struct Scene {
    Execution *execution;
    Outbox *outbox;
    int64_t now_us;
    const char *order_id; /* behind postings; set by the functions */
} Scene;

/* Says every posting, with the order behind it ("": none). Valid while the scene is. */
PostingSink execution_sink(Scene *scene, const char *order_id);
/* Index of a symbol's desk, or -1. */
int execution_desk(const Execution *execution, const char *symbol);
/* A new symbol gets a desk; false when there is no room. */
bool execution_symbol(Execution *execution, const Symbol *symbol) MUST_USE;
/* Opening balance; false if the account is in another quote asset. */
bool execution_open(Scene *scene, const char *asset, Money amount) MUST_USE;
/* A judged signal: an order or a named refusal. */
void execution_verdict(Scene *scene, const RiskVerdict *verdict);
/* The venue's word on an order. True if something was filled or freed: the portfolio changed. */
bool execution_report(Scene *scene, const ExecutionReport *report);
/* Asks for the exit of an open position; a second wish changes nothing. */
void execution_exit(Scene *scene, unsigned index, TradeReason reason);
/* Cancels entries on their way. */
void execution_cancel_entries(Scene *scene);
/* An open position that has neither protection nor exit on its way gets one; at each price. */
void execution_mend(Scene *scene, unsigned index);
/* Sends the protection of an open position: the whole inventory on the step, at the desk's stop and
 * target. */
void execution_protect(Scene *scene, unsigned index);
/* Moves the stop of an open position at the venue. */
void execution_move_stop(Scene *scene, unsigned index, Price stop);
/* Says what is booked: the account, and every symbol with an inventory or whose last fact is no
 * longer true. */
void execution_tell_facts(Scene *scene, Money peak);
/* Cold start: takes facts back, and protects open positions anew. False if they do not fit. */
bool execution_restore_account(Scene *scene, const AccountFact *fact) MUST_USE;
bool execution_restore_position(Scene *scene, const PositionFact *fact) MUST_USE;
/* For execution_report.c: the order as it stands now; the exit, once its coins are free. */
void execution_say_order(const Scene *scene, OrderRecord *order);
void execution_send_exit(const Scene *scene, unsigned index);
/* One view a symbol, for portfolio_view.h; the count. */
unsigned execution_views(const Execution *execution, DeskView views[static LIMIT_SYMBOLS]);

#endif
