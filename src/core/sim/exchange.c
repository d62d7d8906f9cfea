/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs, balances, history, look-ups and the queue of events (exchange.h). */
#include <string.h>

#include "core/base/digest.h"
#include "core/sim/exchange_parts.h"

#define DEPTH_SHARE 20 /* a first level holds a twentieth of a minute's volume */
/* All levels together hold 1,300 times the first: that is still a quantity. */
#define DEPTH_MAX (INT64_MAX / 2000)

void exchange_init(Exchange *exchange, const ExchangeCosts *costs) {
    memset(exchange, 0, offsetof(Exchange, orders));
    exchange->costs = *costs;
    exchange->account_count = 1;
}

int exchange_add_account(Exchange *exchange) {
    if (exchange->account_count == LIMIT_EXCHANGE_ACCOUNTS) return -1;
    return (int)exchange->account_count++;
}

/* ---- pairs and assets ---------------------------------------------------------------------- */

int exchange_find_asset(const Exchange *exchange, Slice name) {
    for (unsigned i = 0; i < exchange->asset_count; i++)
        if (slice_is(name, exchange->accounts[0].balances[i].asset.text)) return (int)i;
    return -1;
}

unsigned exchange_asset(Exchange *exchange, const AssetName *name) {
    int index = exchange_find_asset(exchange, slice_of(name->text));
    if (index >= 0) return (unsigned)index;
    CHECK(exchange->asset_count < LIMIT_EXCHANGE_ASSETS, "room for the assets of all pairs");
    for (unsigned i = 0; i < LIMIT_EXCHANGE_ACCOUNTS; i++)
        exchange->accounts[i].balances[exchange->asset_count] = (ExchangeBalance){.asset = *name};
    return exchange->asset_count++;
}

bool exchange_deposit_to(Exchange *exchange, unsigned account, Slice asset, Money amount) {
    int index = exchange_find_asset(exchange, asset);
    AssetName name = {{0}};
    if (account >= exchange->account_count) return false;
    if (index < 0) {
        if (exchange->asset_count == LIMIT_EXCHANGE_ASSETS || asset.length == 0 ||
            !slice_copy(asset, name.text, sizeof name.text))
            return false;
        index = (int)exchange_asset(exchange, &name);
    }
    ExchangeBalance *balance = &exchange->accounts[account].balances[index];
    balance->free = money_add(balance->free, amount);
    return true;
}

bool exchange_deposit(Exchange *exchange, Slice asset, Money amount) {
    return exchange_deposit_to(exchange, 0, asset, amount);
}

Money exchange_free(const Exchange *exchange, unsigned account, Slice asset) {
    int index = exchange_find_asset(exchange, asset);
    return index < 0 ? money_of(0) : exchange->accounts[account].balances[index].free;
}

Money exchange_locked(const Exchange *exchange, unsigned account, Slice asset) {
    int index = exchange_find_asset(exchange, asset);
    return index < 0 ? money_of(0) : exchange->accounts[account].balances[index].locked;
}

int exchange_list_pair(Exchange *exchange, const Symbol *symbol) {
    int found = exchange_find_pair(exchange, slice_of(symbol->name.text));
    if (found >= 0) return found;
    if (exchange->pair_count == LIMIT_SYMBOLS || exchange->asset_count + 2 > LIMIT_EXCHANGE_ASSETS)
        return -1;
    ExchangePair *pair = &exchange->pairs[exchange->pair_count];
    memset(pair, 0, offsetof(ExchangePair, resting));
    pair->resting[0].count = pair->resting[1].count = pair->waiting.count = 0;
    pair->symbol = *symbol;
    pair->rules = exchange_rules_preset(&symbol->filters);
    pair->base = exchange_asset(exchange, &symbol->base);
    pair->quote = exchange_asset(exchange, &symbol->quote);
    return (int)exchange->pair_count++;
}

int exchange_find_pair(const Exchange *exchange, Slice name) {
    for (unsigned i = 0; i < exchange->pair_count; i++)
        if (slice_is(name, exchange->pairs[i].symbol.name.text)) return (int)i;
    return -1;
}

/* ---- rules --------------------------------------------------------------------------------- */

/* As the venue's symbols of today have them: prices from a fifth of the last one to five times it,
 * a least amount for market orders too, trailing stops from a tenth of a percent to a fifth. */
ExchangeRules exchange_rules_preset(const Filters *filters) {
    return (ExchangeRules){.market_step = filters->step,
                           .market_min = filters->quantity_min,
                           .market_max = filters->quantity_max,
                           .bid_up_ppm = 5 * PPM,
                           .bid_down_ppm = PPM / 5,
                           .ask_up_ppm = 5 * PPM,
                           .ask_down_ppm = PPM / 5,
                           .min_to_market = true,
                           .max_to_market = filters->notional_max.units != 0,
                           .orders_max = LIMIT_EXCHANGE_OPEN_PAIR,
                           .stops_max = LIMIT_EXCHANGE_STOPS,
                           .icebergs_max = LIMIT_EXCHANGE_ICEBERGS,
                           .lists_max = 20,
                           .amends_max = 10,
                           .parts_max = LIMIT_EXCHANGE_PARTS,
                           .trail_above_min = 10,
                           .trail_above_max = 2000,
                           .trail_below_min = 10,
                           .trail_below_max = 2000,
                           .allows_iceberg = true,
                           .allows_trailing = true,
                           .allows_amend = true,
                           .allows_oco = true,
                           .allows_oto = true,
                           .allows_opo = true};
}

static unsigned at_most(unsigned value, unsigned limit) {
    return value < limit ? value : limit;
}

void exchange_set_rules(Exchange *exchange, unsigned index, const ExchangeRules *rules) {
    ExchangeRules *own = &exchange->pairs[index].rules;
    *own = *rules;
    own->orders_max = at_most(own->orders_max, LIMIT_EXCHANGE_OPEN_PAIR);
    own->stops_max = at_most(own->stops_max, LIMIT_EXCHANGE_OPEN_PAIR);
    own->icebergs_max = at_most(own->icebergs_max, LIMIT_EXCHANGE_ICEBERGS);
    own->parts_max = at_most(own->parts_max, LIMIT_EXCHANGE_PARTS);
}

void exchange_set_trading(Exchange *exchange, unsigned index, ExchangeTrading trading,
                          int64_t now_us) {
    exchange->pairs[index].trading = trading;
    if (trading != EXCHANGE_GONE) return;
    for (unsigned i = 0; i < exchange->account_count; i++) {
        ExchangeAccount *account = &exchange->accounts[i];
        for (unsigned k = account->open_count; k-- > 0;) {
            /* An end may take others of its list with it: from the back what is left is met. */
            if (k >= account->open_count) continue;
            ExchangeOrder *order = exchange_slot(exchange, account->open[k]);
            if (order->wish.pair == index)
                exchange_end(exchange, order, EXCHANGE_EXPIRED, EXCHANGE_DELISTED, now_us);
        }
    }
}

/* ---- history ------------------------------------------------------------------------------- */

/* The depth follows the volume slowly, so that one busy minute does not make a deep book. */
static void follow_depth(ExchangePair *pair, double volume) {
    Quantity seen;
    if (!quantity_from_double(volume / DEPTH_SHARE, &seen)) return;
    int64_t mixed =
        pair->depth.units ? pair->depth.units - pair->depth.units / 4 + seen.units / 4 : seen.units;
    if (mixed > DEPTH_MAX) mixed = DEPTH_MAX;
    Quantity step = pair->symbol.filters.step;
    pair->depth = quantity_floor(quantity_of(mixed), step);
    int64_t least = step.units ? step.units : 1;
    if (pair->depth.units < least) pair->depth.units = least;
}

void exchange_history(Exchange *exchange, unsigned index, const Bar *bar) {
    ExchangePair *pair = &exchange->pairs[index];
    pair->bars[pair->bar_count++ % LIMIT_EXCHANGE_BARS] = *bar;
    pair->last = bar->close;
    follow_depth(pair, bar->volume);
}

void exchange_correct(Exchange *exchange, unsigned index, const Bar *bar) {
    ExchangePair *pair = &exchange->pairs[index];
    const Bar *newest = exchange_bar(pair, 0);
    if (pair->minute.bars && pair->minute.time_us == bar->time_us) {
        pair->minute = *bar;
        return;
    }
    for (uint64_t age = 0; exchange_bar(pair, age); age++) {
        const Bar *at = exchange_bar(pair, age);
        if (at->time_us < bar->time_us) break;
        if (at->time_us == bar->time_us)
            pair->bars[(pair->bar_count - 1 - age) % LIMIT_EXCHANGE_BARS] = *bar;
    }
    /* A minute of which nothing was heard. */
    if ((!newest || bar->time_us > newest->time_us) &&
        (!pair->minute.bars || bar->time_us < pair->minute.time_us))
        exchange_history(exchange, index, bar);
}

const Bar *exchange_bar(const ExchangePair *pair, uint64_t age) {
    if (age >= pair->bar_count || age >= LIMIT_EXCHANGE_BARS) return NULL;
    return &pair->bars[(pair->bar_count - 1 - age) % LIMIT_EXCHANGE_BARS];
}

static void join(Bar *candle, const Bar *minute) {
    uint32_t bars = candle->bars + minute->bars;
    if (candle->bars == 0) {
        *candle = *minute;
        return;
    }
    candle->close = minute->close;
    if (minute->high.units > candle->high.units) candle->high = minute->high;
    if (minute->low.units < candle->low.units) candle->low = minute->low;
    candle->volume += minute->volume;
    candle->quote_volume += minute->quote_volume;
    candle->taker_volume += minute->taker_volume;
    candle->trades += minute->trades;
    candle->bars = bars;
}

bool exchange_candle(const ExchangePair *pair, int64_t start_us, int64_t length_us, bool with_open,
                     Bar *candle) {
    uint64_t age = 0;
    *candle = (Bar){0};
    while (exchange_bar(pair, age) && exchange_bar(pair, age)->time_us >= start_us)
        age++;
    while (age-- > 0) {
        const Bar *bar = exchange_bar(pair, age);
        if (bar->time_us < start_us + length_us) join(candle, bar);
    }
    if (with_open && pair->minute.bars && pair->minute.time_us < start_us + length_us)
        join(candle, &pair->minute);
    candle->time_us = start_us;
    return candle->bars > 0;
}

/* ---- look-ups ------------------------------------------------------------------------------ */

ExchangeOrder *exchange_slot(Exchange *exchange, int64_t id) {
    return &exchange->orders[id % LIMIT_EXCHANGE_ORDERS];
}

/* A place up to the newest id has been written: by its order, or by one that was passed over
 * because it was open. */
const ExchangeOrder *exchange_order(const Exchange *exchange, int64_t id) {
    if (id <= 0 || id > exchange->order_count) return NULL;
    const ExchangeOrder *order = &exchange->orders[id % LIMIT_EXCHANGE_ORDERS];
    return order->id == id ? order : NULL;
}

uint32_t exchange_hash(unsigned account, Slice client_id) {
    return (uint32_t)hash64(client_id.at, client_id.length) + account;
}

const ExchangeOrder *exchange_order_of(const Exchange *exchange, unsigned account, unsigned pair,
                                       Slice client_id) {
    uint32_t hash = exchange_hash(account, client_id);
    bool round = exchange->order_count >= LIMIT_EXCHANGE_ORDERS;
    size_t first = round ? 0 : 1;
    size_t end = round ? LIMIT_EXCHANGE_ORDERS : (size_t)exchange->order_count + 1;
    const ExchangeOrder *found = NULL;
    for (size_t place = first; place < end; place++) {
        if (exchange->names[place] != hash) continue;
        const ExchangeOrder *order = &exchange->orders[place];
        if (order->wish.account == account && order->wish.pair == pair &&
            slice_is(client_id, order->wish.client_id) && (!found || order->id > found->id))
            found = order;
    }
    return found;
}

const ExchangeOrder *exchange_order_named(const Exchange *exchange, unsigned pair,
                                          Slice client_id) {
    return exchange_order_of(exchange, 0, pair, client_id);
}

const ExchangeList *exchange_list(const Exchange *exchange, int64_t id) {
    if (id < 0 || id >= exchange->list_count) return NULL;
    const ExchangeList *list = &exchange->lists[id % LIMIT_EXCHANGE_LISTS];
    return list->id == id ? list : NULL;
}

const ExchangeFill *exchange_fill(const Exchange *exchange, int64_t id) {
    if (id <= 0 || id > exchange->fill_count) return NULL;
    const ExchangeFill *fill = &exchange->fills[id % LIMIT_EXCHANGE_FILLS];
    return fill->id == id ? fill : NULL;
}

const ExchangePrevented *exchange_prevented(const Exchange *exchange, int64_t id) {
    if (id <= 0 || id > exchange->prevented_count) return NULL;
    const ExchangePrevented *match = &exchange->prevented[id % LIMIT_EXCHANGE_PREVENTED];
    return match->id == id ? match : NULL;
}

const ExchangeAmendment *exchange_amendment(const Exchange *exchange, int64_t id) {
    if (id <= 0 || id > exchange->amended_count) return NULL;
    const ExchangeAmendment *amendment = &exchange->amended[id % LIMIT_EXCHANGE_AMENDED];
    return amendment->id == id ? amendment : NULL;
}

bool exchange_is_open(const ExchangeOrder *order) {
    return order->status <= EXCHANGE_PARTIALLY_FILLED;
}

bool exchange_is_stop(ExchangeType type) {
    return type >= EXCHANGE_STOP_LOSS;
}

/* ---- events -------------------------------------------------------------------------------- */

static ExchangeEvent *push_event(Exchange *exchange, ExchangeEventKind kind, unsigned account,
                                 int64_t time_us) {
    CHECK(exchange->event_count < LIMIT_EXCHANGE_EVENTS, "the events of each call are taken");
    ExchangeEvent *event = &exchange->events[exchange->event_count++];
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->account = account;
    event->time_us = time_us;
    return event;
}

ExchangeEvent *exchange_say_order(Exchange *exchange, const ExchangeOrder *order,
                                  ExchangeExecution execution, int64_t fill_id) {
    ExchangeEvent *event =
        push_event(exchange, EXCHANGE_EXECUTION, order->wish.account, order->update_us);
    event->execution = execution;
    event->execution_id = ++exchange->execution_count;
    event->fill_id = fill_id;
    event->order = *order;
    return event;
}

void exchange_say_position(Exchange *exchange, const ExchangeWish *wish, bool with_bnb,
                           int64_t now_us) {
    const ExchangePair *pair = &exchange->pairs[wish->pair];
    const ExchangeBalance *balances = exchange->accounts[wish->account].balances;
    ExchangeEvent *event = push_event(exchange, EXCHANGE_POSITION, wish->account, now_us);
    event->balances[event->balance_count++] = balances[pair->base];
    event->balances[event->balance_count++] = balances[pair->quote];
    int bnb = with_bnb ? exchange_find_asset(exchange, SLICE("BNB")) : -1;
    if (bnb >= 0 && (unsigned)bnb != pair->base && (unsigned)bnb != pair->quote)
        event->balances[event->balance_count++] = balances[bnb];
}

ExchangeEvent *exchange_say_list(Exchange *exchange, const ExchangeList *list, int64_t now_us) {
    ExchangeEvent *event = push_event(exchange, EXCHANGE_LIST, list->account, now_us);
    event->list_id = list->id;
    event->done = list->done;
    return event;
}

const ExchangeEvent *exchange_next_event(Exchange *exchange) {
    if (exchange->event_taken < exchange->event_count)
        return &exchange->events[exchange->event_taken++];
    exchange->event_taken = exchange->event_count = 0;
    return NULL;
}
