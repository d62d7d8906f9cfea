/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order whose fate is unknown (protocol_parts.h). It is looked for from the first moment, and
 * whatever shows it ends the doubt. That it never arrived is believed only when it cannot arrive
 * any more and everything that would show it was asked after that and does not: the query by its
 * own id, the open orders, the trades, and the stream. Where the stream was down meanwhile, its
 * silence says nothing, and the whole round is made once more after another such time.
 */
#include "core/protocol/protocol_parts.h"

/* The venue takes a request whose time is up to a second ahead, and its engine may take ten seconds
 * over one that it has taken (its own bound, "-1007"). */
#define AHEAD_MS      1000
#define ENGINE_MS     10000
#define FIRST_LOOK_US 200000

/* The venue's time after which the leg's request cannot take effect. */
static int64_t window_end_ms(const Turn *turn, const Leg *leg) {
    int64_t clock_ms = turn->protocol->uncertainty_us / 1000 + 1;
    return leg->sent_ms + PLANTED(11, leg->window_ms, 0) + AHEAD_MS + ENGINE_MS + clock_ms;
}

void doubt_begin(Turn *turn, Leg *leg) {
    leg->state = LEG_UNKNOWN;
    leg->evidence = leg->rounds = 0;
    question_want(&leg->query, turn->now_us + FIRST_LOOK_US);
}

static void judge(Turn *turn, TrackedOrder *order, Leg *leg) {
    unsigned all = PLANTED(12, EVIDENCE_ALL, EVIDENCE_QUERY | EVIDENCE_TRADES);
    all = PLANTED(13, all, EVIDENCE_QUERY | EVIDENCE_OPEN);
    if ((leg->evidence & all) != all) return;
    if (leg->gap && leg->rounds == 0) {
        leg->rounds = 1;
        leg->evidence = 0;
        leg->sent_ms = turn_venue_ms(turn);
        if (!leg->query.asking) leg->query = (Question){0};
        return;
    }
    leg->state = LEG_GONE;
    leg->query = (Question){0};
    outbox_log(turn->outbox, LOG_WARNING, "%s never arrived at the venue: nothing shows it",
               order->order_id);
    order_settle(turn, order);
    sync_begin(turn);
}

void doubt_not_found(Turn *turn, TrackedOrder *order, Leg *leg, int64_t sent_ms) {
    bool late = sent_ms > window_end_ms(turn, leg);
    if (leg->state != LEG_UNKNOWN) return; /* it was accepted: the venue's memory lags */
    if (PLANTED(14, !late, false)) return;
    leg->evidence |= PLANTED(14, EVIDENCE_QUERY, EVIDENCE_ALL);
    judge(turn, order, leg);
}

void doubt_evidence(Turn *turn, unsigned symbol, unsigned evidence, int64_t sent_ms) {
    Protocol *protocol = turn->protocol;
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS;
         i = table_next(protocol, i + 1)) {
        TrackedOrder *order = &protocol->orders[i];
        if (order->symbol != symbol) continue;
        for (unsigned j = 0; j < TRACKED_LEGS; j++) {
            Leg *leg = &order->legs[j];
            if (leg->state != LEG_UNKNOWN || sent_ms <= window_end_ms(turn, leg)) continue;
            leg->evidence |= (uint8_t)evidence;
            judge(turn, order, leg);
        }
    }
}

static void want_if_idle(const Turn *turn, Question *question) {
    if (!question->wanted && !question->asking) question_want(question, turn->now_us);
}

static void look(Turn *turn, const TrackedOrder *order, Leg *leg) {
    VenueSymbol *symbol = &turn->protocol->symbols[order->symbol];
    int64_t wait_ms = window_end_ms(turn, leg) + 1 - turn_venue_ms(turn);
    if (wait_ms > 0) { /* the pause between questions does not reach beyond the window */
        int64_t end_us = turn->now_us + wait_ms * 1000;
        if (!leg->query.asking && leg->query.next_us > end_us) leg->query.next_us = end_us;
        ask_wake(turn, end_us);
        return;
    }
    if (!(leg->evidence & EVIDENCE_QUERY)) want_if_idle(turn, &leg->query);
    if (!(leg->evidence & EVIDENCE_OPEN) && PLANTED(12, true, false))
        want_if_idle(turn, &symbol->open);
    if (!(leg->evidence & EVIDENCE_TRADES) && PLANTED(13, true, false) &&
        !sync_has_strangers(turn->protocol, order->symbol))
        want_if_idle(turn, &symbol->trades);
}

void doubt_look(Turn *turn) {
    Protocol *protocol = turn->protocol;
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS;
         i = table_next(protocol, i + 1)) {
        TrackedOrder *order = &protocol->orders[i];
        for (unsigned j = 0; j < TRACKED_LEGS; j++)
            if (order->legs[j].state == LEG_UNKNOWN) look(turn, order, &order->legs[j]);
    }
}
