/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The account's own events by the WebSocket API (venue_binance_parts.h): each new connection
 * subscribes with a signed request, and is up when the venue has said yes. Nothing is repeated by
 * the venue after a break, so each one is told, and the core asks for what it may have missed.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/json.h"
#include "shell/drivers/binance_http.h"
#include "shell/drivers/venue_binance_parts.h"

#define SUBSCRIBE_US (10 * INSTANT_SECOND_US) /* the venue itself gives up after 10 s */

static const BinancePace PACE = {
    .connect_ms = 10000,      /* handshake with TLS and proxy */
    .backoff_first_ms = 500,  /* doubling per failure, full jitter */
    .backoff_max_ms = 30000,  /* 300 connections in 5 minutes are the venue's limit */
    .steady_ms = 60000,       /* lived this long: earlier failures are forgotten */
    .silent_ms = UINT32_MAX,  /* an account may be silent; pings tell whether the link lives */
    .renew_ms = 23 * 3600000, /* the venue cuts at 24 h */
    .overlap_ms = 5000,       /* events on their way over the old connection */
};

/* ---- what comes ---------------------------------------------------------------------------- */

typedef struct FrameLook {
    bool is_event, is_answer;
    Slice event; /* its kind, of "e" */
    int64_t status, code;
    Slice words;
} FrameLook;

static void look_at_event(JsonReader *reader, FrameLook *look) {
    look->is_event = true;
    if (json_next(reader) != JSON_OBJECT_BEGIN) return;
    while (json_next(reader) == JSON_KEY) {
        if (!slice_is(reader->slice, "e")) {
            if (!json_skip(reader)) return;
        } else if (!json_take_string(reader, &look->event)) {
            return;
        }
    }
}

static void look_at_fault(JsonReader *reader, FrameLook *look) {
    if (json_next(reader) != JSON_OBJECT_BEGIN) return;
    while (json_next(reader) == JSON_KEY) {
        bool taken;
        if (slice_is(reader->slice, "code"))
            taken = json_take_int(reader, &look->code);
        else if (slice_is(reader->slice, "msg"))
            taken = json_take_string(reader, &look->words);
        else
            taken = json_skip(reader);
        if (!taken) return;
    }
}

static FrameLook look_at(Slice frame) {
    FrameLook look = {0};
    JsonReader reader = json_reader(frame);
    if (json_next(&reader) != JSON_OBJECT_BEGIN) return look;
    while (json_next(&reader) == JSON_KEY) {
        if (slice_is(reader.slice, "event")) {
            look_at_event(&reader, &look);
        } else if (slice_is(reader.slice, "error")) {
            look_at_fault(&reader, &look);
        } else if (slice_is(reader.slice, "status")) {
            look.is_answer = json_take_int(&reader, &look.status);
        } else if (!json_skip(&reader)) {
            break;
        }
    }
    return look;
}

static void tell_event(VenueBinance *venue, Slice frame) {
    VenueTold *told = venue_told_new(venue);
    if (!told) return;
    VenueEvent *event = &told->message.event;
    told->message.topic = TOPIC_VENUE_EVENTS;
    size_t length = frame.length < sizeof event->frame ? frame.length : sizeof event->frame - 1;
    bool has_zero = length && memchr(frame.at, 0, length);
    memcpy(event->frame, frame.at, length);
    event->frame[length] = 0;
    event->cut = length == 0 || length < frame.length || has_zero;
    venue_tell(venue, told);
}

static void hear_answer(VenueBinance *venue, const FrameLook *look) {
    char text[160];
    VenueUser *user = &venue->user;
    user->subscribed_us = 0;
    if (look->status == 200) {
        if (!user->is_up)
            venue_tell_link(venue, LINK_USER_UP, "subscribed to the account's events");
        user->is_up = true;
        user->was_told_down = false;
        return;
    }
    snprintf(text, sizeof text, "the venue refuses the account's events: %.*s (%lld, HTTP %lld)",
             (int)(look->words.length < 90 ? look->words.length : 90),
             look->words.at ? look->words.at : "", (long long)look->code, (long long)look->status);
    user->is_up = false;
    user->was_told_down = true;
    venue_tell_link(venue, LINK_USER_DOWN, text);
    binance_socket_drop(user->socket, text);
}

static void on_frame(void *context, Slice frame) {
    VenueBinance *venue = context;
    FrameLook look = look_at(frame);
    pthread_mutex_lock(&venue->lock);
    if (look.is_answer && !look.is_event)
        hear_answer(venue, &look);
    else
        tell_event(venue, frame);
    if (look.is_event && slice_is(look.event, "serverShutdown"))
        binance_socket_renew(venue->user.socket);
    if (look.is_event && slice_is(look.event, "eventStreamTerminated"))
        binance_socket_drop(venue->user.socket, "the venue ended the account's events");
    pthread_mutex_unlock(&venue->lock);
}

/* ---- the connection ------------------------------------------------------------------------ */

static bool on_greet(void *context, Text *frame) {
    VenueBinance *venue = context;
    char id[16];
    int64_t now_ms;
    Error why;
    pthread_mutex_lock(&venue->lock);
    snprintf(id, sizeof id, "u%u", ++venue->user.asked);
    bool sound = venue_clock_now_ms(venue, &now_ms) &&
                 signer_subscribe(&venue->signer, (BinanceTiming){now_ms, venue->window_ms}, id,
                                  frame, &why);
    venue->user.subscribed_us = binance_http_now_us();
    pthread_mutex_unlock(&venue->lock);
    return sound;
}

static void on_state(void *context, BinanceSocketState state, const char *text) {
    VenueBinance *venue = context;
    if (state != BINANCE_SOCKET_DOWN) return;
    pthread_mutex_lock(&venue->lock);
    VenueUser *user = &venue->user;
    if (!user->was_told_down) venue_tell_link(venue, LINK_USER_DOWN, text);
    user->was_told_down = true;
    user->is_up = false;
    user->subscribed_us = 0;
    pthread_mutex_unlock(&venue->lock);
}

static void on_tick(void *context) {
    VenueBinance *venue = context;
    pthread_mutex_lock(&venue->lock);
    VenueUser *user = &venue->user;
    bool late = user->subscribed_us && binance_http_now_us() - user->subscribed_us >= SUBSCRIBE_US;
    if (late) user->subscribed_us = 0;
    bool broken = venue->overrun && user->is_up;
    pthread_mutex_unlock(&venue->lock);
    if (late) binance_socket_drop(user->socket, "no answer to the subscription");
    if (broken) binance_socket_drop(user->socket, "events came faster than they were taken");
}

static bool may_connect(void *context) {
    VenueBinance *venue = context;
    pthread_mutex_lock(&venue->lock);
    bool may =
        venue->time.is_known && !venue->overrun && binance_http_now_us() >= venue->quiet_until_us;
    pthread_mutex_unlock(&venue->lock);
    return may;
}

void venue_user_step(VenueBinance *venue, int64_t now_us) {
    VenueUser *user = &venue->user;
    if (user->socket || !venue->time.is_known) return;
    BinanceSocketPlan plan = {.address = &venue->socket_address,
                              .path = "",
                              .pace = user->pace.backoff_max_ms ? &user->pace : &PACE,
                              .seed = (uint64_t)now_us,
                              .context = venue,
                              .on_frame = on_frame,
                              .on_state = on_state,
                              .on_tick = on_tick,
                              .on_greet = on_greet,
                              .may_connect = may_connect};
    Error why;
    user->socket = binance_socket_open(&plan, &why); /* else again at the next step */
}

void venue_user_close(VenueBinance *venue) {
    if (venue->user.socket) binance_socket_close(venue->user.socket);
    venue->user.socket = NULL;
}
