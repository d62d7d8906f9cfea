/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the order protocol share: a Turn is one message being heard, with the state,
 * the outbox and the time that go with it. Nothing here is for others than the files of this
 * folder. The caller of protocol_step owns everything a Turn points to.
 */
#ifndef CORE_PROTOCOL_PROTOCOL_PARTS_H
#define CORE_PROTOCOL_PROTOCOL_PARTS_H

#include "core/base/planted.h"
#include "core/protocol/protocol.h"
#include "core/venues/binance_account.h"
#include "core/venues/binance_order.h"

typedef struct Turn {
    Protocol *protocol;
    Outbox *outbox;
    int64_t now_us;
} Turn;

static inline int64_t turn_venue_us(const Turn *turn) {
    return turn->now_us + PLANTED(1, turn->protocol->offset_us, 0);
}
static inline int64_t turn_venue_ms(const Turn *turn) {
    return turn_venue_us(turn) / 1000;
}

/* ---- protocol.c: what is known --------------------------------------------------------------- */

int protocol_symbol(const Protocol *protocol, const char *name);
Leg *protocol_leg(TrackedOrder *order, const ClientId *client_id);
AssetStand *protocol_asset(Protocol *protocol, const char *asset);
/* What the venue says cannot be: no entries until everything was asked again and agrees. */
void protocol_freeze(Turn *turn, const char *text, const char *place);
/* Nothing is traded any more by this state. */
void protocol_refuse(Turn *turn, const char *text, const char *detail);
unsigned protocol_unknown(const Protocol *protocol);

/* ---- protocol_table.c: which orders there are ------------------------------------------------ */

/* Whoever finds an order by one of these may change it until the step ends. */
TrackedOrder *protocol_order(Protocol *protocol, const char *order_id);
TrackedOrder *protocol_order_by_number(Protocol *protocol, int64_t number);
/* Of a request that has left; NULL: its place has another order by now. */
TrackedOrder *protocol_order_of(Protocol *protocol, const Flight *flight);
Leg *protocol_leg_by_id(Protocol *protocol, unsigned symbol, int64_t venue_id,
                        TrackedOrder **order);
/* An empty place, else that of the order which has been over for longest; NULL: none. */
TrackedOrder *protocol_order_place(Protocol *protocol);
void protocol_order_put(Protocol *protocol, TrackedOrder *place, const TrackedOrder *order);
/* The place of the order with that number, PROTOCOL_ORDERS: none; for reading. */
unsigned table_find(const Protocol *protocol, int64_t number);
/* Walks the orders that are not at rest: the next place from `from` on, PROTOCOL_ORDERS: none. */
unsigned table_next(const Protocol *protocol, unsigned from);
/* At the end of a step: what is at rest now is not walked any more. */
void table_settle(Protocol *protocol);

/* ---- protocol_leg.c: an order's own story ---------------------------------------------------- */

/* The venue shows the order of a leg. */
void leg_adopt(Turn *turn, TrackedOrder *order, Leg *leg, const BinanceReport *report);
/* A trade of the leg; known ones change nothing. */
void leg_book(Turn *turn, TrackedOrder *order, Leg *leg, const BinanceFill *fill);
void leg_book_all(Turn *turn, TrackedOrder *order, Leg *leg, const BinanceReport *report);
/* The leg was never accepted. */
void leg_refuse(Leg *leg);
/* Says what has become of the order, if that is new. */
void order_settle(Turn *turn, TrackedOrder *order);
/* Every leg that was not sent is refused for this reason. */
void order_refuse(Turn *turn, TrackedOrder *order, const char *words, bool retry_helps);
void order_words(TrackedOrder *order, const char *words);

/* ---- protocol_place.c: what the executor asks ------------------------------------------------ */

void place_request(Turn *turn, const OrderRequest *request);
void place_restored(Turn *turn, const OrderRecord *record);
bool place_names(const Protocol *protocol, TrackedOrder *order);
/* NULL, or why the symbol's rules forbid it. */
const char *place_fault(const Protocol *protocol, const TrackedOrder *order);
bool place_build(const Turn *turn, const TrackedOrder *order, BinanceRequest *request,
                 Error *error) MUST_USE;
bool place_build_replace(const Turn *turn, const TrackedOrder *order, BinanceRequest *request,
                         Error *error) MUST_USE;
/* The request of an order that nobody asked for: the venue's test of one. */
bool place_rehearse(const Turn *turn, BinanceRequest *request) MUST_USE;
/* The resting leg that a new stop takes the place of; NULL: none. */
const Leg *place_replaced(const TrackedOrder *order);

/* ---- protocol_ask.c: what leaves, and when --------------------------------------------------- */

/* Sends whatever is due and allowed. */
void ask_pump(Turn *turn);
/* Sets the timer to what was waited for. */
void ask_timer(Turn *turn);
/* A request that has left; false: not sent now. */
typedef struct Sending {
    const BinanceRequest *request;
    const char *purpose;
    bool changes, urgent;
    bool lists; /* its answer is a list, which may come in several replies */
    const char *order_id;
    int symbol; /* -1: none */
    Flight flight;
} Sending;
bool ask_send(Turn *turn, const Sending *sending);
void ask_wake(Turn *turn, int64_t at_us);
BinanceTiming ask_timing(const Turn *turn);
bool ask_may_enter(const Turn *turn);

/* ---- protocol_question.c --------------------------------------------------------------------- */

void question_pump(Turn *turn);
void question_reply(Turn *turn, const Flight *flight, const VenueReply *reply);

/* ---- protocol_answer.c: what came back ------------------------------------------------------- */

typedef enum AnswerKind { ANSWER_ACCEPTED, ANSWER_REFUSED, ANSWER_UNKNOWN } AnswerKind;
typedef struct Answer {
    AnswerKind kind;
    bool retry_helps;
    int64_t code;
    char words[160];
} Answer;
void answer_reply(Turn *turn, const VenueReply *reply);
/* Nothing more is heard to this request. */
void answer_forget(Turn *turn, int64_t id);
/* Every request without an answer has lost it. */
void answer_all_lost(Turn *turn);
Answer answer_judge(Turn *turn, const VenueReply *reply, bool changes);

/* ---- protocol_doubt.c: an order whose fate is unknown ---------------------------------------- */

void doubt_begin(Turn *turn, Leg *leg);
/* Asks what is to be asked now. */
void doubt_look(Turn *turn);
/* A source that was asked at `sent_ms` shows none of the symbol's unknown orders. */
void doubt_evidence(Turn *turn, unsigned symbol, unsigned evidence, int64_t sent_ms);
void doubt_not_found(Turn *turn, TrackedOrder *order, Leg *leg, int64_t sent_ms);

/* ---- protocol_sync.c: reconciliation --------------------------------------------------------- */

void sync_begin(Turn *turn);
void sync_begin_at(Turn *turn, int64_t at_us);
void sync_look(Turn *turn);
/* Open orders of one symbol, in as many pieces as they come, and the end of the list. */
void sync_open(Turn *turn, const Flight *flight, const BinanceReports *reports);
void sync_open_ends(Turn *turn, const Flight *flight);
/* False: the list goes on. */
bool sync_trades(Turn *turn, const Flight *flight, const BinanceTrades *trades);
void sync_stranger(Turn *turn, Stranger *stranger, const BinanceReport *report);
bool sync_has_strangers(const Protocol *protocol, unsigned symbol);
/* An order in our form: its leg, or NULL where it is none that we track; may refuse or freeze. */
Leg *sync_owner(Turn *turn, const BinanceReport *report, TrackedOrder **order, bool *foreign);

/* ---- protocol_event.c: the account's stream -------------------------------------------------- */

void event_hear(Turn *turn, const VenueEvent *event);

/* ---- protocol_balance.c ---------------------------------------------------------------------- */

void balance_posting(Protocol *protocol, const Posting *posting);
void balance_account(Turn *turn, const Flight *flight, const BinanceAccount *account,
                     const BinanceBalances *balances);

/* ---- protocol_rules.c ------------------------------------------------------------------------ */

bool rules_build(const Protocol *protocol, unsigned symbol, BinanceRequest *request);
/* False: it cannot be read. */
bool rules_hear(Turn *turn, unsigned symbol, Slice body);
/* The venue does not list the symbol. */
void rules_gone(Turn *turn, unsigned symbol);

#endif
