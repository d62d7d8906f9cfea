/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paper and live give the same orders on one event log: every service runs twice over one generated
 * market, once on paper and once before a real venue whose fills are those of the paper venue, at
 * the same prices and with the same fees, told as Binance tells them. What the executor asks is the
 * same then, request by request: kind, symbol, side, quantity, levels, reason, signal and time. The
 * real venue answers at once, so that what differs would be the program's own doing. What a real
 * venue alone has is set aside by the settings: entries cut into slices, and the target that is
 * watched by the program once its stop has been moved (it stands out of reach where stops move).
 */
#include "protocol_venue.h"

#include "core/base/random.h"
#include "core/bus/convert.h"
#include "core/sim/market_model.h"

extern const Service *const service_table[];
extern const unsigned service_count;

#ifdef PLANTED_BUGS
unsigned planted_bug;
#endif

#define SEEDS    24
#define MINUTES  720
#define WANT_MAX 4096

typedef struct Wanted {
    int64_t time_us;
    OrderRequest request;
} Wanted;

static Wanted on_paper[WANT_MAX], live[WANT_MAX];
static unsigned paper_count, live_count;

/* ---- the paper side -------------------------------------------------------------------------- */

static Settings paper_settings;
static KernelPlan paper_plan;
static Kernel *paper;
static void *paper_memory;
static ExecutionReport fills[64];
static unsigned fill_count, ended_by[TradeReason_COUNT];

static void paper_input(Topic topic, const void *payload) {
    Error error;
    assert_true(kernel_input(paper, topic, stage.now_us, payload, &error));
}

static void paper_turn(void) {
    kernel_turn(paper);
    for (const Message *m = kernel_first(paper); m; m = kernel_next(paper, m)) {
        const ExecutionReport *report = m->payload;
        if (m->topic == TOPIC_ORDER_REQUESTS && paper_count < WANT_MAX)
            on_paper[paper_count++] = (Wanted){m->time_us, *(const OrderRequest *)m->payload};
        if (m->topic == TOPIC_EXECUTION_REPORTS && report->quantity.units > 0) {
            assert_true(fill_count < 64);
            fills[fill_count++] = *report;
            ended_by[report->reason]++;
        }
    }
}

static void open_paper(void) {
    Opening opening = {.asset = "USDC", .amount = money_of(10000 * (__int128)UNIT)};
    paper_settings = stage.settings;
    strcpy(paper_settings.venue.name, "paper");
    paper_plan = (KernelPlan){
        .services = service_table, .service_count = service_count, .settings = &paper_settings};
    size_t size = (kernel_size(&paper_plan) + 15) & ~(size_t)15;
    paper_memory = aligned_alloc(16, size);
    assert_non_null(paper_memory);
    memset(paper_memory, 0, size);
    paper = kernel_init(paper_memory, &paper_plan);
    paper_input(TOPIC_SYMBOL_FILTERS, &stage.filters);
    paper_input(TOPIC_OPENINGS, &opening);
    paper_turn();
}

/* ---- the live side --------------------------------------------------------------------------- */

static unsigned served;
static Random whim;
static unsigned signals;
static int64_t skew; /* of the venue's fill prices against paper's, to see that it shows */

static void keep_wanted(void) {
    for (const Message *m = kernel_first(stage.kernel); m; m = kernel_next(stage.kernel, m))
        if (m->topic == TOPIC_ORDER_REQUESTS && live_count < WANT_MAX)
            live[live_count++] = (Wanted){m->time_us, *(const OrderRequest *)m->payload};
}

/* The turn, and at the same instant every answer to what it asks. */
static void live_turn(void) {
    for (bool more = true; more;) {
        static VenueRequest now[KEPT];
        kernel_turn(stage.kernel);
        keep_wanted();
        (void)stage_listen();
        unsigned count = stage.held_count;
        memcpy(now, stage.held, count * sizeof now[0]);
        stage.held_count = 0;
        more = count > 0 || served < stage.request_count;
        for (unsigned i = 0; i < count; i++)
            stage_answer_question(&now[i]);
        while (served < stage.request_count) {
            VenueRequest request = stage.requests[served++ % KEPT];
            bool market = strstr(request.parameters, "type=MARKET") != NULL;
            int status = 200;
            if (market) { /* it fills with the next price, as on paper */
                stage_full_json(
                    stage_book_add(&request, "newClientOrderId", "MARKET", "NEW", ++venue_ids),
                    venue_body, sizeof venue_body);
            } else {
                status = venue_carry_out(&request);
            }
            stage_reply_full(request.id, OUTCOME_ANSWERED, status, venue_body);
        }
    }
}

static void live_frame(const char *text) {
    static VenueEvent event;
    event = (VenueEvent){0};
    snprintf(event.frame, sizeof event.frame, "%s", text);
    stage_input(TOPIC_VENUE_EVENTS, &event);
}

/* The order in the venue's book that a fill on paper belongs to. */
static BookOrder *filled(const ExecutionReport *fill) {
    const char *type = fill->reason == REASON_TAKE_PROFIT ? "LIMIT_MAKER"
                       : fill->reason == REASON_STOP_LOSS || fill->reason == REASON_TRAILING_STOP
                           ? "STOP_LOSS"
                           : "MARKET";
    for (unsigned i = 0; i < stage.book.order_count; i++) {
        BookOrder *order = &stage.book.orders[i];
        if (stage_rests(order) && strcmp(order->type, type) == 0) return order;
    }
    print_error("no %s rests at the venue for a fill of %s\n", type, fill->order_id);
    fail();
    return NULL;
}

static void book(const ExecutionReport *fill) {
    BookOrder *order = filled(fill);
    int64_t milli = fill->quantity.units / (UNIT / 1000);
    int64_t cents = (fill->price.units + skew) / (UNIT / 100);
    const BookTrade *told = stage_book_trade(order, ++venue_trades, milli, cents);
    BookTrade *trade = &stage.book.trades[stage.book.trade_count - 1];
    int64_t fee = (int64_t)fill->fee.units;
    assert_true(trade == told && trade->quantity == fill->quantity.units);
    if (trade->is_buyer) stage.book.btc += trade->fee - fee;
    if (!trade->is_buyer) stage.book.usdc += trade->fee - fee;
    trade->fee = fee;
    order->status = "FILLED";
    live_frame(stage_event_text(order, "TRADE", trade));
    for (unsigned i = 0; i < stage.book.order_count; i++) {
        BookOrder *other = &stage.book.orders[i];
        if (other == order || order->list_id < 0 || other->list_id != order->list_id ||
            !stage_rests(other))
            continue;
        other->status = "EXPIRED";
        live_frame(stage_event_text(other, "EXPIRED", NULL));
    }
}

/* What is long over leaves the book: it has few places. */
static void tidy_book(void) {
    unsigned kept = 0;
    if (stage.book.order_count < BOOK_MAX - 8) return;
    for (unsigned i = 0; i < stage.book.order_count; i++)
        if (stage_rests(&stage.book.orders[i])) stage.book.orders[kept++] = stage.book.orders[i];
    stage.book.order_count = kept;
}

/* ---- one log for both ------------------------------------------------------------------------ */

static void pass_timers(int64_t until_us) {
    for (;;) {
        int64_t due = kernel_timer_due(stage.kernel), other = kernel_timer_due(paper);
        int64_t next = due < other ? due : other;
        if (next >= until_us) break;
        if (next > stage.now_us) stage.now_us = next;
        if (other <= next) {
            kernel_input_timers(paper, stage.now_us);
            paper_turn();
        }
        if (due <= next) {
            kernel_input_timers(stage.kernel, stage.now_us);
            live_turn();
        }
    }
    if (until_us > stage.now_us) stage.now_us = until_us;
}

static void hear(int64_t time_us, Topic topic, const void *payload) {
    pass_timers(time_us);
    paper_input(topic, payload);
    paper_turn();
    stage_input(topic, payload);
    for (unsigned i = 0; i < fill_count; i++)
        book(&fills[i]);
    fill_count = 0;
    live_turn();
    tidy_book();
}

/* Signals of the analyst are rare on twelve hours: these come on top, and pass the same risk. */
static void say_signal(Price price) {
    Signal signal;
    if (random_below(&whim, 8) != 0) return;
    memset(&signal, 0, sizeof signal);
    snprintf(signal.id, sizeof signal.id, "s-9%u", ++signals);
    strcpy(signal.symbol, "BTCUSDC");
    signal.decision = random_below(&whim, 20) ? DECISION_BUY : DECISION_SELL;
    signal.score = signal.decision == DECISION_BUY ? 0.8 : -0.8;
    signal.confidence = 0.9;
    signal.timestamp = signal.market_timestamp = stage.now_us;
    signal.price = price;
    hear(stage.now_us, TOPIC_TRADING_SIGNALS, &signal);
}

/* An operator, and a feed that stalls. */
static void disturb(unsigned minute) {
    static const KillLevel levels[] = {KILL_PAUSE, KILL_STOP, KILL_FLATTEN};
    Control control = {.by = "law", .reason = "a whim"};
    FeedStatus status = {.text = "a whim"};
    if (minute % 90 == 60) control.level = levels[random_below(&whim, 3)];
    if (minute % 90 == 60 || minute % 90 == 70) hear(stage.now_us, TOPIC_CONTROLS, &control);
    status.condition = minute % 50 == 40 ? CONDITION_STALE : CONDITION_LIVE;
    if (minute % 50 == 40 || minute % 50 == 43) hear(stage.now_us, TOPIC_FEED_STATUS, &status);
}

static void hear_minute(const Bar *bar) {
    static const int seconds[] = {1, 20, 40, 59};
    bool rises = bar->close.units >= bar->open.units;
    const Price corners[] = {bar->open, rises ? bar->low : bar->high, rises ? bar->high : bar->low,
                             bar->close};
    for (unsigned i = 0; i < 4; i++) {
        PriceMove move = {.symbol = "BTCUSDC", .price = corners[i]};
        move.high = move.low = move.price;
        hear(bar->time_us + seconds[i] * INSTANT_SECOND_US, TOPIC_PRICES, &move);
        say_signal(corners[i]);
    }
    MarketBar said;
    memset(&said, 0, sizeof said);
    message_from_bar("BTCUSDC", INTERVAL_1M, bar, &said);
    said.live = true;
    hear(bar->time_us + INSTANT_MINUTE_US - 1, TOPIC_BARS, &said);
}

static void draw_settings(uint64_t seed) {
    Settings *settings = &stage.settings;
    bool trails = seed % 2;
    settings->venue.volume_share = 1;
    settings->trading.signal_score_threshold = 0.1;
    settings->trading.ai_confidence_threshold = 0.1;
    settings->trading.ai_analysis_interval = 60;
    settings->trading.stop_loss_pct = 0.3 + (double)(seed % 5) * 0.2;
    settings->trading.take_profit_pct = trails ? 50 : settings->trading.stop_loss_pct * 1.5;
    settings->trading.position_size = 0.1 + 0.1 * (double)(seed % 4);
    settings->risk.trailing_stop_loss_enabled = trails;
    settings->trailing.activation_threshold_pct = 0.2;
    settings->trailing.trail_percent = 0.2;
    settings->trailing.step_size = 0.05;
    settings->trailing.max_adjustment_frequency_seconds = 30;
}

static void play(uint64_t seed, int64_t skewed_by) {
    static MarketModel model;
    SymbolName name = {"BTCUSDC"};
    Bar bar;
    Error error;
    stage_prepare();
    draw_settings(seed);
    stage_open(service_table, service_count);
    assert_int_equal(stage.state.condition, VENUE_READY);
    served = stage.request_count;
    paper_count = live_count = fill_count = 0;
    skew = skewed_by;
    whim = random_stream(seed, 1);
    signals = 0;
    open_paper();
    int64_t begin_us = stage.now_us - stage.now_us % INSTANT_MINUTE_US + INSTANT_MINUTE_US;
    assert_true(market_model_init(&model, seed, begin_us, &name, 1, &error));
    for (unsigned i = 0; i < MINUTES; i++) {
        market_model_minute(&model, &bar);
        hear_minute(&bar);
        disturb(i);
    }
    stage_end();
    free(paper_memory);
}

/* ---- the law --------------------------------------------------------------------------------- */

static bool same(const Wanted *a, const Wanted *b) {
    return a->time_us == b->time_us && memcmp(&a->request, &b->request, sizeof a->request) == 0;
}

static void tell(const char *side, const Wanted *wanted, unsigned at, unsigned count) {
    char quantity[DECIMAL_TEXT_MAX], stop[DECIMAL_TEXT_MAX];
    if (at >= count) {
        print_message("  %s: nothing\n", side);
        return;
    }
    const OrderRequest *request = &wanted[at].request;
    quantity_to_text(request->quantity, quantity);
    price_to_text(request->stop_price, stop);
    print_message("  %s: %lld %s %s %s %s stop %s %s %s\n", side, (long long)wanted[at].time_us,
                  request->order_id, OrderAction_text(request->action), Side_text(request->side),
                  quantity, stop, TradeReason_text(request->reason), request->signal_id);
}

/* The number of the first request that differs, -1: none does. */
static int first_difference(void) {
    unsigned most = paper_count > live_count ? paper_count : live_count;
    for (unsigned i = 0; i < most; i++)
        if (i >= paper_count || i >= live_count || !same(&on_paper[i], &live[i])) return (int)i;
    return -1;
}

static void test_the_same_orders_on_one_log(void **state) {
    unsigned orders = 0, kinds[OrderAction_COUNT] = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        play(seed, 0);
        int at = first_difference();
        if (at >= 0) {
            print_message("seed %llu, request %d of %u and %u:\n", (unsigned long long)seed, at,
                          paper_count, live_count);
            tell("paper", on_paper, (unsigned)at, paper_count);
            tell("live", live, (unsigned)at, live_count);
        }
        assert_int_equal(at, -1);
        assert_int_equal(stage.errors, 0);
        for (unsigned i = 0; i < live_count; i++)
            kinds[live[i].request.action]++;
        orders += live_count;
    }
    print_message("%d seeds, %u requests: %u market, %u protect, %u move_stop, %u cancel\n", SEEDS,
                  orders, kinds[ORDER_ACTION_MARKET], kinds[ORDER_ACTION_PROTECT],
                  kinds[ORDER_ACTION_MOVE_STOP], kinds[ORDER_ACTION_CANCEL]);
    print_message("fills: %u by signal, %u stops, %u targets, %u moved stops\n",
                  ended_by[REASON_SIGNAL], ended_by[REASON_STOP_LOSS], ended_by[REASON_TAKE_PROFIT],
                  ended_by[REASON_TRAILING_STOP]);
    for (unsigned i = 0; i < OrderAction_COUNT; i++)
        assert_true(kinds[i] > 0); /* all that can be asked was asked, and ended in every way */
    assert_true(ended_by[REASON_SIGNAL] && ended_by[REASON_STOP_LOSS] &&
                ended_by[REASON_TAKE_PROFIT] && ended_by[REASON_TRAILING_STOP]);
}

/* A venue that fills a tick away from paper, and nothing else: the next stop shows it. */
static void test_a_difference_of_one_tick_shows(void **state) {
    unsigned shown = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        play(seed, UNIT / 100);
        shown += paper_count > 1 && first_difference() > 0;
    }
    assert_int_equal(shown, 4);
}

int main(int count, char **words) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_orders_on_one_log),
        cmocka_unit_test(test_a_difference_of_one_tick_shows),
    };
#ifdef PLANTED_BUGS
    planted_bug = count > 1 ? (unsigned)atoi(words[1]) : 0;
#else
    (void)count, (void)words;
#endif
    return cmocka_run_group_tests(tests, NULL, NULL);
}
