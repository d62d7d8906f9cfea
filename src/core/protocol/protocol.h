/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order protocol: between what the executor asks and what a real venue does stands the network,
 * and an answer that does not come says nothing. Each request is sent once. A definite answer ends
 * it; anything else makes the order UNKNOWN, and it stays so until a source shows the order, or
 * until the time in which it could still arrive has passed and the query, the open orders, the
 * trades and the stream agree that it never did. A question that fails changes nothing and is
 * asked again. Starting, a gap of the stream, the clock's hour and an end of doubt all run the same
 * reconciliation. What is to be asked is read off the state at every step, so nothing can be lost
 * from a queue; the governor says when. A plain block, owned by the service that holds it.
 */
#ifndef CORE_PROTOCOL_PROTOCOL_H
#define CORE_PROTOCOL_PROTOCOL_H

#include "core/bus/service.h"
#include "core/market/order_rules.h"
#include "core/protocol/tracked_order.h"
#include "core/protocol/trade_ring.h"
#include "core/venues/binance_governor.h"

#define PROTOCOL_ORDERS  128 /* four a symbol: entry, exit, protection, and one that has ended */
#define MOVING_BITS      64  /* orders of one word */
#define PROTOCOL_FLIGHTS 64  /* requests without an answer: the budget of ten seconds, and room */
#define PROTOCOL_STRANGERS                                                                         \
    32                       /* trades whose order is being asked for, or orders to be cancelled   \
                              */
#define PROTOCOL_FOREIGN  32 /* order ids of others that are remembered, a symbol */
#define PROTOCOL_ASSETS   (2 * LIMIT_SYMBOLS) /* a base a symbol, the quote, and fee assets */
#define CURSOR_UNKNOWN    (-2)
#define CURSOR_NONE       (-1) /* no trade yet: from the first */
#define PROTOCOL_PAGE     100  /* trades of one answer: they fit into a VenueReply */
#define PROTOCOL_PAGE_MIN 10   /* after answers that did not fit */

typedef enum FlightKind {
    FLIGHT_PLACE,
    FLIGHT_REPLACE,
    FLIGHT_CANCEL,
    FLIGHT_QUERY,
    FLIGHT_LEG_TRADES,
    FLIGHT_OPEN,
    FLIGHT_TRADES,
    FLIGHT_STRANGER,
    FLIGHT_ORPHAN,
    FLIGHT_ACCOUNT,
    FLIGHT_RULES
} FlightKind;

/* A request that has left and has no answer yet. */
typedef struct Flight {
    int64_t id; /* 0: the place is free */
    int64_t sent_us;
    int64_t sent_ms; /* by the venue's clock */
    FlightKind kind;
    unsigned place, leg; /* of the order, or of the symbol or stranger */
    int64_t number;      /* of the order: its place may be another's by then */
    ClientId client_id;  /* of the leg, for the same reason */
} Flight;

/* An order id whose owner is not known, or an order of ours that should not rest. */
typedef struct Stranger {
    bool is_used, is_orphan;
    unsigned symbol;
    int64_t venue_id;
    Question question;
} Stranger;

typedef struct VenueSymbol {
    Symbol symbol;
    OrderRules rules;
    bool ruled;  /* the venue's rules were read */
    bool halted; /* it takes no orders now */
    bool has_oco, has_replace, has_stop, has_stop_limit;
    bool flagged; /* a position in a halted symbol was told */
    Price price;  /* last known, 0: none */
    Question open, trades, listing;
    int64_t rules_due_us;   /* when the rules are old */
    int64_t cursor;         /* the last trade id that a list of trades told; below: unknown */
    int64_t trades_from_us; /* first list of a cold start, 0: not needed */
    unsigned page;
    unsigned foreign_open; /* orders of others that rest */
    int64_t list_id;       /* the request whose list of open orders is being heard */
    unsigned list_foreign; /* orders of others in it so far */
    int64_t foreign[PROTOCOL_FOREIGN];
    unsigned foreign_count;
    TradeRing ring;
} VenueSymbol;

/* What stands on the account of one asset: ours by the postings, the rest is others'. */
typedef struct AssetStand {
    AssetName asset;
    Money ours, foreign;
    bool known;      /* foreign was set by a first look */
    Money suspected; /* a difference seen once */
    unsigned fills;  /* since the last look: each may be rounded another way */
} AssetStand;

typedef struct Protocol {
    /* of the settings */
    int64_t window_ms, ttl_us, reconcile_us, answer_us;
    /* identity */
    bool identified;
    char account[24], instance[CLIENT_INSTANCE_TEXT];
    Money budget;
    bool opened; /* the opening balance was told */
    /* clock */
    bool clock_known, clock_doubted;
    int64_t offset_us, uncertainty_us;
    /* connection */
    bool linked; /* told of a start at all */
    bool stream_up, stream_down;
    /* reconciliation */
    bool ready;         /* a first one is complete */
    bool syncing;       /* one is under way */
    bool account_asked; /* its last step */
    bool other_seen;    /* in this one: another instance's order rests */
    int64_t sync_from_us, sync_due_us, reconciled_us;
    Question account_question;
    int64_t fill_us; /* last fill told */
    /* what stops everything, in words; empty: nothing */
    char refused[160]; /* for good: another account, a state that was rolled back */
    char other[160];   /* another instance trades on the account */
    char frozen[160];  /* what the venue says does not agree, until it does again */
    char barred[160];  /* the venue refuses the key, until it answers again */
    int64_t frozen_us;
    /* counters */
    int64_t requests, number; /* given so far; highest order number asked for */
    int64_t number_kept;      /* the same, when this process began: out of the state alone */
    int64_t timer_us;         /* set, 0: none */
    int64_t wake_us;          /* of this step: when something waits */
    VenueState said;          /* last state told */
    BinanceGovernor governor;
    unsigned symbol_count, asset_count;
    /* The table of orders, and beside it what is read of all of them (protocol_table.c). */
    unsigned order_count;                           /* places ever used: filled in order */
    uint64_t moving[PROTOCOL_ORDERS / MOVING_BITS]; /* a bit for each that may not be at rest */
    int64_t numbers[PROTOCOL_ORDERS];
    int64_t over_us[PROTOCOL_ORDERS]; /* of those at rest */
    TrackedOrder orders[PROTOCOL_ORDERS];
    Flight flights[PROTOCOL_FLIGHTS];
    Stranger strangers[PROTOCOL_STRANGERS];
    VenueSymbol symbols[LIMIT_SYMBOLS];
    AssetStand assets[PROTOCOL_ASSETS];
} Protocol;

void protocol_init(Protocol *protocol, const Settings *settings);
/* Any message that the service hears. */
void protocol_step(Protocol *protocol, const Message *message, Outbox *outbox);
/* Makes the request of an order that nobody has asked for, as the venue's test of an order, which
 * trades nothing; it is not for sending. So the way of an order is in the processor's caches when
 * one comes. False: not all is known that an order needs. */
bool protocol_rehearse(const Protocol *protocol, int64_t now_us, VenueRequest *request);

#endif
