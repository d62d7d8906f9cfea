/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has happened to others, played again against this program: for each a public account of it,
 * the faults that made it, what is done meanwhile, and what must be true at the end beside all that
 * the simulation checks in every run.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sim/sim.h"

#define HOURS(n) ((n)*60u)

typedef struct Incident {
    const char *name, *url, *sentence;
    unsigned minutes, symbols;
    bool (*rule)(const World *world, FaultClass class, uint32_t ordinal);
    void (*act)(World *world, unsigned minute);
    const char *(*verdict)(const World *world); /* NULL: as it must be */
} Incident;

/* ---- what rules ask -------------------------------------------------------------------------- */

static bool is_method(const World *world, const char *method) {
    return world->focus_request && strcmp(world->focus_request->method, method) == 0;
}

static bool is_path(const World *world, const char *path) {
    return world->focus_request && strcmp(world->focus_request->path, path) == 0;
}

static int64_t minute_of(const World *world) {
    return (world->now_us - world->begin_us) / INSTANT_MINUTE_US;
}

static bool posts(const World *world) {
    return is_method(world, "POST");
}

static bool buys(const World *world) {
    char side[8];
    return posts(world) && request_value(world->focus_request, "side", side, sizeof side) &&
           strcmp(side, "BUY") == 0;
}

/* ---- what is done ---------------------------------------------------------------------------- */

static void buy_once(World *world, unsigned minute) {
    if (minute == 2) adversary_signal(world, 0, DECISION_BUY, 0.2);
}

static void buy_all(World *world, unsigned minute) {
    if (minute >= 2 && minute < 2 + world->plan->symbols)
        adversary_signal(world, minute - 2, DECISION_BUY, 0.2);
}

static void buy_and_sell(World *world, unsigned minute) {
    if (minute == 2) adversary_signal(world, 0, DECISION_BUY, 0.2);
    if (minute == 5) adversary_signal(world, 0, DECISION_SELL, 0.2);
}

/* A strategy with its own clock: it wants to buy again and again. */
static void buy_ever(World *world, unsigned minute) {
    if (minute >= 2) adversary_signal(world, 0, DECISION_BUY, 0.2);
}

static void buy_thin(World *world, unsigned minute) {
    world->exchange->pairs[0].depth = world->symbols[0].filters.step;
    buy_once(world, minute);
}

static void buy_among_others(World *world, unsigned minute) {
    const ExchangeOrder *order;
    ExchangeFault fault;
    ExchangeWish wish = {.type = EXCHANGE_MARKET, .quantity = quantity_of(SIM_UNIT / 500)};
    wish.side = minute % 2 ? SIDE_SELL : SIDE_BUY;
    snprintf(wish.client_id, sizeof wish.client_id, "web_%u", minute);
    if (exchange_place(world->exchange, &wish, world->now_us, &order, &fault))
        network_frames(world);
    buy_all(world, minute);
}

/* ---- what must be true ----------------------------------------------------------------------- */

static unsigned traded(const World *world, Side side) {
    unsigned count = 0;
    for (unsigned i = 0; i < world->books.order_count; i++) {
        const OracleOrder *order = &world->oracle.orders[i];
        count += (side == SIDE_BUY ? order->bought : order->sold).units > 0;
    }
    return count;
}

static unsigned resting(const World *world) {
    unsigned count = 0;
    for (unsigned i = 0; i < world->exchange->accounts[0].open_count; i++)
        count += site_order(exchange_order(world->exchange, world->exchange->accounts[0].open[i])
                                ->wish.client_id) >= 0;
    return count;
}

static const char *bought_once(const World *world) {
    return traded(world, SIDE_BUY) == 1 ? NULL : "the entry was bought twice, or not at all";
}

/* Each wish was bought at most once, which every run checks; and one of them was bought. */
static const char *bought_some(const World *world) {
    return traded(world, SIDE_BUY) > 0 ? NULL : "nothing was ever bought";
}

static const char *sold_once(const World *world) {
    if (traded(world, SIDE_BUY) != 1) return bought_once(world);
    return traded(world, SIDE_SELL) == 1 ? NULL : "the exit was sold twice, or not at all";
}

static const char *all_rest(const World *world) {
    if (traded(world, SIDE_BUY) != world->plan->symbols) return "not every entry was bought once";
    unsigned stopped = traded(world, SIDE_SELL);
    return resting(world) + 2 * stopped >= 2 * world->plan->symbols
               ? NULL
               : "an order that rested was dropped";
}

static const char *dropped_none(const World *world) {
    if (world->ordinals[FAULT_NOT_SENT] == 0 || world->tally->struck[FAULT_NOT_SENT] < 1280)
        return "fewer than 1,280 requests met the outage";
    return all_rest(world);
}

/* All that was held is worth a little less than before, never a great part of the account. */
static const char *lost_little(const World *world) {
    double begun = 10000, left = money_double(world->books.holdings.total_value);
    return left > begun * 0.80 ? NULL : "the crash cost more than the stops allow";
}

/* ---- what goes wrong ------------------------------------------------------------------------- */

static bool first_posts_lost(const World *world, FaultClass class, uint32_t ordinal) {
    (void)ordinal;
    return class == FAULT_REPLY_LOST && buys(world) && minute_of(world) < 4;
}

static bool cancels_lost(const World *world, FaultClass class, uint32_t ordinal) {
    (void)ordinal;
    return class == FAULT_LOST_BEFORE && is_method(world, "DELETE") && minute_of(world) < 9;
}

static bool outage_after_order(const World *world, FaultClass class, uint32_t ordinal) {
    (void)ordinal;
    bool out = minute_of(world) >= 2 && minute_of(world) < 32;
    if (class == FAULT_REPLY_LOST) return buys(world);
    return class == FAULT_NOT_SENT && out && !buys(world);
}

/* Bursts of ten minutes with ten between them. */
static bool resolution_bursts(const World *world, FaultClass class, uint32_t ordinal) {
    (void)ordinal;
    return class == FAULT_NOT_SENT && minute_of(world) > 10 && minute_of(world) / 10 % 2;
}

static bool twice_and_late(const World *world, FaultClass class, uint32_t ordinal) {
    (void)ordinal;
    return class == FAULT_FRAME_TWICE || class == FAULT_FRAME_SWAPPED ||
           (class == FAULT_REPLY_LOST && posts(world) && minute_of(world) < 8);
}

static bool unanswered_questions(const World *world, FaultClass class, uint32_t ordinal) {
    if (first_posts_lost(world, class, ordinal)) return true;
    if (class == FAULT_STREAM_DIES) return ordinal == 0;
    bool early = minute_of(world) >= 2 && minute_of(world) < 15;
    return class == FAULT_ERROR_REFUSED && is_method(world, "GET") && early;
}

static bool killed_while_holding(const World *world, FaultClass class, uint32_t ordinal) {
    (void)ordinal;
    return class == FAULT_CRASH_ANYTIME && minute_of(world) >= 10 && minute_of(world) < 14 &&
           ordinal % 16 == 0;
}

static bool answers_late(const World *world, FaultClass class, uint32_t ordinal) {
    (void)ordinal;
    return class == FAULT_REPLY_LATE && posts(world);
}

static bool hidden_at_first(const World *world, FaultClass class, uint32_t ordinal) {
    return class == FAULT_HIDDEN || first_posts_lost(world, class, ordinal);
}

static bool overloaded(const World *world, FaultClass class, uint32_t ordinal) {
    (void)ordinal;
    return class == FAULT_ERROR_EXECUTED && posts(world) && minute_of(world) < 6;
}

static bool executed_later(const World *world, FaultClass class, uint32_t ordinal) {
    (void)ordinal;
    return class == FAULT_EXECUTED_LATER && buys(world);
}

static bool dies_over_answers(const World *world, FaultClass class, uint32_t ordinal) {
    return (class == FAULT_CRASH_BOOKED || class == FAULT_CRASH_ANSWERED) && ordinal < 2 &&
           is_path(world, "/api/v3/order");
}

static bool falls(const World *world, FaultClass class, uint32_t ordinal) {
    (void)ordinal;
    return class == FAULT_FLASH && minute_of(world) == 20;
}

#define HUMMINGBOT "https://github.com/hummingbot/hummingbot/issues/"
#define FREQTRADE  "https://github.com/freqtrade/freqtrade/issues/"
#define NAUTILUS   "https://github.com/nautechsystems/nautilus_trader/"

static const Incident incidents[] = {
    {"freqtrade_3647", FREQTRADE "3647",
     "a cancel was believed done, and the order went on resting at the exchange", 30, 1,
     cancels_lost, buy_and_sell, sold_once},
    {"freqtrade_11461", FREQTRADE "11461",
     "an entry filled in part was reported as cancelled, and bought a second time", 30, 1, NULL,
     buy_thin, bought_once},
    {"hummingbot_493", HUMMINGBOT "493",
     "a timeout was taken for a failed order, and the order was placed again", 30, 1,
     first_posts_lost, buy_once, bought_once},
    {"hummingbot_601", HUMMINGBOT "601",
     "a new order was not found yet, was taken for failed, and was doubled", 30, 1, hidden_at_first,
     buy_once, bought_once},
    {"hummingbot_3374", HUMMINGBOT "3374",
     "orders were forgotten over network errors while the strategy went on ordering", 60, 1,
     outage_after_order, buy_ever, bought_some},
    {"hummingbot_4990", HUMMINGBOT "4990", "a fill at the moment of a restart was booked twice", 30,
     1, dies_over_answers, buy_once, bought_once},
    {"hummingbot_6033", HUMMINGBOT "6033",
     "503 was taken for a failure, and seconds later the order was filled", 30, 1, overloaded,
     buy_once, bought_once},
    {"hummingbot_8457", HUMMINGBOT "8457",
     "1,280 failures to resolve a name, and six resting orders were dropped as lost", HOURS(48), 3,
     resolution_bursts, buy_all, dropped_none},
    {"nautilus_3493", NAUTILUS "pull/3493",
     "fills were inferred before the real ones came, and counted twice", 30, 3, twice_and_late,
     buy_all, all_rest},
    {"nautilus_4215", NAUTILUS "issues/4215",
     "-1007, then the stream said accepted, and the pending retry sent the order again", 30, 1,
     executed_later, buy_once, bought_once},
    {"nautilus_4958", NAUTILUS "issues/4958",
     "questions went unanswered until the retries were used up, and a live order was rejected", 40,
     1, unanswered_questions, buy_once, bought_once},
    {"nautilus_5000", NAUTILUS "issues/5000",
     "killed and started again beside trades that did not add up, it dropped working orders", 40, 3,
     killed_while_holding, buy_among_others, all_rest},
    {"catalyst_317", "https://github.com/scrtlabs/catalyst/issues/317",
     "a read timeout, the order had been executed, and it was ordered again", 30, 1, answers_late,
     buy_once, bought_once},
    {"binance_us_flash",
     "https://www.coindesk.com/markets/2021/10/21/"
     "bitcoin-price-flash-crash-on-binanceus-attributed-to-trader-algorithm-bug/",
     "the price fell by 88 % in 13 seconds and came back", 60, 3, falls, buy_all, lost_little},
};

static void prepare(const Incident *incident, Plan *plan) {
    plan_draw(plan, 1, incident->minutes);
    plan->symbols = incident->symbols;
    plan->analyst = false;
    plan->signal_ppm = 0;
    plan->rule = incident->rule;
    plan->act = incident->act;
    memset(plan->rates, 0, sizeof plan->rates);
    Settings *settings = &plan->settings;
    settings_presets(settings);
    memcpy(settings->venue.name, "binance", sizeof "binance");
    memcpy(settings->trading.symbols, "BTCUSDC,ETHUSDC,SOLUSDC", sizeof "BTCUSDC,ETHUSDC,SOLUSDC");
    settings->venue.reconcile_seconds = 30;
    settings->venue.volume_share = 1; /* no slices: an entry is one order */
    settings->risk.trailing_stop_loss_enabled = false;
}

int incidents_play(void) {
    World *world = world_open();
    Plan *plan = calloc(1, sizeof *plan);
    int failed = 0;
    unsigned count = sizeof incidents / sizeof incidents[0];
    for (unsigned i = 0; plan && i < count; i++) {
        Tally tally = {.seeds = 0};
        prepare(&incidents[i], plan);
        bool sound = world_run(world, plan, &tally);
        const char *why = sound ? incidents[i].verdict(world) : world->sentence;
        if (!why) continue;
        printf("incident %s: %s\n  %s\n  here: %s\n", incidents[i].name, incidents[i].sentence,
               incidents[i].url, why);
        failed++;
    }
    free(plan);
    printf("sim: %u incidents of others played, %d happen here\n", count, failed);
    return failed;
}
