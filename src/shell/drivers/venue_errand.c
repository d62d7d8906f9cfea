/* SPDX-License-Identifier: Apache-2.0 */
/* Requests over connections (venue_binance_parts.h): each is written once to one connection, and
 * ends as answered, lost or not sent. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/instant.h"
#include "shell/drivers/binance_http.h"
#include "shell/drivers/venue_binance_parts.h"
#include "shell/sys/clock.h"

#define MS_US              1000
#define CONNECT_MS         5000          /* handshake with proxy and TLS: four round trips */
#define CONNECT_ASKED_US   (200 * MS_US) /* between attempts while somebody waits */
#define CONNECT_FIRST_US   (1000 * MS_US)
#define CONNECT_LONGEST_US (30000 * MS_US) /* doubling, full jitter */
#define CONNECTS_AT_ONCE   4
/* An idle connection is replaced before the venue or a machine between hangs up, which is usual
 * after 60 s: an order on a connection that is just being closed has an unknown fate. */
#define IDLE_US   (45000 * MS_US)
#define BLOCK_S   60          /* 429 or 418 without Retry-After: a window of the limit */
#define BAN_S_MAX (3 * 86400) /* longest ban that the venue names */

/* ---- how a request ends -------------------------------------------------------------------- */

static void errand_ends(VenueBinance *venue, VenueErrand *errand, VenueOutcome outcome,
                        const char *why) {
    VenueReply *reply = &errand->told.message.reply;
    errand->told.message.topic = TOPIC_VENUE_REPLIES;
    reply->id = errand->request.id;
    reply->outcome = outcome;
    reply->goes_on = errand->pieces.text != NULL && outcome == OUTCOME_ANSWERED;
    if (outcome != OUTCOME_ANSWERED) {
        venue_pieces_close(&errand->pieces);
        reply->status = 0;
        reply->retry_after_s = -1;
        reply->cut = false;
        reply->limits[0] = 0;
        snprintf(reply->body, sizeof reply->body, "%s", why);
    }
    if (errand->is_clock)
        venue_errand_free(venue, errand);
    else
        venue_tell(venue, &errand->told);
}

void venue_errand_refuse(VenueBinance *venue, VenueErrand *errand, const char *why) {
    if (errand->is_clock) venue_clock_hear(venue, NULL, binance_http_now_us());
    errand_ends(venue, errand, OUTCOME_NOT_SENT, why);
}

void venue_lane_close(VenueBinance *venue, VenueLane *lane) {
    curl_multi_remove_handle(venue->multi, lane->wire.easy);
    venue_wire_close(&lane->wire);
    lane->state = LANE_EMPTY;
    if (venue->ready.lane == lane) venue->ready.lane = NULL;
}

static void lane_lost(VenueBinance *venue, VenueLane *lane, const char *why) {
    VenueErrand *errand = lane->errand;
    lane->errand = NULL;
    venue_lane_close(venue, lane);
    if (errand->is_clock) venue_clock_hear(venue, NULL, binance_http_now_us());
    errand_ends(venue, errand, OUTCOME_LOST, why);
}

/* What an answer means for the transport itself. */
static void heed(VenueBinance *venue, const VenueLane *lane, int64_t now_us) {
    const VenueResponse *response = &lane->response;
    if (response->status == 429 || response->status == 418) {
        int64_t seconds = response->retry_after_s >= 0 ? response->retry_after_s : BLOCK_S;
        if (seconds > BAN_S_MAX) seconds = BAN_S_MAX;
        int64_t until_us = now_us + seconds * INSTANT_SECOND_US;
        if (until_us > venue->quiet_until_us) venue->quiet_until_us = until_us;
    }
    if (lane->errand->is_clock)
        venue_clock_hear(venue, lane, now_us);
    else if (response->status == 400 && strstr(response->body, "-1021"))
        venue_clock_ask_again(venue, now_us);
}

/* An answer that was read into the memory for long ones: it stays there to be handed out in pieces,
 * or its beginning is what there is. */
static void take_long(VenueErrand *errand, const VenueResponse *response) {
    VenueReply *reply = &errand->told.message.reply;
    size_t room = sizeof reply->body - 1;
    bool is_list = response->status == 200 && !response->cut && response->length > room;
    if (is_list && venue_pieces_begin(&errand->pieces, response->length, sizeof reply->body))
        return;
    reply->cut = response->cut || response->length > room;
    size_t length = response->length < room ? response->length : room;
    memcpy(reply->body, errand->pieces.text, length);
    reply->body[length] = 0;
    venue_pieces_close(&errand->pieces);
}

static void lane_answered(VenueBinance *venue, VenueLane *lane, int64_t now_us) {
    VenueErrand *errand = lane->errand;
    VenueReply *reply = &errand->told.message.reply;
    const VenueResponse *response = &lane->response;
    heed(venue, lane, now_us);
    reply->status = response->status;
    reply->retry_after_s = response->retry_after_s;
    reply->cut = response->cut;
    if (errand->pieces.text) take_long(errand, response);
    memcpy(reply->limits, response->limits, sizeof reply->limits);
    lane->errand = NULL;
    lane->state = LANE_IDLE;
    lane->since_us = now_us;
    if (response->closes) venue_lane_close(venue, lane);
    errand_ends(venue, errand, OUTCOME_ANSWERED, NULL);
}

/* ---- sending and hearing ------------------------------------------------------------------- */

static void lane_go(VenueBinance *venue, VenueLane *lane, int64_t now_us) {
    if (lane->wire.sent < lane->wire.length) {
        WireStep step = venue_wire_send(&lane->wire);
        if (step == WIRE_LOST) lane_lost(venue, lane, "the connection broke while it was sent");
        if (step != WIRE_DONE) return;
    }
    WireStep step = venue_wire_receive(&lane->wire, &lane->response);
    if (step == WIRE_DONE)
        lane_answered(venue, lane, now_us);
    else if (step == WIRE_LOST)
        lane_lost(venue, lane, "the connection broke before the answer was complete");
}

void venue_lanes_ready(VenueBinance *venue, VenueLane *lane, int64_t now_us) {
    if (lane->state == LANE_BUSY)
        lane_go(venue, lane, now_us);
    else if (lane->state == LANE_IDLE && !venue_wire_is_quiet(&lane->wire))
        venue_lane_close(venue, lane); /* the venue hangs up, or says what nobody asked */
}

static void begin_response(VenueLane *lane, VenueErrand *errand) {
    VenueReply *reply = &errand->told.message.reply;
    char *room = errand->request.lists ? venue_pieces_open(&errand->pieces) : NULL;
    if (room)
        venue_response_begin(&lane->response, room, VENUE_PIECES_MAX);
    else
        venue_response_begin(&lane->response, reply->body, sizeof reply->body);
}

/* The bytes of a request into an idle connection, signed; nothing leaves. */
static bool lane_write(VenueBinance *venue, VenueLane *lane, const VenueErrand *errand,
                       Error *why) {
    const VenueRequest *request = &errand->request;
    int64_t now_ms = 0;
    WireRequest wanted = {.method = request->method,
                          .path = request->path,
                          .parameters = slice_of(request->parameters),
                          .is_signed = request->needs_signature,
                          .timestamp_ms = request->timestamp_ms,
                          .window_ms = (int32_t)request->window_ms};
    if (venue->ready.lane == lane) venue->ready.lane = NULL; /* what it held is written over */
    if (request->needs_signature && !venue_clock_now_ms(venue, &now_ms))
        return error_set(why, ERROR_STATE, "the venue's clock is not known yet", request->path,
                         NULL);
    return venue_wire_write(&lane->wire, &venue->rest, &wanted, &venue->signer, now_ms, why);
}

/* The connection holds the bytes of this very request, and the flush did not make them too old. */
static bool holds_ready(const VenueBinance *venue, const VenueLane *lane,
                        const VenueErrand *errand) {
    const VenueRequest *request = &errand->request;
    int64_t now_ms = 0;
    if (venue->ready.errand != errand || venue->ready.lane != lane) return false;
    if (!request->needs_signature) return true;
    return venue_clock_now_ms(venue, &now_ms) &&
           signer_is_timely(request->timestamp_ms, request->window_ms, now_ms);
}

/* The request leaves, or is refused before its first byte. */
static void lane_send(VenueBinance *venue, VenueLane *lane, VenueErrand *errand) {
    Error why = {0};
    bool written = holds_ready(venue, lane, errand) || lane_write(venue, lane, errand, &why);
    if (venue->ready.lane == lane) venue->ready.lane = NULL;
    if (venue->ready.errand == errand) venue->ready.errand = NULL;
    if (!written) {
        venue_errand_refuse(venue, errand, why.message);
        return;
    }
    begin_response(lane, errand);
    lane->errand = errand;
    lane->state = LANE_BUSY;
    lane->sent_wall_us = clock_wall_us();
    lane->since_us = binance_http_now_us();
    WireStep step = venue_wire_send(&lane->wire);
    if (step == WIRE_LOST) lane_lost(venue, lane, "the connection broke while it was sent");
    if (step == WIRE_GOING) venue_kick(venue); /* our thread waits until there is room */
}

/* ---- choosing a connection ----------------------------------------------------------------- */

static unsigned count_lanes(const VenueBinance *venue, LaneState state) {
    unsigned count = 0;
    for (unsigned i = 0; i < VENUE_WIRES; i++)
        count += venue->lanes[i].state == state;
    return count;
}

static unsigned count_fresh(const VenueBinance *venue, int64_t now_us) {
    unsigned count = 0;
    for (unsigned i = 0; i < VENUE_WIRES; i++)
        count += venue->lanes[i].state == LANE_IDLE && now_us - venue->lanes[i].since_us < IDLE_US;
    return count;
}

static VenueLane *newest_idle(VenueBinance *venue) {
    VenueLane *best = NULL;
    for (unsigned i = 0; i < VENUE_WIRES; i++) {
        VenueLane *lane = &venue->lanes[i];
        if (lane->state == LANE_IDLE && (!best || lane->since_us > best->since_us)) best = lane;
    }
    return best;
}

/* The one that was used last, if it still stands. */
static VenueLane *idle_lane(VenueBinance *venue) {
    for (;;) {
        VenueLane *best = newest_idle(venue);
        if (!best || venue_wire_is_quiet(&best->wire)) return best;
        venue_lane_close(venue, best);
    }
}

static bool is_urgent(const VenueErrand *errand) {
    return errand->request.changes;
}

/* Questions leave connections to orders: the last idle one, while another can be had, and some of
 * all. */
static bool may_go(const VenueBinance *venue, const VenueErrand *errand) {
    unsigned idle = count_lanes(venue, LANE_IDLE);
    if (is_urgent(errand)) return idle > 0;
    if (count_lanes(venue, LANE_BUSY) >= VENUE_WIRES - VENUE_WIRES_KEPT) return false;
    return idle > 1 || (idle == 1 && (venue->connect_failures > 0 || !venue->time.is_known));
}

static void list_push(VenueList *list, VenueErrand *errand) {
    errand->next = NULL;
    if (list->last)
        list->last->next = errand;
    else
        list->first = errand;
    list->last = errand;
}

static VenueErrand *list_pop(VenueList *list) {
    VenueErrand *errand = list->first;
    list->first = errand->next;
    if (!list->first) list->last = NULL;
    return errand;
}

/* ---- made ready ---- */

static bool is_same(const VenueRequest *a, const VenueRequest *b) {
    return a->id == b->id && strcmp(a->method, b->method) == 0 && strcmp(a->path, b->path) == 0 &&
           strcmp(a->parameters, b->parameters) == 0 && a->needs_signature == b->needs_signature &&
           a->changes == b->changes;
}

void venue_errand_prepare(VenueBinance *venue, const VenueRequest *request) {
    VenueErrand *errand = venue->ready.errand ? venue->ready.errand : venue_errand_new(venue);
    Error why;
    venue->ready = (VenueReady){.errand = errand};
    if (!errand) return;
    errand->request = *request;
    errand->is_clock = false;
    VenueLane *lane = newest_idle(venue); /* looked at before it is used */
    if (lane && lane_write(venue, lane, errand, &why)) venue->ready.lane = lane;
}

VenueErrand *venue_errand_for(VenueBinance *venue, const VenueRequest *request) {
    VenueErrand *errand = venue->ready.errand;
    if (errand && is_same(&errand->request, request)) return errand;
    errand = venue_errand_new(venue);
    if (!errand) return NULL;
    errand->request = *request;
    errand->is_clock = false;
    return errand;
}

static VenueLane *ready_lane(VenueBinance *venue, const VenueErrand *errand) {
    VenueLane *lane = venue->ready.errand == errand ? venue->ready.lane : NULL;
    bool stands = lane && lane->state == LANE_IDLE && venue_wire_is_quiet(&lane->wire);
    return stands ? lane : NULL;
}

void venue_errand_take(VenueBinance *venue, VenueErrand *errand) {
    VenueList *list = is_urgent(errand) ? &venue->urgent : &venue->questions;
    bool first = !venue->urgent.first && !list->first;
    VenueLane *lane = first ? ready_lane(venue, errand) : NULL;
    if (!lane && first && may_go(venue, errand)) lane = idle_lane(venue);
    if (lane) {
        lane_send(venue, lane, errand);
        return;
    }
    if (venue->ready.errand == errand) venue->ready = (VenueReady){0};
    list_push(list, errand);
    venue_kick(venue);
}

static void serve_list(VenueBinance *venue, VenueList *list) {
    while (list->first && may_go(venue, list->first)) {
        VenueLane *lane = idle_lane(venue);
        if (!lane) return;
        lane_send(venue, lane, list_pop(list));
    }
}

/* Nobody can say any more that it would still be wanted. */
static void drop_old(VenueBinance *venue, VenueList *list, int64_t now_us) {
    int64_t longest_us = (int64_t)venue->answer_timeout_ms * MS_US;
    while (list->first && now_us - list->first->taken_us >= longest_us)
        venue_errand_refuse(venue, list_pop(list),
                            venue->trouble[0] ? venue->trouble : "no connection was free in time");
}

/* ---- keeping connections ------------------------------------------------------------------- */

static void lane_connect(VenueBinance *venue) {
    VenueLane *lane = venue->lanes;
    while (lane->state != LANE_EMPTY)
        lane++;
    Error why;
    if (!venue_wire_open(&lane->wire, &venue->rest, CONNECT_MS, &why)) return;
    curl_easy_setopt(lane->wire.easy, CURLOPT_PRIVATE, lane);
    lane->state = LANE_CONNECTING;
    if (curl_multi_add_handle(venue->multi, lane->wire.easy) != CURLM_OK)
        venue_lane_close(venue, lane);
}

static void connect_failed(VenueBinance *venue, int64_t now_us) {
    int64_t wait_us = CONNECT_FIRST_US;
    for (unsigned i = 0; i < venue->connect_failures && wait_us < CONNECT_LONGEST_US; i++)
        wait_us *= 2;
    if (wait_us > CONNECT_LONGEST_US) wait_us = CONNECT_LONGEST_US;
    bool asked = venue->urgent.first || venue->questions.first;
    venue->connect_failures++;
    venue->connect_after_us =
        now_us +
        (asked ? CONNECT_ASKED_US : (int64_t)(random_uniform(&venue->random) * (double)wait_us));
    if (count_lanes(venue, LANE_CONNECTING) + count_lanes(venue, LANE_IDLE) +
            count_lanes(venue, LANE_BUSY) >
        0)
        return;
    while (venue->urgent.first)
        venue_errand_refuse(venue, list_pop(&venue->urgent), venue->trouble);
    while (venue->questions.first)
        venue_errand_refuse(venue, list_pop(&venue->questions), venue->trouble);
}

void venue_lane_connected(VenueBinance *venue, VenueLane *lane, int result) {
    Text why = TEXT_IN(venue->trouble);
    int64_t now_us = binance_http_now_us();
    bool connected = venue_wire_connected(&lane->wire, result, &why);
    text_end(&why);
    if (connected) {
        venue->connect_failures = 0;
        venue->connect_after_us = 0;
        lane->state = LANE_IDLE;
        lane->since_us = now_us;
        return;
    }
    venue_lane_close(venue, lane);
    connect_failed(venue, now_us);
}

static unsigned count_waiting(const VenueBinance *venue) {
    unsigned count = 0;
    for (const VenueErrand *at = venue->urgent.first; at; at = at->next)
        count++;
    for (const VenueErrand *at = venue->questions.first; at; at = at->next)
        count++;
    return count;
}

static void keep_warm(VenueBinance *venue, int64_t now_us) {
    unsigned fresh = count_fresh(venue, now_us), connecting = count_lanes(venue, LANE_CONNECTING);
    unsigned wanted = VENUE_WIRES_WARM + count_waiting(venue), empty;
    while ((empty = count_lanes(venue, LANE_EMPTY)) > 0 && fresh + connecting < wanted &&
           connecting < CONNECTS_AT_ONCE && now_us >= venue->connect_after_us) {
        lane_connect(venue);
        if (count_lanes(venue, LANE_EMPTY) == empty) return; /* no memory: at the next step */
        connecting++;
    }
    for (unsigned i = 0; i < VENUE_WIRES; i++) {
        VenueLane *lane = &venue->lanes[i];
        int64_t age_us = lane->state == LANE_IDLE ? now_us - lane->since_us : 0;
        if (age_us >= 2 * IDLE_US || (age_us >= IDLE_US && fresh > 0))
            venue_lane_close(venue, lane);
    }
}

void venue_lanes_step(VenueBinance *venue, int64_t now_us) {
    int64_t longest_us = (int64_t)venue->answer_timeout_ms * MS_US;
    for (unsigned i = 0; i < VENUE_WIRES; i++) {
        VenueLane *lane = &venue->lanes[i];
        if (lane->state != LANE_BUSY || now_us - lane->since_us < longest_us) continue;
        char why[64];
        snprintf(why, sizeof why, "no answer within %u ms", venue->answer_timeout_ms);
        lane_lost(venue, lane, why);
    }
    serve_list(venue, &venue->urgent);
    if (!venue->urgent.first) serve_list(venue, &venue->questions);
    drop_old(venue, &venue->urgent, now_us);
    drop_old(venue, &venue->questions, now_us);
    keep_warm(venue, now_us);
}
