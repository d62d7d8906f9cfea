/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order of the executor as the venue knows it: one market order, or a protection of several
 * legs of which one at most trades (target, stop, and the stops that took their place). What was
 * traded is counted by trade id: `executed` is the venue's word, `booked` what was told to the
 * executor; a leg is over when the two agree. The order's state moves along core/market/order.h.
 * Plain blocks; the protocol owns them.
 */
#ifndef CORE_PROTOCOL_TRACKED_ORDER_H
#define CORE_PROTOCOL_TRACKED_ORDER_H

#include "core/bus/message.h"
#include "core/protocol/client_name.h"

#define TRACKED_LEGS 4 /* target, stop, the stop that replaced them, and the one to come */

typedef enum LegState {
    LEG_FREE,     /* the place is empty */
    LEG_WAITS,    /* not sent yet: a limit, a ban, no identity */
    LEG_SENT,     /* on its way, no answer yet */
    LEG_UNKNOWN,  /* its fate is being found out */
    LEG_OPEN,     /* rests at the venue */
    LEG_ENDED,    /* over at the venue, with or without trades */
    LEG_REJECTED, /* never accepted, by the venue's word or ours */
    LEG_GONE      /* proven never to have arrived */
} LegState;

/* One thing to be asked: wanted until it was answered, and again after a pause if it failed. */
typedef struct Question {
    bool wanted, asking, again; /* again: wanted anew while it was asked */
    uint8_t tries;
    int64_t next_us;
} Question;

/* What must agree before an order counts as never arrived; the stream's silence is the fourth. */
enum { EVIDENCE_QUERY = 1, EVIDENCE_OPEN = 2, EVIDENCE_TRADES = 4, EVIDENCE_ALL = 7 };

typedef struct Leg {
    LegKind kind;
    LegState state;
    unsigned generation;
    ClientId client_id;
    int64_t venue_id; /* 0: not known */
    Quantity quantity, executed, booked;
    Price price, stop_price;    /* limit; trigger */
    BinanceStatus status;       /* last told */
    int64_t seen_us;            /* when it was known to rest, or then to be over */
    int64_t listed;             /* the request whose list of open orders showed it last */
    int64_t sent_ms, window_ms; /* of its sending, by the venue's clock */
    uint8_t evidence, rounds;   /* while its fate is unknown */
    bool gap;                   /* the stream was down since it was sent */
    Question query, trades;
    int64_t trades_from; /* next page of its trades, -1: from the first */
} Leg;

typedef struct TrackedOrder {
    char order_id[40]; /* empty: the place is free */
    char signal_id[24];
    int64_t number;
    unsigned symbol; /* index */
    Side side;
    OrderAction action;
    TradeReason reason;
    Quantity quantity;
    Quantity settled; /* booked by legs that left their place, or before a cold start */
    Quantity to_skip; /* of restored orders: booked already, so their first trades are not */
    Price stop, target, wanted_stop;
    OrderState told; /* as last reported */
    int64_t asked_us, over_us;
    bool as_list;     /* sent as an order list */
    bool cancelled;   /* the executor wants it gone */
    bool held;        /* restored: not judged over before everything was asked once */
    bool is_restored; /* it began before a cold start: what it sent is not remembered */
    bool retry_helps;
    unsigned generation; /* of the newest leg */
    unsigned refused_moves;
    Question cancel;
    ClientId list_client;
    char words[80]; /* the venue's, on a rejection */
    Leg legs[TRACKED_LEGS];
} TrackedOrder;

/* Lets a question be asked at `at_us` or earlier. */
void question_want(Question *question, int64_t at_us);
/* It was answered. */
void question_done(Question *question);
/* It failed, which tells nothing: again after a pause that grows. */
void question_failed(Question *question, int64_t now_us);
static inline bool question_due(const Question *question, int64_t now_us) {
    return question->wanted && !question->asking && question->next_us <= now_us;
}

Quantity tracked_booked(const TrackedOrder *order);
/* On its way, resting, or unknown. */
bool leg_is_live(const Leg *leg);
/* Nothing more can come of it. */
bool leg_is_over(const Leg *leg);
bool tracked_has(const TrackedOrder *order, LegState state);
/* Every leg is over. */
bool tracked_is_over(const TrackedOrder *order);
/* An empty place, or one whose leg is over; NULL: none. */
Leg *tracked_leg_place(TrackedOrder *order);
/* Why a fill of this leg happened. */
TradeReason tracked_reason(const TrackedOrder *order, const Leg *leg);

#endif
