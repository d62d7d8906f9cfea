/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a real venue adds to the life of orders and positions (execution.h): orders of unknown fate
 * freeze their symbol; a definite rejection that a retry helps is tried again with a new order, for
 * entries through the gate; a position that nothing protects within its time is sold; a target
 * whose order gave way to a trailing stop is watched here; what somebody else took of the
 * program's own leaves the books. On paper none of it binds.
 */
#include <string.h>

#include "core/base/planted.h"
#include "core/bus/convert.h"
#include "core/market/order.h"
#include "core/trade/execution.h"

#define MILLION     1000000
#define PPM_PERCENT 10000
#define TRIES_MAX   3 /* of an order that a retry helps (the mission's behaviour) */
#define TIMER_NAKED 1
/* After definite refusals in a row: 1 s, 2 s, 4 s ... */
#define REST_US      INSTANT_SECOND_US
#define REST_DOUBLED 6 /* 64 s at most */
#define MILLI        1000

void execution_venue_init(Execution *execution, const Settings *settings) {
    VenueStand *venue = &execution->venue;
    Quantity cap;
    venue->real = strcmp(settings->venue.name, "paper") != 0;
    venue->uncertainty_max_us = settings->venue.recv_window_ms * MILLI / 2;
    venue->uncertainty_us = venue->uncertainty_max_us + 1; /* nobody has told it */
    venue->protect_us = settings->venue.protect_seconds * INSTANT_SECOND_US;
    venue->cap_ppm = (int64_t)(settings->venue.first_day_cap_pct * PPM_PERCENT);
    venue->share_ppm = (int64_t)(settings->venue.volume_share * MILLION);
    bool sound = quantity_from_double(settings->venue.first_day_cap, &cap);
    CHECK(sound, "first_day_cap is bounded by its declaration");
    venue->cap = money_of(cap.units);
}

/* ---- what the venue says of itself ----------------------------------------------------------- */

/* What time passed without the venue does not count against a position's protection. */
static void restart_patience(Scene *scene, unsigned index) {
    Desk *desk = &scene->execution->desks[index];
    if (desk->naked_us == 0) return;
    desk->naked_us = scene->now_us;
    outbox_timer(scene->outbox, TIMER_NAKED,
                 scene->now_us + scene->execution->venue.protect_us + 1);
}

void execution_venue_state(Scene *scene, const VenueState *state) {
    VenueStand *venue = &scene->execution->venue;
    bool was = venue->condition == VENUE_READY || venue->condition == VENUE_FROZEN;
    bool is = state->condition == VENUE_READY || state->condition == VENUE_FROZEN;
    for (unsigned i = 0; is && !was && i < scene->execution->symbols.count; i++)
        restart_patience(scene, i);
    venue->condition = state->condition;
    venue->all_frozen = state->all_frozen;
    venue->uncertainty_us = state->uncertainty_us;
}

void execution_venue_identity(Scene *scene, const VenueIdentity *identity) {
    scene->execution->venue.live = identity->live;
    scene->execution->venue.armed_us = identity->armed_since;
}

bool execution_venue_works(const Execution *execution, unsigned index) {
    const VenueStand *venue = &execution->venue;
    if (!venue->real) return true;
    bool reached = venue->condition != VENUE_OFFLINE && venue->condition != VENUE_REFUSED;
    return reached && !execution->desks[index].halted;
}

static bool has_unknown(const Desk *desk) {
    return desk->entry.state == ORDER_UNKNOWN || desk->protection.state == ORDER_UNKNOWN ||
           desk->exit.state == ORDER_UNKNOWN;
}

RefusalCode execution_venue_refusal(const Scene *scene, unsigned index) {
    const VenueStand *venue = &scene->execution->venue;
    const Desk *desk = &scene->execution->desks[index];
    if (!venue->real) return ALLOWED;
    if (desk->halted) return PLANTED(8, DENIED_SYMBOL_HALTED, ALLOWED);
    if (has_unknown(desk)) return PLANTED(30, DENIED_FROZEN, ALLOWED);
    if (venue->condition == VENUE_FROZEN && venue->all_frozen) return DENIED_FROZEN;
    if (venue->condition != VENUE_READY && venue->condition != VENUE_FROZEN)
        return DENIED_VENUE_NOT_READY;
    return venue->uncertainty_us > venue->uncertainty_max_us ? DENIED_CLOCK : ALLOWED;
}

Money execution_venue_cap(const Scene *scene) {
    const VenueStand *venue = &scene->execution->venue;
    bool first_day = venue->live && scene->now_us - venue->armed_us < INSTANT_DAY_US;
    if (!venue->real || !first_day) return money_of(0);
    Money share = money_share(scene->execution->account.opening, venue->cap_ppm, MILLION);
    Money cap = money_compare(share, venue->cap) < 0 ? share : venue->cap;
    return cap.units > 0 ? cap : money_of(1); /* no balance: nothing is allowed, not everything */
}

/* ---- what somebody else took ----------------------------------------------------------------- */

/* Coins that a protection holds are gone like the others: it is renewed for what is left. */
static void free_locked(Scene *scene, unsigned index, Money needed) {
    Execution *execution = scene->execution;
    Desk *desk = &execution->desks[index];
    int base = execution->account.inventories[index].base;
    Money lacking =
        money_subtract(needed, ledger_balance(&execution->account.ledger, base, ACCOUNT_FREE));
    Money locked = money_of(desk->locked.units);
    Money part = money_compare(lacking, locked) > 0 ? locked : lacking;
    PostingSink sink = execution_sink(scene, desk->protection.order_id);
    if (part.units <= 0 || !trading_account_unlock(&execution->account, base, part, &sink)) return;
    desk->locked = quantity_subtract(desk->locked, quantity_of((int64_t)part.units));
    if (execution_order_active(&desk->protection)) execution_cancel(scene, &desk->protection);
}

static void lose_base(Scene *scene, unsigned index, Money missing) {
    Execution *execution = scene->execution;
    free_locked(scene, index, missing);
    PostingSink sink = execution_sink(scene, "");
    Money lost = trading_account_lose_base(&execution->account, index, missing, &sink);
    const char *symbol = execution->symbols.symbols[index].name.text;
    outbox_log(scene->outbox, LOG_ERROR, "%s: somebody else took of this position", symbol);
    if (lost.units > 0 && execution->desks[index].open && execution_is_dust(execution, index))
        execution_close(scene, index);
}

bool execution_venue_difference(Scene *scene, const VenueDifference *difference) {
    Execution *execution = scene->execution;
    if (difference->missing.units <= 0) return false;
    if (strcmp(execution->account.ledger
                   .assets[execution->account.quote < 0 ? 0 : execution->account.quote]
                   .name.text,
               difference->asset) == 0 &&
        execution->account.quote >= 0) {
        PostingSink sink = execution_sink(scene, "");
        (void)trading_account_lose_quote(&execution->account, difference->missing, &sink);
        return true;
    }
    for (unsigned i = 0; i < execution->symbols.count; i++)
        if (strcmp(execution->symbols.symbols[i].base.text, difference->asset) == 0) {
            lose_base(scene, i, difference->missing);
            return true;
        }
    return false;
}

/* ---- protected, or not ----------------------------------------------------------------------- */

void execution_venue_covered(Scene *scene, unsigned index) {
    const VenueStand *venue = &scene->execution->venue;
    Desk *desk = &scene->execution->desks[index];
    OrderState state = desk->protection.state;
    bool covered =
        desk->protection.order_id[0] && (state == ORDER_ACKED || state == ORDER_PARTIALLY_FILLED);
    if (!venue->real) return;
    if (!desk->open || covered) {
        desk->naked_us = 0;
    } else if (desk->naked_us == 0) {
        desk->naked_us = scene->now_us;
        outbox_timer(scene->outbox, TIMER_NAKED, scene->now_us + venue->protect_us + 1);
    }
    if (covered) desk->protect_tries = desk->exit_tries = desk->refusals = 0;
    if (!desk->open) desk->exit_tries = desk->refusals = 0;
}

static void sell_if_naked(Scene *scene, unsigned index) {
    const VenueStand *venue = &scene->execution->venue;
    Desk *desk = &scene->execution->desks[index];
    bool late = desk->naked_us > 0 && scene->now_us - desk->naked_us > venue->protect_us;
    bool going = desk->exit_wanted || execution_order_active(&desk->exit) || desk->exit_again;
    /* A start is finding out whether it is there: seconds, in which nothing could leave. */
    bool asking = venue->condition == VENUE_RECONCILING && desk->protection.state == ORDER_UNKNOWN;
    if (!late || going || asking || !desk->open || desk->rest_us > scene->now_us) return;
    if (execution_order_active(&desk->entry) || !execution_venue_works(scene->execution, index))
        return;
    outbox_log(scene->outbox, LOG_ERROR, "%s: not protected in time, sold at market",
               desk->trade.symbol);
    execution_exit(scene, index, REASON_STOP_LOSS);
}

/* ---- after an order's end -------------------------------------------------------------------- */

static bool says(const ExecutionReport *report, const char *part) {
    return strstr(report->text, part) != NULL;
}

/* The stop's condition is true already: protecting is too late. */
static bool is_beyond(const ExecutionReport *report) {
    return says(report, "would trigger") || says(report, "relationship of the prices");
}

static void rest(Scene *scene, Desk *desk) {
    unsigned doubled = desk->refusals < REST_DOUBLED ? desk->refusals : REST_DOUBLED;
    desk->refusals++;
    desk->rest_us = scene->now_us + (REST_US << doubled);
}

static void entry_ended(Desk *desk, const ExecutionReport *report) {
    bool again = report->state == ORDER_REJECTED && report->retry_helps && !desk->open;
    execution_slice_ended(desk, report);
    if (!again || desk->entry_tries >= TRIES_MAX) return;
    desk->entry_tries++;
    desk->entry_again = true;
}

/* An exit is wanted until the position is gone: what cannot be known or may pass is tried again,
 * what is refused for good leaves the position protected. */
static void exit_ended(Scene *scene, unsigned index, const ExecutionReport *report) {
    Desk *desk = &scene->execution->desks[index];
    bool partial = report->state != ORDER_REJECTED;
    bool again = report->retry_helps || partial;
    if (!partial && !report->retry_helps) rest(scene, desk);
    desk->exit_again = again && desk->exit_tries < TRIES_MAX;
    if (desk->exit_again) desk->exit_tries++;
}

static void protection_ended(Scene *scene, unsigned index, const ExecutionReport *report) {
    Desk *desk = &scene->execution->desks[index];
    if (desk->exit_wanted) {
        if (execution_venue_works(scene->execution, index)) execution_send_exit(scene, index);
        return;
    }
    bool renew = desk->slicing.renew && report->state == ORDER_CANCELED;
    desk->slicing.renew = false;
    if (renew) {
        execution_mend(scene, index);
        return;
    }
    if (report->state == ORDER_FILLED) { /* a slice was bought beside it */
        execution_exit(scene, index, desk->trade.reason);
        return;
    }
    desk->protect_tries++;
    bool refused = report->state == ORDER_REJECTED && !report->retry_helps;
    if (is_beyond(report) || desk->protect_tries >= TRIES_MAX || refused) {
        if (refused && !is_beyond(report)) rest(scene, desk);
        execution_exit(scene, index, REASON_STOP_LOSS);
    } /* else the next price protects it */
}

/* In whole or in part: what was bought is protected. */
static void entry_filled(Scene *scene, unsigned index) {
    Desk *desk = &scene->execution->desks[index];
    if (execution_order_active(&desk->protection)) { /* of the slices before: renewed for all */
        if (desk->entry.filled.units == 0 || desk->slicing.renew || desk->exit_wanted) return;
        desk->slicing.renew = true;
        execution_cancel(scene, &desk->protection);
    } else {
        execution_mend(scene, index);
    }
}

bool execution_venue_after_end(Scene *scene, unsigned index, const OrderRecord *order,
                               const ExecutionReport *report) {
    Execution *execution = scene->execution;
    Desk *desk = &execution->desks[index];
    if (!execution->venue.real) return false;
    if (order == &desk->entry) entry_ended(desk, report);
    if (!desk->open) return true;
    if (execution_is_dust(execution, index)) return false; /* it is left, once */
    if (order == &desk->entry && execution->kill == KILL_FLATTEN)
        execution_exit(scene, index, REASON_FLATTEN);
    else if (order == &desk->entry)
        entry_filled(scene, index);
    else if (order == &desk->exit)
        exit_ended(scene, index, report);
    else
        protection_ended(scene, index, report);
    return true;
}

/* ---- at a price ------------------------------------------------------------------------------ */

static void try_again(Scene *scene, unsigned index) {
    Desk *desk = &scene->execution->desks[index];
    if (desk->entry_again) {
        desk->entry_again = false;
        execution_enter(scene, index, &desk->verdict);
    }
    bool busy = execution_order_active(&desk->protection) || execution_order_active(&desk->exit);
    if (!desk->exit_again || busy || !execution_venue_works(scene->execution, index)) return;
    desk->exit_again = false;
    if (desk->open) execution_exit(scene, index, desk->exit_reason);
}

void execution_venue_price(Scene *scene, unsigned index, Price high) {
    Desk *desk = &scene->execution->desks[index];
    if (!scene->execution->venue.real) return;
    try_again(scene, index);
    bool reached = desk->target.units > 0 && high.units >= desk->target.units;
    if (desk->target_local && desk->open && reached)
        execution_exit(scene, index, REASON_TAKE_PROFIT);
    sell_if_naked(scene, index);
}

void execution_venue_timer(Scene *scene) {
    execution_slice_due(scene);
    for (unsigned i = 0; i < scene->execution->symbols.count; i++)
        sell_if_naked(scene, i);
}
