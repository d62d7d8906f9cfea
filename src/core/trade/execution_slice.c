/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries at a real venue that are large against the market's volume (execution.h): they are cut
 * into slices, one a minute, each of at most its share of a minute's mean volume, and each through
 * the gate. After each the protection is made anew for the whole. What stops the position stops the
 * rest: an exit, the kill switch, a refusal of the gate, an order that the venue would not take.
 */
#include "core/trade/execution.h"

#define MILLION     1000000
#define SLICE_US    INSTANT_MINUTE_US
#define TIMER_SLICE 2
/* The decision is as old as the last slice: an entry that would need more is made smaller. */
#define SLICES_MAX 10

/* At most so much of an order; at least what the smallest entry buys, since less is refused. */
static Quantity slice_of_volume(const Execution *execution, unsigned index) {
    const Desk *desk = &execution->desks[index];
    const Filters *filters = &execution->symbols.symbols[index].filters;
    Money share = money_share(desk->minute_volume, execution->venue.share_ppm, MILLION);
    if (money_compare(share, execution->smallest) < 0) share = execution->smallest;
    return quantity_floor(money_over_price(share, desk->price), filters->step);
}

Quantity execution_slice_first(Scene *scene, unsigned index, Quantity quantity) {
    const Execution *execution = scene->execution;
    Desk *desk = &scene->execution->desks[index];
    desk->slicing = (Slicing){0};
    if (!execution->venue.real || desk->minute_volume.units <= 0) return quantity;
    Quantity slice = slice_of_volume(execution, index);
    if (slice.units <= 0 || quantity.units <= slice.units) return quantity;
    int64_t whole = quantity.units;
    if (whole / slice.units >= SLICES_MAX) whole = slice.units * SLICES_MAX;
    desk->slicing = (Slicing){.active = true,
                              .left = quantity_of(whole - slice.units),
                              .last = slice,
                              .next_us = scene->now_us + SLICE_US};
    outbox_timer(scene->outbox, TIMER_SLICE, desk->slicing.next_us);
    outbox_log(scene->outbox, LOG_INFO, "%s: the entry is cut into slices, one a minute",
               execution->symbols.symbols[index].name.text);
    return slice;
}

/* A slice that was not taken ends the rest, unless a retry helps: then its turn comes again. */
void execution_slice_ended(Desk *desk, const ExecutionReport *report) {
    Slicing *slicing = &desk->slicing;
    if (!slicing->active || report->state == ORDER_FILLED) return;
    bool again = report->state == ORDER_REJECTED && report->retry_helps && desk->open;
    if (again) slicing->left = quantity_add(slicing->left, slicing->last);
    if (!again) slicing->active = false;
}

static bool is_free(const Execution *execution, unsigned index) {
    const Desk *desk = &execution->desks[index];
    bool protected = desk->protection.order_id[0] && desk->protection.state == ORDER_ACKED;
    return protected && !desk->exit_wanted && !execution_order_active(&desk->entry) &&
           !execution_order_active(&desk->exit) && execution_venue_works(execution, index);
}

static void send_next(Scene *scene, unsigned index) {
    Slicing *slicing = &scene->execution->desks[index].slicing;
    Quantity slice = slice_of_volume(scene->execution, index);
    if (slice.units > slicing->left.units) slice = slicing->left;
    slicing->active = slice.units > 0 && execution_enter_slice(scene, index, slice);
    if (!slicing->active) return;
    slicing->last = slice;
    slicing->left = quantity_subtract(slicing->left, slice);
}

/* Where the position is not ready for it, a slice waits for the next minute. */
void execution_slice_due(Scene *scene) {
    int64_t next_us = 0;
    for (unsigned i = 0; i < scene->execution->symbols.count; i++) {
        Desk *desk = &scene->execution->desks[i];
        if (!desk->slicing.active) continue;
        if (desk->slicing.next_us <= scene->now_us) {
            desk->slicing.next_us = scene->now_us + SLICE_US;
            if (scene->execution->kill != KILL_NONE || !desk->open)
                desk->slicing.active = false;
            else if (is_free(scene->execution, i))
                send_next(scene, i);
        }
        if (!desk->slicing.active) continue;
        if (next_us == 0 || desk->slicing.next_us < next_us) next_us = desk->slicing.next_us;
    }
    if (next_us > 0) outbox_timer(scene->outbox, TIMER_SLICE, next_us);
}
