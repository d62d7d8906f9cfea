/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a judged signal to an order's bytes at the socket, measured in the program itself: engine,
 * gate, order protocol, journal, one flush to disk, signature, connection. The venue is `trader
 * exchange` on the loopback, started as a process of its own; the work folder decides which disk is
 * meant. A signal buys, the position is protected, a signal sells, and so on; each entry is timed
 * from the moment when its price leaves the feed until the call that hands its bytes to the system.
 * The journal's write and flush are timed where they happen and taken off: what is left is ours.
 * The disk's own time for as many bytes, written and flushed at the same pace by a program that
 * does nothing else, stands beside theirs. An entry that waited for something leaves in a later
 * turn than its signal's: those are counted, and not timed. The connection is plain, on this
 * machine; over TLS the encryption comes on top.
 *
 *   order TRADER WORK_FOLDER
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "bench/child.h"
#include "bench/figure.h"
#include "core/base/check.h"
#include "core/base/text.h"
#include "core/market/order.h"
#include "shell/drivers/binance_http.h"
#include "shell/drivers/engine.h"
#include "shell/drivers/venue_binance.h"
#include "shell/sys/clock.h"

enum {
    ENTRIES = 40,
    BURST = 8,
    SIGNATURES = 2000,
    FLUSHES = 60
}; /* the venue takes 50 orders in 10 s */
#define SYMBOL     "BTCUSDC"
#define LONGEST_US 120000000
#define EVERY_US   20000 /* between prices */

static struct {
    double begun_ns, writing_ns, flushed_ns, flush_ns, write_ns; /* of the turn at hand */
    size_t written;
    double total[ENTRIES], ours[ENTRIES], before[ENTRIES], behind[ENTRIES];
    double disk[ENTRIES], write[ENTRIES], bytes[ENTRIES];
    bool warm[ENTRIES]; /* prices were handled right before it */
    unsigned count, later;
    unsigned turn, asked_in; /* the one at hand, and that of the last signal */
    bool waits;              /* an entry was asked for and has not left */
} timing;

static struct {
    Feed feed; /* first */
    bool listed;
    int64_t said_us, begun_us;
    Price price;
    unsigned at; /* of a burst */
    bool pauses; /* so that the next price is not taken before this one's turn */
} market;

/* ---- where the bytes leave and the disk is waited for: in the place of the system's calls ------
 */

static void entry_leaves(void) {
    unsigned at = timing.count;
    double now = figure_now_ns();
    timing.waits = false;
    if (timing.turn != timing.asked_in) {
        timing.later++;
        return;
    }
    if (at == ENTRIES) return;
    timing.total[at] = now - timing.begun_ns;
    timing.before[at] = timing.writing_ns - timing.begun_ns;
    timing.behind[at] = now - timing.flushed_ns;
    timing.write[at] = timing.write_ns;
    timing.disk[at] = timing.write_ns + timing.flush_ns;
    timing.ours[at] = timing.total[at] - timing.disk[at];
    timing.bytes[at] = (double)timing.written;
    timing.warm[at] = market.at > 1;
    timing.count++;
}

ssize_t send(int file, const void *bytes, size_t size, int flags) {
    static const char ENTRY[] = "POST /api/v3/order ";
    bool is_entry =
        timing.waits && size > sizeof ENTRY && memcmp(bytes, ENTRY, sizeof ENTRY - 1) == 0;
    if (is_entry) entry_leaves();
    return syscall(SYS_sendto, file, bytes, size, flags, NULL, 0);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
    timing.writing_ns = figure_now_ns();
    ssize_t written = syscall(SYS_pwrite64, file, bytes, size, at);
    timing.write_ns += figure_now_ns() - timing.writing_ns;
    timing.written += size;
    return written;
}

int fdatasync(int file) {
    double begin = figure_now_ns();
    int result = (int)syscall(SYS_fdatasync, file);
    timing.flushed_ns = figure_now_ns();
    timing.flush_ns += timing.flushed_ns - begin;
    return result;
}

/* ---- the service that judges ----------------------------------------------------------------- */

typedef struct Judge {
    bool ready, open, busy, resting;
    unsigned signals;
    int64_t said_us;
} Judge;

static size_t judge_size(const Settings *settings) {
    (void)settings;
    return sizeof(Judge);
}

static void judge_init(void *state, const Settings *settings) {
    (void)state, (void)settings;
}

static void say(Judge *judge, const Message *message, Outbox *outbox) {
    RiskVerdict *verdict = outbox_publish(outbox, TOPIC_RISK_ENRICHED_SIGNALS);
    Text id = TEXT_IN(verdict->signal_id);
    text_format(&id, "s-%d", (int)++judge->signals);
    text_end(&id);
    memcpy(verdict->symbol, SYMBOL, sizeof SYMBOL);
    verdict->decision = judge->open ? DECISION_SELL : DECISION_BUY;
    verdict->verdict = ALLOWED;
    verdict->size_fraction = 0.01;
    verdict->confidence = 0.9;
    verdict->score = judge->open ? -0.9 : 0.9;
    verdict->stop_loss_fraction = 0.05;
    verdict->take_profit_fraction = 0.1;
    verdict->market_timestamp = message->time_us;
    verdict->price = ((const PriceMove *)message->payload)->price;
    timing.waits = !judge->open;
    timing.asked_in = timing.turn;
    judge->said_us = message->time_us;
}

static void judge_step(void *state, const Message *message, Outbox *outbox) {
    Judge *judge = state;
    const OrderRecord *order = message->payload;
    bool calm = message->time_us - judge->said_us > INSTANT_SECOND_US / 4;
    switch (message->topic) {
    case TOPIC_VENUE_STATES:
        judge->ready = ((const VenueState *)message->payload)->condition == VENUE_READY;
        break;
    case TOPIC_POSITION_FACTS:
        judge->open = ((const PositionFact *)message->payload)->open;
        break;
    case TOPIC_ORDERS:
        if (order->action == ORDER_ACTION_MARKET) judge->busy = !order_is_terminal(order->state);
        if (order->action == ORDER_ACTION_PROTECT)
            judge->resting = !order_is_terminal(order->state);
        break;
    default:
        if (judge->ready && calm && !judge->busy && judge->open == judge->resting &&
            market.at == (timing.count % 2 ? 1 : BURST))
            say(judge, message, outbox);
        break;
    }
}

static const Service service_judge = {
    .name = "judge",
    .label = "Judge",
    .sentence = "Buys and sells in turn.",
    .stage = STAGE_RISK,
    HEARS(TOPIC_VENUE_STATES, TOPIC_POSITION_FACTS, TOPIC_ORDERS, TOPIC_PRICES),
    SAYS(TOPIC_RISK_ENRICHED_SIGNALS),
    .state_size = judge_size,
    .init = judge_init,
    .step = judge_step,
};

/* ---- the feed -------------------------------------------------------------------------------- */

/* The wake descriptor is readable from then on. */
static void wake_in(long microseconds) {
    struct itimerspec at = {.it_value.tv_nsec = microseconds * 1000};
    timerfd_settime(market.feed.wake_descriptor, 0, &at, NULL);
}

static FeedAnswer next_price(Feed *feed, FeedEvent *event, Error *error) {
    int64_t now_us = binance_http_now_us();
    (void)feed, (void)error;
    if (market.pauses) timing.turn++; /* the last price's is over */
    if (timing.count == ENTRIES || now_us - market.begun_us > LONGEST_US) engine_stop();
    market.pauses = !market.pauses;
    if (market.pauses) return FEED_NOTHING;
    if (market.at == BURST) {
        if (now_us - market.said_us < EVERY_US) return FEED_NOTHING;
        market.at = 0;
    } else if (market.at + 1 == BURST) {
        wake_in(EVERY_US);
    }
    memset(event, 0, sizeof *event);
    event->time_us = clock_wall_us();
    snprintf(event->symbol.text, sizeof event->symbol.text, SYMBOL);
    event->kind = market.listed ? FEED_PRICE : FEED_SYMBOL;
    if (market.listed) {
        market.said_us = now_us;
        market.at++;
        event->price.last = event->price.high = event->price.low = market.price;
    } else {
        market.listed = true;
        event->listed.name = event->symbol;
        snprintf(event->listed.base.text, sizeof event->listed.base.text, "BTC");
        snprintf(event->listed.quote.text, sizeof event->listed.quote.text, "USDC");
        event->listed.filters = (Filters){.tick = price_of(1000000), .step = quantity_of(1000)};
    }
    timing.flush_ns = timing.write_ns = 0;
    timing.written = 0;
    timing.begun_ns = figure_now_ns();
    return FEED_EVENT;
}

/* ---- the venue's words ---- */

static bool (*port_next)(VenuePort *port, VenueMessage *message);

/* What the venue says has a turn of its own. */
static bool next_word(VenuePort *port, VenueMessage *message) {
    bool heard = port_next(port, message);
    timing.turn += heard;
    return heard;
}

/* ---- the venue ------------------------------------------------------------------------------- */

static void must(bool sound, const Error *error) {
    if (sound) return;
    fprintf(stderr, "bench order: %s (%s)\n", error->message, error->where);
    exit(1);
}

static Signer some_key(void) {
    Signer signer;
    Error error;
    must(signer_init_hmac(&signer, SLICE("bench-key"), SLICE("bench-secret"), &error), &error);
    return signer;
}

static void start_venue(Child *child, const char *trader, const char *folder, unsigned port) {
    char key[PATH_MAX], output[PATH_MAX], number[16];
    snprintf(key, sizeof key, "%s/key", folder);
    snprintf(output, sizeof output, "%s/exchange.out", folder);
    snprintf(number, sizeof number, "%u", port);
    FILE *file = fopen(key, "w");
    CHECK(file, "the work folder takes no file");
    fputs("bench-key\nbench-secret\n", file);
    fclose(file);
    chmod(key, 0600);
    const char *words[] = {trader,         "exchange",   "--generated", "--port", number,
                           "--symbols",    SYMBOL,       "--history",   "60",     "--balance",
                           "USDC=1000000", "--key-file", key,           NULL};
    CHECK(child_start(child, words, output), "the exchange does not start");
}

static void read_price(const VenueBinancePlan *plan) {
    VenueAnswer answer;
    Error error = {.message = "no price"};
    bool sound = false;
    for (unsigned i = 0; i < 100 && !sound; i++) {
        sound =
            venue_binance_ask(plan, "/api/v3/ticker/price?symbol=" SYMBOL, NULL, &answer, &error);
        if (!sound) child_pause_ms(50);
    }
    must(sound, &error);
    const char *at = strstr(answer.body, "\"price\":\"");
    sound = at && price_parse((Slice){at + 9, strcspn(at + 9, "\"")}, &market.price);
    must(sound, &error);
    venue_answer_free(&answer);
}

static void trade(const char *folder, VenuePort *port) {
    static Settings settings;
    static const Service *services[4];
    char state[PATH_MAX];
    Error error;
    snprintf(state, sizeof state, "%s/state", folder);
    mkdir(state, 0700);
    settings_presets(&settings);
    snprintf(settings.trading.symbols, sizeof settings.trading.symbols, SYMBOL);
    snprintf(settings.venue.name, sizeof settings.venue.name, "binance");
    services[0] = service_find("binance_venue");
    services[1] = service_find("market_monitor");
    services[2] = &service_judge;
    services[3] = service_find("trade_executor");
    market.feed = (Feed){.name = "bench",
                         .wake_descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC),
                         .next = next_price};
    market.begun_us = binance_http_now_us();
    wake_in(1);
    EnginePlan plan = {.settings = &settings,
                       .state_directory = state,
                       .log_directory = state,
                       .mode = "TEST",
                       .world = "bench",
                       .feed = &market.feed,
                       .venue = port,
                       .services = services,
                       .service_count = 4,
                       .endless = true};
    Engine *engine = engine_open(&plan, NULL, &error);
    must(engine != NULL, &error);
    must(engine_run(engine, &error) != ENGINE_FAILED, &error);
    must(engine_close(engine, &error), &error);
}

/* ---- beside it ------------------------------------------------------------------------------- */

/* What a program that did nothing else would wait for: so many bytes behind a file's end, and their
 * flush, with a pause before each as between prices: what comes close together is faster. */
static double disk_us(const char *folder, size_t size) {
    static double spent[FLUSHES];
    static char bytes[65536];
    char path[PATH_MAX];
    off_t at = 0;
    snprintf(path, sizeof path, "%s/flush", folder);
    int file = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(file >= 0 && size <= sizeof bytes, "the work folder takes no file");
    memset(bytes, 'x', size);
    for (unsigned i = 0; i < FLUSHES; i++, at += (off_t)size) {
        usleep(EVERY_US);
        double begin = figure_now_ns();
        CHECK(syscall(SYS_pwrite64, file, bytes, size, at) == (long)size, "the disk is full");
        CHECK(syscall(SYS_fdatasync, file) == 0, "the disk does not flush");
        spent[i] = figure_now_ns() - begin;
    }
    close(file);
    return figure_median(spent, FLUSHES) / 1000;
}

static double sign_us(Signer *signer) {
    static double spent[SIGNATURES];
    char mark[SIGNER_TEXT_MAX], query[320];
    Error error;
    memset(query, 'q', sizeof query);
    for (unsigned i = 0; i < SIGNATURES; i++) {
        double begin = figure_now_ns();
        must(signer_mark(signer, (Slice){query, sizeof query}, SLICE(""), mark, &error), &error);
        spent[i] = figure_now_ns() - begin;
    }
    signer_deinit(signer);
    return figure_median(spent, SIGNATURES) / 1000;
}

/* The median of the entries right behind other prices, or of those that follow a sleep. */
static double part_us(const double *spent, bool warm) {
    static double part[ENTRIES];
    unsigned count = 0;
    for (unsigned i = 0; i < ENTRIES; i++)
        if (timing.warm[i] == warm) part[count++] = spent[i];
    return figure_median(part, count) / 1000;
}

static void put(const char *name, double value, double limit) {
    figure_put(&(Figure){name, "us", value, limit, 0, 0});
}

int main(int count, char **words) {
    Child child;
    Error error;
    char rest[64], stream[64];
    if (count != 3) return 2;
    mkdir(words[2], 0700);
    unsigned number = child_free_port();
    start_venue(&child, words[1], words[2], number);
    snprintf(rest, sizeof rest, "http://127.0.0.1:%u", number);
    snprintf(stream, sizeof stream, "ws://127.0.0.1:%u/ws-api/v3", number);
    Signer key = some_key(), hmac = some_key(), ed25519;
    VenueBinancePlan plan = {.rest_url = rest,
                             .ws_api_url = stream,
                             .signer = &key,
                             .answer_timeout_ms = 5000,
                             .recv_window_ms = 5000,
                             .identity = {.account = "bench", .instance = "bench234"}};
    read_price(&plan);
    VenuePort *port = venue_binance_open(&plan, &error);
    must(port != NULL, &error);
    port_next = port->next;
    port->next = next_word;
    trade(words[2], port);
    port->close(port);
    child_kill(&child);
    if (timing.count < ENTRIES) {
        fprintf(stderr, "bench order: only %u entries left\n", timing.count);
        return 1;
    }
    put("order: signal to bytes handed to the socket, p50",
        figure_median(timing.total, ENTRIES) / 1000, 0);
    put("of it ours, right behind other prices, p50", part_us(timing.ours, true), 20);
    put("of that before the write: decision, journal, signature", part_us(timing.before, true), 0);
    put("of that behind the flush", part_us(timing.behind, true), 0);
    put("of it ours, after a sleep, p50", part_us(timing.ours, false), 0);
    put("of that before the write: decision, journal, signature", part_us(timing.before, false), 0);
    put("of that behind the flush", part_us(timing.behind, false), 0);
    put("of it ours, p95", figure_quantile(timing.ours, ENTRIES, 0.95) / 1000, 0);
    put("of it the journal's write and flush, p50", figure_median(timing.disk, ENTRIES) / 1000, 0);
    put("of that the write into the system's memory", figure_median(timing.write, ENTRIES) / 1000,
        0);
    put("the disk's own write and flush of as many bytes, p50",
        disk_us(words[2], (size_t)figure_median(timing.bytes, ENTRIES)), 0);
    figure_put(
        &(Figure){"orders that left in a later turn, not timed", "orders", timing.later, 0, 0, 0});
    const uint8_t seed[SIGNER_ED25519_KEY] = {1, 2, 3};
    must(signer_init_seed(&ed25519, SLICE("bench-key"), seed, &error), &error);
    put("signature, HMAC-SHA256, p50", sign_us(&hmac), 0);
    put("signature, Ed25519, p50", sign_us(&ed25519), 60);
    return 0;
}
