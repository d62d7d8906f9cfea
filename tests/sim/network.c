/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to the venue and back: each request is carried once and answered once, as the port
 * promises, and on that way everything may happen to it. The account's stream is a row of frames
 * that come late, twice, in another order, cut, or not at all until its death is noticed.
 */
#include "sim/sim.h"

#define CALM_US       60000000 /* a sample of the venue's clock was taken by then */
#define DEAD_LEAST_US 1000000
#define DEAD_MOST_US  90000000 /* silence and ping rules notice it by then */
#define DOWN_MOST_US  300000000
#define LATER_MOST_US 9900000 /* the venue gives up after 10 s */
#define RETRY_MOST_S  120
#define BAN_MOST_S    600
#define GAP_US        60000000 /* by then what was missed is asked for */
#define SWAP_MOST     20
#define MEAN_TAIL     8 /* the slowest of ways takes so many means */

#define FAULT_JSON(code, text) "{\"code\":" #code ",\"msg\":\"" text "\"}"
static const char banned[] =
    FAULT_JSON(-1003, "Way too much request weight used; IP banned until a while from now.");
static const char overloaded[] =
    FAULT_JSON(-1008, "Server is currently overloaded with other requests. Try again later.");
static const char timed_out[] =
    FAULT_JSON(-1007, "Timeout waiting for response from backend server. Send status unknown.");
static const char unexpected[] =
    FAULT_JSON(-1006, "An unexpected response was received. Execution status unknown.");
static const char unknown[] = FAULT_JSON(-1000, "An unknown error occurred.");
static const char disconnected[] = FAULT_JSON(-1001, "Internal error; unable to process.");
static const char queued[] = FAULT_JSON(-1003, "Too many requests queued.");
static const char too_many[] = FAULT_JSON(-1015, "Too many new orders; the limit is 100.");

static const char page[] = "<html><head><title>502 Bad Gateway</title></head></html>";

/* Exponential by halving: sums of fair coins need no logarithm. */
static int64_t one_way(World *world) {
    uint32_t mean = world->plan->delay_us;
    int64_t delay = mean / 2;
    for (unsigned i = 0; i < MEAN_TAIL && random_below(&world->delay, 2); i++)
        delay += mean / 2;
    return delay + random_below(&world->delay, mean / 2 + 1);
}

void network_reset(World *world) {
    for (unsigned i = 0; i < SIM_REQUESTS_MAX; i++)
        world->requests[i].stage = REQUEST_FREE;
    for (unsigned i = 0; i < SIM_FRAMES_MAX; i++)
        world->frames[i].used = false;
    world->frame_next = 0;
    world->connection = world->connection_count = 0;
    world->stream_dead = false;
    world->maintenance_until_us = world->banned_until_us = world->storm_until_us = 0;
}

/* ---- on the way out -------------------------------------------------------------------------- */

static Request *slot_of(World *world, const VenueRequest *asked) {
    for (unsigned i = 0; i < SIM_REQUESTS_MAX; i++) {
        Request *request = &world->requests[i];
        if (request->stage != REQUEST_FREE) continue;
        request->stage = REQUEST_OUT;
        request->life = world->life;
        request->serial = ++world->request_serial;
        request->told = request->settled = request->answered = request->slow = false;
        request->arrived_us = request->silent_until_us = 0;
        request->order = books_number(asked->order_id);
        request->asked = *asked;
        request->reply.id = asked->id;
        request->reply.limits[0] = request->reply.body[0] = 0;
        request->reply.retry_after_s = -1;
        request->reply.cut = false;
        request->reply.status = 0;
        return request;
    }
    return NULL;
}

static void free_if_over(Request *request) {
    if (request->told && request->settled) request->stage = REQUEST_FREE;
}

static uint32_t index_of(const World *world, const Request *request) {
    return (uint32_t)(request - world->requests);
}

static void answer_at(World *world, Request *request, int64_t time_us) {
    world_schedule(world, time_us, EVENT_REPLY, index_of(world, request), request->serial);
}

static void set_body(Request *request, int64_t status, const char *body) {
    Text text = TEXT_IN(request->reply.body);
    request->reply.outcome = OUTCOME_ANSWERED;
    request->reply.status = status;
    text_put(&text, body);
    text_end(&text);
}

/* The signer refuses what has waited for more than half of its window. */
static bool is_too_old(const World *world, const VenueRequest *asked) {
    int64_t venue_ms = world->now_us / 1000; /* what the port's own reading of the clock tells */
    return asked->timestamp_ms > 0 && venue_ms - asked->timestamp_ms > asked->window_ms / 2;
}

void network_send(World *world, const VenueRequest *asked) {
    Random detail;
    Request *request = slot_of(world, asked);
    if (!request) world_violated(world, "more than %d requests on their way", SIM_REQUESTS_MAX);
    world->tally->requests++;
    oracle_send(world, asked);
    die_focus(world, request->order, 'n');
    world->focus_request = asked;
    bool refused = is_too_old(world, asked);
    if (refused && world->now_us - world->calm_since_us > CALM_US)
        world_violated(world, "a request is too old for its own signer, and no clock was set");
    if (refused || die_cast(world, FAULT_NOT_SENT, &detail)) {
        set_body(request, 0, refused ? "older than half of its window" : "connection refused");
        request->reply.outcome = OUTCOME_NOT_SENT;
        request->settled = true;
        answer_at(world, request, world->now_us + 1 + (int64_t)random_below(&world->delay, 50000));
        return;
    }
    int64_t arrives = world->now_us + one_way(world);
    if (die_cast(world, FAULT_DELAYED, &detail)) {
        int64_t window_us = asked->window_ms ? asked->window_ms * 1000 : 5000000;
        arrives += die_span(&detail, 100000, window_us + window_us / 8);
        request->slow = random_below(&detail, 2) == 0;
    }
    if (die_cast(world, FAULT_LOST_BEFORE, &detail))
        request->settled = true;
    else
        world_schedule(world, arrives, EVENT_ARRIVE, index_of(world, request), request->serial);
    world_schedule(world, world->now_us + world->plan->settings.venue.answer_timeout_ms * 1000,
                   EVENT_TIMEOUT, index_of(world, request), request->serial);
}

/* ---- at the venue's door --------------------------------------------------------------------- */

static void set_limit(World *world, Request *request, bool ban, Random *detail) {
    int64_t seconds = die_span(detail, 1, ban ? BAN_MOST_S : RETRY_MOST_S);
    world->banned_until_us = world->now_us + seconds * 1000000;
    set_body(request, ban ? 418 : 429, banned);
    request->reply.retry_after_s = seconds;
}

/* Somebody between us and the venue, or the venue's own door: nothing is executed. */
static bool turned_away(World *world, Request *request) {
    const char *const words[] = {queued, too_many, overloaded};
    Random detail;
    if (world->now_us < world->banned_until_us) {
        set_body(request, 418, banned);
        request->reply.retry_after_s = (world->banned_until_us - world->now_us) / 1000000 + 1;
    } else if (world->now_us < world->maintenance_until_us) {
        set_body(request, 503, page);
    } else if (die_cast(world, FAULT_GATEWAY, &detail)) {
        set_body(request, random_below(&detail, 2) ? 403 : 502, page);
    } else if (die_cast(world, FAULT_TOO_MANY, &detail)) {
        set_limit(world, request, false, &detail);
    } else if (die_cast(world, FAULT_BANNED, &detail)) {
        set_limit(world, request, true, &detail);
    } else if (die_cast(world, FAULT_TOO_MANY_WORDS, &detail)) {
        set_body(request, 400, words[random_below(&detail, 3)]);
    } else {
        return false;
    }
    return true;
}

static void unknown_words(Request *request, Random *detail) {
    static const struct {
        int status;
        const char *body;
    } answers[] = {{500, unknown},    {500, disconnected}, {400, unexpected}, {408, timed_out},
                   {503, overloaded}, {504, timed_out},    {502, page},       {503, "try later"}};
    unsigned chosen = random_below(detail, sizeof answers / sizeof answers[0]);
    set_body(request, answers[chosen].status, answers[chosen].body);
}

/* ---- on the way back ------------------------------------------------------------------------- */

static void spoil_body(World *world, Request *request) {
    Random detail;
    size_t length = strlen(request->reply.body);
    if (length && die_cast(world, FAULT_REPLY_CUT, &detail)) {
        request->reply.body[die_span(&detail, 0, (int64_t)length - 1)] = 0;
    } else if (die_cast(world, FAULT_REPLY_GARBAGE, &detail)) {
        set_body(request, 200, "{\"orderId\": , ]");
    } else if (die_cast(world, FAULT_REPLY_HUGE, &detail)) {
        request->reply.cut = true;
    } else if (die_cast(world, FAULT_ERROR_EXECUTED, &detail)) {
        unknown_words(request, &detail);
    }
}

static void send_back(World *world, Request *request) {
    Random detail;
    int64_t timeout_us = world->plan->settings.venue.answer_timeout_ms * 1000;
    int64_t back = world->now_us + one_way(world);
    die_focus(world, request->order, 'r');
    if ((request->reply.status == 429 || request->reply.status == 418) &&
        request->reply.retry_after_s > 0)
        request->silent_until_us = world->now_us + request->reply.retry_after_s * 1000000;
    if (die_cast(world, FAULT_REPLY_LOST, &detail)) {
        if (random_below(&detail, 2)) return; /* the timeout says so */
        set_body(request, 0, "connection reset");
        request->reply.outcome = OUTCOME_LOST;
    }
    if (die_cast(world, FAULT_REPLY_LATE, &detail))
        back += die_span(&detail, timeout_us / 2, timeout_us * 2);
    answer_at(world, request, back);
}

/* What was slow on its way meets a slow venue, too. */
static bool is_later(World *world, const Request *request, Random *detail) {
    bool strikes = die_cast(world, FAULT_EXECUTED_LATER, detail);
    return strikes || request->slow;
}

void network_arrive(World *world, Request *request) {
    Random detail;
    request->arrived_us = world->now_us;
    world->focus_request = &request->asked;
    die_focus(world, request->order, 'n');
    if (turned_away(world, request)) {
        request->settled = true;
        send_back(world, request);
    } else if (die_cast(world, FAULT_ERROR_REFUSED, &detail)) {
        request->settled = true;
        unknown_words(request, &detail);
        send_back(world, request);
    } else if (request->asked.changes && is_later(world, request, &detail)) {
        set_body(request, 408, timed_out);
        request->answered = true;
        world_schedule(world, world->now_us + die_span(&detail, 1000, LATER_MOST_US), EVENT_EXECUTE,
                       index_of(world, request), request->serial);
        send_back(world, request);
    } else {
        network_execute(world, request);
    }
}

/* Whoever could tell of the new orders is quiet, but for the lists of orders and of trades. */
static void silence(World *world, int64_t youngest, Random *detail) {
    int64_t until = world->now_us + die_span(detail, 20000000, 120000000);
    for (int64_t id = youngest + 1; id <= world->exchange->order_count; id++)
        world->hidden_until_us[id % SIM_HIDDEN] = until;
    if (!world->connection || world->stream_dead) return;
    world->stream_dead = true;
    world_schedule(world, world->now_us + die_span(detail, DEAD_LEAST_US, DEAD_MOST_US), EVENT_DEAD,
                   0, world->connection);
}

/* What was answered before it was executed keeps that answer. */
void network_execute(World *world, Request *request) {
    bool before = request->answered;
    request->settled = true;
    world->focus_request = &request->asked;
    Random detail;
    bool is_list = strcmp(request->asked.path, "/api/v3/orderList/oco") == 0;
    if (is_list && die_cast(world, FAULT_REPEATED, &detail)) site_answer(world, request, NULL);
    int64_t youngest = world->exchange->order_count;
    site_answer(world, request, before ? NULL : &request->reply);
    bool new_orders = world->exchange->order_count > youngest;
    die_focus(world, request->order, 'r');
    if (!before && new_orders && die_cast(world, FAULT_SILENT, &detail)) {
        silence(world, youngest, &detail);
        network_frames(world);
        free_if_over(request);
        return; /* the timeout says that nobody knows */
    }
    network_frames(world);
    free_if_over(request);
    if (before) return;
    die_focus(world, request->order, 'r');
    spoil_body(world, request);
    send_back(world, request);
}

/* ---- at home --------------------------------------------------------------------------------- */

static void tell(World *world, Request *request, const VenueReply *reply) {
    Random detail;
    die_focus(world, request->order, 'r');
    world->focus_request = &request->asked;
    request->told = true;
    free_if_over(request);
    if (request->asked.changes && die_cast(world, FAULT_CRASH_ANSWERED, &detail)) {
        host_crash(world, random_below(&detail, 2) == 0);
        return;
    }
    if (strstr(reply->body, "-1021"))
        world_schedule(world, world->now_us + 1000, EVENT_CLOCK, 1, world->life);
    die_focus(world, request->order, request->asked.changes ? 'e' : 0);
    if (reply->outcome == OUTCOME_ANSWERED && request->silent_until_us) {
        world->limited_by = reply->id;
        world->silent_until_us = request->silent_until_us;
    }
    oracle_told(world, &request->asked, reply);
    host_input(world, TOPIC_VENUE_REPLIES, reply);
    host_turn(world);
}

static bool is_over(const World *world, Request *request, uint32_t serial) {
    if (request->serial != serial || request->stage == REQUEST_FREE) return true;
    if (request->life != world->life || !world->alive) request->told = true;
    free_if_over(request);
    return request->told;
}

void network_reply(World *world, Request *request, uint32_t serial) {
    if (!is_over(world, request, serial)) tell(world, request, &request->reply);
}

/* The port gives up; what comes later finds nobody. */
void network_timeout(World *world, Request *request, uint32_t serial) {
    if (is_over(world, request, serial)) return;
    VenueReply late = {.id = request->asked.id, .outcome = OUTCOME_LOST, .retry_after_s = -1};
    Text text = TEXT_IN(late.body);
    text_put(&text, "no answer in time");
    text_end(&text);
    tell(world, request, &late);
}

/* ---- the account's stream -------------------------------------------------------------------- */

static void send_frame(World *world, const char *text, int64_t time_us) {
    for (unsigned tries = 0; tries < SIM_FRAMES_MAX; tries++) {
        unsigned index = world->frame_next++ % SIM_FRAMES_MAX;
        Frame *frame = &world->frames[index];
        if (frame->used) continue;
        Text copy = TEXT_IN(frame->text);
        text_format(&copy, "{\"subscriptionId\":0,\"event\":%s}", text);
        text_end(&copy);
        CHECK(!copy.overflow, "room for a frame");
        frame->used = true;
        frame->connection = world->connection;
        world_schedule(world, time_us, EVENT_FRAME, index, 0);
        return;
    }
    world_violated(world, "more than %d frames on their way", SIM_FRAMES_MAX);
}

/* The same trade of another symbol, at another price; the true one follows. */
static void send_lie(World *world, const char *frame, int64_t time_us) {
    char lie[1900];
    if (!slice_copy(slice_of(frame), lie, sizeof lie)) return;
    char *symbol = strstr(lie, "\"s\":\""), *price = strstr(lie, "\"L\":\"");
    if (!symbol || !price || price[5] == 0) return;
    const char *other = strncmp(symbol + 5, "SOL", 3) == 0 ? "BTC" : "SOL";
    memcpy(symbol + 5, other, 3);
    price[5] = price[5] == '1' ? '2' : '1';
    send_frame(world, lie, time_us);
}

void network_frames(World *world) {
    char memory[1900];
    Random detail;
    const ExchangeEvent *event;
    int64_t time_us = world->now_us + (int64_t)world->plan->stream_us;
    while ((event = exchange_next_event(world->exchange))) {
        oracle_event(world, event);
        if (!world->connection || world->stream_dead) continue;
        Text text = TEXT_IN(memory);
        stream_event_write(world->exchange, event, &text);
        CHECK(!text.overflow, "room for an event");
        die_focus(world, site_order(event->order.wish.client_id), 0);
        if (event->execution == EXECUTION_TRADE && die_cast(world, FAULT_FRAME_LIES, &detail))
            send_lie(world, memory, time_us);
        if (die_cast(world, FAULT_FRAME_CUT, &detail))
            memory[die_span(&detail, 1, (int64_t)text.length - 1)] = 0;
        int64_t late = 0;
        if (die_cast(world, FAULT_FRAME_SWAPPED, &detail))
            late = die_span(&detail, 1, (int64_t)SWAP_MOST * world->plan->delay_us);
        send_frame(world, memory, ++time_us + late);
        if (die_cast(world, FAULT_FRAME_TWICE, &detail))
            send_frame(world, memory, time_us + die_span(&detail, 1, 3000000));
        if (die_cast(world, FAULT_STREAM_DIES, &detail)) {
            world->stream_dead = true;
            world_schedule(world, world->now_us + die_span(&detail, DEAD_LEAST_US, DEAD_MOST_US),
                           EVENT_DEAD, 0, world->connection);
        }
    }
}

void network_frame(World *world, unsigned index) {
    Frame *frame = &world->frames[index];
    VenueEvent event = {.cut = false};
    frame->used = false;
    if (frame->connection != world->connection || !world->alive) return;
    size_t length = strlen(frame->text);
    memcpy(event.frame, frame->text, length + 1);
    die_focus_newest(world);
    host_input(world, TOPIC_VENUE_EVENTS, &event);
    host_turn(world);
}

static void tell_link(World *world, VenueLinkState state, const char *why) {
    VenueLink link = {.state = state};
    Text text = TEXT_IN(link.text);
    text_put(&text, why);
    text_end(&text);
    host_input(world, TOPIC_VENUE_LINKS, &link);
    host_turn(world);
}

/* `why` NULL: nobody is there to be told. */
void network_stream_down(World *world, const char *why) {
    world->connection = 0;
    world->stream_dead = false;
    if (!why || !world->alive) return;
    tell_link(world, LINK_USER_DOWN, why);
    int64_t most = random_below(&world->delay, 8) ? 5000000 : DOWN_MOST_US;
    world_schedule(world, world->now_us + die_span(&world->delay, 100000, most), EVENT_STREAM, 0,
                   world->life);
}

void network_stream_up(World *world, uint32_t life) {
    if (!world->alive || life != world->life || world->connection) return;
    world->connection = ++world->connection_count;
    world_schedule(world, world->now_us + GAP_US, EVENT_GAP, world->connection, world->life);
    tell_link(world, LINK_USER_UP, "subscribed");
}
