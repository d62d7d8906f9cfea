/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One life of the program before a real venue, for tests/order_torture.sh: the real engine,
 * journal, database, transport, order protocol and executor; a feed of one price; and a service
 * that plays a scenario by saying signals and words of the kill switch. It may be killed anywhere.
 * With the scenario "settle" it plays nothing: it waits until every order's fate is known, then
 * sets what it has on record against the venue's own lists, and says what differs.
 *
 *   order_life STATE URL KEYFILE SCENARIO [URL of the venue's control]
 *
 * Exit 0: the scenario is through, and all agrees; 1: something differs; 2: not settled in time;
 * 3: the engine has failed, as it should when its disk does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"
#include "core/base/check.h"
#include "core/venues/binance_word.h"
#include "scenario.h"
#include "shell/drivers/binance_http.h"
#include "shell/sys/clock.h"

#define PRICE_EVERY_US 100000   /* the feed's pace: a step of the scenario each */
#define QUIET_US       1800000  /* settled: no change for longer than the market's pace */
#define PRINT_US       1100000  /* the venue prints once a second: what it jumps by shows then */
#define LONGEST_US     75000000 /* for all: an order without a trace takes 12 s, a jump 15 */

void check_failed(const char *file, int line, const char *text) {
    fprintf(stderr, "CHECK %s:%d %s\n", file, line, text);
    abort();
}

/* ---- the feed ------------------------------------------------------------------------------ */

typedef struct Jump {
    int64_t due_us;
    int percent;
} Jump;

typedef struct Market {
    Feed feed; /* first */
    bool listed;
    int64_t said_us;
    Price price;
    unsigned jump_count;
    Jump jumps[4];
} Market;

typedef struct Life {
    Market market;
    Compare compare;
    const char *control;
    bool again; /* not the first life: the faults are asked for already */
    int64_t begun_us, changed_us;
    bool late;
} Life;

static Life life;

static bool is_over(int64_t now_us) {
    life.late = now_us - life.begun_us >= LONGEST_US;
    bool through = life.again || scenario_is_through();
    return life.late ||
           (through && compare_is_settled(&life.compare) && now_us - life.changed_us >= QUIET_US);
}

/* The market's data is never ahead of its matching: a stop that follows it rests below the price.
 */
static void follow_venue(Market *market, int64_t now_us) {
    if (market->jump_count == 0 || now_us < market->jumps[0].due_us) return;
    market->price =
        price_of(market->price.units / 100 * (100 + market->jumps[0].percent) / 1000000 * 1000000);
    memmove(market->jumps, market->jumps + 1, --market->jump_count * sizeof market->jumps[0]);
    life.changed_us = now_us;
}

static FeedAnswer next_event(Feed *feed, FeedEvent *event, Error *error) {
    Market *market = (Market *)(void *)feed;
    int64_t now_us = binance_http_now_us();
    (void)error;
    if (is_over(now_us)) {
        engine_stop();
        return FEED_NOTHING; /* another price might be the next step's */
    }
    if (now_us - market->said_us < PRICE_EVERY_US) return FEED_NOTHING;
    follow_venue(market, now_us);
    memset(event, 0, sizeof *event);
    event->time_us = clock_wall_us();
    snprintf(event->symbol.text, sizeof event->symbol.text, SCENARIO_SYMBOL);
    if (!market->listed) {
        market->listed = true;
        event->kind = FEED_SYMBOL;
        event->listed.name = event->symbol;
        snprintf(event->listed.base.text, sizeof event->listed.base.text, "BTC");
        snprintf(event->listed.quote.text, sizeof event->listed.quote.text, "USDC");
        event->listed.filters = (Filters){.tick = price_of(1000000),
                                          .step = quantity_of(1000),
                                          .quantity_min = quantity_of(1000),
                                          .notional_min = money_of((__int128)5 * DECIMAL_SCALE)};
        return FEED_EVENT;
    }
    market->said_us = now_us;
    event->kind = FEED_PRICE;
    event->price.last = event->price.high = event->price.low = market->price;
    return FEED_EVENT;
}

/* ---- what the scenario asks of the world ----------------------------------------------------- */

/* `words`: JSON for the venue's control, by the shell's own way of asking. */
static void tell_venue(const char *words) {
    char command[512];
    snprintf(command, sizeof command, "curl -s -o /dev/null -d '%s' %s", words, life.control);
    if (system(command) != 0) fprintf(stderr, "the control was not heard: %s\n", words);
}

static void move_price(int percent) {
    char words[128];
    snprintf(words, sizeof words, "{\"do\":\"jump\",\"symbol\":\"%s\",\"percent\":%d}",
             SCENARIO_SYMBOL, percent);
    tell_venue(words);
    life.changed_us = binance_http_now_us(); /* what it sets off comes with the next print */
    Market *market = &life.market;
    if (market->jump_count < sizeof market->jumps / sizeof market->jumps[0])
        market->jumps[market->jump_count++] = (Jump){life.changed_us + PRINT_US, percent};
}

/* For whoever looks for the reason of a difference. */
static void talk(const Message *message) {
    const VenueRequest *request = message->payload;
    const VenueReply *reply = message->payload;
    const VenueState *venue = message->payload;
    const LogLine *line = message->payload;
    long long time_ms = (long long)(message->time_us / 1000 % 1000000);
    if (message->topic == TOPIC_VENUE_REQUESTS)
        fprintf(stderr, "%lld asks %lld %s %s %s?%s\n", time_ms, (long long)request->id,
                request->purpose, request->method, request->path, request->parameters);
    if (message->topic == TOPIC_VENUE_REPLIES)
        fprintf(stderr, "%lld hears %lld %s %lld %.200s\n", time_ms, (long long)reply->id,
                VenueOutcome_text(reply->outcome), (long long)reply->status, reply->body);
    if (message->topic == TOPIC_VENUE_STATES)
        fprintf(stderr, "%lld venue %s: %s\n", time_ms, VenueCondition_text(venue->condition),
                venue->text);
    if (message->topic == TOPIC_LOG_LINES)
        fprintf(stderr, "%lld %s: %s\n", time_ms, line->service, line->text);
}

static void watch(void *context, const Message *message) {
    const LogLine *line = message->payload;
    int percent;
    (void)context;
    static const Topic CHANGES[] = {TOPIC_ORDERS,         TOPIC_VENUE_STATES,  TOPIC_POSITION_FACTS,
                                    TOPIC_VENUE_REQUESTS, TOPIC_VENUE_REPLIES, TOPIC_VENUE_EVENTS};
    for (unsigned i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++)
        if (message->topic == CHANGES[i]) life.changed_us = binance_http_now_us();
    compare_hear(&life.compare, message);
    if (getenv("ORDER_LIFE_TALKS")) talk(message);
    if (message->topic != TOPIC_LOG_LINES) return;
    if (sscanf(line->text, SCENARIO_JUMP "%d", &percent) == 1) move_price(percent);
}

/* ---- a life -------------------------------------------------------------------------------- */

static int complain(const Error *error, int code) {
    fprintf(stderr, "order_life: %s (%s)\n", error->message, error->where);
    return code;
}

static bool read_price(const VenueBinancePlan *plan, Error *error) {
    VenueAnswer answer;
    if (!venue_binance_ask(plan, "/api/v3/ticker/price?symbol=" SCENARIO_SYMBOL, NULL, &answer,
                           error))
        return false;
    const char *at = strstr(answer.body, "\"price\":\"");
    Slice text = {at ? at + 9 : "", at ? strcspn(at + 9, "\"") : 0};
    bool sound = price_parse(text, &life.market.price);
    venue_answer_free(&answer);
    return sound || error_set(error, ERROR_EXCHANGE, "no price", plan->rest_url, NULL);
}

static bool read_key(const char *path, Signer *signer, Error *error) {
    char id[129] = "", secret[257] = "";
    FILE *file = fopen(path, "r");
    bool read = file && fscanf(file, "%128s %256s", id, secret) == 2;
    if (file) fclose(file);
    if (!read) return error_set(error, ERROR_CREDENTIALS, "no key", path, NULL);
    return signer_init_hmac(signer, slice_of(id), slice_of(secret), error);
}

static void choose_settings(Settings *settings) {
    settings_presets(settings);
    snprintf(settings->trading.symbols, sizeof settings->trading.symbols, SCENARIO_SYMBOL);
    snprintf(settings->venue.name, sizeof settings->venue.name, "binance");
    settings->venue.recv_window_ms = 500;
    settings->venue.answer_timeout_ms = 1000;
    settings->trading.signal_ttl_seconds = 60;
    settings->risk.trailing_stop_loss_enabled = true;
    settings->trailing.activation_threshold_pct = 1;
    settings->trailing.trail_percent = 0.5;
    settings->trailing.step_size = 0.1;
    settings->trailing.max_adjustment_frequency_seconds = 1;
}

static int run(EnginePlan *plan, const VenueBinancePlan *asking) {
    Error error = {0};
    Engine *engine = engine_open(plan, NULL, &error);
    if (!engine) return complain(&error, 3);
    life.begun_us = life.changed_us = binance_http_now_us();
    if (engine_run(engine, &error) == ENGINE_FAILED) return complain(&error, 3);
    if (life.late) {
        compare_explain(&life.compare);
        return 2;
    }
    bool agrees = compare_with_venue(&life.compare, engine_store(engine), asking, &error);
    if (!engine_close(engine, &error)) return complain(&error, 3);
    return agrees ? 0 : 1;
}

int main(int count, char **words) {
    static Settings settings;
    static const Service *services[4];
    Error error = {0};
    Signer key, asking_key;
    char stream[160];
    if (count < 6 || !scenario_choose(words[4])) return 64;
    snprintf(stream, sizeof stream, "ws://%s/ws-api/v3", words[5] + strlen("http://"));
    static char control[160];
    snprintf(control, sizeof control, "%s/trader/control", words[5]);
    life.control = control;
    life.again = count > 6;
    choose_settings(&settings);
    if (!read_key(words[3], &key, &error) || !read_key(words[3], &asking_key, &error))
        return complain(&error, 64);
    VenueBinancePlan asking = {.rest_url = words[5],
                               .ws_api_url = stream,
                               .signer = &asking_key,
                               .answer_timeout_ms = 3000,
                               .recv_window_ms = 5000};
    VenueBinancePlan trading = asking;
    trading.rest_url = words[2];
    trading.signer = &key;
    trading.answer_timeout_ms = (unsigned)settings.venue.answer_timeout_ms;
    trading.recv_window_ms = (int32_t)settings.venue.recv_window_ms;
    trading.identity = (VenueIdentity){.account = "torture", .instance = SCENARIO_INSTANCE};
    if (!read_price(&asking, &error)) return complain(&error, 64);
    if (!life.again)
        for (const char *const *faults = scenario_faults(); *faults; faults++)
            tell_venue(*faults);
    VenuePort *port = venue_binance_open(&trading, &error);
    if (!port) return complain(&error, 64);
    services[0] = service_find("binance_venue");
    services[1] = service_find("market_monitor");
    services[2] = &service_scenario;
    services[3] = service_find("trade_executor");
    life.market.feed = (Feed){.name = "script", .wake_descriptor = -1, .next = next_event};
    EnginePlan plan = {.settings = &settings,
                       .state_directory = words[1],
                       .log_directory = words[1],
                       .mode = "TEST",
                       .world = "torture",
                       .feed = &life.market.feed,
                       .venue = port,
                       .services = services,
                       .service_count = 4,
                       .endless = true,
                       .watch = watch};
    int code = run(&plan, &asking);
    port->close(port);
    return code;
}
