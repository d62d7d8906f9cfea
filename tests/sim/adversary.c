/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who speaks to the program beside the venue: signals that nobody should trust, an operator who
 * turns the kill switch, a market feed that goes silent, a clock that is set.
 */
#include <stdio.h>

#include "sim/sim.h"

#define PPM            1000000
#define PRINTS         4 /* chances of a signal a minute */
#define SILENT_MOST_US 600000000
#define KILL_MOST_US   1800000000LL
#define JUMP_MOST_US   10000000
#define HOUR           3600000000LL

static void fill_verdict(World *world, unsigned symbol, RiskVerdict *verdict) {
    Random *random = &world->signal;
    snprintf(verdict->signal_id, sizeof verdict->signal_id, "s-%u",
             (unsigned)++world->signal_count);
    memcpy(verdict->symbol, world->symbols[symbol].name.text, sizeof verdict->symbol);
    verdict->decision = random_below(random, 5) < 3 ? DECISION_BUY : DECISION_SELL;
    verdict->verdict = random_below(random, 20) ? ALLOWED : DENIED_EXPOSURE;
    verdict->size_fraction = random_uniform(random) * 0.6;
    verdict->smallest = random_below(random, 8) == 0;
    verdict->confidence = random_uniform(random);
    verdict->score = random_uniform(random);
    verdict->stop_loss_fraction = 0.001 + random_uniform(random) * 0.03;
    verdict->take_profit_fraction = 0.001 + random_uniform(random) * 0.05;
    verdict->market_timestamp = host_clock(world);
    if (random_below(random, 16) == 0) verdict->market_timestamp -= die_span(random, 0, 600000000);
    verdict->price = world->books.symbols[symbol].price;
}

static void say_signals(World *world) {
    bool said = false;
    if (world->plan->analyst) return;
    for (unsigned i = 0; i < world->plan->symbols; i++) {
        RiskVerdict verdict;
        if (random_below(&world->signal, PPM) >= world->plan->signal_ppm / PRINTS) continue;
        memset(&verdict, 0, sizeof verdict);
        fill_verdict(world, i, &verdict);
        host_input(world, TOPIC_RISK_ENRICHED_SIGNALS, &verdict);
        said = true;
    }
    if (said) host_turn(world);
}

void adversary_signal(World *world, unsigned symbol, Decision decision, double size) {
    RiskVerdict verdict;
    memset(&verdict, 0, sizeof verdict);
    fill_verdict(world, symbol, &verdict);
    verdict.decision = decision;
    verdict.verdict = ALLOWED;
    verdict.smallest = false;
    verdict.size_fraction = size;
    verdict.stop_loss_fraction = 0.02;
    verdict.take_profit_fraction = 0.5; /* far away: what rests stays */
    verdict.market_timestamp = host_clock(world);
    host_input(world, TOPIC_RISK_ENRICHED_SIGNALS, &verdict);
    host_turn(world);
}

static void turn_switch(World *world, KillLevel level) {
    Control control = {.level = level, .by = "simulation", .reason = "an operator's whim"};
    host_input(world, TOPIC_CONTROLS, &control);
    host_turn(world);
}

void adversary_release(World *world) {
    if (world->books.kill != KILL_NONE) turn_switch(world, KILL_NONE);
}

void adversary_feed(World *world, bool stale) {
    FeedStatus status = {.condition = stale ? CONDITION_STALE : CONDITION_LIVE,
                         .text = "as the simulation wants it"};
    host_input(world, TOPIC_FEED_STATUS, &status);
    host_turn(world);
}

/* By seconds, minutes, hours, or a day. */
static void set_clock(World *world, Random *detail) {
    static const int64_t factors[] = {1, 1, 60, 360, 360, 8640};
    int64_t most = JUMP_MOST_US * factors[random_below(detail, 6)];
    world->skew_us += die_span(detail, -most, most);
    world->calm_since_us = world->now_us;
}

static bool is_up(const World *world) {
    return world->alive && world->stalled_until_us == 0;
}

void adversary_act(World *world, unsigned step) {
    Random detail;
    if (is_up(world) && world->phase == PHASE_CHAOS) say_signals(world);
    if (step != 0) return;
    if (is_up(world) && die_cast(world, FAULT_OPERATOR, &detail)) {
        turn_switch(world, (KillLevel)die_span(&detail, KILL_PAUSE, KILL_FLATTEN));
        world_schedule(world, world->now_us + die_span(&detail, 1000000, KILL_MOST_US),
                       EVENT_RELEASE, 0, 0);
    }
    if (is_up(world) && die_cast(world, FAULT_STALE, &detail)) {
        adversary_feed(world, true);
        world_schedule(world, world->now_us + die_span(&detail, 1000000, SILENT_MOST_US),
                       EVENT_FRESH, 0, 0);
    }
    if (die_cast(world, FAULT_CLOCK_JUMPS, &detail)) {
        set_clock(world, &detail);
        world_schedule(world, world->now_us + die_span(&detail, 1000, 150000), EVENT_CLOCK, 1,
                       world->life);
    }
    if (is_up(world) && world->phase == PHASE_CHAOS && die_cast(world, FAULT_ASLEEP, &detail)) {
        int64_t most = world->heal_us - world->now_us; /* nothing sleeps through the healing */
        int64_t span = die_span(&detail, 1000000, random_below(&detail, 4) ? 600000000 : 3 * HOUR);
        if (span < most) host_sleep(world, world->now_us + span);
    }
}
