/* SPDX-License-Identifier: Apache-2.0 */
/*
 * I4: when an entry is asked for, its size, the rules of its symbol, the exposure of everything
 * together and the number of positions are judged again from the postings and messages alone, each
 * order on its way and each of unknown fate counted as if it were filled. A price that changes in
 * the very turn may be heard before or after: what is within its limit by either is within it.
 */
#include "core/market/order.h"
#include "sim/sim.h"

#define PPM    1000000
#define RECENT 512 /* orders that may still be on their way */

static Money owned(const World *world, const char *name) {
    for (unsigned i = 0; i < world->books.asset_count; i++) {
        const BookedAsset *asset = &world->books.assets[i];
        if (strcmp(asset->name, name) == 0)
            return money_add(asset->accounts[ACCOUNT_FREE], asset->accounts[ACCOUNT_LOCKED]);
    }
    return money_of(0);
}

static Money worth(const World *world, unsigned symbol, bool before) {
    const BookedSymbol *booked = &world->books.symbols[symbol];
    Price price = before && booked->price_before.units ? booked->price_before : booked->price;
    Money held = owned(world, world->symbols[symbol].base.text);
    return price_times_quantity(price, quantity_of((int64_t)held.units)).money;
}

static bool on_its_way(const BookedOrder *order) {
    return order->has_intent && order->side == SIDE_BUY &&
           !(order->known && order_is_terminal(order->state));
}

static unsigned first_recent(const World *world) {
    return world->books.order_count > RECENT ? world->books.order_count - RECENT : 0;
}

/* Of entries on their way, what is not filled yet, at the prices at which they were asked for. */
static Money pending(const World *world) {
    Money sum = money_of(0);
    for (unsigned i = first_recent(world); i < world->books.order_count; i++) {
        const BookedOrder *order = &world->books.orders[i];
        if (!on_its_way(order)) continue;
        Quantity rest = quantity_subtract(order->intent, order->filled);
        sum = money_add(sum, price_times_quantity(order->intent_price, rest).money);
    }
    return sum;
}

static bool within_exposure(const World *world, bool before) {
    Money equity = owned(world, "USDC"), committed = pending(world);
    for (unsigned i = 0; i < world->plan->symbols; i++) {
        Money value = worth(world, i, before);
        equity = money_add(equity, value);
        committed = money_add(committed, value);
    }
    double limit = world->plan->settings.risk.max_total_exposure;
    return money_compare(committed, money_share_up(equity, (int64_t)(limit * PPM), PPM)) <= 0;
}

/* What the venue would take: less is dust, and no position. */
bool limits_is_position(const World *world, unsigned symbol) {
    const SymbolFilters *rules = &world->books.symbols[symbol].rules;
    Money held = owned(world, world->symbols[symbol].base.text);
    Quantity sellable = quantity_floor(quantity_of((int64_t)held.units), rules->step_size);
    Money value = price_times_quantity(world->books.symbols[symbol].price, sellable).money;
    return sellable.units >= rules->quantity_min.units && sellable.units > 0 &&
           money_compare(value, rules->notional_min) > 0;
}

static unsigned positions(const World *world) {
    unsigned count = 0;
    for (unsigned symbol = 0; symbol < world->plan->symbols; symbol++) {
        bool busy = limits_is_position(world, symbol);
        for (unsigned i = first_recent(world); i < world->books.order_count && !busy; i++)
            busy = on_its_way(&world->books.orders[i]) && world->books.orders[i].symbol == symbol;
        count += busy;
    }
    return count;
}

static void check_symbol(World *world, const OrderRequest *request, const BookedSymbol *symbol) {
    const SymbolFilters *rules = &symbol->rules;
    int64_t units = request->quantity.units;
    if (units < rules->quantity_min.units ||
        (rules->step_size.units && units % rules->step_size.units))
        world_violated(world, "I4: the quantity of %s breaks its symbol's rules",
                       request->order_id);
    Money notional = price_times_quantity(symbol->price, request->quantity).money;
    Money before = price_times_quantity(symbol->price_before, request->quantity).money;
    if (money_compare(notional, rules->notional_min) < 0 &&
        money_compare(before, rules->notional_min) < 0)
        world_violated(world, "I4: %s is smaller than the venue takes", request->order_id);
    if (rules->halted)
        world_violated(world, "V3: %s is an entry in a halted symbol", request->order_id);
    if (symbol->stale || world->books.stale)
        world_violated(world, "N3: %s is an entry on stale data", request->order_id);
}

static void check_frozen(World *world, const OrderRequest *request, unsigned symbol) {
    for (unsigned i = first_recent(world); i < world->books.order_count; i++) {
        const BookedOrder *order = &world->books.orders[i];
        if (order->known && order->state == ORDER_UNKNOWN && order->symbol == symbol)
            world_violated(world, "I4: %s is an entry while o-%d of the symbol is unknown",
                           request->order_id, (int)i);
    }
}

/* I3: each entry has its verdict, which may be some signals old when it is tried again. */
static void check_verdict(World *world, const OrderRequest *request, const BookedSymbol *symbol) {
    for (unsigned i = 0; i < 32; i++)
        if (strcmp(symbol->allowed[i], request->signal_id) == 0) return;
    world_violated(world, "I3: risk has not let pass the signal of %s", request->order_id);
}

void limits_check(World *world, const OrderRequest *request) {
    int symbol = books_symbol(world, request->symbol);
    const Books *books = &world->books;
    if (symbol < 0 || request->side != SIDE_BUY) return;
    check_verdict(world, request, &books->symbols[symbol]);
    check_symbol(world, request, &books->symbols[symbol]);
    check_frozen(world, request, (unsigned)symbol);
    if (books->kill != KILL_NONE)
        world_violated(world, "I14: %s is an entry at kill level %s", request->order_id,
                       KillLevel_text(books->kill));
    bool open = books->condition == VENUE_READY || books->condition_before == VENUE_READY ||
                (books->condition == VENUE_FROZEN && !books->all_frozen);
    if (!open)
        world_violated(world, "I4: %s is an entry while the venue is %s", request->order_id,
                       VenueCondition_text(books->condition));
    if (!within_exposure(world, false) && !within_exposure(world, true))
        world_violated(world, "I4: %s lifts the exposure above its limit", request->order_id);
    if (positions(world) > (unsigned)world->plan->settings.trading.max_positions)
        world_violated(world, "I4: %s is one position too many", request->order_id);
}

/* What an entry may still cost stays locked while nobody knows that it is over. The price at which
 * it was reserved may be another than the one recounted here: half of it shows the difference
 * between kept and freed. */
void limits_check_locked(World *world) {
    Money sum = money_of(0);
    for (unsigned i = first_recent(world); i < world->books.order_count; i++) {
        const BookedOrder *order = &world->books.orders[i];
        if (!on_its_way(order) || order->filled.units > 0) continue;
        sum = money_add(sum, price_times_quantity(order->intent_price, order->intent).money);
    }
    for (unsigned i = 0; i < world->books.asset_count && sum.units > 0; i++) {
        const BookedAsset *asset = &world->books.assets[i];
        if (strcmp(asset->name, "USDC") == 0 &&
            asset->accounts[ACCOUNT_LOCKED].units < sum.units / 2)
            world_violated(world, "I9: the quote of entries on their way is not locked");
    }
}
