/* SPDX-License-Identifier: Apache-2.0 */
/* Questions before arming, one after the other (venue_binance.h): each on a connection of its own,
 * waited for. */
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/instant.h"
#include "core/base/json.h"
#include "shell/drivers/binance_http.h"
#include "shell/drivers/venue_binance_parts.h"
#include "shell/sys/clock.h"

#define CONNECT_MS 5000
#define SAMPLES    5

typedef struct Asking {
    BinanceAddress address;
    VenueWire wire;
    VenueResponse response;
    int64_t asked_us, heard_us, asked_wall_us; /* monotonic, monotonic, wall */
} Asking;

static bool failed(const Asking *asking, const char *why, Error *error) {
    error_set(error, ERROR_NETWORK, why, asking->address.host,
              "is the network there, and HTTPS_PROXY right?");
    if (error) error->retry_helps = true;
    return false;
}

static bool connect_wire(Asking *asking, Error *error) {
    char memory[160];
    Text why = TEXT_IN(memory);
    if (!venue_wire_open(&asking->wire, &asking->address, CONNECT_MS, error)) return false;
    CURLcode result = curl_easy_perform(asking->wire.easy);
    if (venue_wire_connected(&asking->wire, (int)result, &why)) return true;
    return failed(asking, text_end(&why), error);
}

static bool wait_for(const Asking *asking, short events, int64_t until_us) {
    struct pollfd at = {.fd = asking->wire.socket, .events = events};
    int64_t left_us = until_us - binance_http_now_us();
    return left_us > 0 && poll(&at, 1, (int)(left_us / 1000) + 1) > 0;
}

/* Sends what was written and reads the answer. */
static bool converse(Asking *asking, unsigned timeout_ms, Error *error) {
    asking->asked_wall_us = clock_wall_us();
    asking->asked_us = binance_http_now_us();
    int64_t until_us = asking->asked_us + (int64_t)timeout_ms * 1000;
    WireStep step;
    while ((step = venue_wire_send(&asking->wire)) == WIRE_GOING)
        if (!wait_for(asking, POLLOUT, until_us)) return failed(asking, "no answer in time", error);
    if (step == WIRE_DONE)
        while ((step = venue_wire_receive(&asking->wire, &asking->response)) == WIRE_GOING)
            if (!wait_for(asking, POLLIN, until_us))
                return failed(asking, "no answer in time", error);
    asking->heard_us = binance_http_now_us();
    return step == WIRE_DONE || failed(asking, "the connection broke before the answer", error);
}

/* ---- one question -------------------------------------------------------------------------- */

static bool write_question(Asking *asking, const VenueBinancePlan *plan, const char *path,
                           const VenueClock *clock, Error *error) {
    char bare[512], parameters[BINANCE_PARAMETERS_TEXT];
    size_t length = strcspn(path, "?");
    Text text = TEXT_IN(parameters);
    if (length >= sizeof bare)
        return error_set(error, ERROR_LIMIT, "the path is too long", path, NULL);
    memcpy(bare, path, length);
    bare[length] = 0;
    if (path[length] == '?') text_put(&text, path + length + 1);
    WireRequest request = {.method = "GET", .path = bare, .is_signed = clock != NULL};
    if (clock) {
        request.timestamp_ms = (clock_wall_us() + clock->offset_us) / 1000;
        request.window_ms = plan->recv_window_ms;
        text_format(&text, "%srecvWindow=%d&timestamp=%D", text.length ? "&" : "",
                    (int)plan->recv_window_ms, request.timestamp_ms);
    }
    text_end(&text);
    if (text.overflow) return error_set(error, ERROR_LIMIT, "the question is too long", path, NULL);
    request.parameters = (Slice){parameters, text.length};
    return venue_wire_write(&asking->wire, &asking->address, &request, plan->signer,
                            request.timestamp_ms, error);
}

static bool take_answer(Asking *asking, VenueAnswer *answer, Error *error) {
    if (asking->response.cut)
        return error_set(error, ERROR_LIMIT, "the answer is too long or no text",
                         asking->address.host, NULL);
    answer->status = asking->response.status;
    answer->retry_after_s = asking->response.retry_after_s;
    answer->length = asking->response.length;
    return true;
}

bool venue_binance_ask(const VenueBinancePlan *plan, const char *path, const VenueClock *clock,
                       VenueAnswer *answer, Error *error) {
    *answer = (VenueAnswer){.retry_after_s = -1, .body = malloc(VENUE_ANSWER_MAX)};
    Asking *asking = calloc(1, sizeof *asking);
    bool sound = asking && answer->body
                     ? venue_binance_addresses(plan, &asking->address, NULL, error)
                     : error_set(error, ERROR_LIMIT, "out of memory", "venue", NULL);
    if (sound) {
        venue_response_begin(&asking->response, answer->body, VENUE_ANSWER_MAX);
        sound = connect_wire(asking, error) && write_question(asking, plan, path, clock, error) &&
                converse(asking, plan->answer_timeout_ms, error) &&
                take_answer(asking, answer, error);
    }
    if (asking) venue_wire_close(&asking->wire);
    free(asking);
    if (!sound) venue_answer_free(answer);
    return sound;
}

void venue_answer_free(VenueAnswer *answer) {
    free(answer->body);
    answer->body = NULL;
    answer->length = 0;
}

/* ---- the clock ----------------------------------------------------------------------------- */

static bool take_sample(Asking *asking, const VenueBinancePlan *plan, VenueClock *clock,
                        Error *error) {
    char body[1024];
    int64_t time_ms = 0;
    venue_response_begin(&asking->response, body, sizeof body);
    if (!write_question(asking, plan, "/api/v3/time", NULL, error) ||
        !converse(asking, plan->answer_timeout_ms, error))
        return false;
    if (asking->response.status != 200 ||
        !venue_clock_read((Slice){body, asking->response.length}, &time_ms))
        return error_set(error, ERROR_EXCHANGE, "the venue does not tell its time",
                         asking->address.host, "is this the address of Binance's REST interface?");
    int64_t trip_us = asking->heard_us - asking->asked_us;
    VenueClock sample = venue_clock_sample(asking->asked_wall_us, trip_us, time_ms);
    if (clock->uncertainty_us == 0 || sample.uncertainty_us < clock->uncertainty_us)
        *clock = sample;
    return true;
}

bool venue_binance_clock(const VenueBinancePlan *plan, VenueClock *clock, Error *error) {
    Asking *asking = calloc(1, sizeof *asking);
    *clock = (VenueClock){0};
    if (!asking) return error_set(error, ERROR_LIMIT, "out of memory", "venue", NULL);
    bool sound = venue_binance_addresses(plan, &asking->address, NULL, error);
    for (unsigned i = 0; sound && i < SAMPLES; i++) {
        if (asking->wire.easy && asking->response.closes) venue_wire_close(&asking->wire);
        if (!asking->wire.easy) sound = connect_wire(asking, error);
        sound = sound && take_sample(asking, plan, clock, error);
    }
    venue_wire_close(&asking->wire);
    free(asking);
    return sound;
}
