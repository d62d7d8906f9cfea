/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the stream's codec and of the guard behind it: every kind, every way of being bad, and
 * the law that the fixed-order reader says exactly what the general one says. */
#include "unit.h"

#include "core/base/json.h"
#include "core/base/random.h"
#include "core/market/feed_guard.h"
#include "core/venues/binance_layout.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static BookLevel levels[64];
static const BinanceLevels room = {levels, 64};

#define KLINE(E, t, T, prices, rest)                                                               \
    "{\"e\":\"kline\",\"E\":" E ",\"s\":\"BTCUSDC\",\"k\":{\"t\":" t ",\"T\":" T                   \
    ",\"s\":\"BTCUSDC\",\"i\":\"1m\",\"f\":5001,\"L\":5182," prices ",\"v\":\"12.40518\"," rest    \
    ",\"q\":\"759913.22\",\"V\":\"6.1002\",\"Q\":\"373701.5\",\"B\":\"0\"}}"
#define PRICES(o, c, h, l) "\"o\":\"" o "\",\"c\":\"" c "\",\"h\":\"" h "\",\"l\":\"" l "\""
#define GOOD_PRICES        PRICES("61250.10", "61271.35", "61280.00", "61244.90")
#define GOOD_KLINE                                                                                 \
    KLINE("1790000100021", "1790000040000", "1790000099999", GOOD_PRICES, "\"n\":182,\"x\":true")
#define TRADE(E, s, t, p, q, T)                                                                    \
    "{\"e\":\"trade\",\"E\":" E ",\"s\":\"" s "\",\"t\":" t ",\"p\":\"" p "\",\"q\":\"" q          \
    "\",\"T\":" T ",\"m\":true,\"M\":true}"
#define GOOD_TRADE                                                                                 \
    TRADE("1790000100030", "BTCUSDC", "77", "61250.10", "0.00100000", "1790000100029")
#define GOOD_TICKER                                                                                \
    "{\"u\":400900217,\"s\":\"BNBUSDT\",\"b\":\"25.35190000\",\"B\":\"31.21000000\","              \
    "\"a\":\"25.36520000\",\"A\":\"40.66000000\"}"
#define GOOD_DEPTH                                                                                 \
    "{\"e\":\"depthUpdate\",\"E\":1672515782136,\"s\":\"BNBBTC\",\"U\":157,\"u\":160,"             \
    "\"b\":[[\"0.0024\",\"10\"]],\"a\":[[\"0.0026\",\"100\"],[\"0.0027\",\"0\"]]}"

static BinanceEvent read_good(const char *frame) {
    BinanceEvent event;
    Error error = {0};
    if (!binance_stream_read(slice_of(frame), room, &event, &error)) {
        print_error("%s, %s: %s\n", error.message, error.where, frame);
        fail();
    }
    return event;
}

static void test_kline(void **state) {
    (void)state;
    BinanceEvent event = read_good("{\"stream\":\"btcusdc@kline_1m\",\"data\":" GOOD_KLINE "}");
    const Bar *bar = &event.kline.bar;
    assert_int_equal(event.kind, BINANCE_KLINE);
    assert_string_equal(event.symbol.text, "BTCUSDC");
    assert_int_equal(event.event_us, 1790000100021000);
    assert_int_equal(event.kline.interval, INTERVAL_1M);
    assert_true(event.kline.is_closed);
    assert_int_equal(bar->time_us, 1790000040000000);
    assert_int_equal(bar->open.units, 6125010000000);
    assert_int_equal(bar->close.units, 6127135000000);
    assert_int_equal(bar->high.units, 6128000000000);
    assert_int_equal(bar->low.units, 6124490000000);
    assert_true(bar->volume == 12.40518 && bar->quote_volume == 759913.22);
    assert_true(bar->taker_volume == 6.1002);
    assert_int_equal(bar->trades, 182);
    assert_int_equal(bar->bars, 1);
}

static void test_kinds(void **state) {
    (void)state;
    BinanceEvent event = read_good(GOOD_TRADE);
    assert_int_equal(event.kind, BINANCE_TRADE);
    assert_int_equal(event.trade.id, 77);
    assert_int_equal(event.trade.quantity.units, 100000);
    assert_true(event.trade.taker_sold);
    event = read_good("{\"e\":\"aggTrade\",\"E\":1672515782136,\"s\":\"BNBBTC\",\"a\":12345,\"p\":"
                      "\"0.001\",\"q\":\"100\",\"f\":100,\"l\":105,\"T\":1672515782136,\"m\":true,"
                      "\"M\":true}");
    assert_int_equal(event.kind, BINANCE_AGG_TRADE);
    assert_int_equal(event.trade.id, 12345);
    assert_int_equal(event.trade.price.units, 100000);
    event = read_good(GOOD_TICKER);
    assert_int_equal(event.kind, BINANCE_BOOK_TICKER);
    assert_int_equal(event.ticker.update_id, 400900217);
    assert_int_equal(event.ticker.ask.price.units, 2536520000);
    event = read_good(GOOD_DEPTH);
    assert_int_equal(event.kind, BINANCE_DEPTH);
    assert_int_equal(event.depth.first_id, 157);
    assert_int_equal(event.depth.bid_count, 1);
    assert_int_equal(event.depth.ask_count, 2);
    assert_int_equal(event.depth.asks[1].price.units, 270000);
    assert_int_equal(event.depth.asks[1].quantity.units, 0);
    event = read_good("{\"e\":\"24hrMiniTicker\",\"E\":1672515782136,\"s\":\"BNBBTC\",\"c\":"
                      "\"0.0025\",\"o\":\"0.0010\",\"h\":\"0.0025\",\"l\":\"0.0010\",\"v\":"
                      "\"10000\",\"q\":\"18\"}");
    assert_int_equal(event.kind, BINANCE_MINI_TICKER);
    assert_true(event.mini.quote_volume == 18);
}

static void test_control(void **state) {
    (void)state;
    BinanceEvent event = read_good("{\"result\":null,\"id\":312}");
    assert_int_equal(event.kind, BINANCE_REPLY);
    assert_int_equal(event.reply_id, 312);
    event = read_good("{\"result\":[\"btcusdt@aggTrade\"],\"id\":\"ab\"}");
    assert_int_equal(event.reply_id, -1);
    event = read_good("{\"error\":{\"code\":4,\"msg\":\"Too many subscriptions\"},\"id\":1}");
    assert_int_equal(event.kind, BINANCE_ERROR);
    assert_int_equal(event.fault.code, 4);
    assert_string_equal(event.fault.text, "Too many subscriptions");
    event = read_good("{\"code\":2,\"msg\":\"Invalid request\"}");
    assert_int_equal(event.kind, BINANCE_ERROR);
    event = read_good("{\"e\":\"serverShutdown\",\"E\":1770123456789}");
    assert_int_equal(event.kind, BINANCE_SHUTDOWN);
    event = read_good("{\"stream\":\"!serverShutdown\",\"data\":"
                      "{\"e\":\"serverShutdown\",\"E\":1770123456789}}");
    assert_int_equal(event.kind, BINANCE_SHUTDOWN);
    assert_int_equal(event.event_us, 1770123456789000);
}

static void test_unknown(void **state) {
    (void)state;
    static const char *const CASES[][2] = {
        {"{\"e\":\"avgPrice\",\"E\":1693907033000,\"s\":\"BTCUSDT\",\"w\":\"1\"}", "avgPrice"},
        {"{\"stream\":\"!miniTicker@arr\",\"data\":[{}]}", "!miniTicker@arr"},
        {"{\"stream\":\"x@depth5\",\"data\":{\"lastUpdateId\":160,\"bids\":[]}}", "x@depth5"},
        {"[{}]", "not an object"},
        {"{}", "nameless object"},
    };
    for (unsigned i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        BinanceEvent event = read_good(CASES[i][0]);
        assert_int_equal(event.kind, BINANCE_UNKNOWN);
        assert_string_equal(event.unknown, CASES[i][1]);
    }
    char frame[] = GOOD_KLINE;
    memcpy(strstr(frame, "\"1m\"") + 1, "1M", 2); /* a month: not an interval of ours */
    BinanceEvent event = read_good(frame);
    assert_int_equal(event.kind, BINANCE_UNKNOWN);
    assert_string_equal(event.unknown, "kline_1M");
}

/* What the guard has taken before each bad frame: a bar and a print at 61250.10. */
static void prepare(FeedGuard *guard) {
    SymbolName symbol;
    feed_guard_init(guard);
    assert_true(symbol_name_set(&symbol, SLICE("BTCUSDC")));
    assert_true(feed_guard_watch(guard, &symbol));
    Bar bar = read_good(GOOD_KLINE).kline.bar;
    Print print = read_good(GOOD_TRADE).trade;
    assert_int_equal(feed_guard_bar(guard, &symbol, &bar, 1790000100030000).answer, GUARD_TAKE);
    assert_int_equal(feed_guard_print(guard, &symbol, &print, 1790000100030000).answer, GUARD_TAKE);
}

/* NULL if codec and guard take the frame, else the reason. */
static const char *judge(FeedGuard *guard, const char *frame, Error *error) {
    BinanceEvent event;
    GuardVerdict verdict = {GUARD_TAKE, NULL};
    *error = (Error){0};
    if (!binance_stream_read(slice_of(frame), room, &event, error)) return error->message;
    int64_t now_us = 1790000161000000;
    if (event.kind == BINANCE_KLINE)
        verdict = feed_guard_bar(guard, &event.symbol, &event.kline.bar, now_us);
    if (event.kind == BINANCE_TRADE)
        verdict = feed_guard_print(guard, &event.symbol, &event.trade, now_us);
    return verdict.answer == GUARD_REFUSED ? verdict.reason : NULL;
}

#define NEXT(prices, rest) KLINE("1790000160021", "1790000100000", "1790000159999", prices, rest)
#define CLOSED             "\"n\":182,\"x\":true"

static const char *const BAD[][2] = {
    {"", "malformed JSON"},
    {"{\"e\":\"trade\",\"E\":17900001", "malformed JSON"},
    {"{\"e\":\"trade\"} x", "text behind the end"},
    {"nonsense", "malformed JSON"},
    {"{\"e\":5}", "bad value of \"e\""},
    {"{\"e\":\"trade\",\"e\":\"kline\"}", "key comes twice: \"e\""},
    {"{\"stream\":\"a\",\"data\":{\"e\":\"trade\",\"e\":\"kline\"}}", "key comes twice: \"e\""},
    {"{\"stream\":\"a@trade\",\"data\":{\"e\":\"trade\"}}", "missing \"E\""},
    {TRADE("1790000160030", "BTCUSDC", "78", "0.00000000", "1", "1790000160029"),
     "price is not above zero"},
    {TRADE("1790000160030", "BTCUSDC", "78", "-5.0", "1", "1790000160029"),
     "price is not above zero"},
    {TRADE("1790000160030", "BTCUSDC", "78", "6e4", "1", "1790000160029"), "bad value of \"p\""},
    {TRADE("1790000160030", "BTCUSDC", "78", "61250.123456789", "1", "1790000160029"),
     "bad value of \"p\""},
    {TRADE("1790000160030", "BTCUSDC", "78", "NaN", "1", "1790000160029"), "bad value of \"p\""},
    {TRADE("1790000160030", "BTCUSDC", "78", "61250,10", "1", "1790000160029"),
     "bad value of \"p\""},
    {TRADE("1790000160030", "BTCUSDC", "78", "99999999999999", "1", "1790000160029"),
     "bad value of \"p\""},
    {TRADE("1790000160030", "BTCUSDC", "78", "61250", "0.0", "1790000160029"),
     "quantity is not above zero"},
    {TRADE("1790000160030", "BTCUSDC", "-2", "61250", "1", "1790000160029"), "negative id"},
    {TRADE("17900001600", "BTCUSDC", "78", "61250", "1", "1790000160029"), "bad value of \"E\""},
    {TRADE("1790000160030", "", "78", "61250", "1", "1790000160029"), "bad value of \"s\""},
    {TRADE("1790000160030", "DOGEUSDT", "78", "61250", "1", "1790000160029"), "not watched"},
    {TRADE("1790000160030", "BTCUSDC", "78", "49000.00", "1", "1790000160029"), "jumps more"},
    {TRADE("1790000160030", "BTCUSDC", "78", "73600.00", "1", "1790000160029"), "jumps more"},
    {TRADE("1790000160030", "BTCUSDC", "78", "61250", "1", "1790000100028"), "trade is older"},
    {TRADE("1790000960030", "BTCUSDC", "78", "61250", "1", "1790000960029"), "from the future"},
    {NEXT(PRICES("61250.10", "61271.35", "61240.00", "61244.90"), CLOSED), "high is below low"},
    {NEXT(PRICES("61300.10", "61271.35", "61280.00", "61244.90"), CLOSED), "open is outside"},
    {NEXT(PRICES("61250.10", "61200.35", "61280.00", "61244.90"), CLOSED), "close is outside"},
    {NEXT(PRICES("0", "61271.35", "61280.00", "0"), CLOSED), "not above zero"},
    {NEXT(PRICES("61250.10", "61271.35", "75000.00", "61244.90"), CLOSED), "bar jumps more"},
    {NEXT(PRICES("61250.10", "61271.35", "61280.00", "30000.00"), CLOSED), "bar jumps more"},
    {NEXT(GOOD_PRICES, "\"n\":-1,\"x\":true"), "bad value of \"n\""},
    {NEXT(GOOD_PRICES, "\"n\":1,\"x\":\"true\""), "bad value of \"x\""},
    {NEXT(GOOD_PRICES, "\"n\":1"), "missing \"x\""},
    {KLINE("1790000160021", "1790000100001", "1790000160000", GOOD_PRICES, CLOSED), "grid"},
    {KLINE("1790000160021", "1790000100000", "1790000160999", GOOD_PRICES, CLOSED), "close time"},
    {KLINE("1790000150000", "1790000100000", "1790000159999", GOOD_PRICES, CLOSED), "its end"},
    {KLINE("1790000940021", "1790000880000", "1790000939999", GOOD_PRICES, CLOSED), "the future"},
    {KLINE("1790000100021", "1789999980000", "1790000039999", GOOD_PRICES, CLOSED), "older than"},
    {"{\"u\":1,\"s\":\"A\",\"b\":\"2\",\"B\":\"1\",\"a\":\"2\",\"A\":\"1\"}", "not below ask"},
    {"{\"e\":\"depthUpdate\",\"E\":1672515782136,\"s\":\"A\",\"U\":161,\"u\":160,\"b\":[],\"a\":"
     "[]}",
     "first update after the last"},
    {"{\"e\":\"depthUpdate\",\"E\":1672515782136,\"s\":\"A\",\"U\":1,\"u\":2,\"b\":[[\"1\"]],"
     "\"a\":[]}",
     "bad level"},
    {"{\"error\":5,\"id\":1}", "not an object"},
};

static void test_bad(void **state) {
    (void)state;
    for (unsigned i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        FeedGuard guard;
        Error error;
        prepare(&guard);
        GuardRow before = guard.rows[0];
        const char *reason = judge(&guard, BAD[i][0], &error);
        if (!reason || !strstr(reason, BAD[i][1])) {
            print_error("frame %u: wanted \"%s\", got \"%s\"\n", i, BAD[i][1], reason);
            fail();
        }
        assert_true(error.code == ERROR_NONE || !strncmp(error.where, "byte ", 5));
        before.refused = guard.rows[0].refused;
        assert_memory_equal(&before, &guard.rows[0], sizeof before);
        /* The neighbours are as if it had not come. */
        assert_null(judge(&guard, NEXT(GOOD_PRICES, CLOSED), &error));
        assert_int_equal(guard.rows[0].bar_us, 1790000100000000);
    }
}

static void test_repeated_and_gap(void **state) {
    (void)state;
    FeedGuard guard;
    prepare(&guard);
    SymbolName symbol = guard.rows[0].symbol;
    Bar bar = read_good(GOOD_KLINE).kline.bar;
    Print print = read_good(GOOD_TRADE).trade;
    int64_t now_us = bar.time_us + 10 * INSTANT_MINUTE_US;
    assert_int_equal(feed_guard_bar(&guard, &symbol, &bar, now_us).answer, GUARD_REPEATED);
    assert_int_equal(feed_guard_print(&guard, &symbol, &print, now_us).answer, GUARD_REPEATED);
    bar.time_us += 3 * INSTANT_MINUTE_US;
    assert_int_equal(feed_guard_bar(&guard, &symbol, &bar, now_us).answer, GUARD_GAP);
    assert_int_equal(feed_guard_asked_bar(&guard, &symbol, &bar, now_us).answer, GUARD_TAKE);
    /* A jump that REST repeats is the market's. */
    bar.time_us += INSTANT_MINUTE_US;
    bar.open = bar.close = bar.high = bar.low = price_of(bar.close.units / 2);
    assert_int_equal(feed_guard_bar(&guard, &symbol, &bar, now_us).answer, GUARD_REFUSED);
    assert_int_equal(feed_guard_asked_bar(&guard, &symbol, &bar, now_us).answer, GUARD_TAKE);
    /* A minute after the last price the market is believed. */
    print.id++;
    print.time_us = guard.rows[0].last_us + FEED_GUARD_MEMORY_US + 1;
    assert_int_equal(feed_guard_print(&guard, &symbol, &print, print.time_us).answer, GUARD_TAKE);
}

/* Padding and unused members of the union are not compared. */
static bool same_event(const BinanceEvent *a, const BinanceEvent *b) {
    if (a->kind != b->kind || a->event_us != b->event_us) return false;
    if (memcmp(&a->symbol, &b->symbol, sizeof a->symbol) != 0) return false;
    if (a->kind == BINANCE_KLINE) {
        return memcmp(&a->kline.bar, &b->kline.bar, sizeof a->kline.bar) == 0 &&
               a->kline.interval == b->kline.interval && a->kline.is_closed == b->kline.is_closed;
    }
    if (a->kind == BINANCE_BOOK_TICKER) return !memcmp(&a->ticker, &b->ticker, sizeof a->ticker);
    return memcmp(&a->trade, &b->trade, offsetof(Print, taker_sold)) == 0 &&
           a->trade.taker_sold == b->trade.taker_sold;
}

/* Changes a few bytes of a good frame: where the fixed-order reader still says yes, the general one
 * must agree. */
static void test_layout_is_general(void **state) {
    (void)state;
    static const char *const SEEDS[] = {GOOD_KLINE, GOOD_TRADE, GOOD_TICKER,
                                        "{\"stream\":\"x@trade\",\"data\":" GOOD_TRADE "}"};
    static const char ALPHABET[] = "0123456789.-\"{}[]:,eE tfxsBm\\\x7f\xc3\x01";
    Random random = random_stream(7, 0);
    unsigned agreed = 0;
    for (unsigned turn = 0; turn < 60000; turn++) {
        char frame[512];
        snprintf(frame, sizeof frame, "%s", SEEDS[turn % 4]);
        size_t length = strlen(frame);
        for (unsigned change = turn < 4 ? 0 : 1 + random_below(&random, 2); change--;) {
            frame[random_below(&random, (uint32_t)length)] =
                ALPHABET[random_below(&random, sizeof ALPHABET - 1)];
        }
        BinanceEvent fast, slow;
        if (!binance_layout_read((Slice){frame, length}, &fast)) continue;
        agreed++;
        if (!binance_stream_read_any((Slice){frame, length}, room, &slow, NULL) ||
            !same_event(&fast, &slow)) {
            print_error("the readers differ: %s\n", frame);
            fail();
        }
    }
    assert_true(agreed > 5000); /* the seeds themselves and changed digits */
}

/* A frame cut at any byte is an Error, never an event. */
static void test_cut(void **state) {
    (void)state;
    static const char *const SEEDS[] = {GOOD_KLINE, GOOD_TRADE, GOOD_TICKER, GOOD_DEPTH};
    for (unsigned i = 0; i < 4; i++) {
        for (size_t length = 0; length < strlen(SEEDS[i]); length++) {
            BinanceEvent event;
            char *exact = malloc(length + 1); /* so that a sanitizer sees a read behind the end */
            memcpy(exact, SEEDS[i], length);
            exact = realloc(exact, length ? length : 1);
            assert_false(binance_stream_read((Slice){exact, length}, room, &event, NULL));
            free(exact);
        }
    }
}

static void test_spellings(void **state) {
    (void)state;
    BinanceEvent event = read_good(
        " { \"s\" : \"BTC\\u0055SDC\", \"E\":1790000100030000, \"new\":{\"x\":[1]}, \"M\":true,"
        "\"T\":1790000100029000,\"m\":false,\"q\":0.5,\"p\":61250.1,\"t\":9,\"e\":\"trade\" } ");
    assert_int_equal(event.kind, BINANCE_TRADE);
    assert_string_equal(event.symbol.text, "BTCUSDC");
    assert_int_equal(event.trade.price.units, 6125010000000);
    assert_int_equal(event.event_us, 1790000100030000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kline),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_control),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_repeated_and_gap),
        cmocka_unit_test(test_layout_is_general),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_spellings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
