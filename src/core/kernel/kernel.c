/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of kernel.h, and the outbox of core/bus/service.h. */
#include "core/kernel/kernel.h"

#include <stdarg.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/bus/codec.h"

#define NO_TIMER INT64_MAX

typedef struct Timer {
    int64_t due_us;
    uint8_t service, id;
} Timer;

/* Everything a later turn depends on, besides the services' own states that follow it in the block.
 */
typedef struct KernelCore {
    uint64_t sequence;
    int64_t time_us;
    uint32_t timer_count;
    Timer timers[LIMIT_TIMERS]; /* unordered; few */
    KernelCounts counts[LIMIT_SERVICES];
} KernelCore;

struct Outbox {
    Kernel *kernel;
    unsigned service;
    int64_t time_us;
};

struct Kernel {
    const KernelPlan *plan;
    KernelCore *core; /* start of the snapshot's block */
    size_t block_size;
    void *states[LIMIT_SERVICES];
    uint64_t says[LIMIT_SERVICES];
    uint8_t hearers[TOPIC_COUNT][LIMIT_SERVICES]; /* service indices by stage, then name */
    uint8_t hearer_count[TOPIC_COUNT];
    uint8_t *turn; /* messages of the turn: header and payload, one behind the other */
    size_t turn_used, turn_heard;
    unsigned turn_messages;
    bool turn_done;
};

/* ---- memory -------------------------------------------------------------------------------- */

static size_t states_size(const KernelPlan *plan) {
    size_t size = arena_rounded(sizeof(KernelCore));
    for (unsigned i = 0; i < plan->service_count; i++)
        size += arena_rounded(plan->services[i]->state_size(plan->settings));
    return size;
}

size_t kernel_size(const KernelPlan *plan) {
    return arena_rounded(sizeof(Kernel)) + states_size(plan) + arena_rounded(LIMIT_TURN_BYTES);
}

static void list_hearers(Kernel *kernel, unsigned topic) {
    const KernelPlan *plan = kernel->plan;
    for (unsigned stage = STAGE_VENUE; stage <= STAGE_OBSERVER; stage++)
        for (unsigned i = 0; i < plan->service_count; i++) {
            if (plan->services[i]->stage != stage) continue;
            for (const Topic *heard = plan->services[i]->hears; *heard != TOPIC_COUNT; heard++)
                if (*heard == topic)
                    kernel->hearers[topic][kernel->hearer_count[topic]++] = (uint8_t)i;
        }
}

static void learn_services(Kernel *kernel, Arena *arena) {
    const KernelPlan *plan = kernel->plan;
    for (unsigned i = 0; i < plan->service_count; i++) {
        const Service *service = plan->services[i];
        kernel->states[i] = arena_take(arena, service->state_size(plan->settings));
        service->init(kernel->states[i], plan->settings);
        for (const Topic *said = service->says; *said != TOPIC_COUNT; said++)
            kernel->says[i] |= 1ULL << *said;
        kernel->says[i] |= 1ULL << TOPIC_LOG_LINES | 1ULL << TOPIC_TIMER_REQUESTS;
    }
    for (unsigned topic = 0; topic < TOPIC_COUNT; topic++)
        list_hearers(kernel, topic);
}

Kernel *kernel_init(void *memory, const KernelPlan *plan) {
    CHECK(plan->service_count <= LIMIT_SERVICES, "more services than LIMIT_SERVICES");
    Arena arena = arena_in(memory, kernel_size(plan));
    Kernel *kernel = arena_take(&arena, sizeof *kernel);
    kernel->plan = plan;
    kernel->block_size = states_size(plan);
    kernel->core = arena_take(&arena, sizeof(KernelCore));
    learn_services(kernel, &arena);
    kernel->turn = arena.at + arena.used; /* not zeroed: pages are touched as turns grow */
    kernel->turn_done = true;
    return kernel;
}

void kernel_resume(Kernel *kernel, uint64_t sequence, int64_t time_us) {
    CHECK(kernel->core->sequence == 0, "only a fresh kernel takes a place in a history");
    kernel->core->sequence = sequence;
    kernel->core->time_us = time_us;
}

/* ---- messages of a turn -------------------------------------------------------------------- */

static Message *turn_append(Kernel *kernel, Topic topic, unsigned origin, int64_t time_us) {
    const MessageShape *shape = topic_message(topic);
    size_t size = arena_rounded(sizeof(Message)) + arena_rounded(shape->size);
    CHECK(kernel->turn_used + size <= LIMIT_TURN_BYTES, "a turn says more than LIMIT_TURN_BYTES");
    CHECK(kernel->turn_messages < LIMIT_TURN_MESSAGES,
          "a turn does not end: services answer each other");
    Message *message = (Message *)(void *)(kernel->turn + kernel->turn_used);
    uint8_t *payload = kernel->turn + kernel->turn_used + arena_rounded(sizeof(Message));
    memset(payload, 0, shape->size);
    *message = (Message){.sequence = ++kernel->core->sequence,
                         .time_us = time_us,
                         .size = shape->size,
                         .topic = (uint8_t)topic,
                         .origin = (uint8_t)origin,
                         .payload = payload};
    kernel->turn_used += size;
    kernel->turn_messages++;
    return message;
}

static void turn_begin(Kernel *kernel, int64_t time_us) {
    if (kernel->turn_done) {
        kernel->turn_done = false;
        kernel->turn_used = kernel->turn_heard = 0;
        kernel->turn_messages = 0;
        CHECK(time_us >= kernel->core->time_us, "time runs backwards");
        kernel->core->time_us = time_us;
    }
    CHECK(time_us == kernel->core->time_us, "inputs of one turn have one time");
}

/* A timer that comes due is gone, whether the shell found it due or a replay says so. */
static void timer_spent(Kernel *kernel, const TimerDue *due) {
    KernelCore *core = kernel->core;
    for (unsigned i = 0; i < core->timer_count; i++) {
        const Service *service = kernel->plan->services[core->timers[i].service];
        if (core->timers[i].id != due->timer || strcmp(service->name, due->service) != 0) continue;
        core->timers[i] = core->timers[--core->timer_count];
        return;
    }
}

bool kernel_input(Kernel *kernel, Topic topic, int64_t time_us, const void *payload, Error *error) {
    const MessageShape *shape = topic_message(topic);
    const char *fault = codec_fault(shape, payload);
    if (fault)
        return error_set(error, ERROR_RANGE, "a field is out of its bounds", fault, shape->name);
    turn_begin(kernel, time_us);
    Message *message = turn_append(kernel, topic, ORIGIN_INPUT, time_us);
    memcpy((void *)(uintptr_t)message->payload, payload, shape->size);
    if (topic == TOPIC_TIMERS) timer_spent(kernel, payload);
    return true;
}

const Message *kernel_first(const Kernel *kernel) {
    return kernel->turn_used ? (const Message *)(const void *)kernel->turn : NULL;
}

static size_t message_end(const Kernel *kernel, const Message *message) {
    size_t begin = (size_t)((const uint8_t *)message - kernel->turn);
    return begin + arena_rounded(sizeof(Message)) + arena_rounded(message->size);
}

const Message *kernel_next(const Kernel *kernel, const Message *message) {
    size_t end = message_end(kernel, message);
    return end < kernel->turn_used ? (const Message *)(const void *)(kernel->turn + end) : NULL;
}

/* ---- timers -------------------------------------------------------------------------------- */

static bool timer_before(const Timer *a, const Timer *b) {
    if (a->due_us != b->due_us) return a->due_us < b->due_us;
    if (a->service != b->service) return a->service < b->service;
    return a->id < b->id;
}

static const Timer *timer_first(const KernelCore *core) {
    const Timer *first = NULL;
    for (unsigned i = 0; i < core->timer_count; i++)
        if (!first || timer_before(&core->timers[i], first)) first = &core->timers[i];
    return first;
}

static void timer_set(KernelCore *core, Timer timer) {
    for (unsigned i = 0; i < core->timer_count; i++) {
        if (core->timers[i].service != timer.service || core->timers[i].id != timer.id) continue;
        core->timers[i].due_us = timer.due_us;
        return;
    }
    CHECK(core->timer_count < LIMIT_TIMERS, "more timers than LIMIT_TIMERS");
    core->timers[core->timer_count++] = timer;
}

int64_t kernel_timer_due(const Kernel *kernel) {
    const Timer *first = timer_first(kernel->core);
    return first ? first->due_us : NO_TIMER;
}

void kernel_input_timers(Kernel *kernel, int64_t time_us) {
    for (const Timer *timer = timer_first(kernel->core); timer && timer->due_us <= time_us;
         timer = timer_first(kernel->core)) {
        TimerDue due = {.timer = timer->id};
        const char *name = kernel->plan->services[timer->service]->name;
        Error error;
        memcpy(due.service, name, strlen(name) + 1);
        bool queued = kernel_input(kernel, TOPIC_TIMERS, time_us, &due, &error);
        CHECK(queued, "a timer's message is out of bounds");
    }
}

/* ---- the turn ------------------------------------------------------------------------------ */

static bool is_for(const Kernel *kernel, const Message *message, unsigned service) {
    if (message->topic != TOPIC_TIMERS) return true;
    const TimerDue *due = message->payload;
    return strcmp(due->service, kernel->plan->services[service]->name) == 0;
}

static void deliver(Kernel *kernel, const Message *message, unsigned service) {
    const KernelPlan *plan = kernel->plan;
    KernelCounts *counts = &kernel->core->counts[service];
    Outbox outbox = {.kernel = kernel, .service = service, .time_us = message->time_us};
    counts->heard++;
    counts->last_us = message->time_us;
    if (plan->probe) plan->probe(plan->probe_context, service, true);
    plan->services[service]->step(kernel->states[service], message, &outbox);
    if (plan->probe) plan->probe(plan->probe_context, service, false);
}

static void drain(Kernel *kernel) {
    while (kernel->turn_heard < kernel->turn_used) {
        const Message *message = (const Message *)(const void *)(kernel->turn + kernel->turn_heard);
        for (unsigned i = 0; i < kernel->hearer_count[message->topic]; i++) {
            unsigned service = kernel->hearers[message->topic][i];
            if (is_for(kernel, message, service)) deliver(kernel, message, service);
        }
        kernel->turn_heard = message_end(kernel, message);
    }
}

void kernel_turn(Kernel *kernel) {
    if (kernel->turn_done) {
        kernel->turn_used = 0;
        return;
    }
    unsigned inputs = kernel->turn_messages;
    drain(kernel);
    Message *end = turn_append(kernel, TOPIC_TURN_ENDS, ORIGIN_INPUT, kernel->core->time_us);
    *(TurnEnd *)(uintptr_t)end->payload =
        (TurnEnd){.instant = kernel->core->time_us, .inputs = inputs};
    drain(kernel);
    kernel->turn_done = true;
}

/* ---- outbox -------------------------------------------------------------------------------- */

void *outbox_publish(Outbox *outbox, Topic topic) {
    Kernel *kernel = outbox->kernel;
    CHECK(kernel->says[outbox->service] >> topic & 1,
          "a service says a topic that it does not name");
    kernel->core->counts[outbox->service].said++;
    return (void *)(uintptr_t)turn_append(kernel, topic, outbox->service, outbox->time_us)->payload;
}

void outbox_timer(Outbox *outbox, unsigned timer, int64_t due_us) {
    const char *name = outbox->kernel->plan->services[outbox->service]->name;
    TimerRequest *request = outbox_publish(outbox, TOPIC_TIMER_REQUESTS);
    memcpy(request->service, name, strlen(name) + 1);
    request->timer = timer;
    request->due = due_us;
    timer_set(outbox->kernel->core,
              (Timer){.due_us = due_us, .service = (uint8_t)outbox->service, .id = (uint8_t)timer});
}

void outbox_log(Outbox *outbox, LogLevel level, const char *format, ...) {
    const char *name = outbox->kernel->plan->services[outbox->service]->name;
    LogLine *line = outbox_publish(outbox, TOPIC_LOG_LINES);
    memcpy(line->service, name, strlen(name) + 1);
    line->level = level;
    Text text = TEXT_IN(line->text);
    va_list arguments;
    va_start(arguments, format);
    text_format_list(&text, format, arguments);
    va_end(arguments);
    text_end(&text);
}

/* ---- views --------------------------------------------------------------------------------- */

uint64_t kernel_sequence(const Kernel *kernel) {
    return kernel->core->sequence;
}

int64_t kernel_time(const Kernel *kernel) {
    return kernel->core->time_us;
}

KernelCounts kernel_counts(const Kernel *kernel, unsigned service) {
    return kernel->core->counts[service];
}

void *kernel_state(Kernel *kernel, size_t *size) {
    CHECK(kernel->turn_done, "a snapshot is taken between turns");
    *size = kernel->block_size;
    return kernel->core;
}

uint64_t kernel_layout(const KernelPlan *plan) {
    uint64_t layout = 0;
    for (unsigned i = 0; i < plan->service_count; i++) {
        const Service *service = plan->services[i];
        uint64_t facts[3] = {layout, hash64(service->name, strlen(service->name)),
                             service->state_size(plan->settings)};
        layout = hash64(facts, sizeof facts);
    }
    for (unsigned kind = 0; kind < MESSAGE_KIND_COUNT; kind++) {
        uint64_t facts[2] = {layout, message_shapes[kind].size};
        layout = hash64(facts, sizeof facts);
    }
    return layout;
}

const void *kernel_service_state(const Kernel *kernel, const char *name) {
    for (unsigned i = 0; i < kernel->plan->service_count; i++)
        if (strcmp(kernel->plan->services[i]->name, name) == 0) return kernel->states[i];
    return NULL;
}
