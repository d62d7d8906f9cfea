/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came back (protocol_parts.h). One table decides: a definite yes, a definite no (with whether
 * a new order may pass), and everything else, which for an order is an unknown fate: no answer, a
 * status of 500 and above, a gateway's page, a body that was cut or cannot be read, the codes that
 * say themselves that they do not know, and "Duplicate order sent.", behind which an earlier try
 * may stand. The answer to a replacement is read by its halves.
 */
#include <string.h>

#include "core/protocol/protocol_parts.h"

#define FILLS_MAX     320 /* an answer of 30,000 bytes holds 270 */
#define BAD_TIMESTAMP (-1021)
#define BAD_FILTER    (-1013)
/* What the venue counts in whole seconds of its own clock is read by ours: a second of room. */
#define SILENCE_MARGIN_US INSTANT_SECOND_US

/* ---- the table ------------------------------------------------------------------------------- */

static void hear_limits(Protocol *protocol, const char *lines, int64_t venue_us) {
    Slice rest = slice_of(lines);
    while (rest.length > 0) {
        const char *end = memchr(rest.at, '\n', rest.length);
        size_t length = end ? (size_t)(end - rest.at) : rest.length;
        const char *colon = memchr(rest.at, ':', length);
        if (colon) {
            Slice name = {rest.at, (size_t)(colon - rest.at)};
            Slice value = {colon + 1, length - name.length - 1};
            binance_governor_header(&protocol->governor, name, slice_trim(value), venue_us);
        }
        size_t step = end ? length + 1 : length;
        rest = (Slice){rest.at + step, rest.length - step};
    }
}

static void set_words(Answer *answer, const char *words) {
    Text text = TEXT_IN(answer->words);
    size_t length = strnlen(words, sizeof answer->words - 1);
    while (length > 0 && ((unsigned char)words[length] & 0xC0) == 0x80)
        length--;
    text_slice(&text, (Slice){words, length});
    text_end(&text);
}

/* The key is not accepted: nothing helps but the operator. Told once. */
static void bar(Turn *turn, const BinanceVerdict *verdict) {
    Protocol *protocol = turn->protocol;
    if (protocol->barred[0]) return;
    Text text = TEXT_IN(protocol->barred);
    text_format(&text, "the venue refuses this key or program: %D %s", verdict->fault.code,
                verdict->fault.text);
    text_end(&text);
    outbox_log(turn->outbox, LOG_ERROR, "%s", protocol->barred);
}

static AnswerKind kind_of(const VenueReply *reply, const BinanceVerdict *verdict, bool changes) {
    if (verdict->action == BINANCE_DONE) return reply->cut ? ANSWER_UNKNOWN : ANSWER_ACCEPTED;
    if (!changes) return ANSWER_REFUSED;
    bool limited = reply->status == 429 || reply->status == 418;
    bool doubtful = verdict->action == BINANCE_ASK || reply->status == 403 ||
                    (verdict->fault.code == 0 && !limited);
    if (PLANTED(15, false, reply->status >= 500)) return ANSWER_REFUSED;
    if (PLANTED(16, false, verdict->fault.code == -1007)) return ANSWER_REFUSED;
    return doubtful ? ANSWER_UNKNOWN : ANSWER_REFUSED;
}

Answer answer_judge(Turn *turn, const VenueReply *reply, bool changes) {
    Protocol *protocol = turn->protocol;
    Answer answer = {.kind = ANSWER_REFUSED, .retry_helps = true};
    set_words(&answer, reply->body);
    if (reply->outcome == OUTCOME_NOT_SENT) return answer;
    answer.kind = PLANTED(18, ANSWER_UNKNOWN, ANSWER_REFUSED);
    if (reply->outcome == OUTCOME_LOST) return answer;
    BinanceHttp http = {.status = (int)reply->status,
                        .body = slice_of(reply->cut ? "" : reply->body),
                        .retry_after_s = PLANTED(36, reply->retry_after_s, 0),
                        .now_us = turn_venue_us(turn),
                        .changes = changes};
    BinanceVerdict verdict;
    hear_limits(protocol, reply->limits, http.now_us);
    binance_error_judge(&http, &verdict);
    if (verdict.silent_until_us) verdict.silent_until_us += SILENCE_MARGIN_US;
    binance_governor_verdict(&protocol->governor, &verdict);
    answer.kind = kind_of(reply, &verdict, changes);
    answer.retry_helps = verdict.action == BINANCE_LATER;
    answer.code = verdict.fault.code;
    if (verdict.fault.text[0]) set_words(&answer, verdict.fault.text);
    if (answer.code == BAD_TIMESTAMP) protocol->clock_doubted = true;
    if (verdict.action == BINANCE_CONFIGURE) bar(turn, &verdict);
    if (answer.kind == ANSWER_ACCEPTED) protocol->barred[0] = 0;
    return answer;
}

/* ---- a new order ----------------------------------------------------------------------------- */

static void all_unknown(Turn *turn, TrackedOrder *order) {
    if (PLANTED(19, false, true)) { /* planted: sent again on a time-out */
        for (unsigned i = 0; i < TRACKED_LEGS; i++)
            if (order->legs[i].state == LEG_SENT) order->legs[i].state = LEG_WAITS;
    }
    for (unsigned i = 0; i < TRACKED_LEGS; i++)
        if (order->legs[i].state == LEG_SENT) doubt_begin(turn, &order->legs[i]);
    order_settle(turn, order);
}

/* -1013 is of the symbol's rules; that it is halted the venue says with -2010 and words alone. */
static bool doubts_rules(const Answer *answer) {
    return answer->code == BAD_FILTER || strcmp(answer->words, "Market is closed.") == 0 ||
           strcmp(answer->words, "Symbol is not trading.") == 0;
}

static void all_refused(Turn *turn, TrackedOrder *order, const Answer *answer) {
    bool seen = false;
    for (unsigned i = 0; i < TRACKED_LEGS; i++) {
        Leg *leg = &order->legs[i];
        if (leg->state == LEG_SENT) leg_refuse(leg);
        seen |= leg->state == LEG_OPEN || leg->state == LEG_ENDED;
    }
    order_words(order, answer->words);
    order->retry_helps = answer->retry_helps;
    if (doubts_rules(answer)) {
        VenueSymbol *symbol = &turn->protocol->symbols[order->symbol];
        question_want(&symbol->listing, turn->now_us);
    }
    if (seen) sync_begin(turn); /* the stream has shown what the answer denies */
    order_settle(turn, order);
}

static void adopt_report(Turn *turn, TrackedOrder *order, const BinanceReport *report) {
    Leg *leg = protocol_leg(order, &report->client_id);
    if (!leg) {
        protocol_freeze(turn, "the venue answers about another order", order->order_id);
        return;
    }
    leg_adopt(turn, order, leg, report);
    leg_book_all(turn, order, leg, report);
}

static bool read_single(Turn *turn, TrackedOrder *order, Slice body) {
    BinanceFill memory[FILLS_MAX];
    BinanceFills fills = {.at = memory, .capacity = FILLS_MAX};
    BinanceReport report;
    Error error;
    if (!binance_reply_order(body, &fills, &report, &error)) return false;
    if (!protocol_leg(order, &report.client_id)) return false;
    adopt_report(turn, order, &report);
    return true;
}

static bool read_list(Turn *turn, TrackedOrder *order, Slice body) {
    BinanceFill memory[FILLS_MAX];
    BinanceFills fills = {.at = memory, .capacity = FILLS_MAX};
    BinanceListReport list;
    Error error;
    if (!binance_reply_list(body, &fills, &list, &error)) return false;
    for (unsigned i = 0; i < list.report_count; i++)
        if (!protocol_leg(order, &list.reports[i].client_id)) return false;
    for (unsigned i = 0; i < list.report_count; i++)
        adopt_report(turn, order, &list.reports[i]);
    return list.report_count > 0;
}

static void hear_placed(Turn *turn, TrackedOrder *order, const VenueReply *reply) {
    Answer answer = answer_judge(turn, reply, true);
    Slice body = slice_of(reply->body);
    if (answer.kind == ANSWER_REFUSED) {
        all_refused(turn, order, &answer);
        return;
    }
    bool read = answer.kind == ANSWER_ACCEPTED &&
                (order->as_list ? read_list(turn, order, body) : read_single(turn, order, body));
    if (answer.kind == ANSWER_ACCEPTED && !read)
        outbox_log(turn->outbox, LOG_WARNING, "%s: the venue's answer cannot be read",
                   order->order_id);
    all_unknown(turn, order); /* what the answer did not show */
}

/* ---- a replacement --------------------------------------------------------------------------- */

static Leg *newest(TrackedOrder *order) {
    for (unsigned i = 0; i < TRACKED_LEGS; i++) {
        Leg *leg = &order->legs[i];
        bool is_new = leg->kind == LEG_REPLACEMENT && leg->generation == order->generation;
        if (is_new && leg->state != LEG_FREE) return leg;
    }
    return NULL;
}

static void look_at_others(Turn *turn, TrackedOrder *order, const Leg *except) {
    for (unsigned i = 0; i < TRACKED_LEGS; i++) {
        Leg *leg = &order->legs[i];
        if (leg != except && leg->state == LEG_OPEN) question_want(&leg->query, turn->now_us);
    }
}

static void hear_new_half(Turn *turn, TrackedOrder *order, Leg *leg,
                          const BinanceReplaced *replaced) {
    if (PLANTED(20, replaced->order, BINANCE_HALF_SUCCESS) == BINANCE_HALF_SUCCESS) {
        if (replaced->order_report.client_id.text[0])
            adopt_report(turn, order, &replaced->order_report);
        else
            leg->state = LEG_OPEN; /* planted only: a half that succeeded has a report */
        if (leg->state == LEG_OPEN) order->stop = leg->stop_price;
        return;
    }
    if (leg->state != LEG_SENT) return;
    Slice text = slice_of(replaced->order_fault.text);
    BinanceAction action = binance_error_action(replaced->order_fault.code, text, true);
    if (replaced->order == BINANCE_HALF_UNTOLD || action == BINANCE_ASK) {
        doubt_begin(turn, leg);
        return;
    }
    leg_refuse(leg);
    if (replaced->order != BINANCE_HALF_FAILURE) return;
    order_words(order, replaced->order_fault.text);
    order->retry_helps = action == BINANCE_LATER;
}

static void hear_replaced(Turn *turn, TrackedOrder *order, const VenueReply *reply) {
    Answer answer = answer_judge(turn, reply, true);
    BinanceFill memory[FILLS_MAX];
    BinanceFills fills = {.at = memory, .capacity = FILLS_MAX};
    BinanceReplaced replaced;
    Error error;
    Leg *leg = newest(order);
    bool told = reply->outcome == OUTCOME_ANSWERED && !reply->cut && reply->status < 500 &&
                binance_reply_replaced(slice_of(reply->body), &fills, &replaced, &error) &&
                replaced.cancel != BINANCE_HALF_UNTOLD;
    if (!leg) return;
    if (told) {
        if (replaced.cancel == BINANCE_HALF_SUCCESS)
            adopt_report(turn, order, &replaced.cancel_report);
        hear_new_half(turn, order, leg, &replaced);
    } else if (answer.kind == ANSWER_REFUSED) {
        if (leg->state == LEG_SENT) leg_refuse(leg);
    } else if (leg->state == LEG_SENT) {
        doubt_begin(turn, leg);
    }
    if (leg->state == LEG_REJECTED) *leg = (Leg){0}; /* the old stop is asked for */
    look_at_others(turn, order, leg);
    order_settle(turn, order);
}

/* ---- a cancel -------------------------------------------------------------------------------- */

static bool read_cancelled(Turn *turn, TrackedOrder *order, const VenueReply *reply) {
    Slice body = slice_of(reply->body);
    return read_single(turn, order, body) || (order->as_list && read_list(turn, order, body));
}

/* Whatever is not a plain yes is found out by asking; a cancel may be sent again, it changes no
 * more than it did. */
static void hear_cancelled(Turn *turn, TrackedOrder *order, const VenueReply *reply) {
    Answer answer = answer_judge(turn, reply, true);
    question_failed(&order->cancel, turn->now_us);
    bool read = answer.kind == ANSWER_ACCEPTED && read_cancelled(turn, order, reply);
    if (PLANTED(21, false, answer.code == -2011)) {
        for (unsigned i = 0; i < TRACKED_LEGS; i++)
            if (order->legs[i].state == LEG_OPEN) order->legs[i].state = LEG_ENDED;
        read = true; /* planted: "unknown order" taken for cancelled */
    }
    if (!read || tracked_has(order, LEG_OPEN)) look_at_others(turn, order, NULL);
    order_settle(turn, order);
}

/* ---- by kind --------------------------------------------------------------------------------- */

static void hear(Turn *turn, const Flight *flight, const VenueReply *reply) {
    bool of_order = flight->kind == FLIGHT_PLACE || flight->kind == FLIGHT_REPLACE ||
                    flight->kind == FLIGHT_CANCEL;
    if (!of_order) {
        question_reply(turn, flight, reply);
        return;
    }
    TrackedOrder *order = protocol_order_of(turn->protocol, flight);
    if (!order) return; /* long over */
    if (flight->kind == FLIGHT_PLACE)
        hear_placed(turn, order, reply);
    else if (flight->kind == FLIGHT_REPLACE)
        hear_replaced(turn, order, reply);
    else
        hear_cancelled(turn, order, reply);
}

void answer_forget(Turn *turn, int64_t id) {
    for (unsigned i = 0; i < PROTOCOL_FLIGHTS; i++)
        if (turn->protocol->flights[i].id == id) turn->protocol->flights[i] = (Flight){0};
}

void answer_reply(Turn *turn, const VenueReply *reply) {
    Protocol *protocol = turn->protocol;
    for (unsigned i = 0; i < PROTOCOL_FLIGHTS; i++) {
        if (protocol->flights[i].id != reply->id) continue;
        Flight flight = protocol->flights[i];
        bool stays = reply->goes_on && flight.kind == FLIGHT_OPEN;
        if (!stays) protocol->flights[i] = (Flight){0};
        hear(turn, &flight, reply);
        return;
    }
    /* A ban or a refusal of the key holds, whoever it was told. */
    (void)answer_judge(turn, reply, false);
    outbox_log(turn->outbox, LOG_DEBUG, "An answer to request %D, which waits for none: ignored",
               reply->id);
}

void answer_all_lost(Turn *turn) {
    static const VenueReply answers[] = {{.outcome = OUTCOME_LOST, .retry_after_s = -1},
                                         {.outcome = OUTCOME_NOT_SENT, .retry_after_s = -1}};
    const VenueReply *reply = &answers[PLANTED(28, 0, 1)]; /* the second is a planted mistake */
    Protocol *protocol = turn->protocol;
    for (unsigned i = 0; i < PROTOCOL_FLIGHTS; i++) {
        Flight flight = protocol->flights[i];
        protocol->flights[i] = (Flight){0};
        if (flight.id != 0) hear(turn, &flight, reply);
    }
}
