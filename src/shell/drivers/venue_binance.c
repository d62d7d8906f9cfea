/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/venue_binance.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "shell/drivers/binance_http.h"
#include "shell/drivers/venue_binance_parts.h"

#define STEP_MS     50                  /* deadlines and the wall clock are looked at this often */
#define REFUSED_MAX LIMIT_TURN_MESSAGES /* no turn can hand in more */

/* ---- what is handed out -------------------------------------------------------------------- */

static void signal_descriptor(int descriptor) {
    uint64_t one = 1;
    ssize_t written = write(descriptor, &one, sizeof one);
    (void)written; /* full: it is readable already */
}

void venue_kick(VenueBinance *venue) {
    signal_descriptor(venue->kick);
}

void venue_tell(VenueBinance *venue, VenueTold *told) {
    told->next = NULL;
    if (venue->told_last)
        venue->told_last->next = told;
    else
        venue->told_first = told;
    venue->told_last = told;
    signal_descriptor(venue->port.wake_descriptor);
}

VenueTold *venue_told_new(VenueBinance *venue) {
    VenueTold *told = venue->overrun ? NULL : venue->free_frames;
    if (told)
        venue->free_frames = told->next;
    else
        venue->overrun = true;
    return told;
}

void venue_tell_link(VenueBinance *venue, VenueLinkState state, const char *text) {
    VenueTold *told = venue_told_new(venue);
    if (!told) return;
    told->message.topic = TOPIC_VENUE_LINKS;
    told->message.link.state = state;
    snprintf(told->message.link.text, sizeof told->message.link.text, "%s", text);
    venue_tell(venue, told);
}

VenueErrand *venue_errand_new(VenueBinance *venue) {
    VenueErrand *errand = venue->free_errands;
    if (errand) venue->free_errands = errand->next;
    return errand;
}

void venue_errand_free(VenueBinance *venue, VenueErrand *errand) {
    venue_pieces_close(&errand->pieces);
    errand->next = venue->free_errands;
    venue->free_errands = errand;
}

static void reply_refused(VenueBinance *venue, VenueMessage *message) {
    message->topic = TOPIC_VENUE_REPLIES;
    message->reply = (VenueReply){.id = venue->refused[venue->refused_first],
                                  .outcome = OUTCOME_NOT_SENT,
                                  .retry_after_s = -1,
                                  .body = "too many requests wait already"};
    venue->refused_first = (venue->refused_first + 1) % REFUSED_MAX;
    venue->refused_count--;
}

/* Only what is used is copied: a reply has room for 30,000 bytes and mostly 500. */
static void copy_out(VenueMessage *target, const VenueMessage *source) {
    target->topic = source->topic;
    switch (source->topic) {
    case TOPIC_VENUE_REPLIES:
        memcpy(&target->reply, &source->reply, offsetof(VenueReply, body));
        snprintf(target->reply.body, sizeof target->reply.body, "%s", source->reply.body);
        break;
    case TOPIC_VENUE_EVENTS:
        target->event.cut = source->event.cut;
        snprintf(target->event.frame, sizeof target->event.frame, "%s", source->event.frame);
        break;
    case TOPIC_VENUE_LINKS:
        target->link = source->link;
        break;
    default:
        target->clock = source->clock;
        break;
    }
}

/* All that was heard before frames were dropped is taken: now the break is told, in its place. */
static bool tell_overrun(VenueBinance *venue) {
    if (!venue->overrun) return false;
    venue->overrun = false;
    venue->user.was_told_down = true;
    venue_tell_link(venue, LINK_USER_DOWN, "events came faster than they were taken");
    return venue->told_first != NULL;
}

/* Of an answer that is told in pieces the next one is made; false: it is the last. */
static bool next_piece(VenueErrand *errand) {
    VenueReply *reply = &errand->told.message.reply;
    if (!errand->pieces.text) return false;
    reply->goes_on = venue_pieces_next(&errand->pieces, reply->body, sizeof reply->body);
    return reply->goes_on;
}

static bool take(VenueBinance *venue, VenueMessage *message) {
    if (venue->refused_count > 0) {
        reply_refused(venue, message);
        return true;
    }
    if (!venue->told_first && !tell_overrun(venue)) return false;
    VenueTold *told = venue->told_first;
    bool stays = told->is_errand && next_piece((VenueErrand *)(void *)told);
    copy_out(message, &told->message);
    if (stays) return true;
    venue->told_first = told->next;
    if (!told->next) venue->told_last = NULL;
    if (told->is_errand) {
        venue_errand_free(venue, (VenueErrand *)(void *)told);
    } else {
        told->next = venue->free_frames;
        venue->free_frames = told;
    }
    return true;
}

static bool port_next(VenuePort *port, VenueMessage *message) {
    VenueBinance *venue = (VenueBinance *)(void *)port;
    uint64_t count;
    pthread_mutex_lock(&venue->lock);
    bool taken = take(venue, message);
    if (!taken && read(port->wake_descriptor, &count, sizeof count) < 0) count = 0;
    pthread_mutex_unlock(&venue->lock);
    return taken;
}

/* ---- what is handed in --------------------------------------------------------------------- */

static void port_prepare(VenuePort *port, const VenueRequest *request) {
    VenueBinance *venue = (VenueBinance *)(void *)port;
    pthread_mutex_lock(&venue->lock);
    venue_errand_prepare(venue, request);
    pthread_mutex_unlock(&venue->lock);
}

static void port_send(VenuePort *port, const VenueRequest *request) {
    VenueBinance *venue = (VenueBinance *)(void *)port;
    pthread_mutex_lock(&venue->lock);
    VenueErrand *errand = venue_errand_for(venue, request);
    if (errand) {
        errand->taken_us = binance_http_now_us();
        venue_errand_take(venue, errand);
    } else {
        CHECK(venue->refused_count < REFUSED_MAX, "a turn hands in more than LIMIT_TURN_MESSAGES");
        unsigned at = (venue->refused_first + venue->refused_count++) % REFUSED_MAX;
        venue->refused[at] = request->id;
        signal_descriptor(port->wake_descriptor);
    }
    pthread_mutex_unlock(&venue->lock);
}

/* ---- the thread ---------------------------------------------------------------------------- */

/* libcurl says which descriptors it waits for while it connects. */
static int on_socket(CURL *easy, curl_socket_t descriptor, int what, void *context, void *own) {
    VenueBinance *venue = context;
    unsigned at = 0;
    (void)easy, (void)own;
    while (at < venue->socket_count && venue->sockets[at].fd != descriptor)
        at++;
    if (what == CURL_POLL_REMOVE) {
        if (at < venue->socket_count) venue->sockets[at] = venue->sockets[--venue->socket_count];
        return 0;
    }
    if (at == VENUE_SOCKETS) return -1;
    if (at == venue->socket_count) venue->socket_count++;
    int events = (what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0);
    venue->sockets[at] = (struct pollfd){.fd = descriptor, .events = (short)events};
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *context) {
    VenueBinance *venue = context;
    (void)multi;
    venue->multi_due_us = timeout_ms < 0 ? INT64_MAX : binance_http_now_us() + timeout_ms * 1000;
    return 0;
}

static void hear_curl(VenueBinance *venue) {
    int left;
    for (CURLMsg *said; (said = curl_multi_info_read(venue->multi, &left));) {
        VenueLane *lane = NULL;
        CURLcode result = said->data.result;
        if (said->msg != CURLMSG_DONE) continue;
        curl_easy_getinfo(said->easy_handle, CURLINFO_PRIVATE, (char **)&lane);
        if (lane && lane->state == LANE_CONNECTING) venue_lane_connected(venue, lane, (int)result);
    }
}

typedef struct Watch {
    struct pollfd at[1 + VENUE_SOCKETS + VENUE_WIRES];
    VenueLane *lanes[1 + VENUE_SOCKETS + VENUE_WIRES]; /* NULL: libcurl's, or the kick */
    unsigned count;
} Watch;

static void watch_fill(VenueBinance *venue, Watch *watch) {
    watch->at[0] = (struct pollfd){.fd = venue->kick, .events = POLLIN};
    watch->lanes[0] = NULL;
    watch->count = 1;
    for (unsigned i = 0; i < venue->socket_count; i++) {
        watch->lanes[watch->count] = NULL;
        watch->at[watch->count++] = venue->sockets[i];
    }
    for (unsigned i = 0; i < VENUE_WIRES; i++) {
        VenueLane *lane = &venue->lanes[i];
        if (lane->state != LANE_IDLE && lane->state != LANE_BUSY) continue;
        bool sends = lane->state == LANE_BUSY && lane->wire.sent < lane->wire.length;
        watch->lanes[watch->count] = lane;
        watch->at[watch->count++] = (struct pollfd){
            .fd = lane->wire.socket, .events = (short)(POLLIN | (sends ? POLLOUT : 0))};
    }
}

static void hear_socket(VenueBinance *venue, const struct pollfd *at) {
    int what = (at->revents & (POLLIN | POLLHUP) ? CURL_CSELECT_IN : 0) |
               (at->revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
               (at->revents & (POLLERR | POLLNVAL) ? CURL_CSELECT_ERR : 0);
    int running;
    curl_multi_socket_action(venue->multi, at->fd, what, &running);
}

static void hear_all(VenueBinance *venue, const Watch *watch) {
    int64_t now_us = binance_http_now_us();
    int running;
    for (unsigned i = 1; i < watch->count; i++) {
        VenueLane *lane = watch->lanes[i];
        if (!watch->at[i].revents) continue;
        if (!lane)
            hear_socket(venue, &watch->at[i]);
        else if (lane->wire.socket == watch->at[i].fd)
            venue_lanes_ready(venue, lane, now_us);
    }
    if (now_us >= venue->multi_due_us) {
        venue->multi_due_us = INT64_MAX;
        curl_multi_socket_action(venue->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    hear_curl(venue);
}

static int wait_ms(const VenueBinance *venue) {
    int64_t left_us = venue->multi_due_us - binance_http_now_us();
    if (left_us <= 0) return 0;
    return left_us < STEP_MS * 1000 ? (int)(left_us / 1000) + 1 : STEP_MS;
}

static void *run(void *argument) {
    VenueBinance *venue = argument;
    Watch watch;
    uint64_t count;
    pthread_mutex_lock(&venue->lock);
    while (!atomic_load(&venue->stop)) {
        int64_t now_us = binance_http_now_us();
        venue_clock_step(venue, now_us);
        venue_user_step(venue, now_us);
        venue_lanes_step(venue, now_us);
        watch_fill(venue, &watch);
        int timeout_ms = wait_ms(venue);
        pthread_mutex_unlock(&venue->lock);
        poll(watch.at, watch.count, timeout_ms);
        pthread_mutex_lock(&venue->lock);
        if (watch.at[0].revents && read(venue->kick, &count, sizeof count) < 0) count = 0;
        hear_all(venue, &watch);
    }
    pthread_mutex_unlock(&venue->lock);
    return NULL;
}

/* ---- life ---------------------------------------------------------------------------------- */

static void release(VenueBinance *venue) {
    for (unsigned i = 0; i < VENUE_WIRES; i++)
        if (venue->lanes[i].state != LANE_EMPTY) venue_lane_close(venue, &venue->lanes[i]);
    if (venue->multi) curl_multi_cleanup(venue->multi);
    if (venue->kick >= 0) close(venue->kick);
    if (venue->port.wake_descriptor >= 0) close(venue->port.wake_descriptor);
    signer_deinit(&venue->signer);
    for (unsigned i = 0; venue->errands && i < VENUE_ERRANDS; i++)
        venue_pieces_close(&venue->errands[i].pieces);
    pthread_mutex_destroy(&venue->lock);
    free(venue->errands);
    free(venue->frames);
    free(venue->refused);
    free(venue);
}

/* What was on its way stays unanswered: the next start tells the core that its answers are lost. */
static void port_close(VenuePort *port) {
    VenueBinance *venue = (VenueBinance *)(void *)port;
    atomic_store(&venue->stop, true);
    venue_kick(venue);
    if (venue->has_thread) pthread_join(venue->thread, NULL);
    venue_user_close(venue);
    release(venue);
}

static bool take_memory(VenueBinance *venue) {
    venue->errands = calloc(VENUE_ERRANDS, sizeof *venue->errands);
    venue->frames = calloc(VENUE_TOLD, sizeof *venue->frames);
    venue->refused = calloc(REFUSED_MAX, sizeof *venue->refused);
    if (!venue->errands || !venue->frames || !venue->refused) return false;
    for (unsigned i = VENUE_ERRANDS; i-- > 0;) {
        venue->errands[i].told.is_errand = true;
        venue_errand_free(venue, &venue->errands[i]);
    }
    for (unsigned i = VENUE_TOLD; i-- > 0;) {
        venue->frames[i].next = venue->free_frames;
        venue->free_frames = &venue->frames[i];
    }
    return true;
}

static bool start(VenueBinance *venue, Error *error) {
    venue->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    venue->port.wake_descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    venue->multi = curl_multi_init();
    bool sound =
        venue->kick >= 0 && venue->port.wake_descriptor >= 0 && venue->multi && take_memory(venue);
    if (sound) {
        curl_multi_setopt(venue->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
        curl_multi_setopt(venue->multi, CURLMOPT_SOCKETDATA, venue);
        curl_multi_setopt(venue->multi, CURLMOPT_TIMERFUNCTION, on_timer);
        curl_multi_setopt(venue->multi, CURLMOPT_TIMERDATA, venue);
        curl_multi_setopt(venue->multi, CURLMOPT_MAXCONNECTS, 4L * VENUE_WIRES);
        venue->has_thread = pthread_create(&venue->thread, NULL, run, venue) == 0;
    }
    return venue->has_thread ||
           error_set(error, ERROR_FAILURE, "the transport to the venue does not start",
                     venue->rest.host, "memory, descriptors or threads are short");
}

bool venue_binance_addresses(const VenueBinancePlan *plan, BinanceAddress *rest,
                             BinanceAddress *socket, Error *error) {
    bool plain = plan->allow_plain_http && (!plan->signer || plan->signer->kind == SIGNER_NONE);
    return binance_address_read(plan->rest_url, plain, rest, error) &&
           (!socket || binance_address_read(plan->ws_api_url, plain, socket, error));
}

VenuePort *venue_binance_open(const VenueBinancePlan *plan, Error *error) {
    VenueBinance *venue = calloc(1, sizeof *venue);
    if (!venue) {
        error_set(error, ERROR_LIMIT, "out of memory", "venue", NULL);
        return NULL;
    }
    venue->kick = venue->port.wake_descriptor = -1;
    pthread_mutex_init(&venue->lock, NULL);
    venue->port.name = "binance";
    venue->port.identity = plan->identity;
    venue->port.prepare = port_prepare;
    venue->port.send = port_send;
    venue->port.next = port_next;
    venue->port.close = port_close;
    venue->answer_timeout_ms = plan->answer_timeout_ms;
    venue->window_ms = plan->recv_window_ms;
    venue->multi_due_us = INT64_MAX;
    venue->random = random_stream((uint64_t)binance_http_now_us(), 1);
    if (plan->pace) venue->user.pace = *plan->pace;
    bool sound = venue_binance_addresses(plan, &venue->rest, &venue->socket_address, error);
    if (sound && plan->signer) signer_move(&venue->signer, plan->signer);
    if (sound && start(venue, error)) return &venue->port;
    if (plan->signer && sound) signer_move(plan->signer, &venue->signer); /* given back */
    release(venue);
    return NULL;
}
