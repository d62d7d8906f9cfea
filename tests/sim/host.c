/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process: a kernel with the real services, its journal and its clock, run as the engine runs
 * them. A turn is recorded; if it holds a request that changes something it is flushed; only then
 * do requests leave. Between any two of these steps the process may die.
 */
#include <sys/mman.h>

#include "core/bus/codec.h"
#include "sim/sim.h"

#define DOWN_LEAST_US  50000       /* a supervisor restarts it at once */
#define DOWN_MOST_US   90000000    /* or an operator a minute later */
#define RESTORE_US     300000000LL /* of a machine: what was on its way has arrived */
#define STREAM_UP_US   300000      /* connect, subscribe, answer */
#define STREAM_LATE_US 240000000   /* or not for minutes */
#define SLOW_LEAST_US  100000
#define SLOW_MOST_US   8000000
#define UNCERTAINTY_US 200 /* of reading a clock, beside the round trip */
/* A clock that was set, and a sleep, are seen by the transport's next step and a round trip. */
#define NOTICED_LEAST_US 1000
#define NOTICED_MOST_US  150000
#define BUDGET           10000
#define ACCOUNT_NAME     "k1a2b3c4"
#define INSTANCE_NAME    "abcdefg2"
#define SAMPLE_EVERY_US  1800000000LL

static bool is_wanted(const World *world, const char *name) {
    static const char *const always[] = {"binance_venue", "paper_venue", "portfolio_risk",
                                         "trade_executor"};
    for (unsigned i = 0; i < sizeof always / sizeof always[0]; i++)
        if (strcmp(always[i], name) == 0) return true;
    return world->plan->analyst &&
           (strcmp(name, "market_monitor") == 0 || strcmp(name, "ai_analyzer") == 0);
}

void host_reset(World *world) {
    unsigned count = 0;
    for (unsigned i = 0; i < service_count; i++)
        if (is_wanted(world, service_table[i]->name)) world->services[count++] = service_table[i];
    world->kernel_plan = (KernelPlan){
        .services = world->services, .service_count = count, .settings = &world->plan->settings};
    CHECK(kernel_size(&world->kernel_plan) <= world->memory_size, "room for the kernel");
    world->alive = world->replaying = world->crash_wanted = world->rolled_back = false;
    world->life = 0;
    world->starts_failed = 0;
    world->restored = false;
    world->stalled_until_us = world->turn_us = world->slept_us = 0;
    world->asleep = false;
    world->clock = (OwnClock){0};
    world->site_clock = (OtherClock){0};
    disk_reset(&world->disk);
    books_reset(&world->books, world);
}

static int64_t wall_us(const World *world) {
    return world->now_us + world->skew_us;
}

static int64_t monotonic_us(const World *world) {
    return world->now_us - world->slept_us;
}

int64_t host_clock(World *world) {
    if (world->turn_us) return world->turn_us;
    return own_clock_read(&world->clock, wall_us(world), monotonic_us(world),
                          kernel_time(world->kernel));
}

int64_t host_clock_due(const World *world, int64_t due_us) {
    int64_t by_wall = due_us - world->skew_us;
    int64_t by_own = own_clock_due(&world->clock, due_us) + world->slept_us;
    return world->clock.now_us > 0 && by_own < by_wall ? by_own : by_wall;
}

/* ---- dying and starting ---------------------------------------------------------------------- */

void host_crash(World *world, bool power) {
    if (!world->alive) return;
    world->alive = world->crash_wanted = false;
    world->stalled_until_us = 0;
    world->tally->crashes++;
    world->restored |= disk_lose(world, power);
    int64_t longer = world->restored ? RESTORE_US : 0;
    world->life++;
    world->asleep = false;
    network_stream_down(world, NULL);
    int64_t most = random_below(&world->disk_random, 4) ? DOWN_LEAST_US * 20 : DOWN_MOST_US;
    world_schedule(world,
                   world->now_us + longer + die_span(&world->disk_random, DOWN_LEAST_US, most),
                   EVENT_START, 0, world->life);
}

static void fresh_kernel(World *world) {
    int given = madvise(world->memory, world->memory_size, MADV_DONTNEED);
    CHECK(given == 0, "memory is given back");
    world->kernel = kernel_init(world->memory, &world->kernel_plan);
}

static void tell_symbols(World *world) {
    for (unsigned i = 0; i < world->plan->symbols; i++) {
        SymbolFilters filters = {.halted = false};
        filters_from_symbol(&world->symbols[i], &filters);
        host_input(world, TOPIC_SYMBOL_FILTERS, &filters);
    }
}

void host_start(World *world) {
    fresh_kernel(world);
    world->starts_failed++;
    if (!disk_recover(world)) {
        world->life++;
        world_schedule(world, world->now_us + DOWN_LEAST_US, EVENT_START, 0, world->life);
        return;
    }
    world->starts_failed = 0;
    world->alive = true;
    world->clock = (OwnClock){0};
    world->site_clock = (OtherClock){0};
    world->begun_us = host_clock(world);
    world->begun_monotonic_us = monotonic_us(world);
    world->calm_since_us = world->now_us;
    oracle_compare_numbers(world, world->restored);
    world->restored = false;
    VenueIdentity identity = {.account = ACCOUNT_NAME,
                              .instance = INSTANCE_NAME,
                              .budget = money_of((__int128)BUDGET * SIM_UNIT)};
    VenueLink link = {.state = LINK_RESTARTED, .text = "the process has started"};
    if (world->books.sequence == 0) tell_symbols(world);
    host_input(world, TOPIC_VENUE_IDENTITIES, &identity);
    host_input(world, TOPIC_VENUE_LINKS, &link);
    host_turn(world);
    host_clock_sample(world);
    int64_t up_us = STREAM_UP_US;
    if (world->phase == PHASE_CHAOS && random_below(&world->delay, 4) == 0)
        up_us = die_span(&world->delay, STREAM_UP_US, STREAM_LATE_US);
    world_schedule(world, world->now_us + up_us, EVENT_STREAM, 0, world->life);
}

static void tell_clock(World *world) {
    ClockOffset told = other_clock_tell(&world->site_clock, host_clock(world), monotonic_us(world));
    VenueClock clock = {told.offset_us, told.uncertainty_us};
    host_input(world, TOPIC_VENUE_CLOCKS, &clock);
    host_turn(world);
}

/* What the port reads of the venue's clock: a round trip, and an error within half of it. */
void host_clock_sample(World *world) {
    if (!world->alive || world->stalled_until_us) return; /* no turn while one is being flushed */
    Random *random = &world->delay;
    int64_t half = UNCERTAINTY_US + (int64_t)(world->plan->delay_us / 4);
    const ClockSample sample = {.offset_us = die_span(random, -half, half) - world->skew_us,
                                .uncertainty_us = half,
                                .wall_us = wall_us(world),
                                .monotonic_us = monotonic_us(world)};
    other_clock_hear(&world->site_clock, &sample);
    tell_clock(world);
}

void host_watch_clock(World *world) {
    if (!world->alive || world->stalled_until_us) return;
    if (other_clock_is_off(&world->site_clock, host_clock(world), monotonic_us(world)))
        tell_clock(world);
}

/* ---- sleep ----------------------------------------------------------------------------------- */

/* The machine is suspended: nothing runs, its monotonic clock stands still, its connections die. */
void host_sleep(World *world, int64_t until_us) {
    world->stalled_until_us = until_us;
    world->asleep = world->stream_dead = true;
    world_schedule(world, until_us, EVENT_WAKE, 0, world->life);
    world_schedule(world, until_us + 1, EVENT_DEAD, 0, world->connection);
    world_schedule(world, until_us + die_span(&world->delay, NOTICED_LEAST_US, NOTICED_MOST_US),
                   EVENT_CLOCK, 1, world->life);
    world->slept_us += until_us - world->now_us;
}

void host_wake(World *world) {
    world->asleep = false;
    world->stalled_until_us = 0;
    world->calm_since_us = world->now_us;
}

/* Timers come due by the program's own clock: it never stands still, whatever the wall says. */
void host_check_clock(World *world) {
    if (!world->alive || world->stalled_until_us) return;
    int64_t passed = monotonic_us(world) - world->begun_monotonic_us;
    if (host_clock(world) - world->begun_us < passed * 8 / 10)
        world_violated(world, "the program's clock stands still");
}

/* ---- a turn ---------------------------------------------------------------------------------- */

void host_input(World *world, Topic topic, const void *payload) {
    Error error;
    world->turn_us = host_clock(world);
    if (!kernel_input(world->kernel, topic, world->turn_us, payload, &error))
        world_violated(world, "an input of the simulation is out of bounds: %s %s", error.message,
                       error.where);
}

static bool strikes(World *world, FaultClass class) {
    Random detail;
    if (!die_cast(world, class, &detail)) return false;
    host_crash(world, random_below(&detail, 2) == 0);
    return true;
}

static void record_turn(World *world) {
    for (const Message *message = kernel_first(world->kernel); message;
         message = kernel_next(world->kernel, message)) {
        size_t size = record_of_message(message, world->record);
        if (size == 0) continue;
        uint64_t link[2] = {world->hash, hash64(world->record, size)};
        world->hash = hash64(link, sizeof link);
        disk_append(world, world->record, size);
    }
    Record end = {.kind = RECORD_TURN,
                  .sequence = kernel_sequence(world->kernel),
                  .time_us = kernel_time(world->kernel)};
    disk_append(world, world->record, record_write(&end, world->record));
    world->disk.turn_end = world->disk.used;
}

static const VenueRequest *changing(const Message *message) {
    const VenueRequest *request = message->payload;
    return message->topic == TOPIC_VENUE_REQUESTS && request->changes ? request : NULL;
}

/* The turn's messages still lie in the kernel: requests leave in their order. */
static void send_requests(World *world) {
    for (const Message *message = kernel_first(world->kernel); message;
         message = kernel_next(world->kernel, message)) {
        if (message->topic != TOPIC_VENUE_REQUESTS) continue;
        const VenueRequest *request = message->payload;
        network_send(world, request);
        if (!request->changes) continue;
        die_focus(world, books_number(request->order_id), 'n');
        if (strikes(world, FAULT_CRASH_SENT)) return;
    }
}

static void after_turn(World *world) {
    if (!world->alive) return;
    if (world->disk.records >= world->plan->snapshot_records) disk_snapshot(world);
    if (world->crash_wanted) host_crash(world, false);
}

/* Between the intent and its send. */
static void send_changes(World *world) {
    Random detail;
    if (strikes(world, FAULT_CRASH_UNFLUSHED)) return;
    disk_flush(world);
    if (die_cast(world, FAULT_DISK_SLOW, &detail)) {
        world->stalled_until_us = world->now_us + die_span(&detail, SLOW_LEAST_US, SLOW_MOST_US);
        world_schedule(world, world->stalled_until_us, EVENT_RESUME, 0, world->life);
        return;
    }
    if (strikes(world, FAULT_CRASH_FLUSHED)) return;
    send_requests(world);
}

void host_resume(World *world) {
    world->stalled_until_us = 0;
    world->calm_since_us = world->now_us;
    send_requests(world);
    after_turn(world);
    host_clock_sample(world); /* it may have been due meanwhile */
}

void host_turn(World *world) {
    bool changes = false, says = false;
    kernel_turn(world->kernel);
    world->turn_us = 0;
    world->tally->turns++;
    for (const Message *message = kernel_first(world->kernel); message;
         message = kernel_next(world->kernel, message)) {
        books_hear(world, message);
        says |= message->topic == TOPIC_VENUE_REQUESTS;
        if (!changing(message)) continue;
        changes = true;
        die_focus(world, books_number(changing(message)->order_id), 'f');
    }
    books_turn(world);
    if (changes && strikes(world, FAULT_CRASH_INTENT)) return;
    record_turn(world);
    if (world->focus_site == 'e' && strikes(world, FAULT_CRASH_BOOKED)) return;
    if (strikes(world, FAULT_CRASH_ANYTIME)) return;
    if (changes)
        send_changes(world);
    else if (says)
        send_requests(world);
    if (world->stalled_until_us == 0) after_turn(world);
}
