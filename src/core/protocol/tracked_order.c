/* SPDX-License-Identifier: Apache-2.0 */
#include "core/protocol/tracked_order.h"

/* After a failed question: soon at first, since a lost order is being looked for, then at the pace
 * at which venues recover. */
static const int64_t PAUSES_US[] = {200000, 500000, 1000000, 2000000, 5000000, 10000000, 30000000};
#define PAUSE_COUNT (sizeof PAUSES_US / sizeof PAUSES_US[0])

void question_want(Question *question, int64_t at_us) {
    if (question->asking) {
        question->again = true;
        return;
    }
    bool earlier = !question->wanted || at_us < question->next_us;
    if (earlier) question->next_us = at_us;
    question->wanted = true;
}

void question_done(Question *question) {
    bool again = question->again;
    *question = (Question){.wanted = again};
}

void question_failed(Question *question, int64_t now_us) {
    question->asking = question->again = false;
    question->wanted = true;
    question->next_us = now_us + PAUSES_US[question->tries];
    if (question->tries + 1u < PAUSE_COUNT) question->tries++;
}

Quantity tracked_booked(const TrackedOrder *order) {
    Quantity sum = order->settled;
    for (unsigned i = 0; i < TRACKED_LEGS; i++)
        sum = quantity_add(sum, order->legs[i].booked);
    return sum;
}

bool leg_is_live(const Leg *leg) {
    return leg->state == LEG_SENT || leg->state == LEG_UNKNOWN || leg->state == LEG_OPEN;
}

bool leg_is_over(const Leg *leg) {
    bool ended = leg->state == LEG_ENDED && leg->booked.units >= leg->executed.units;
    return ended || leg->state == LEG_FREE || leg->state == LEG_REJECTED || leg->state == LEG_GONE;
}

bool tracked_has(const TrackedOrder *order, LegState state) {
    for (unsigned i = 0; i < TRACKED_LEGS; i++)
        if (order->legs[i].state == state) return true;
    return false;
}

bool tracked_is_over(const TrackedOrder *order) {
    for (unsigned i = 0; i < TRACKED_LEGS; i++)
        if (!leg_is_over(&order->legs[i])) return false;
    return true;
}

Leg *tracked_leg_place(TrackedOrder *order) {
    for (unsigned i = 0; i < TRACKED_LEGS; i++)
        if (order->legs[i].state == LEG_FREE) return &order->legs[i];
    for (unsigned i = 0; i < TRACKED_LEGS; i++) {
        Leg *leg = &order->legs[i];
        if (!leg_is_over(leg)) continue;
        order->settled = quantity_add(order->settled, leg->booked);
        *leg = (Leg){0};
        return leg;
    }
    return NULL;
}

TradeReason tracked_reason(const TrackedOrder *order, const Leg *leg) {
    switch (leg->kind) {
    case LEG_TARGET:
        return REASON_TAKE_PROFIT;
    case LEG_STOP:
        return REASON_STOP_LOSS;
    case LEG_REPLACEMENT:
        return REASON_TRAILING_STOP;
    default:
        return order->reason;
    }
}
