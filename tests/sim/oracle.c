/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the venue has done, recounted by itself: which client ids were sent and accepted, whose
 * each fill was, what each asset must therefore amount to. It trusts neither the program nor the
 * exchange: every balance is made again out of deposits and fills.
 */
#include "core/market/order.h"
#include "sim/sim.h"

#define PPM 1000000

static uint64_t id_hash(const char *id) {
    uint64_t hash = hash64(id, strlen(id));
    return hash ? hash : 1;
}

/* True if it was there already. */
static bool set_add(World *world, uint64_t set[static SIM_IDS], const char *id) {
    uint64_t hash = id_hash(id);
    for (unsigned i = 0; i < SIM_IDS; i++) {
        uint64_t *slot = &set[(hash + i) % SIM_IDS];
        if (*slot == hash) return true;
        if (*slot) continue;
        *slot = hash;
        return false;
    }
    world_violated(world, "more client ids than the oracle has room for");
}

bool request_value(const VenueRequest *request, const char *name, char *target, size_t capacity) {
    size_t length = strlen(name);
    for (const char *at = request->parameters; at && *at;
         at = strchr(at, '&') ? strchr(at, '&') + 1 : NULL) {
        if (strncmp(at, name, length) != 0 || at[length] != '=') continue;
        const char *begin = at + length + 1, *end = strchr(begin, '&');
        return slice_copy((Slice){begin, end ? (size_t)(end - begin) : strlen(begin)}, target,
                          capacity);
    }
    return false;
}

void oracle_reset(World *world) {
    Oracle *oracle = &world->oracle;
    memset(oracle, 0, sizeof *oracle);
    for (unsigned i = 0; i < world->exchange->asset_count; i++)
        oracle->assets[i].total = money_add(world->exchange->accounts[0].balances[i].free,
                                            world->exchange->accounts[0].balances[i].locked);
}

/* ---- what leaves the program ----------------------------------------------------------------- */

static void check_id(World *world, const VenueRequest *request, const char *name) {
    char id[80];
    if (!request_value(request, name, id, sizeof id)) return;
    if (strlen(id) > 36) world_violated(world, "a client id is too long: %s", id);
    if (site_order(id) < 0 || site_order(id) != books_number(request->order_id))
        world_violated(world, "the client id %s does not name %s", id, request->order_id);
    if (set_add(world, world->oracle.sent, id)) world_violated(world, "I1: %s was sent before", id);
}

/* Nothing that makes the exposure larger while the kill switch stands or the data are old. */
static void check_entry(World *world, const VenueRequest *request) {
    const Books *books = &world->books;
    int number = books_number(request->order_id), symbol = books_symbol(world, request->symbol);
    if (number < 0 || symbol < 0 || !books->orders[number].has_intent)
        world_violated(world, "I3: an entry leaves that nobody asked for: %s", request->order_id);
    if (books->kill != KILL_NONE)
        world_violated(world, "I14: the entry %s leaves at kill level %s", request->order_id,
                       KillLevel_text(books->kill));
    if (world->rolled_back)
        world_violated(world, "O5: the entry %s leaves out of a state that is older than the venue",
                       request->order_id);
    for (unsigned i = 0; i < world->plan->symbols; i++)
        if (world->oracle.seen_open[i] != world->life + 1 ||
            world->oracle.seen_trades[i] != world->life + 1)
            world_violated(world, "the entry %s leaves before the first look at %s",
                           request->order_id, world->symbols[i].name.text);
    if (books->refused)
        world_violated(world, "the entry %s leaves though the venue is refused", request->order_id);
}

/* A trailing stop moves up, or not at all. */
static void check_stop(World *world, const VenueRequest *request, int number) {
    char text[40];
    Price stop;
    OracleOrder *order = &world->oracle.orders[number];
    if (!request_value(request, "stopPrice", text, sizeof text) &&
        !request_value(request, "belowStopPrice", text, sizeof text))
        return;
    if (!price_parse(slice_of(text), &stop)) world_violated(world, "a stop that is no price");
    if (stop.units < order->stop.units)
        world_violated(world, "the stop of %s is moved down", request->order_id);
    order->stop = stop;
}

void oracle_told(World *world, const VenueRequest *request, const VenueReply *reply) {
    int symbol = books_symbol(world, request->symbol);
    if (symbol < 0 || reply->outcome != OUTCOME_ANSWERED || reply->status != 200) return;
    if (strcmp(request->path, "/api/v3/openOrders") == 0)
        world->oracle.seen_open[symbol] = world->life + 1;
    if (strcmp(request->path, "/api/v3/myTrades") == 0)
        world->oracle.seen_trades[symbol] = world->life + 1;
}

void oracle_gap(World *world, int64_t up_us) {
    bool told = world->limited_by != 0 || world->books.condition == VENUE_BANNED;
    if (told || world->books.condition == VENUE_REFUSED || !world->alive) return;
    for (unsigned i = 0; i < world->plan->symbols; i++)
        if (world->oracle.asked_trades_us[i] < up_us)
            world_violated(world, "what the stream missed of %s is not asked for",
                           world->symbols[i].name.text);
}

/* A price beyond the target for so long, with everything working, was not seen. */
#define FLAT_MAX    6
#define REACHED_MAX 4

void oracle_minute(World *world) {
    const Books *books = &world->books;
    bool works = books->condition == VENUE_READY && books->unknown_orders == 0 && !books->stale;
    for (unsigned i = 0; i < world->plan->symbols; i++) {
        bool reached = false;
        for (unsigned k = 0; k < books->holdings.positions_count; k++) {
            const PositionState *position = &books->holdings.positions[k];
            if (strcmp(position->symbol, world->symbols[i].name.text) != 0) continue;
            bool shrinks = position->quantity.units < world->oracle.held[i].units;
            reached |= !shrinks && position->target_price.units > 0 &&
                       books->symbols[i].price.units > position->target_price.units;
            world->oracle.held[i] = position->quantity;
        }
        bool quiet = works && !books->symbols[i].rules.halted && !books->symbols[i].stale &&
                     world->plan->thin == 1 &&
                     world->exchange->pairs[i].trading == EXCHANGE_TRADING;
        bool flat = quiet && books->kill == KILL_FLATTEN && limits_is_position(world, i);
        world->oracle.flat[i] = flat ? world->oracle.flat[i] + 1 : 0;
        if (world->oracle.flat[i] > FLAT_MAX)
            world_violated(world, "the kill switch says flatten, and %s is held",
                           world->symbols[i].name.text);
        world->oracle.reached[i] = reached && quiet ? world->oracle.reached[i] + 1 : 0;
        if (world->oracle.reached[i] > REACHED_MAX)
            world_violated(world, "the target of %s is reached and nothing is sold",
                           world->symbols[i].name.text);
    }
}

/* Only what bears a name of ours is ours to cancel. */
static void check_cancel(World *world, const VenueRequest *request) {
    char text[40];
    int64_t id;
    if (strcmp(request->method, "DELETE") != 0 ||
        !request_value(request, "orderId", text, sizeof text))
        return;
    const ExchangeOrder *order =
        slice_int(slice_of(text), &id) ? exchange_order(world->exchange, id) : NULL;
    if (!order || site_order(order->wish.client_id) < 0)
        world_violated(world, "order %s is cancelled, which is somebody else's", text);
}

void oracle_send(World *world, const VenueRequest *request) {
    static const char *const ids[] = {"newClientOrderId", "listClientOrderId", "aboveClientOrderId",
                                      "belowClientOrderId"};
    char side[8];
    world->oracle.checks++;
    bool told = world->limited_by && world->books.limited_by == world->limited_by;
    if (told && world->now_us < world->silent_until_us)
        world_violated(world, "V2: %s %s is asked though the venue wants silence", request->method,
                       request->path);
    /* Keys never enter the core, and nothing changes an account without one. */
    if (strstr(request->parameters, "signature") || strstr(request->parameters, "apiKey"))
        world_violated(world, "a key or signature stands in a message");
    int symbol = books_symbol(world, request->symbol);
    if (symbol >= 0 && strcmp(request->path, "/api/v3/myTrades") == 0)
        world->oracle.asked_trades_us[symbol] = world->now_us;
    if (!request->changes) return;
    if (!request->needs_signature)
        world_violated(world, "%s %s would leave unsigned", request->method, request->path);
    if (world->disk.flushed < world->disk.turn_end)
        world_violated(world, "I2: %s leaves before its intent is on the disk", request->order_id);
    check_cancel(world, request);
    if (strcmp(request->method, "POST") != 0) return;
    int number = books_number(request->order_id);
    if (number < 0 || !world->books.orders[number].has_intent)
        world_violated(world, "I3: %s %s leaves, and nobody asked for it: %s", request->method,
                       request->path, request->order_id);
    world->oracle.orders[number].asked = world->books.orders[number].intent;
    check_stop(world, request, number);
    for (unsigned i = 0; i < sizeof ids / sizeof ids[0]; i++)
        check_id(world, request, ids[i]);
    if (request_value(request, "side", side, sizeof side) && strcmp(side, "BUY") == 0)
        check_entry(world, request);
}

/* ---- what happens at the venue --------------------------------------------------------------- */

void oracle_flow(World *world, unsigned asset, Money change, Money ours) {
    OracleAsset *kept = &world->oracle.assets[asset];
    kept->total = money_add(kept->total, change);
    kept->ours = money_add(kept->ours, ours);
}

static void count_fill(World *world, const ExchangeFill *fill, const ExchangeOrder *order) {
    const ExchangePair *pair = &world->exchange->pairs[fill->pair];
    int number = site_order(order->wish.client_id);
    bool buys = fill->side == SIDE_BUY;
    Money base = money_of(buys ? fill->quantity.units : -fill->quantity.units);
    Money quote = price_times_quantity(fill->price, fill->quantity).money;
    if (buys) quote = money_of(-quote.units);
    Money none = money_of(0), fee = money_of(-fill->fee.units);
    oracle_flow(world, pair->base, base, number >= 0 ? base : none);
    oracle_flow(world, pair->quote, quote, number >= 0 ? quote : none);
    oracle_flow(world, fill->fee_asset, fee, number >= 0 ? fee : none);
    if (number < 0) return;
    OracleOrder *counted = &world->oracle.orders[number];
    Quantity *sum = buys ? &counted->bought : &counted->sold;
    *sum = quantity_add(*sum, fill->quantity);
    if (world->rolled_back) return;
    if (sum->units > counted->asked.units)
        world_violated(world, "I1: o-%d has traded more than was asked for", number);
    if (world->oracle.assets[pair->base].ours.units < 0)
        world_violated(world, "o-%d sells coins that the program has not bought", number);
}

static void count_order(World *world, const ExchangeOrder *order) {
    int number = site_order(order->wish.client_id);
    if (number < 0 || world->rolled_back) return;
    if (world->oracle.orders[number].asked.units == 0)
        world_violated(world, "I2: the venue has %s, of which the journal knows nothing",
                       order->wish.client_id);
    const BookedOrder *booked = &world->books.orders[number];
    if (booked->known && order_is_terminal(booked->state))
        world_violated(world, "I11: %s arrives at the venue, and o-%d was told to be %s",
                       order->wish.client_id, number, OrderState_text(booked->state));
    if (set_add(world, world->oracle.accepted, order->wish.client_id))
        world_violated(world, "I1: %s was accepted twice", order->wish.client_id);
    world->oracle.orders[number].accepted++;
}

void oracle_event(World *world, const ExchangeEvent *event) {
    if (event->kind != EXCHANGE_EXECUTION) return;
    bool placed = event->execution == EXECUTION_NEW && event->order.time_us == event->time_us;
    if (placed) count_order(world, &event->order);
    if (event->execution != EXECUTION_TRADE) return;
    const ExchangeFill *fill = exchange_fill(world->exchange, event->fill_id);
    CHECK(fill, "a fill that is told is remembered");
    count_fill(world, fill, &event->order);
}

static bool rests_at_venue(const World *world, int number) {
    for (unsigned i = 0; i < world->exchange->accounts[0].open_count; i++)
        if (site_order(exchange_order(world->exchange, world->exchange->accounts[0].open[i])
                           ->wish.client_id) == number)
            return true;
    return false;
}

/* What is told to be over rests nowhere, and all that it traded is booked. An older disk may have
 * forgotten a stop that was moved, which is met among the open orders, and cancelled, later. */
void oracle_ended(World *world, int number) {
    const OracleOrder *order = &world->oracle.orders[number];
    const BookedOrder *booked = &world->books.orders[number];
    if (world->rolled_back || world->oracle.was_restored) return;
    if (rests_at_venue(world, number))
        world_violated(world, "I11: o-%d is told to be %s, and rests at the venue", number,
                       OrderState_text(booked->state));
    if (booked->filled.units < order->bought.units + order->sold.units)
        world_violated(world, "I11: o-%d is told to be %s, and has traded more", number,
                       OrderState_text(booked->state));
}

/* What was accepted, never traded and rests no more leaves no trace: its number may be given
 * again. */
void oracle_compare_numbers(World *world, bool restored) {
    for (int i = (int)world->books.order_count; i < SIM_ORDERS_MAX; i++) {
        OracleOrder *order = &world->oracle.orders[i];
        if (order->accepted == 0) continue;
        if (order->bought.units || order->sold.units || rests_at_venue(world, i))
            world->rolled_back = true;
        else
            *order = (OracleOrder){.accepted = 0};
    }
    if (!restored) return;
    world->oracle.was_restored = true;
    memset(world->oracle.sent, 0, sizeof world->oracle.sent);
    memset(world->oracle.accepted, 0, sizeof world->oracle.accepted);
}

/* ---- the recount ----------------------------------------------------------------------------- */

static Money locked_by_orders(const World *world, unsigned asset) {
    const Exchange *exchange = world->exchange;
    Money sum = money_of(0);
    for (unsigned i = 0; i < exchange->accounts[0].open_count; i++) {
        const ExchangeOrder *order = exchange_order(exchange, exchange->accounts[0].open[i]);
        const ExchangePair *pair = &exchange->pairs[order->wish.pair];
        unsigned given = order->wish.side == SIDE_BUY ? pair->quote : pair->base;
        if (given == asset) sum = money_add(sum, order->locked);
    }
    return sum;
}

void oracle_recount(World *world) {
    world->oracle.recounts++;
    for (unsigned i = 0; i < world->exchange->asset_count; i++) {
        const ExchangeBalance *balance = &world->exchange->accounts[0].balances[i];
        Money held = money_add(balance->free, balance->locked);
        if (money_compare(held, world->oracle.assets[i].total) != 0)
            world_violated(world, "I5: %s at the venue is not what deposits and fills make",
                           balance->asset.text);
        if (balance->free.units < 0 || balance->locked.units < 0 ||
            money_compare(balance->locked, locked_by_orders(world, i)) != 0)
            world_violated(world, "I9: %s locked at the venue is not what its orders need",
                           balance->asset.text);
    }
    for (unsigned i = 0; i < world->books.order_count; i++) {
        const BookedOrder *order = &world->books.orders[i];
        if (order->known && order->filled.units != order->fills.units)
            world_violated(world, "I6: o-%d is not filled by the sum of its fills", (int)i);
    }
}

/* ---- the end --------------------------------------------------------------------------------- */

static const char *open_orders(const World *world) {
    const Exchange *exchange = world->exchange;
    for (unsigned i = 0; i < exchange->accounts[0].open_count; i++) {
        const ExchangeOrder *order = exchange_order(exchange, exchange->accounts[0].open[i]);
        int number = site_order(order->wish.client_id);
        if (number < 0) continue;
        OrderState state = world->books.orders[number].state;
        if (state != ORDER_ACKED && state != ORDER_PARTIALLY_FILLED)
            return "an order rests at the venue that the program believes over";
    }
    for (unsigned i = 0; i < world->books.order_count; i++) {
        const BookedOrder *order = &world->books.orders[i];
        if (!order->known) continue;
        if (order->state == ORDER_UNKNOWN) return "an order's fate is unknown";
        if (order->state == ORDER_INTENT) return "an order is still an intent";
        if (order_is_terminal(order->state)) continue;
        bool rests = false;
        for (unsigned k = 0; k < exchange->accounts[0].open_count && !rests; k++)
            rests = site_order(
                        exchange_order(exchange, exchange->accounts[0].open[k])->wish.client_id) ==
                    (int)i;
        if (!rests) return "the program believes that an order rests that does not";
    }
    return NULL;
}

static const char *all_booked(const World *world) {
    for (int64_t id = 1; id <= world->exchange->fill_count; id++) {
        const ExchangeFill *fill = exchange_fill(world->exchange, id);
        const ExchangeOrder *order = fill ? exchange_order(world->exchange, fill->order_id) : NULL;
        if (!order || site_order(order->wish.client_id) < 0) continue;
        if (!(world->books.booked_fills[id / 8] >> (id % 8) & 1)) return "a fill was never booked";
    }
    return NULL;
}

static const char *balances(const World *world) {
    for (unsigned i = 0; i < world->books.asset_count; i++) {
        const BookedAsset *asset = &world->books.assets[i];
        int index = exchange_find_asset(world->exchange, slice_of(asset->name));
        if (index < 0) continue;
        __int128 owned =
            asset->accounts[ACCOUNT_FREE].units + asset->accounts[ACCOUNT_LOCKED].units;
        __int128 own = owned + asset->accounts[ACCOUNT_OPENING].units;
        bool quote = strcmp(asset->name, "USDC") == 0;
        if (quote) own += asset->accounts[ACCOUNT_EXTERNAL].units;
        if (own != world->oracle.assets[index].ours.units)
            return "the books and the venue differ over what is the program's";
    }
    return NULL;
}

/* What the venue would take of a position stands under an order of ours that sells it. */
static const char *protections(const World *world) {
    const Exchange *exchange = world->exchange;
    for (unsigned pair = 0; pair < world->plan->symbols; pair++) {
        const ExchangePair *market = &exchange->pairs[pair];
        const Filters *filters = &market->symbol.filters;
        Quantity held = quantity_of((int64_t)world->oracle.assets[market->base].ours.units);
        if (held.units <= 0) continue;
        Quantity sold = quantity_floor(held, filters->step);
        /* What a stop may be sold for is less than the last price. */
        Money worth = price_times_quantity(price_of(market->last.units / 2), sold).money;
        if (sold.units < filters->quantity_min.units ||
            money_compare(worth, filters->notional_min) < 0)
            continue;
        bool covered = false;
        for (unsigned i = 0; i < exchange->accounts[0].open_count; i++) {
            const ExchangeOrder *order = exchange_order(exchange, exchange->accounts[0].open[i]);
            Quantity rest = quantity_subtract(order->wish.quantity, order->executed);
            covered |= order->wish.pair == pair && order->wish.side == SIDE_SELL &&
                       site_order(order->wish.client_id) >= 0 &&
                       rest.units + filters->step.units > sold.units;
        }
        if (!covered) return "a position stands without protection at the venue";
    }
    return NULL;
}

const char *oracle_unsettled(World *world) {
    const char *why = NULL;
    if (!world->alive) return "the process is down";
    if (world->books.refused) return NULL;
    if (world->other_rests)
        return world->books.condition == VENUE_READY ? "P10: another instance is not noticed"
                                                     : NULL;
    if (world->rolled_back) return "O5: a state older than the venue is not refused";
    if (world->books.condition != VENUE_READY) return "the venue is not ready";
    if (!why) why = open_orders(world);
    if (!why) why = all_booked(world);
    if (!why) why = balances(world);
    if (!why) why = protections(world);
    return why;
}
