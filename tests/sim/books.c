/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program has said, recounted from its messages alone: orders and their states, fills,
 * the ledger's postings, what the gate let pass. They live and die with the process's disk: a
 * snapshot holds them, a replay fills them again.
 */
#include "core/market/order.h"
#include "sim/sim.h"

#define VAIN_MAX 400 /* sales in a row that the venue never took: half an hour has 240 prints */

int books_number(const char *order_id) {
    int64_t number;
    if (strncmp(order_id, "o-", 2) != 0 || !slice_int(slice_of(order_id + 2), &number) ||
        number < 0 || number >= SIM_ORDERS_MAX)
        return -1;
    return (int)number;
}

int books_symbol(const World *world, const char *symbol) {
    for (unsigned i = 0; i < world->plan->symbols; i++)
        if (strcmp(world->symbols[i].name.text, symbol) == 0) return (int)i;
    return -1;
}

void books_reset(Books *books, const World *world) {
    (void)world;
    memset(books, 0, sizeof *books);
}

static BookedOrder *order_of(World *world, const char *order_id) {
    Books *books = &world->books;
    int number = books_number(order_id);
    if (number < 0) world_violated(world, "an order has no number that can be: '%s'", order_id);
    if ((unsigned)number >= books->order_count) books->order_count = (unsigned)number + 1;
    return &books->orders[number];
}

static BookedAsset *asset_of(Books *books, const char *name) {
    for (unsigned i = 0; i < books->asset_count; i++)
        if (strcmp(books->assets[i].name, name) == 0) return &books->assets[i];
    CHECK(books->asset_count < SIM_ASSETS_MAX, "room for the assets of a run");
    BookedAsset *asset = &books->assets[books->asset_count++];
    bool fits = slice_copy(slice_of(name), asset->name, sizeof asset->name);
    CHECK(fits, "an asset's name fits");
    return asset;
}

/* ---- orders ---------------------------------------------------------------------------------- */

static void hear_intent(World *world, const OrderRequest *request) {
    BookedOrder *order = order_of(world, request->order_id);
    if (request->action == ORDER_ACTION_CANCEL || request->action == ORDER_ACTION_MOVE_STOP) return;
    if (order->has_intent) world_violated(world, "I1: %s is asked for twice", request->order_id);
    int symbol = books_symbol(world, request->symbol);
    order->has_intent = true;
    if (request->side == SIDE_SELL && symbol >= 0 && ++world->books.symbols[symbol].vain > VAIN_MAX)
        world_violated(world, "%s is sold in vain for ever", request->symbol);
    order->intent = request->quantity;
    order->side = request->side;
    order->action = request->action;
    order->symbol = symbol < 0 ? 0 : (uint8_t)symbol;
    order->intent_price = world->books.symbols[order->symbol].price;
    memcpy(order->signal_id, request->signal_id, sizeof order->signal_id);
    limits_check(world, request);
    if (!world->replaying) world->tally->orders++;
}

static void hear_order(World *world, const OrderRecord *record) {
    BookedOrder *order = order_of(world, record->order_id);
    bool first = !order->known;
    if (!first && order->state != record->state && !order_may_become(order->state, record->state))
        world_violated(world, "I11: %s goes from %s to %s", record->order_id,
                       OrderState_text(order->state), OrderState_text(record->state));
    if (record->filled.units > record->quantity.units || record->filled.units < order->filled.units)
        world_violated(world, "I6: %s is filled beyond its quantity, or less than before",
                       record->order_id);
    if (record->state == ORDER_UNKNOWN && order->state != ORDER_UNKNOWN && !world->replaying)
        world->tally->unknowns++;
    bool ends =
        order_is_terminal(record->state) && !(order->known && order->state == record->state);
    order->known = true;
    order->state = record->state;
    if (record->state == ORDER_ACKED || record->filled.units > 0)
        world->books.symbols[order->symbol].vain = 0;
    order->quantity = record->quantity;
    order->filled = record->filled;
    world->books.order_told = true;
    if (ends && !world->replaying) oracle_ended(world, books_number(record->order_id));
}

/* ---- fills and the ledger -------------------------------------------------------------------- */

static void compare_fill(World *world, const Fill *fill) {
    const ExchangeFill *truth = exchange_fill(world->exchange, fill->trade_id);
    if (!truth)
        world_violated(world, "a fill was booked that never was: trade %d", (int)fill->trade_id);
    const ExchangeOrder *order = exchange_order(world->exchange, truth->order_id);
    const char *fee_asset = world->exchange->accounts[0].balances[truth->fee_asset].asset.text;
    if (!order || truth->side != fill->side || truth->price.units != fill->price.units ||
        truth->quantity.units != fill->quantity.units ||
        money_compare(truth->fee, fill->fee) != 0 || strcmp(fee_asset, fill->fee_asset) != 0)
        world_violated(world, "I6: trade %d is booked otherwise than the venue made it",
                       (int)fill->trade_id);
    if (site_order(order->wish.client_id) != books_number(fill->order_id))
        world_violated(world, "I6: trade %d is booked to %s, and is of %s", (int)fill->trade_id,
                       fill->order_id, order->wish.client_id);
}

static void hear_fill(World *world, const Fill *fill) {
    Books *books = &world->books;
    size_t id = (size_t)fill->trade_id;
    if (id == 0 || id >= SIM_FILLS_MAX)
        world_violated(world, "a fill has the number %d", (int)fill->trade_id);
    if (books->booked_fills[id / 8] >> (id % 8) & 1)
        world_violated(world, "I10: trade %d is booked twice", (int)fill->trade_id);
    books->booked_fills[id / 8] |= (uint8_t)(1u << (id % 8));
    compare_fill(world, fill);
    BookedOrder *order = order_of(world, fill->order_id);
    order->fills = quantity_add(order->fills, fill->quantity);
    int symbol = books_symbol(world, fill->symbol);
    if (symbol < 0) world_violated(world, "a fill in %s, which is not traded", fill->symbol);
    Money base = money_of(fill->quantity.units);
    Money quote = price_times_quantity(fill->price, fill->quantity).money;
    bool buys = fill->side == SIDE_BUY;
    BookedAsset *in = asset_of(books, buys ? world->symbols[symbol].base.text
                                           : world->symbols[symbol].quote.text);
    in->traded = money_add(in->traded, buys ? base : quote);
    BookedAsset *out = asset_of(books, buys ? world->symbols[symbol].quote.text
                                            : world->symbols[symbol].base.text);
    out->traded = money_subtract(out->traded, buys ? quote : base);
    BookedAsset *payer = asset_of(books, fill->fee_asset);
    payer->traded = money_subtract(payer->traded, fill->fee);
    if (!world->replaying) world->tally->fills++;
}

static void hear_posting(World *world, const Posting *posting) {
    BookedAsset *asset = asset_of(&world->books, posting->asset);
    if (posting->amount.units < 0) world_violated(world, "I8: a posting is negative");
    if (posting->debit == ACCOUNT_EXTERNAL || posting->credit == ACCOUNT_EXTERNAL)
        world->books.has_flows = true;
    asset->accounts[posting->debit] = money_add(asset->accounts[posting->debit], posting->amount);
    asset->accounts[posting->credit] =
        money_subtract(asset->accounts[posting->credit], posting->amount);
}

/* What is owned is what came in by opening, from outside and by fills; the ledger's own books of
 * market and fees stand against it. */
static void check_assets(World *world) {
    Books *books = &world->books;
    for (unsigned i = 0; i < books->asset_count; i++) {
        const BookedAsset *asset = &books->assets[i];
        const Money *accounts = asset->accounts;
        if (accounts[ACCOUNT_FREE].units < 0 || accounts[ACCOUNT_LOCKED].units < 0)
            world_violated(world, "I9: free or locked %s is negative", asset->name);
        __int128 owned = accounts[ACCOUNT_FREE].units + accounts[ACCOUNT_LOCKED].units;
        __int128 came = asset->traded.units - accounts[ACCOUNT_OPENING].units -
                        accounts[ACCOUNT_EXTERNAL].units - accounts[ACCOUNT_ROUNDING].units;
        if (owned != came)
            world_violated(world, "I5: %s in the ledger and by its fills differ by %d units",
                           asset->name, (int)(owned - came));
    }
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void hear_verdict(World *world, const RiskVerdict *verdict) {
    int symbol = books_symbol(world, verdict->symbol);
    if (symbol < 0 || verdict->verdict != ALLOWED || verdict->decision != DECISION_BUY) return;
    BookedSymbol *booked = &world->books.symbols[symbol];
    memcpy(booked->allowed[booked->allowed_count++ % 32], verdict->signal_id,
           sizeof verdict->signal_id);
}

static void hear_feed(World *world, const FeedStatus *status) {
    int symbol = status->symbol[0] ? books_symbol(world, status->symbol) : -1;
    bool stale = status->condition == CONDITION_STALE || status->condition == CONDITION_CONNECTING;
    if (status->condition != CONDITION_LIVE && !stale) return;
    if (symbol >= 0) world->books.symbols[symbol].stale = stale;
    if (!status->symbol[0]) world->books.stale = stale;
}

static void hear_market(World *world, const char *name, Price price) {
    int symbol = books_symbol(world, name);
    if (symbol >= 0) world->books.symbols[symbol].price = price;
}

static void hear_state(World *world, const VenueState *state) {
    Books *books = &world->books;
    books->condition = state->condition;
    books->all_frozen = state->all_frozen;
    books->unknown_orders = state->unknown_orders;
    books->clock_uncertainty_us = state->uncertainty_us;
    books->refused = state->condition == VENUE_REFUSED;
}

/* A ban or limit binds from the moment at which it is told. */
static void hear_reply(World *world, const VenueReply *reply) {
    bool limited = reply->status == 429 || reply->status == 418;
    if (reply->outcome != OUTCOME_ANSWERED || !limited || reply->retry_after_s < 0) return;
    world->books.limited_by = reply->id;
}

static void hear_rules(World *world, const SymbolFilters *filters) {
    int symbol = books_symbol(world, filters->symbol);
    if (symbol >= 0) world->books.symbols[symbol].rules = *filters;
}

/* Equity less what came in is what was earned, whether it is out of the market or still in it. What
 * others took or brought moves the opening; without them it is what was posted. */
static void check_equity(World *world) {
    Books *books = &world->books;
    const Holdings *holdings = &books->holdings;
    if (!books->has_facts || holdings->time != books->time_us) return;
    const BookedAsset *quote = asset_of(books, holdings->quote_asset);
    Money came = books->opening;
    if (!books->has_flows) came = money_of(-quote->accounts[ACCOUNT_OPENING].units);
    Money earned = money_add(holdings->realised_pnl, holdings->unrealised_pnl);
    if (money_compare(holdings->total_value, money_add(came, earned)) != 0)
        world_violated(world, "I7: equity is not the opening and what was earned: off by %d units",
                       (int)(holdings->total_value.units - came.units - earned.units));
}

static void hear_facts(Books *books, const AccountFact *fact) {
    books->opening = fact->opening;
    books->has_facts = true;
}

void books_hear(World *world, const Message *message) {
    Books *books = &world->books;
    const void *payload = message->payload;
    if (world->plan->trace) world->plan->trace(world, message);
    if (message->sequence != books->sequence + 1 || message->time_us < books->time_us)
        world_violated(world, "I13: sequence or time runs backwards");
    books->sequence = message->sequence;
    books->time_us = message->time_us;
    switch ((Topic)message->topic) {
    case TOPIC_ORDER_REQUESTS:
        hear_intent(world, payload);
        break;
    case TOPIC_ORDERS:
        hear_order(world, payload);
        break;
    case TOPIC_TRADE_EXECUTIONS:
        hear_fill(world, payload);
        break;
    case TOPIC_POSTINGS:
        hear_posting(world, payload);
        break;
    case TOPIC_RISK_ENRICHED_SIGNALS:
        hear_verdict(world, payload);
        break;
    case TOPIC_FEED_STATUS:
        hear_feed(world, payload);
        break;
    case TOPIC_VENUE_STATES:
        hear_state(world, payload);
        break;
    case TOPIC_SYMBOL_FILTERS:
        hear_rules(world, payload);
        break;
    case TOPIC_HOLDINGS:
        books->holdings = *(const Holdings *)payload;
        break;
    case TOPIC_ACCOUNT_FACTS:
        hear_facts(books, payload);
        break;
    case TOPIC_KILL_STATE:
        books->kill = ((const KillState *)payload)->level;
        break;
    case TOPIC_VENUE_REPLIES:
        hear_reply(world, payload);
        break;
    case TOPIC_PRICES:
        hear_market(world, ((const PriceMove *)payload)->symbol,
                    ((const PriceMove *)payload)->price);
        break;
    case TOPIC_BARS:
        hear_market(world, ((const MarketBar *)payload)->symbol,
                    ((const MarketBar *)payload)->close);
        break;
    default:
        break;
    }
}

void books_turn(World *world) {
    check_assets(world);
    check_equity(world);
    if (world->books.order_told) limits_check_locked(world);
    world->books.order_told = false;
    world->books.condition_before = world->books.condition;
    for (unsigned i = 0; i < world->plan->symbols; i++)
        world->books.symbols[i].price_before = world->books.symbols[i].price;
}
