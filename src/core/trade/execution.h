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

/* An entry that is cut into slices, one a minute. */
typedef struct Slicing {
    bool active;
    bool renew;          /* the protection is being cancelled to be made anew for the whole */
    Quantity left, last; /* still to be bought; the slice on its way */
    int64_t next_us;
} Slicing;

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
    /* of a real venue */
    bool halted;       /* it takes no orders for the symbol */
    bool target_local; /* only the stop rests: the target is watched here */
    bool entry_again;  /* a definite rejection that a retry helps: at the next price */
    bool exit_again;   /* the same of an exit */
    unsigned entry_tries, exit_tries, protect_tries;
    unsigned refusals;   /* definite ones in a row, of exit and protection */
    int64_t rest_us;     /* nothing is sent before: refusals make it longer */
    int64_t naked_us;    /* since when the position is unprotected, 0: it is protected */
    Money minute_volume; /* mean quote volume of a minute, 0: not known */
    Slicing slicing;
} Desk;

/* What the gate asks of a real venue. */
typedef struct VenueStand {
    bool real; /* false: on paper, where nothing of this binds */
    VenueCondition condition;
    bool all_frozen;
    int64_t uncertainty_us, uncertainty_max_us;
    int64_t protect_us;
    bool live;
    int64_t armed_us;
    Money cap;         /* of the first day, in quote */
    int64_t cap_ppm;   /* the same of the opening balance */
    int64_t share_ppm; /* of a minute's volume, that one order may take */
} VenueStand;

typedef struct Execution {
    Money smallest; /* entry, in quote */
    int64_t positions_max, ttl_us, exposure_ppm;
    int64_t stop_ppm, target_ppm; /* the settings' own: of an entry whose verdict is lost */
    KillLevel kill;
    bool stale; /* the whole feed */
    int64_t orders, trades;
    SymbolTable symbols;
    VenueStand venue;
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
/* What the gate would say to a signal that nobody gave; nothing is changed or said. It keeps the
 * way of an entry in the processor's caches. */
RefusalCode execution_rehearse(const Execution *execution, int64_t now_us);
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
/* An order that a real venue may hold, of unknown fate. False if it does not fit. */
bool execution_restore_order(Scene *scene, const OrderRecord *record) MUST_USE;

/* ---- of a real venue (execution_venue.c) ----------------------------------------------------- */

void execution_venue_init(Execution *execution, const Settings *settings);
void execution_venue_state(Scene *scene, const VenueState *state);
void execution_venue_identity(Scene *scene, const VenueIdentity *identity);
/* Somebody took of the program's own. True: the portfolio changed. */
bool execution_venue_difference(Scene *scene, const VenueDifference *difference);
/* At each price: what is to be tried again, a target that is watched here, a position that stays
 * unprotected for too long. */
void execution_venue_price(Scene *scene, unsigned index, Price high);
/* A timer: positions unprotected for too long, slices that are due. */
void execution_venue_timer(Scene *scene);
/* True where orders reach the venue at all. */
bool execution_venue_works(const Execution *execution, unsigned index);
/* An order of the desk ended: true if that is dealt with. */
bool execution_venue_after_end(Scene *scene, unsigned index, const OrderRecord *order,
                               const ExecutionReport *report);
/* The position is protected, or not any more. */
void execution_venue_covered(Scene *scene, unsigned index);
/* What the gate refuses because of the venue; ALLOWED: nothing. */
RefusalCode execution_venue_refusal(const Scene *scene, unsigned index);
/* The first day's cap on all positions; 0: none binds. */
Money execution_venue_cap(const Scene *scene);
/* ---- entries in slices (execution_slice.c) ---- */

/* What one order may take of `quantity`; the rest follows, a slice a minute. */
Quantity execution_slice_first(Scene *scene, unsigned index, Quantity quantity);
/* The next slice of each desk, if it is due. */
void execution_slice_due(Scene *scene);
void execution_slice_ended(Desk *desk, const ExecutionReport *report);
/* False: the gate refused it. */
bool execution_enter_slice(Scene *scene, unsigned index, Quantity quantity) MUST_USE;
void execution_enter(Scene *scene, unsigned index, const RiskVerdict *verdict);
bool execution_order_active(const OrderRecord *order);
bool execution_is_dust(const Execution *execution, unsigned index);

/* The venue is asked to cancel it. */
void execution_cancel(const Scene *scene, const OrderRecord *order);
/* The trade of the open position ends in the books. */
void execution_close(const Scene *scene, unsigned index);

/* For execution_report.c: the order as it stands now; the exit, once its coins are free. */
void execution_say_order(const Scene *scene, OrderRecord *order);
void execution_send_exit(const Scene *scene, unsigned index);
/* One view a symbol, for portfolio_view.h; the count. */
unsigned execution_views(const Execution *execution, DeskView views[static LIMIT_SYMBOLS]);

#endif
