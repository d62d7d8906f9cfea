/* SPDX-License-Identifier: Apache-2.0 */
/* One message in, and everything that follows from it (protocol.h). */
#include "core/protocol/protocol.h"

#include <string.h>

#include "core/bus/convert.h"
#include "core/market/order.h"
#include "core/protocol/protocol_parts.h"

/* An answer that a port owes for this long beyond its own time-out will not come any more. */
#define OVERDUE_FACTOR 3
#define MILLI          1000

void protocol_init(Protocol *protocol, const Settings *settings) {
    protocol->window_ms = settings->venue.recv_window_ms;
    protocol->ttl_us = settings->trading.signal_ttl_seconds * INSTANT_SECOND_US;
    protocol->reconcile_us = settings->venue.reconcile_seconds * INSTANT_SECOND_US;
    protocol->answer_us = settings->venue.answer_timeout_ms * MILLI;
    binance_governor_init(&protocol->governor);
}

/* ---- what is known --------------------------------------------------------------------------- */

int protocol_symbol(const Protocol *protocol, const char *name) {
    for (unsigned i = 0; i < protocol->symbol_count; i++)
        if (strcmp(protocol->symbols[i].symbol.name.text, name) == 0) return (int)i;
    return -1;
}

Leg *protocol_leg(TrackedOrder *order, const ClientId *client_id) {
    for (unsigned i = 0; i < TRACKED_LEGS; i++) {
        Leg *leg = &order->legs[i];
        if (leg->state != LEG_FREE && strcmp(leg->client_id.text, client_id->text) == 0) return leg;
    }
    return NULL;
}

AssetStand *protocol_asset(Protocol *protocol, const char *asset) {
    for (unsigned i = 0; i < protocol->asset_count; i++)
        if (strcmp(protocol->assets[i].asset.text, asset) == 0) return &protocol->assets[i];
    if (protocol->asset_count == PROTOCOL_ASSETS) return NULL;
    AssetStand *stand = &protocol->assets[protocol->asset_count];
    *stand = (AssetStand){0};
    if (!slice_copy(slice_of(asset), stand->asset.text, sizeof stand->asset.text)) return NULL;
    protocol->asset_count++;
    return stand;
}

unsigned protocol_unknown(const Protocol *protocol) {
    unsigned count = 0;
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS; i = table_next(protocol, i + 1))
        count += protocol->orders[i].told == ORDER_UNKNOWN;
    return count;
}

void protocol_freeze(Turn *turn, const char *text, const char *place) {
    Protocol *protocol = turn->protocol;
    Text words = TEXT_IN(protocol->frozen);
    text_format(&words, "%s: %s", place, text);
    text_end(&words);
    protocol->frozen_us = turn->now_us;
    outbox_log(turn->outbox, LOG_ERROR, "Frozen: %s", protocol->frozen);
}

void protocol_refuse(Turn *turn, const char *text, const char *detail) {
    Protocol *protocol = turn->protocol;
    if (protocol->refused[0]) return;
    Text words = TEXT_IN(protocol->refused);
    text_format(&words, "%s (%s)", text, detail);
    text_end(&words);
    outbox_log(turn->outbox, LOG_ERROR, "Trading is refused: %s", protocol->refused);
}

/* ---- how it stands --------------------------------------------------------------------------- */

static unsigned count_open(const Protocol *protocol) {
    unsigned count = 0;
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS; i = table_next(protocol, i + 1))
        for (unsigned j = 0; j < TRACKED_LEGS; j++)
            count += protocol->orders[i].legs[j].state == LEG_OPEN;
    return count;
}

static VenueCondition condition_of(const Turn *turn, const char **text) {
    const Protocol *protocol = turn->protocol;
    *text = protocol->refused[0] ? protocol->refused
            : protocol->other[0] ? protocol->other
                                 : protocol->barred;
    if ((*text)[0]) return VENUE_REFUSED;
    *text = "waiting for the connection, the account's identity and the venue's clock";
    if (!protocol->linked || !protocol->identified || !protocol->clock_known) return VENUE_OFFLINE;
    *text = "the venue's limit: nothing is asked";
    if (protocol->governor.silent_until_us > turn_venue_us(turn)) return VENUE_BANNED;
    *text = protocol->stream_down ? "the account's stream is down"
                                  : "orders, trades and balances "
                                    "are being compared";
    if (!protocol->ready || protocol->stream_down) return VENUE_RECONCILING;
    *text = protocol->frozen[0] ? protocol->frozen : "an order's fate is being found out";
    if (protocol->frozen[0] || protocol_unknown(protocol) > 0) return VENUE_FROZEN;
    *text = "ready";
    return VENUE_READY;
}

static bool is_same(const VenueState *a, const VenueState *b, int64_t clock_limit_us) {
    bool clock = (a->uncertainty_us > clock_limit_us) == (b->uncertainty_us > clock_limit_us);
    return a->condition == b->condition && a->unknown_orders == b->unknown_orders && clock &&
           a->open_orders == b->open_orders && a->foreign_orders == b->foreign_orders &&
           a->all_frozen == b->all_frozen && a->silent_until == b->silent_until &&
           a->reconciled == b->reconciled && strcmp(a->text, b->text) == 0;
}

static void tell_state(Turn *turn) {
    Protocol *protocol = turn->protocol;
    const char *words;
    VenueState state = {.condition = condition_of(turn, &words),
                        .unknown_orders = protocol_unknown(protocol),
                        .open_orders = count_open(protocol),
                        .all_frozen = protocol->frozen[0] != 0,
                        .uncertainty_us = protocol->clock_doubted ? protocol->window_ms * MILLI
                                                                  : protocol->uncertainty_us,
                        .reconciled = protocol->reconciled_us};
    int64_t silent_us = protocol->governor.silent_until_us - protocol->offset_us;
    if (state.condition == VENUE_BANNED) {
        state.silent_until = silent_us;
        ask_wake(turn, silent_us + 1);
    }
    for (unsigned i = 0; i < protocol->symbol_count; i++)
        state.foreign_orders += protocol->symbols[i].foreign_open;
    Text text = TEXT_IN(state.text);
    text_put(&text, words);
    text_end(&text);
    if (is_same(&state, &protocol->said, protocol->window_ms * MILLI / 2)) return;
    state.time = turn->now_us;
    protocol->said = state;
    *(VenueState *)outbox_publish(turn->outbox, TOPIC_VENUE_STATES) = state;
}

/* ---- the world's words ----------------------------------------------------------------------- */

static void hear_symbol(Protocol *protocol, const SymbolFilters *filters) {
    Symbol symbol;
    if (!symbol_from_filters(filters, &symbol)) return;
    int index = protocol_symbol(protocol, symbol.name.text);
    if (index >= 0) { /* the venue's own rules are newer than a feed's */
        if (!protocol->symbols[index].ruled) protocol->symbols[index].symbol = symbol;
        return;
    }
    if (protocol->symbol_count == LIMIT_SYMBOLS) return;
    VenueSymbol *added = &protocol->symbols[protocol->symbol_count++];
    *added = (VenueSymbol){.symbol = symbol, .cursor = CURSOR_UNKNOWN, .page = PROTOCOL_PAGE};
    trade_ring_init(&added->ring);
    question_want(&added->open, 0);
    question_want(&added->trades, 0);
    (void)protocol_asset(protocol, symbol.base.text);
    (void)protocol_asset(protocol, symbol.quote.text);
}

static void hear_identity(Turn *turn, const VenueIdentity *identity) {
    Protocol *protocol = turn->protocol;
    protocol->budget = identity->budget;
    bool same = strcmp(protocol->account, identity->account) == 0 &&
                strcmp(protocol->instance, identity->instance) == 0;
    if (protocol->identified && !same) {
        protocol_refuse(turn, "this state trades another account", identity->account);
        return;
    }
    memcpy(protocol->account, identity->account, sizeof protocol->account);
    memcpy(protocol->instance, identity->instance, sizeof protocol->instance);
    protocol->identified = true;
}

static void note_gap(Protocol *protocol) {
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS; i = table_next(protocol, i + 1))
        for (unsigned j = 0; j < TRACKED_LEGS; j++) {
            Leg *leg = &protocol->orders[i].legs[j];
            if (leg->state == LEG_SENT || leg->state == LEG_UNKNOWN) leg->gap = true;
        }
}

static void hear_link(Turn *turn, const VenueLink *link) {
    Protocol *protocol = turn->protocol;
    bool up = link->state == LINK_USER_UP;
    bool restarted = link->state == LINK_RESTARTED;
    if (!up) note_gap(protocol);
    protocol->stream_up = up;
    protocol->stream_down = link->state == LINK_USER_DOWN;
    if (restarted) {
        protocol->linked = true;
        /* A process that never became ready sent nothing, whatever numbers it gave. */
        if (protocol->ready) protocol->number_kept = protocol->number;
        protocol->ready = false;
        protocol->timer_us = 0;
        answer_all_lost(turn);
    }
    if (restarted || up) sync_begin(turn);
}

static void hear_clock(Protocol *protocol, const VenueClock *clock) {
    protocol->offset_us = clock->offset_us;
    protocol->uncertainty_us = clock->uncertainty_us;
    protocol->clock_known = true;
    protocol->clock_doubted = false;
}

/* The port answers each request exactly once; if it does not, nobody knows what became of it. */
static void give_up_overdue(Turn *turn) {
    Protocol *protocol = turn->protocol;
    int64_t longest_us =
        OVERDUE_FACTOR * protocol->answer_us + protocol->window_ms * MILLI + INSTANT_MINUTE_US;
    for (unsigned i = 0; i < PROTOCOL_FLIGHTS; i++) {
        const Flight *flight = &protocol->flights[i];
        if (flight->id == 0 || turn->now_us - flight->sent_us <= longest_us) continue;
        VenueReply lost = {.id = flight->id, .outcome = OUTCOME_LOST, .retry_after_s = -1};
        outbox_log(turn->outbox, LOG_ERROR, "Request %D was never answered: taken as lost",
                   flight->id);
        answer_reply(turn, &lost);
    }
}

static void hear_price(Protocol *protocol, const PriceMove *move) {
    int index = protocol_symbol(protocol, move->symbol);
    if (index >= 0) protocol->symbols[index].price = move->price;
}

static void hear(Turn *turn, const Message *message) {
    switch (message->topic) {
    case TOPIC_ORDER_REQUESTS:
        place_request(turn, message->payload);
        break;
    case TOPIC_VENUE_REPLIES:
        answer_reply(turn, message->payload);
        break;
    case TOPIC_VENUE_EVENTS:
        event_hear(turn, message->payload);
        break;
    case TOPIC_VENUE_LINKS:
        hear_link(turn, message->payload);
        break;
    case TOPIC_VENUE_CLOCKS:
        hear_clock(turn->protocol, message->payload);
        break;
    case TOPIC_VENUE_IDENTITIES:
        hear_identity(turn, message->payload);
        break;
    case TOPIC_SYMBOL_FILTERS:
        hear_symbol(turn->protocol, message->payload);
        break;
    case TOPIC_RESTORED_ORDERS:
        place_restored(turn, message->payload);
        break;
    case TOPIC_RESTORED_ACCOUNTS: {
        const AccountFact *fact = message->payload;
        if (fact->orders > turn->protocol->number) turn->protocol->number = fact->orders;
        if (fact->orders > turn->protocol->number_kept) turn->protocol->number_kept = fact->orders;
        break;
    }
    default: /* a timer */
        turn->protocol->timer_us = 0;
        give_up_overdue(turn);
    }
}

void protocol_step(Protocol *protocol, const Message *message, Outbox *outbox) {
    Turn turn = {.protocol = protocol, .outbox = outbox, .now_us = message->time_us};
    if (message->topic == TOPIC_PRICES) {
        hear_price(protocol, message->payload);
        return;
    }
    if (message->topic == TOPIC_POSTINGS) {
        balance_posting(protocol, message->payload);
        return;
    }
    hear(&turn, message);
    protocol->wake_us = 0;
    sync_look(&turn);
    ask_pump(&turn);
    table_settle(protocol);
    tell_state(&turn);
    ask_timer(&turn);
}
