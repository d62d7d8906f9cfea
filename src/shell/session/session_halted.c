/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/session_halted.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/bus/shape.h"
#include "shell/session/halted_orders.h"
#include "shell/session/session_world.h"
#include "shell/store/state_dir.h"
#include "shell/sys/clock.h"

#define LOOK_NS   100000000   /* the operator is heard within a tenth of a second */
#define AGAIN_US  3000000LL   /* between two passes that left something to do */
#define REMIND_US 300000000LL /* five minutes: a screen may have scrolled */

/* Every traded symbol, with what the portfolio held when it was last told. */
static void take_holding(const HaltedSession *session, const Holdings *held, const SymbolName *name,
                         HaltedHolding *holding) {
    SymbolFilters filters;
    AssetName quote;
    *holding = (HaltedHolding){.symbol = *name};
    if (store_latest(engine_store(session->engine), TOPIC_SYMBOL_FILTERS, name->text, &filters)) {
        holding->step = filters.step_size;
        memcpy(holding->base.text, filters.base_asset, sizeof holding->base.text);
    } else if (!symbol_split(name, &holding->base, &quote)) {
        return; /* its base asset is not known: its orders are cancelled, nothing is sold */
    }
    for (unsigned i = 0; i < held->positions_count; i++)
        if (strcmp(held->positions[i].symbol, name->text) == 0)
            holding->held = held->positions[i].quantity;
}

static Halted *open_orders(const HaltedSession *session) {
    static Holdings held;
    SymbolName symbols[LIMIT_SYMBOLS];
    Error error;
    HaltedPlan plan = {.port = session->venue->port,
                       .clock = session->venue->arming.clock,
                       .recv_window_ms = (int32_t)session->settings->venue.recv_window_ms,
                       .answer_timeout_ms = (unsigned)session->settings->venue.answer_timeout_ms,
                       .stopping = session->stopping};
    if (!store_latest(engine_store(session->engine), TOPIC_HOLDINGS, NULL, &held))
        held.positions_count = 0;
    if (!session_symbol_list(session->settings, symbols, &plan.count, &error)) plan.count = 0;
    for (unsigned i = 0; i < plan.count; i++)
        take_holding(session, &held, &symbols[i], &plan.holdings[i]);
    return halted_open(&plan);
}

static KillLevel asked_level(const HaltedSession *session) {
    Control control;
    Error unreadable;
    bool found;
    KillLevel level = session->signalled();
    bool read = control_read(session->state, &control, &found, &unreadable);
    if (read && found && control.level > level) level = control.level;
    return level;
}

static void tell(const HaltedSession *session, const char *text) {
    fprintf(stderr, "! HALTED: %s\n", text);
    if (session->web) web_halted(session->web, text);
}

static void tell_why(const HaltedSession *session, const Error *why) {
    char memory[520];
    Text text = TEXT_IN(memory);
    text_format(&text,
                "%s%s%s. No new orders; what protects positions rests at the venue. Stop and "
                "flatten still work (trader kill); end with Ctrl-C",
                why->message, why->where[0] ? ": " : "", why->where);
    tell(session, text_end(&text));
}

static void tell_level(const HaltedSession *session, KillLevel level, bool done) {
    static const char *const begun[] = {
        "", "pause: there are no new orders", "stop: cancelling what is not a stop or target",
        "flatten: cancelling all orders of ours and selling what is held"};
    static const char *const ended[] = {"", "paused", "stopped: no entry rests at the venue",
                                        "flattened: no order of ours rests and nothing is held"};
    tell(session, (done ? ended : begun)[level]);
}

static bool carry_on(const HaltedSession *session, Halted *orders, KillLevel *done) {
    KillLevel level = asked_level(session);
    if (level <= *done) return true;
    tell_level(session, level, false);
    if (!halted_carry_out(orders, level)) return false;
    tell_level(session, level, true);
    *done = level;
    return true;
}

void session_halted(const HaltedSession *session, const Error *why) {
    Halted *orders = open_orders(session);
    KillLevel done = KILL_NONE;
    int64_t due_us = 0, remind_us = clock_monotonic_us() + REMIND_US;
    tell_why(session, why);
    while (!session->stopping()) {
        int64_t now_us = clock_monotonic_us();
        halted_listen(orders);
        if (now_us >= due_us && !carry_on(session, orders, &done)) due_us = now_us + AGAIN_US;
        if (now_us >= remind_us) {
            tell_why(session, why);
            remind_us = now_us + REMIND_US;
        }
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
    }
    halted_close(orders);
}
