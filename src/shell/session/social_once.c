/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/social_once.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/bus/convert.h"
#include "core/kernel/kernel.h"
#include "shell/outside/outside_open.h"
#include "shell/store/social_history.h"
#include "shell/sys/clock.h"

#define ASK_US   (120 * INSTANT_SECOND_US) /* a first round at 10 calls a minute takes 70 s */
#define QUIET_US (3 * INSTANT_SECOND_US)   /* beyond the plan's pace: the first round is over */
#define BEAT_S   10                        /* the shortest update_interval that there is */

typedef struct Ears {
    SocialOnce *once;
    Settings settings;
    KernelPlan plan;
    const Service *services[1];
    Kernel *kernel;
    void *memory;
    OutsidePort *port; /* NULL: history */
    unsigned open;     /* questions */
    int64_t sent_us;   /* the last one */
} Ears;

/* ---- the kernel ---------------------------------------------------------------------------- */

static void keep(SocialOnce *once, const SocialUpdate *update) {
    for (unsigned i = 0; i < once->update_count; i++)
        if (strcmp(once->updates[i].symbol, update->symbol) == 0) {
            once->updates[i] = *update;
            return;
        }
    once->updates[once->update_count++] = *update;
}

static void hear(Ears *ears, const Message *message) {
    const LogLine *line = message->payload;
    if (message->topic == TOPIC_SOCIAL_UPDATES) keep(ears->once, message->payload);
    if (message->topic == TOPIC_LOG_LINES && ears->port) fprintf(stderr, "%s\n", line->text);
    if (message->topic != TOPIC_OUTSIDE_REQUESTS || !ears->port) return;
    ears->open++;
    ears->sent_us = clock_wall_us();
    ears->port->send(ears->port, message->payload);
}

static void turn(Ears *ears) {
    kernel_turn(ears->kernel);
    for (const Message *m = kernel_first(ears->kernel); m; m = kernel_next(ears->kernel, m))
        hear(ears, m);
}

/* Kernel time never falls, whatever the machine's clock does. */
static int64_t time_for(const Ears *ears, int64_t time_us) {
    int64_t last_us = kernel_time(ears->kernel);
    return time_us > last_us ? time_us : last_us;
}

static bool tell(Ears *ears, Topic topic, int64_t time_us, const void *payload, Error *error) {
    if (!kernel_input(ears->kernel, topic, time_for(ears, time_us), payload, error)) return false;
    turn(ears);
    return true;
}

static void pass(Ears *ears, int64_t time_us) {
    for (int64_t due; (due = kernel_timer_due(ears->kernel)) <= time_us;) {
        kernel_input_timers(ears->kernel, time_for(ears, due));
        turn(ears);
    }
}

static bool tell_symbols(Ears *ears, int64_t time_us, Error *error) {
    for (unsigned i = 0; i < ears->once->symbol_count; i++) {
        Symbol symbol = {.name = ears->once->symbols[i]};
        SymbolFilters filters;
        if (!symbol_split(&symbol.name, &symbol.base, &symbol.quote))
            return error_set(error, ERROR_USAGE, "no base and quote asset can be seen in the name",
                             symbol.name.text, "a symbol like BTCUSDC");
        filters_from_symbol(&symbol, &filters);
        if (!tell(ears, TOPIC_SYMBOL_FILTERS, time_us, &filters, error)) return false;
    }
    return true;
}

static bool ears_open(Ears *ears, SocialOnce *once, Error *error) {
    ears->once = once;
    once->update_count = 0;
    ears->settings.social.update_interval = BEAT_S;
    ears->services[0] = service_find("social_monitor");
    ears->plan =
        (KernelPlan){.services = ears->services, .service_count = 1, .settings = &ears->settings};
    size_t size = (kernel_size(&ears->plan) + 15) & ~(size_t)15;
    ears->memory = aligned_alloc(16, size);
    if (!ears->memory)
        return error_set(error, ERROR_LIMIT, "out of memory", "social monitor", NULL);
    memset(ears->memory, 0, size);
    ears->kernel = kernel_init(ears->memory, &ears->plan);
    return true;
}

/* The last beat: what was heard since the one before is said. */
static void conclude(Ears *ears) {
    pass(ears, kernel_time(ears->kernel) + BEAT_S * INSTANT_SECOND_US);
}

/* ---- asked now ----------------------------------------------------------------------------- */

static bool listen(Ears *ears, Error *error) {
    static OutsideReply reply;
    uint64_t woken;
    struct pollfd port = {.fd = ears->port->wake_descriptor, .events = POLLIN};
    if (poll(&port, 1, 100) > 0 && read(port.fd, &woken, sizeof woken) < 0) woken = 0;
    while (ears->port->next(ears->port, &reply)) {
        ears->open -= ears->open > 0;
        if (!tell(ears, TOPIC_OUTSIDE_REPLIES, clock_wall_us(), &reply, error)) return false;
    }
    return true;
}

static bool converse(Ears *ears, Error *error) {
    int64_t end_us = clock_wall_us() + ASK_US;
    int64_t quiet_us = INSTANT_MINUTE_US / ears->settings.lunarcrush.calls_per_minute + QUIET_US;
    ears->sent_us = clock_wall_us();
    if (!tell_symbols(ears, clock_wall_us(), error)) return false;
    for (int64_t now_us; (now_us = clock_wall_us()) < end_us;) {
        pass(ears, now_us);
        if (!listen(ears, error)) return false;
        if (ears->open == 0 && now_us - ears->sent_us > quiet_us) break;
    }
    conclude(ears);
    return true;
}

bool social_once_ask(SocialOnce *once, Error *error) {
    Ears ears = {.settings = *once->settings};
    OutsidePlan plan;
    OutsideWish wish = {
        .is_live = true, .data_root = once->settings->history.directory, .dotenv = once->dotenv};
    memcpy(ears.settings.social.mode, "live", sizeof "live");
    memcpy(ears.settings.ai.mode, "off", sizeof "off");
    if (!outside_plan_make(&ears.settings, &wish, &plan, error)) return false;
    ears.port = outside_open(&plan, error);
    outside_plan_wipe(&plan);
    if (!ears.port) return false;
    bool good = ears_open(&ears, once, error) && converse(&ears, error);
    ears.port->close(ears.port);
    free(ears.memory);
    if (good && once->update_count == 0)
        return error_set(error, ERROR_NETWORK, "no social source has answered", NULL,
                         "see the lines above; trader doctor looks at the network");
    return good;
}

/* ---- history ------------------------------------------------------------------------------- */

static bool read_history(const SocialOnce *once, const char *root, int64_t until_us,
                         SocialHistory *history, Error *error) {
    Symbol symbols[LIMIT_SYMBOLS] = {0};
    SocialSpan span = {0, until_us > 0 ? until_us + 1 : INSTANT_LAST_US};
    for (unsigned i = 0; i < once->symbol_count; i++) {
        symbols[i].name = once->symbols[i];
        if (!symbol_split(&symbols[i].name, &symbols[i].base, &symbols[i].quote))
            return error_set(error, ERROR_USAGE, "no base and quote asset can be seen in the name",
                             symbols[i].name.text, "a symbol like BTCUSDC");
    }
    return social_history_open(history, root, symbols, once->symbol_count, span, error);
}

static bool relive(Ears *ears, const SocialHistory *history, int64_t until_us, Error *error) {
    SocialLine line = social_history_line(history);
    SocialPlace place = {0};
    int64_t due_us = social_line_due(&line, &place, 0);
    if (!tell_symbols(ears, due_us - 1, error)) return false;
    for (; due_us != INT64_MAX; due_us = social_line_due(&line, &place, 0)) {
        Topic topic;
        const void *row = social_line_take(&line, &place, &topic);
        pass(ears, due_us);
        if (!tell(ears, topic, due_us, row, error)) return false;
    }
    if (until_us > 0) pass(ears, until_us);
    conclude(ears);
    return true;
}

bool social_once_recall(SocialOnce *once, const char *root, int64_t until_us, Error *error) {
    Ears ears = {.settings = *once->settings};
    SocialHistory history;
    memcpy(ears.settings.social.mode, "replay", sizeof "replay");
    if (!read_history(once, root, until_us, &history, error)) return false;
    if (history.count + history.news_count == 0) {
        social_history_close(&history);
        return error_set(error, ERROR_DATA, "no social history of these symbols by then", root,
                         "trader backtest import FILE of social data");
    }
    bool good = ears_open(&ears, once, error) && relive(&ears, &history, until_us, error);
    free(ears.memory);
    social_history_close(&history);
    return good;
}
