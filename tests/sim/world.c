/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of virtual time: the earliest of what is scheduled and of the program's timers is next;
 * ties break by order of scheduling. First chaos, then nothing more goes wrong, and within an hour
 * of the market everything must agree.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "sim/sim.h"

#define HEAL_MINUTES    90 /* the longest ban, the longest pause between reconciliations, twice */
#define KERNEL_BYTES    (96u << 20)
#define RECOUNT_EVERY   256
#define SAMPLE_EVERY_US 1800000000LL

static World *current; /* for check_failed */

void check_failed(const char *file, int line, const char *text) {
    if (!current) abort();
    world_violated(current, "CHECK %s:%d: %s", file, line, text);
}

void world_violated(World *world, const char *format, ...) {
    Text text = TEXT_IN(world->sentence);
    va_list values;
    va_start(values, format);
    text_format_list(&text, format, values);
    va_end(values);
    text_end(&text);
    world->failed = true;
    longjmp(world->escape, 1);
}

static void *mapped(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) abort();
    madvise(memory, size, MADV_NOHUGEPAGE);
    return memory;
}

World *world_open(void) {
    World *world = mapped(sizeof *world);
    Error error;
    world->exchange = mapped(sizeof *world->exchange);
    world->memory_size = KERNEL_BYTES;
    world->memory = mapped(KERNEL_BYTES);
    world->answer = mapped(EXCHANGE_ANSWER_MAX);
    disk_open(&world->disk);
    if (!turn_replay_init(&world->replay, &error)) abort();
    return world;
}

/* ---- the queue ------------------------------------------------------------------------------- */

static bool comes_before(const Event *a, const Event *b) {
    return a->time_us < b->time_us || (a->time_us == b->time_us && a->order < b->order);
}

void world_schedule(World *world, int64_t time_us, EventKind kind, uint32_t index, uint32_t stamp) {
    if (world->event_count == SIM_EVENTS_MAX) world_violated(world, "too much is scheduled");
    Event event = {time_us, ++world->event_order, kind, index, stamp};
    unsigned at = world->event_count++;
    for (; at > 0 && comes_before(&event, &world->events[(at - 1) / 2]); at = (at - 1) / 2)
        world->events[at] = world->events[(at - 1) / 2];
    world->events[at] = event;
}

static Event take_event(World *world) {
    Event first = world->events[0], last = world->events[--world->event_count];
    unsigned at = 0;
    for (unsigned child = 1; child < world->event_count; child = 2 * at + 1) {
        if (child + 1 < world->event_count &&
            comes_before(&world->events[child + 1], &world->events[child]))
            child++;
        if (!comes_before(&world->events[child], &last)) break;
        world->events[at] = world->events[child];
        at = child;
    }
    world->events[at] = last;
    return first;
}

/* ---- what happens ---------------------------------------------------------------------------- */

static void begin_heal(World *world) {
    world->phase = PHASE_HEAL;
    world->maintenance_until_us = world->banned_until_us = 0;
    for (unsigned i = 0; i < world->plan->symbols; i++)
        exchange_set_trading(world->exchange, i, EXCHANGE_TRADING, world->now_us);
    if (world->alive && world->stalled_until_us == 0) {
        adversary_release(world);
        if (world->alive) adversary_feed(world, false);
    } else {
        world_schedule(world, world->now_us + 1000000, EVENT_RELEASE, 0, 0);
        world_schedule(world, world->now_us + 1000000, EVENT_FRESH, 0, 0);
    }
}

static void minute(World *world) {
    world->skew_us += (int64_t)world->plan->drift_ppm * 60;
    if (world->phase == PHASE_CHAOS && world->now_us >= world->heal_us) begin_heal(world);
    site_minute(world);
    site_trouble(world);
    bool hears = world->alive && world->stalled_until_us == 0;
    if (hears && world->phase == PHASE_CHAOS && world->plan->act)
        world->plan->act(world, (unsigned)((world->now_us - world->begin_us) / INSTANT_MINUTE_US));
}

static void sample_clock(World *world, const Event *event) {
    if (event->index == 0)
        world_schedule(world, world->now_us + SAMPLE_EVERY_US, EVENT_CLOCK, 0, 0);
    host_clock_sample(world);
}

/* The program is waiting for its disk: what is for it waits too. */
static bool must_wait(const World *world, EventKind kind) {
    static const bool inward[] = {
        [EVENT_BAR] = true,   [EVENT_REPLY] = true, [EVENT_TIMEOUT] = true,
        [EVENT_FRAME] = true, [EVENT_DEAD] = true,  [EVENT_STREAM] = true,
        [EVENT_CLOCK] = true, [EVENT_FRESH] = true, [EVENT_RELEASE] = true};
    return world->stalled_until_us > world->now_us && kind < sizeof inward && inward[kind];
}

static void handle_inward(World *world, const Event *event) {
    switch (event->kind) {
    case EVENT_BAR:
        if (world->alive) site_bar(world);
        if (world->alive) oracle_minute(world);
        break;
    case EVENT_REPLY:
        network_reply(world, &world->requests[event->index], event->stamp);
        break;
    case EVENT_TIMEOUT:
        network_timeout(world, &world->requests[event->index], event->stamp);
        break;
    case EVENT_FRAME:
        network_frame(world, event->index);
        break;
    case EVENT_DEAD:
        if (event->stamp == world->connection) network_stream_down(world, "silent for too long");
        break;
    case EVENT_STREAM:
        network_stream_up(world, event->stamp);
        break;
    case EVENT_CLOCK:
        sample_clock(world, event);
        break;
    default: /* EVENT_RELEASE, EVENT_FRESH: asked again while nobody hears */
        if (!world->alive)
            world_schedule(world, world->now_us + 1000000, event->kind, 0, 0);
        else if (event->kind == EVENT_RELEASE)
            adversary_release(world);
        else
            adversary_feed(world, false);
    }
}

static void handle(World *world, const Event *event) {
    Request *request = &world->requests[event->index % SIM_REQUESTS_MAX];
    if (world->asleep && event->kind == EVENT_BAR) return; /* a gap of the feed */
    if (must_wait(world, event->kind)) {
        world_schedule(world, world->stalled_until_us + 1, event->kind, event->index, event->stamp);
        return;
    }
    switch (event->kind) {
    case EVENT_MINUTE:
        minute(world);
        break;
    case EVENT_PRINT:
        site_print(world, event->index);
        adversary_act(world, event->index);
        break;
    case EVENT_ARRIVE:
        if (request->serial == event->stamp) network_arrive(world, request);
        break;
    case EVENT_EXECUTE:
        if (request->serial == event->stamp) network_execute(world, request);
        break;
    case EVENT_START:
        if (!world->alive && event->stamp == world->life) host_start(world);
        break;
    case EVENT_WAKE:
        if (world->asleep && event->stamp == world->life) host_wake(world);
        break;
    case EVENT_RESUME:
        if (world->alive && event->stamp == world->life) host_resume(world);
        break;
    case EVENT_GAP:
        if (world->asleep) /* nobody can have asked */
            world_schedule(world, world->stalled_until_us + 60000000, event->kind, event->index,
                           event->stamp);
        else if (event->index == world->connection && event->stamp == world->life)
            oracle_gap(world, world->now_us - 60000000);
        break;
    case EVENT_TRADING:
        exchange_set_trading(world->exchange, event->index, EXCHANGE_TRADING, world->now_us);
        break;
    default:
        handle_inward(world, event);
    }
}

/* ---- a run ----------------------------------------------------------------------------------- */

static void reset(World *world, const Plan *plan, Tally *tally) {
    world->plan = plan;
    world->tally = tally;
    world->failed = false;
    world->sentence[0] = 0;
    world->now_us = world->begin_us = SIM_START_US;
    world->heal_us = SIM_START_US + plan->minutes * INSTANT_MINUTE_US;
    world->end_us = world->heal_us + HEAL_MINUTES * INSTANT_MINUTE_US;
    world->phase = PHASE_CHAOS;
    world->steps = world->event_order = world->hash = 0;
    world->event_count = world->struck_count = 0;
    world->request_serial = 0;
    world->limited_by = world->silent_until_us = 0;
    world->delay = random_stream(plan->seed, RANDOM_DELAY);
    world->signal = random_stream(plan->seed, RANDOM_SIGNAL);
    world->disk_random = random_stream(plan->seed, RANDOM_DISK);
    world->foreign = random_stream(plan->seed, RANDOM_FOREIGN);
    Random clock = random_stream(plan->seed, RANDOM_CLOCK);
    world->skew_us = die_span(&clock, -3000000, 3000000);
    memset(world->ordinals, 0, sizeof world->ordinals);
    die_focus(world, -1, 0);
    site_reset(world);
    network_reset(world);
    host_reset(world);
    oracle_reset(world);
}

static int64_t timer_time(const World *world) {
    if (!world->alive || world->stalled_until_us > world->now_us) return INT64_MAX;
    int64_t due = kernel_timer_due(world->kernel);
    if (due == INT64_MAX) return due;
    int64_t time_us = host_clock_due(world, due);
    return time_us > world->now_us ? time_us : world->now_us;
}

static void step(World *world) {
    world->focus_request = NULL;
    int64_t timer = timer_time(world);
    if (timer < world->events[0].time_us) {
        world->now_us = timer;
        host_watch_clock(world);
        if (!world->alive || world->stalled_until_us) return; /* it died or waits in that turn */
        die_focus_newest(world);
        kernel_input_timers(world->kernel, host_clock(world));
        host_turn(world);
    } else {
        Event event = take_event(world);
        world->now_us = event.time_us;
        host_watch_clock(world);
        handle(world, &event);
    }
    if (++world->steps % RECOUNT_EVERY != 0) return;
    host_check_clock(world);
    oracle_recount(world);
}

static void play(World *world) {
    world_schedule(world, SIM_START_US, EVENT_MINUTE, 0, 0);
    world_schedule(world, SIM_START_US + 500, EVENT_START, 0, 0);
    world_schedule(world, SIM_START_US + SAMPLE_EVERY_US, EVENT_CLOCK, 0, 0);
    int64_t looked = 0;
    const char *why = "nothing was looked at";
    while (world->now_us < world->end_us) {
        step(world);
        if (world->phase != PHASE_HEAL || world->now_us - looked < INSTANT_MINUTE_US / 2) continue;
        looked = world->now_us;
        oracle_recount(world);
        why = oracle_unsettled(world);
        if (!why) return;
    }
    world_violated(world, "liveness: %d minutes after the last fault %s", HEAL_MINUTES, why);
}

bool world_run(World *world, const Plan *plan, Tally *tally) {
    reset(world, plan, tally);
    current = world;
    if (setjmp(world->escape) == 0) play(world);
    current = NULL;
    tally->seeds++;
    tally->minutes += (uint64_t)((world->now_us - world->begin_us) / INSTANT_MINUTE_US);
    tally->recounts += world->oracle.recounts;
    uint64_t link[3] = {plan->seed, world->hash, (uint64_t)world->failed};
    tally->hash += hash64(link, sizeof link); /* a sum: whatever worker ran it, in any order */
    return !world->failed;
}
