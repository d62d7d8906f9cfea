/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine before a real venue, with a port and a service that the test plays: what changes
 * something is on the disk before it leaves, leaves once, and not at all when the disk refuses or
 * when a recovery makes it again.
 */
#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>

#include "shell/drivers/engine.h"
#include "shell/store/journal.h"

#define START_US 1704067200000000LL

/* ---- the disk: in the place of the system's own call ---------------------------------------- */

static unsigned flushes;
static bool disk_fails;

int fdatasync(int file) {
    char link[40], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    bool is_journal = strstr(path, "/journal/") != NULL; /* not the database's */
    flushes += is_journal;
    if (!is_journal || !disk_fails) return (int)syscall(SYS_fdatasync, file);
    errno = EIO;
    return -1;
}

/* ---- the port ------------------------------------------------------------------------------ */

enum { SENT_MAX = 64, WAITING_MAX = 16 };

typedef struct Played {
    VenuePort port; /* first */
    const char *directory;
    int64_t sent[SENT_MAX];
    unsigned sent_count, flushes_at_last, on_record;
    unsigned prepared_count, flushes_at_prepare;
    int64_t prepared; /* the last */
    VenueMessage waiting[WAITING_MAX];
    unsigned waiting_count, waiting_taken;
} Played;

/* Whether a request of this id stands in a whole turn of the journal's files. */
static bool is_on_record(const char *directory, int64_t id) {
    JournalMark start = journal_start();
    Error error;
    JournalReader *reader = journal_reader_open(directory, &start, &error);
    Record record;
    const uint8_t *bytes;
    size_t size;
    bool seen = false, whole = false;
    while (journal_read(reader, &record, &bytes, &size) == JOURNAL_RECORD) {
        if (record.kind == RECORD_EFFECT && record.topic == TOPIC_VENUE_REQUESTS) {
            int64_t first;
            memcpy(&first, record.payload, sizeof first);
            seen |= first == id;
        }
        whole |= seen && record.kind == RECORD_TURN;
    }
    journal_reader_close(reader);
    return whole;
}

static void played_prepare(VenuePort *port, const VenueRequest *request) {
    Played *played = (Played *)(void *)port;
    assert_true(request->changes);
    played->prepared = request->id;
    played->prepared_count++;
    played->flushes_at_prepare = flushes;
}

static void played_send(VenuePort *port, const VenueRequest *request) {
    Played *played = (Played *)(void *)port;
    assert_true(played->sent_count < SENT_MAX);
    played->sent[played->sent_count++] = request->id;
    played->flushes_at_last = flushes;
    if (request->changes) played->on_record += is_on_record(played->directory, request->id);
}

static bool played_next(VenuePort *port, VenueMessage *message) {
    Played *played = (Played *)(void *)port;
    if (played->waiting_taken == played->waiting_count) return false;
    *message = played->waiting[played->waiting_taken++];
    return true;
}

static void played_close(VenuePort *port) {
    (void)port;
}

/* ---- the service --------------------------------------------------------------------------- */

typedef struct Scripted {
    int64_t next_id, orders;
} Scripted;

static struct {
    unsigned identities, restarts, replies, lost, events, cut, restored, openings, prices_at_reply;
    unsigned prices;
    int64_t offset_us;
    char order[40];
} heard;

static size_t scripted_size(const Settings *settings) {
    (void)settings;
    return sizeof(Scripted);
}

static void scripted_init(void *state, const Settings *settings) {
    (void)settings;
    ((Scripted *)state)->next_id = 1;
}

static void ask(Scripted *scripted, Outbox *outbox, bool changes) {
    VenueRequest *request = outbox_publish(outbox, TOPIC_VENUE_REQUESTS);
    request->id = scripted->next_id++;
    strcpy(request->purpose, changes ? "place" : "query");
    strcpy(request->method, changes ? "POST" : "GET");
    strcpy(request->path, "/api/v3/order");
    request->changes = changes;
}

static void record_order(Scripted *scripted, Outbox *outbox, OrderState order_state) {
    OrderRecord *order = outbox_publish(outbox, TOPIC_ORDERS);
    snprintf(order->order_id, sizeof order->order_id, "o-%lld", (long long)++scripted->orders);
    strcpy(order->symbol, "BTCUSDC");
    order->state = order_state;
    order->quantity = quantity_of(1000);
    order->created = order->updated = START_US;
}

/* The price says what to do: so many whole units. */
static void act(Scripted *scripted, Outbox *outbox, int64_t price) {
    if (price == 2) ask(scripted, outbox, true);
    if (price == 3) ask(scripted, outbox, false);
    if (price == 4) {
        ask(scripted, outbox, true);
        ask(scripted, outbox, false);
        ask(scripted, outbox, true);
    }
    if (price == 5) record_order(scripted, outbox, ORDER_FILLED);
    if (price == 6) record_order(scripted, outbox, ORDER_UNKNOWN);
}

static void scripted_step(void *state, const Message *message, Outbox *outbox) {
    const VenueReply *reply = message->payload;
    const VenueEvent *event = message->payload;
    const VenueLink *link = message->payload;
    const VenueClock *clock = message->payload;
    const PriceMove *move = message->payload;
    switch (message->topic) {
    case TOPIC_PRICES:
        heard.prices++;
        act(state, outbox, move->price.units / DECIMAL_SCALE);
        break;
    case TOPIC_VENUE_REPLIES:
        heard.replies++;
        heard.lost += reply->outcome == OUTCOME_LOST;
        heard.prices_at_reply = heard.prices;
        break;
    case TOPIC_VENUE_EVENTS:
        heard.events++;
        heard.cut += event->cut;
        break;
    case TOPIC_VENUE_CLOCKS:
        heard.offset_us = clock->offset_us;
        break;
    case TOPIC_VENUE_LINKS:
        heard.restarts += link->state == LINK_RESTARTED;
        break;
    case TOPIC_VENUE_IDENTITIES:
        assert_int_equal(heard.identities++, heard.restarts); /* before the link's word */
        break;
    case TOPIC_OPENINGS:
        heard.openings++;
        break;
    default:
        heard.restored++;
        snprintf(heard.order, sizeof heard.order, "%s",
                 ((const OrderRecord *)message->payload)->order_id);
        break;
    }
}

static const Service service_scripted = {
    .name = "scripted",
    .label = "Scripted",
    .sentence = "what the test wants",
    .stage = STAGE_EXECUTION,
    HEARS(TOPIC_PRICES, TOPIC_VENUE_REPLIES, TOPIC_VENUE_EVENTS, TOPIC_VENUE_CLOCKS,
          TOPIC_VENUE_LINKS, TOPIC_VENUE_IDENTITIES, TOPIC_OPENINGS, TOPIC_RESTORED_ORDERS),
    SAYS(TOPIC_VENUE_REQUESTS, TOPIC_ORDERS),
    .state_size = scripted_size,
    .init = scripted_init,
    .step = scripted_step};

/* ---- the feed: a symbol, then a price a step ------------------------------------------------ */

typedef struct Script {
    Feed feed; /* first */
    const char *prices;
    unsigned at;
    int64_t clock_us;
} Script;

static FeedAnswer script_next(Feed *feed, FeedEvent *event, Error *error) {
    Script *script = (Script *)(void *)feed;
    (void)error;
    memset(event, 0, sizeof *event);
    strcpy(event->symbol.text, "BTCUSDC");
    event->time_us = ++script->clock_us;
    if (script->at++ == 0) {
        event->kind = FEED_SYMBOL;
        strcpy(event->listed.name.text, "BTCUSDC");
        strcpy(event->listed.base.text, "BTC");
        strcpy(event->listed.quote.text, "USDC");
        event->listed.filters = (Filters){.tick = price_of(1000000), .step = quantity_of(1000)};
        return FEED_EVENT;
    }
    if (script->prices[script->at - 2] == 0) {
        script->at--;
        engine_stop();
        return FEED_NOTHING;
    }
    event->kind = FEED_PRICE;
    event->price.last = price_of((script->prices[script->at - 2] - '0') * DECIMAL_SCALE);
    event->price.high = event->price.low = event->price.last;
    return FEED_EVENT;
}

/* ---- a life -------------------------------------------------------------------------------- */

static char directory[64];
static Played played;
static Settings settings;
static Script script;
static EnginePlan plan;

static Engine *open_engine(const char *prices) {
    static const Service *services[2];
    static Error error;
    services[0] = service_find("market_monitor");
    services[1] = &service_scripted;
    script = (Script){.feed = {.name = "script", .wake_descriptor = -1, .next = script_next},
                      .prices = prices,
                      .clock_us = script.clock_us ? script.clock_us : START_US};
    plan = (EnginePlan){.settings = &settings,
                        .state_directory = directory,
                        .log_directory = directory,
                        .mode = "LIVE",
                        .world = "test",
                        .feed = &script.feed,
                        .venue = &played.port,
                        .services = services,
                        .service_count = 2,
                        .opening = money_of((__int128)10000 * DECIMAL_SCALE),
                        .endless = true};
    Engine *engine = engine_open(&plan, NULL, &error);
    if (!engine) print_error("%s: %s\n", error.where, error.message);
    return engine;
}

static EngineEnd run(Engine *engine, bool closes_well) {
    Error error = {0};
    EngineEnd end = engine_run(engine, &error);
    assert_int_equal(engine_close(engine, &error), closes_well);
    return end;
}

static int begin(void **state) {
    (void)state;
    strcpy(directory, "/tmp/trader-venue-XXXXXX");
    assert_non_null(mkdtemp(directory));
    memset(&heard, 0, sizeof heard);
    memset(&script, 0, sizeof script);
    disk_fails = false;
    flushes = 0;
    played = (Played){.port = {.name = "binance",
                               .wake_descriptor = -1,
                               .identity = {.account = "acc", .instance = "abcdefgh"},
                               .prepare = played_prepare,
                               .send = played_send,
                               .next = played_next,
                               .close = played_close},
                      .directory = directory};
    settings_presets(&settings);
    strcpy(settings.trading.symbols, "BTCUSDC");
    return 0;
}

static int end(void **state) {
    char command[100];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

/* ---- tests --------------------------------------------------------------------------------- */

static void what_changes_is_on_the_disk_before_it_leaves(void **state) {
    (void)state;
    Engine *engine = open_engine("12");
    unsigned before = flushes;
    assert_int_equal(engine_run(engine, NULL), ENGINE_STOPPED);
    assert_int_equal(played.sent_count, 1);
    assert_int_equal(played.on_record, 1);
    assert_int_equal(played.flushes_at_last, before + 1);
    assert_true(engine_close(engine, NULL));
    assert_int_equal(heard.openings, 0); /* the venue's service knows the balance */
}

static void a_question_waits_for_no_disk(void **state) {
    (void)state;
    Engine *engine = open_engine("133");
    unsigned before = flushes;
    assert_int_equal(engine_run(engine, NULL), ENGINE_STOPPED);
    assert_int_equal(played.sent_count, 2);
    assert_int_equal(flushes, before);
    assert_true(engine_close(engine, NULL));
}

static void one_flush_serves_a_turn(void **state) {
    (void)state;
    Engine *engine = open_engine("14");
    unsigned before = flushes;
    assert_int_equal(engine_run(engine, NULL), ENGINE_STOPPED);
    assert_int_equal(played.sent_count, 3);
    assert_int_equal(played.on_record, 2);
    assert_int_equal(flushes, before + 1);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(played.sent[i], i + 1);
    assert_int_equal(played.prepared_count, 1); /* the first that changes something, before it */
    assert_int_equal(played.prepared, 1);
    assert_int_equal(played.flushes_at_prepare, before);
    assert_true(engine_close(engine, NULL));
}

/* After a flush that failed nobody knows what the disk has: nothing is sent, nothing flushed again,
 * the port is left to the caller. */
static void a_disk_that_fails_ends_it(void **state) {
    (void)state;
    Engine *engine = open_engine("12");
    disk_fails = true;
    unsigned before = flushes;
    Error error = {0};
    assert_int_equal(engine_run(engine, &error), ENGINE_FAILED);
    assert_int_equal(error.code, ERROR_IO);
    assert_int_equal(played.sent_count, 0);
    assert_int_equal(flushes, before + 1);
    const Scripted *scripted = engine_service_state(engine, "scripted");
    assert_int_equal(scripted->next_id, 2); /* what was decided can be read on */
    assert_non_null(engine_store(engine));
    assert_true(engine_close(engine, &error));
    assert_int_equal(flushes, before + 1);
    disk_fails = false;
    engine = open_engine("");
    assert_int_equal(run(engine, true), ENGINE_STOPPED);
    assert_int_equal(played.sent_count, 0);
    assert_int_equal(heard.restarts, 3); /* the first life's, replayed, this start's */
}

/* Kills the life after its turns: nothing is closed, the next start replays the tail. */
static void copy_state(const char *target) {
    char command[300];
    snprintf(command, sizeof command, "rm -rf %s && cp -a %s %s", target, directory, target);
    assert_int_equal(system(command), 0);
}

static void what_recovery_makes_again_is_not_sent(void **state) {
    char copy[80], command[300];
    (void)state;
    snprintf(copy, sizeof copy, "%s-copy", directory);
    Engine *engine = open_engine("1243");
    assert_int_equal(engine_run(engine, NULL), ENGINE_STOPPED);
    assert_int_equal(played.sent_count, 5);
    copy_state(copy); /* as it stands on the disk at a kill: to the last flush for an order */
    assert_true(engine_close(engine, NULL));
    snprintf(command, sizeof command, "rm -rf %s && mv %s %s", directory, copy, directory);
    assert_int_equal(system(command), 0);
    played.sent_count = 0;
    heard.restarts = heard.identities = 0;
    engine = open_engine("3");
    assert_int_equal(heard.restarts, 2); /* the first life's own, replayed, and this start's */
    assert_int_equal(heard.identities, 2);
    assert_int_equal(played.sent_count, 0);
    assert_int_equal(run(engine, true), ENGINE_STOPPED);
    assert_int_equal(played.sent_count, 1);
    assert_int_equal(played.sent[0], 5); /* numbers go on behind those that were given */
}

static VenueMessage reply_of(int64_t id, int64_t status) {
    VenueMessage message = {.topic = TOPIC_VENUE_REPLIES};
    message.reply.id = id;
    message.reply.outcome = OUTCOME_ANSWERED;
    message.reply.status = status;
    message.reply.retry_after_s = -1;
    return message;
}

static void the_venues_words_come_before_the_markets(void **state) {
    (void)state;
    played.waiting[0] = reply_of(1, 200);
    played.waiting[1] = (VenueMessage){.topic = TOPIC_VENUE_EVENTS, .event = {.frame = "{}"}};
    played.waiting[2] = (VenueMessage){.topic = TOPIC_VENUE_CLOCKS,
                                       .clock = {.offset_us = 7000000, .uncertainty_us = 1000}};
    played.waiting_count = 3;
    assert_int_equal(run(open_engine("111"), true), ENGINE_STOPPED);
    assert_int_equal(heard.replies, 1);
    assert_int_equal(heard.lost, 0);
    assert_int_equal(heard.events, 1);
    assert_int_equal(heard.prices_at_reply, 0);
    assert_true(heard.offset_us > 6900000 && heard.offset_us < 7100000);
}

/* What is out of every bound is not dropped: an answer is owed to a request. */
static void what_cannot_be_told_is_told_as_unknown(void **state) {
    (void)state;
    played.waiting[0] = reply_of(1, 5000);
    memset(&played.waiting[1], 'x', sizeof played.waiting[1]);
    played.waiting[1].topic = TOPIC_VENUE_EVENTS;
    played.waiting[1].event.cut = false;
    played.waiting_count = 2;
    assert_int_equal(run(open_engine("1"), true), ENGINE_STOPPED);
    assert_int_equal(heard.replies, 1);
    assert_int_equal(heard.lost, 1);
    assert_int_equal(heard.events, 1);
    assert_int_equal(heard.cut, 1);
}

static void a_cold_start_brings_open_orders_back(void **state) {
    (void)state;
    assert_int_equal(run(open_engine("565"), true), ENGINE_STOPPED);
    settings.trading.signal_horizon_minutes += 5; /* other rules: the snapshot does not fit */
    Engine *engine = open_engine("");
    assert_int_equal(heard.restored, 1);
    assert_string_equal(heard.order, "o-2");
    assert_int_equal(heard.restarts, 2);
    assert_int_equal(run(engine, true), ENGINE_STOPPED);
    assert_int_equal(played.sent_count, 0);
}

int main(void) {
#define IN_A_LIFE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        IN_A_LIFE(what_changes_is_on_the_disk_before_it_leaves),
        IN_A_LIFE(a_question_waits_for_no_disk),
        IN_A_LIFE(one_flush_serves_a_turn),
        IN_A_LIFE(a_disk_that_fails_ends_it),
        IN_A_LIFE(what_recovery_makes_again_is_not_sent),
        IN_A_LIFE(the_venues_words_come_before_the_markets),
        IN_A_LIFE(what_cannot_be_told_is_told_as_unknown),
        IN_A_LIFE(a_cold_start_brings_open_orders_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
