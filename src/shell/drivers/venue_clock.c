/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The venue's clock (venue_binance_parts.h), by Cristian's method (1989): the venue's time was
 * somewhere between question and answer, so half of the round trip is the uncertainty, and of
 * several samples the quickest is kept. Between samples the uncertainty grows by what two clocks of
 * this kind drift apart.
 */
#include "core/base/instant.h"
#include "core/base/json.h"
#include "shell/drivers/binance_http.h"
#include "shell/drivers/venue_binance_parts.h"
#include "shell/sys/clock.h"

#define SAMPLES     5
#define ROUND_US    (30 * INSTANT_MINUTE_US) /* between rounds of samples */
#define TELL_US     (5 * INSTANT_MINUTE_US)  /* the grown uncertainty is told this often */
#define RETRY_US    (5 * INSTANT_SECOND_US)  /* after a sample that failed */
#define DRIFT_PPM   50                       /* of two quartz clocks, one of them steered */
#define MILLISECOND 1000                     /* the venue tells whole ones, rounded down */
/* The wall clock moved against the monotonic one: steered clocks differ by less in a round. */
#define JUMP_US (100 * 1000)
#define JUMP_DOUBT_US                                                                              \
    (60 * INSTANT_SECOND_US) /* until a new sample: nothing can be signed by it                    \
                              */

static int64_t base_now_us(int64_t now_us) {
    return clock_wall_us() - now_us;
}

static void tell(VenueBinance *venue, int64_t now_us) {
    VenueTold *told = venue_told_new(venue);
    venue->time.told_us = told ? now_us : now_us - TELL_US + INSTANT_SECOND_US;
    if (!told) return;
    told->message.topic = TOPIC_VENUE_CLOCKS;
    told->message.clock = (VenueClock){
        .offset_us = venue->time.offset_us,
        .uncertainty_us =
            venue->time.uncertainty_us + (now_us - venue->time.sampled_us) * DRIFT_PPM / 1000000,
    };
    venue_tell(venue, told);
}

bool venue_clock_now_ms(const VenueBinance *venue, int64_t *now_ms) {
    *now_ms = (clock_wall_us() + venue->time.offset_us) / 1000;
    return venue->time.is_known;
}

/* {"serverTime":1790000000123} */
bool venue_clock_read(Slice body, int64_t *time_ms) {
    JsonReader reader = json_reader(body);
    if (json_next(&reader) != JSON_OBJECT_BEGIN || json_next(&reader) != JSON_KEY ||
        !slice_is(reader.slice, "serverTime"))
        return false;
    return json_take_int(&reader, time_ms) && *time_ms > 0 && *time_ms < INSTANT_LAST_US / 1000;
}

VenueClock venue_clock_sample(int64_t asked_wall_us, int64_t trip_us, int64_t time_ms) {
    int64_t venue_us = time_ms * 1000 + MILLISECOND / 2;
    return (VenueClock){.offset_us = venue_us - (asked_wall_us + trip_us / 2),
                        .uncertainty_us = trip_us / 2 + MILLISECOND / 2};
}

static void take_sample(VenueBinance *venue, const VenueLane *lane, int64_t time_ms,
                        int64_t now_us) {
    VenueTime *time = &venue->time;
    int64_t trip_us = now_us - lane->since_us;
    if (time->is_known && time->best_trip_us >= 0 && trip_us >= time->best_trip_us) return;
    time->best_trip_us = trip_us;
    VenueClock sample = venue_clock_sample(lane->sent_wall_us, trip_us, time_ms);
    time->offset_us = sample.offset_us;
    time->uncertainty_us = sample.uncertainty_us;
    time->sampled_us = now_us;
    time->base_us = base_now_us(now_us);
    if (!time->is_known) {
        time->is_known = true; /* the first is told at once, the best of the round at its end */
        tell(venue, now_us);
    }
}

void venue_clock_hear(VenueBinance *venue, const VenueLane *lane, int64_t now_us) {
    VenueTime *time = &venue->time;
    int64_t time_ms = 0;
    time->is_asked = false;
    if (!lane || lane->response.status != 200 ||
        !venue_clock_read((Slice){lane->response.body, lane->response.length}, &time_ms)) {
        time->next_us = now_us + RETRY_US;
        return;
    }
    take_sample(venue, lane, time_ms, now_us);
    if (time->samples_left > 0) time->samples_left--;
    time->next_us = time->samples_left > 0 ? now_us : now_us + ROUND_US;
    if (time->samples_left == 0) tell(venue, now_us);
}

void venue_clock_ask_again(VenueBinance *venue, int64_t now_us) {
    venue->time.samples_left = 0;
    venue->time.next_us = now_us;
}

static void ask(VenueBinance *venue, int64_t now_us) {
    VenueTime *time = &venue->time;
    VenueErrand *errand = venue_errand_new(venue);
    if (!errand) return;
    if (time->samples_left == 0) { /* a new round */
        time->samples_left = SAMPLES;
        time->best_trip_us = -1;
    }
    errand->request = (VenueRequest){.method = "GET", .path = "/api/v3/time"};
    errand->is_clock = true;
    errand->taken_us = now_us;
    time->is_asked = true;
    venue_errand_take(venue, errand);
}

/* The wall clock was set, or the machine slept: what was known of it holds no more. The offset goes
 * with the jump, as the best guess until a new sample. */
static void watch_jump(VenueBinance *venue, int64_t now_us) {
    VenueTime *time = &venue->time;
    int64_t base_us = base_now_us(now_us), jump_us = base_us - time->base_us;
    if (!time->is_known || (jump_us < JUMP_US && jump_us > -JUMP_US)) return;
    time->offset_us -= jump_us;
    time->base_us = base_us;
    time->uncertainty_us = (jump_us < 0 ? -jump_us : jump_us) + JUMP_DOUBT_US;
    time->sampled_us = now_us;
    tell(venue, now_us);
    venue_clock_ask_again(venue, now_us);
}

void venue_clock_step(VenueBinance *venue, int64_t now_us) {
    VenueTime *time = &venue->time;
    watch_jump(venue, now_us);
    if (time->is_known && now_us - time->told_us >= TELL_US) tell(venue, now_us);
    if (!time->is_asked && now_us >= time->next_us && now_us >= venue->quiet_until_us)
        ask(venue, now_us);
}
