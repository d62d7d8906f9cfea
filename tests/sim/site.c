/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The venue: the simulated exchange, asked in bytes and answering in bytes; the market that trades
 * there minute by minute; and everybody else who does something with the account.
 */
#include <stdio.h>
#include <sys/mman.h>

#include "sim/sim.h"

#define QUOTE_START     25000 /* more than the program's budget: the rest is somebody else's */
#define FOREIGN_START   2     /* coins of each base asset that are not the program's */
#define CORNER_STEPS    20    /* of bar_path: open, two extremes, close */
#define FLASH_SECONDS   13    /* Binance.US, 2021-10-21 */
#define FLASH_LEFT_PPM  120000
#define PPM             1000000
#define HIDE_US         120000000
#define LAG_US          900000 /* less than the second that the protocol grants */
#define TROUBLE_MOST_US 900000000LL

static const char *const names[SIM_SYMBOLS_MAX] = {"BTCUSDC", "ETHUSDC", "SOLUSDC"};

static void list_symbol(World *world, unsigned index) {
    static const int64_t steps[SIM_SYMBOLS_MAX] = {SIM_UNIT / 100000, SIM_UNIT / 10000,
                                                   SIM_UNIT / 1000};
    Symbol symbol = {.filters = {.tick = price_of(SIM_UNIT / 100),
                                 .price_min = price_of(SIM_UNIT / 100),
                                 .price_max = price_of(1000000 * SIM_UNIT),
                                 .step = quantity_of(steps[index]),
                                 .quantity_min = quantity_of(steps[index]),
                                 .quantity_max = quantity_of(9000 * SIM_UNIT),
                                 .notional_min = money_of(5 * SIM_UNIT)}};
    bool named = symbol_name_set(&symbol.name, slice_of(names[index])) &&
                 symbol_split(&symbol.name, &symbol.base, &symbol.quote);
    CHECK(named, "the simulation's symbols have names");
    world->symbols[index] = symbol;
    int listed = exchange_list_pair(world->exchange, &symbol);
    CHECK(listed == (int)index, "pairs are listed in order");
    bool given = exchange_deposit(world->exchange, slice_of(symbol.base.text),
                                  money_of((__int128)FOREIGN_START * SIM_UNIT));
    CHECK(given, "the account has room");
}

void site_reset(World *world) {
    SymbolName wanted[SIM_SYMBOLS_MAX];
    Error error;
    exchange_init(world->exchange, &world->plan->costs);
    exchange_limit_init(&world->limits);
    for (unsigned i = 0; i < world->plan->symbols; i++) {
        list_symbol(world, i);
        wanted[i] = world->symbols[i].name;
    }
    bool given = exchange_deposit(world->exchange, SLICE("USDC"),
                                  money_of((__int128)QUOTE_START * SIM_UNIT));
    CHECK(given, "the account has room");
    bool made = market_model_init(&world->model, world->plan->seed ^ RANDOM_MARKET, SIM_START_US,
                                  wanted, world->plan->symbols, &error);
    CHECK(made, "the market of the simulation");
    world->foreign_count = world->signal_count = 0;
    memset(world->hidden_until_us, 0, sizeof world->hidden_until_us);
    world->other_rests = false;
    world->flash = false;
}

/* "tr" + 8 + "-" + number in base 36 + "-": ours. */
int site_order(const char *client_id) {
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    int number = 0;
    if (strncmp(client_id, "trabcdefg2-", 11) != 0) return -1;
    for (const char *c = client_id + 11; *c && *c != '-'; c++) {
        const char *digit = strchr(digits, *c);
        if (!digit || number > SIM_ORDERS_MAX) return -1;
        number = number * 36 + (int)(digit - digits);
    }
    return number < SIM_ORDERS_MAX ? number : -1;
}

/* ---- answers --------------------------------------------------------------------------------- */

static bool is_query(const Request *request, const char *path) {
    return strcmp(request->asked.method, "GET") == 0 && strcmp(request->asked.path, path) == 0;
}

/* The venue's readers stand behind its engine: what is new is not there yet, for all who ask. */
static bool is_hidden(World *world, const Request *request) {
    char id[64] = "";
    Random detail;
    bool asks = is_query(request, "/api/v3/order");
    bool cancels = strcmp(request->asked.method, "DELETE") == 0;
    if (!(asks && request_value(&request->asked, "origClientOrderId", id, sizeof id)) &&
        !(cancels && (request_value(&request->asked, "listClientOrderId", id, sizeof id) ||
                      request_value(&request->asked, "origClientOrderId", id, sizeof id))))
        return false;
    for (unsigned pair = 0; pair < world->plan->symbols; pair++) {
        const ExchangeOrder *order = exchange_order_named(world->exchange, pair, slice_of(id));
        if (!order || world->now_us - order->time_us > HIDE_US) continue;
        int64_t *until = &world->hidden_until_us[order->id % SIM_HIDDEN];
        if (die_cast(world, FAULT_HIDDEN, &detail))
            *until = order->time_us + die_span(&detail, 1000000, HIDE_US);
        return world->phase == PHASE_CHAOS && world->now_us < *until;
    }
    return false;
}

static void call_exchange(World *world, const Request *request, Text *answer, unsigned *status) {
    static ExchangeQuery query;
    ExchangeFault fault = {.status = 400};
    Slice text = slice_of(request->asked.parameters);
    if (!exchange_query_read(&query, text, SLICE(""), &fault)) {
        exchange_write_fault(&fault, answer);
        *status = fault.status;
        return;
    }
    ExchangeCall call = {.method = slice_of(request->asked.method),
                         .path = slice_of(request->asked.path),
                         .query = &query,
                         .seal = request->asked.needs_signature ? SEAL_GOOD : SEAL_NO_KEY,
                         .now_us = world->now_us,
                         .wall_us = request->arrived_us,
                         .address = SIM_ADDRESS,
                         .limits = &world->limits};
    *status = exchange_answer(world->exchange, &call, answer);
}

/* Lists are told as they were a moment ago: the newest orders and trades are not in them. */
static void call_lagging(World *world, const Request *request, Text *answer, unsigned *status) {
    Exchange *exchange = world->exchange;
    unsigned open_count = exchange->accounts[0].open_count;
    int64_t fill_count = exchange->fill_count;
    int64_t then = world->now_us - LAG_US;
    while (exchange->accounts[0].open_count > 0) {
        const ExchangeOrder *order = exchange_order(
            exchange, exchange->accounts[0].open[exchange->accounts[0].open_count - 1]);
        if (order->time_us < then) break;
        exchange->accounts[0].open_count--;
    }
    while (exchange->fill_count > 0) {
        const ExchangeFill *fill = exchange_fill(exchange, exchange->fill_count);
        if (!fill || fill->time_us < then) break;
        exchange->fill_count--;
    }
    call_exchange(world, request, answer, status);
    exchange->accounts[0].open_count = open_count;
    exchange->fill_count = fill_count;
}

static bool is_lagging(World *world, const Request *request) {
    Random detail;
    return (is_query(request, "/api/v3/openOrders") || is_query(request, "/api/v3/myTrades")) &&
           die_cast(world, FAULT_LAGGING, &detail);
}

static void fill_reply(World *world, const Text *answer, unsigned status, VenueReply *reply) {
    size_t length = answer->length;
    reply->outcome = OUTCOME_ANSWERED;
    reply->status = status;
    reply->cut = length >= sizeof reply->body;
    if (reply->cut) length = sizeof reply->body - 1;
    memcpy(reply->body, answer->at, length);
    reply->body[length] = 0;
    if (status == 429 || status == 418)
        reply->retry_after_s = (world->limits.retry_us - world->now_us) / 1000000 + 1;
    Text limits = TEXT_IN(reply->limits);
    text_format(&limits, "x-mbx-used-weight-1m: %d\n",
                (int)exchange_limit_weight(&world->limits, SIM_ADDRESS, world->now_us));
    text_end(&limits);
}

void site_answer(World *world, const Request *request, VenueReply *reply) {
    Text answer = text_in(world->answer, EXCHANGE_ANSWER_MAX);
    unsigned status;
    if (is_hidden(world, request)) {
        text_put(&answer, request->asked.changes
                              ? "{\"code\":-2011,\"msg\":\"Unknown order sent.\"}"
                              : "{\"code\":-2013,\"msg\":\"Order does not exist.\"}");
        text_end(&answer);
        status = 400;
    } else if (is_lagging(world, request)) {
        call_lagging(world, request, &answer, &status);
    } else {
        call_exchange(world, request, &answer, &status);
    }
    if (reply) fill_reply(world, &answer, status, reply);
}

/* ---- the market ------------------------------------------------------------------------------ */

void site_minute(World *world) {
    Random detail;
    market_model_minute(&world->model, world->bars);
    world->flash = die_cast(world, FAULT_FLASH, &detail);
    for (unsigned i = 0; i < world->plan->symbols && world->flash; i++) {
        Bar *bar = &world->bars[i];
        bar->low = price_floor(price_of(bar->open.units / PPM * FLASH_LEFT_PPM),
                               world->symbols[i].filters.tick);
    }
    static const int64_t calm[] = {1, 20, 40, 59};
    unsigned count = world->flash ? FLASH_SECONDS + 4 : 4;
    for (unsigned i = 0; i < count; i++) {
        int64_t second = world->flash ? 2 + i : calm[i];
        world_schedule(world, world->bars[0].time_us + second * 1000000, EVENT_PRINT, i, count);
    }
    world_schedule(world, world->bars[0].time_us + INSTANT_MINUTE_US - 1, EVENT_BAR, 0, 0);
    world_schedule(world, world->bars[0].time_us + INSTANT_MINUTE_US, EVENT_MINUTE, 0, 0);
}

static ExchangePrint print_of(const World *world, unsigned symbol, unsigned step) {
    const Bar *bar = &world->bars[symbol];
    const Filters *filters = &world->symbols[symbol].filters;
    Quantity volume;
    if (!quantity_from_double(bar->volume / 5 / world->plan->thin, &volume))
        volume = quantity_of(SIM_UNIT);
    ExchangePrint print = {.time_us = world->now_us,
                           .quantity = quantity_floor(volume, filters->step),
                           .buyer_is_maker = step % 2};
    bool rises = bar->close.units >= bar->open.units;
    const Price corners[] = {bar->open, rises ? bar->low : bar->high, rises ? bar->high : bar->low,
                             bar->close};
    print.price = corners[step < 4 ? step : 3];
    if (!world->flash) return print;
    int64_t fall = bar->open.units - bar->low.units;
    print.price = price_of(bar->open.units - fall / FLASH_SECONDS * (step + 1));
    if (step >= FLASH_SECONDS) print.price = step % 2 ? bar->high : bar->close;
    print.price = price_floor(print.price, filters->tick);
    return print;
}

void site_print(World *world, unsigned step) {
    bool told = false;
    die_focus_newest(world);
    for (unsigned i = 0; i < world->plan->symbols; i++) {
        ExchangePrint print = print_of(world, i, step);
        if (world->exchange->pairs[i].trading != EXCHANGE_TRADING) continue;
        exchange_print(world->exchange, i, &print);
        network_frames(world);
        if (!world->alive || world->stalled_until_us || world->books.symbols[i].stale) continue;
        PriceMove move = {.price = print.price, .high = print.price, .low = print.price};
        memcpy(move.symbol, world->symbols[i].name.text, sizeof move.symbol);
        host_input(world, TOPIC_PRICES, &move);
        told = true;
    }
    if (told) host_turn(world);
}

void site_bar(World *world) {
    for (unsigned i = 0; i < world->plan->symbols; i++) {
        MarketBar bar;
        memset(&bar, 0, sizeof bar);
        message_from_bar(world->symbols[i].name.text, INTERVAL_1M, &world->bars[i], &bar);
        bar.live = true;
        host_input(world, TOPIC_BARS, &bar);
    }
    host_turn(world);
}

/* ---- others ---------------------------------------------------------------------------------- */

static void foreign_order(World *world, Random *detail) {
    unsigned pair = random_below(detail, world->plan->symbols);
    const ExchangePair *market = &world->exchange->pairs[pair];
    const ExchangeOrder *order;
    ExchangeFault fault;
    bool rests = random_below(detail, 2);
    ExchangeWish wish = {.pair = pair,
                         .side = random_below(detail, 2) ? SIDE_SELL : SIDE_BUY,
                         .type = rests ? EXCHANGE_LIMIT : EXCHANGE_MARKET,
                         .force = EXCHANGE_GTC,
                         .quantity = quantity_floor(quantity_of(die_span(detail, 1, SIM_UNIT / 20)),
                                                    world->symbols[pair].filters.step)};
    if (rests) {
        int64_t away = 1000 + (wish.side == SIDE_SELL ? 1 : -1) * die_span(detail, -5, 50);
        wish.price = price_floor(price_of(market->last.units / 1000 * away),
                                 world->symbols[pair].filters.tick);
    }
    snprintf(wish.client_id, sizeof wish.client_id, "web_%u", (unsigned)++world->foreign_count);
    if (!exchange_place(world->exchange, &wish, world->now_us, &order, &fault)) return;
    network_frames(world);
}

/* Money comes, or what is not the program's goes. */
static void foreign_money(World *world, Random *detail) {
    unsigned asset = random_below(detail, world->exchange->asset_count);
    ExchangeBalance *balance = &world->exchange->accounts[0].balances[asset];
    bool quote = slice_is(SLICE("USDC"), balance->asset.text);
    int64_t amount = die_span(detail, 1, (quote ? 500 : 1) * SIM_UNIT);
    Money foreign = money_subtract(balance->free, money_of(0));
    if (random_below(detail, 2) == 0) {
        Money keep = money_add(world->oracle.assets[asset].ours, money_of(0));
        if (quote) keep = money_of((__int128)QUOTE_START * SIM_UNIT);
        foreign = money_subtract(foreign, keep);
        if (money_compare(foreign, money_of(amount)) < 0) return;
        amount = -amount;
    }
    balance->free = money_add(balance->free, money_of(amount));
    oracle_flow(world, asset, money_of(amount), money_of(0));
}

#define OTHER_NAME "trzzzzzzz7-1-m0-abcdefghijkl" /* of another state of the program */

static void foreign_cancel(World *world, Random *detail) {
    ExchangeFault fault;
    if (world->exchange->accounts[0].open_count == 0) return;
    int64_t id = world->exchange->accounts[0]
                     .open[random_below(detail, world->exchange->accounts[0].open_count)];
    bool other = strcmp(exchange_order(world->exchange, id)->wish.client_id, OTHER_NAME) == 0;
    if (!exchange_cancel(world->exchange, id, "web_cancel", world->now_us, &fault)) return;
    if (other) world->other_rests = false;
    network_frames(world);
}

/* Coins that the program had bought go away: it must notice, and not sell what it has not. */
static void coins_taken(World *world, Random *detail) {
    for (unsigned pair = 0; pair < world->plan->symbols; pair++) {
        unsigned asset = world->exchange->pairs[pair].base;
        ExchangeBalance *balance = &world->exchange->accounts[0].balances[asset];
        if (world->oracle.assets[asset].ours.units <= 0 || balance->free.units <= 0) continue;
        int64_t share = die_span(detail, 1, 4);
        Money taken = money_share(balance->free, share, 4);
        Money foreign =
            money_subtract(world->oracle.assets[asset].total, world->oracle.assets[asset].ours);
        Money ours = money_subtract(taken, foreign);
        if (ours.units < 0) ours = money_of(0);
        balance->free = money_subtract(balance->free, taken);
        oracle_flow(world, asset, money_of(-taken.units), money_of(-ours.units));
        return;
    }
}

/* An order of ours in form, and of another state of the program. */
static void other_instance(World *world) {
    const ExchangeOrder *order;
    ExchangeFault fault;
    ExchangeWish wish = {.type = EXCHANGE_LIMIT,
                         .side = SIDE_SELL,
                         .quantity = quantity_of(SIM_UNIT),
                         .client_id = OTHER_NAME};
    wish.price = price_floor(price_of(world->exchange->pairs[0].last.units * 3),
                             world->symbols[0].filters.tick);
    if (!exchange_place(world->exchange, &wish, world->now_us, &order, &fault)) return;
    world->other_rests = true;
    network_frames(world);
}

static void new_rules(World *world, unsigned index, Random *detail) {
    Filters *filters = &world->exchange->pairs[index].symbol.filters;
    static const int64_t factors[] = {1, 2, 5, 10};
    filters->tick = price_of(SIM_UNIT / 100 * factors[random_below(detail, 4)]);
    filters->step =
        quantity_of(world->symbols[index].filters.step.units * (random_below(detail, 2) ? 1 : 10));
    filters->quantity_min = filters->step;
    filters->notional_min = money_of(die_span(detail, 1, 20) * SIM_UNIT);
    ExchangeRules rules = exchange_rules_preset(filters);
    exchange_set_rules(world->exchange, index, &rules);
}

/* What befalls the venue and the account, asked once a minute. */
void site_trouble(World *world) {
    Random detail;
    unsigned symbol = (unsigned)(world->now_us / INSTANT_MINUTE_US) % world->plan->symbols;
    die_focus_newest(world);
    if (die_cast(world, FAULT_STORM, &detail))
        world->storm_until_us = world->now_us + die_span(&detail, 30000000, 300000000);
    if (die_cast(world, FAULT_MAINTENANCE, &detail))
        world->maintenance_until_us = world->now_us + die_span(&detail, 10000000, TROUBLE_MOST_US);
    if (die_cast(world, FAULT_HALTED, &detail)) {
        exchange_set_trading(world->exchange, symbol, EXCHANGE_HALT, world->now_us);
        world_schedule(world, world->now_us + die_span(&detail, 30000000, TROUBLE_MOST_US),
                       EVENT_TRADING, symbol, 0);
    }
    if (die_cast(world, FAULT_FILTERS, &detail)) new_rules(world, symbol, &detail);
    if (die_cast(world, FAULT_FOREIGN_ORDER, &detail)) foreign_order(world, &detail);
    if (die_cast(world, FAULT_FOREIGN_MONEY, &detail)) foreign_money(world, &detail);
    if (die_cast(world, FAULT_FOREIGN_CANCEL, &detail)) foreign_cancel(world, &detail);
    if (die_cast(world, FAULT_COINS_TAKEN, &detail)) coins_taken(world, &detail);
    if (die_cast(world, FAULT_OTHER_INSTANCE, &detail)) other_instance(world);
}
