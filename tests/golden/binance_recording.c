/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real recording of combined streams (depth@100ms, trade, bookTicker, one REST snapshot) of two
 * symbols. Every frame must be read, by both readers to the same event. The book is rebuilt from
 * the snapshot and the depth changes; after each change it stands at update number u, and its best
 * bid and ask (price and quantity) must be those of the last bookTicker whose number is not above
 * u, since the venue tells every change of the best. The trades, folded, must give the candles of
 * an independent script.
 */
#include "unit.h"

#include <zlib.h>

#include "core/market/feed_guard.h"
#include "core/venues/binance_layout.h"
#include "core/venues/binance_rest.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

enum { LINE_MAX_BYTES = 1 << 18, LEVELS = 12000, TICKERS_MAX = 40000, BARS_MAX = 16, EARLY = 64 };

typedef struct Recording {
    Book book;
    char *early[EARLY]; /* depth frames heard before the snapshot */
    unsigned early_count;
    BinanceTicker *tickers; /* in rising number */
    unsigned ticker_count, frames, refused, unlike, fixed_order;
    BookLevel *best; /* bid and ask after each change */
    int64_t *best_id;
    unsigned best_count, gaps, crossed, old;
    FeedGuard guard;
    TradeFold fold;
    Bar bars[BARS_MAX];
    unsigned bar_count, trades, guarded, points;
} Recording;

static void take_depth(Recording *recording, const BookChange *change) {
    BookAnswer answer = book_apply(&recording->book, change);
    if (answer == BOOK_OLD) recording->old++;
    if (answer == BOOK_GAP) recording->gaps++;
    if (answer == BOOK_CROSSED) recording->crossed++;
    if (answer != BOOK_APPLIED) return;
    unsigned at = recording->best_count++;
    assert_true(at < TICKERS_MAX);
    recording->best[2 * at] = *book_bid(&recording->book, 0);
    recording->best[2 * at + 1] = *book_ask(&recording->book, 0);
    recording->best_id[at] = recording->book.last_id;
}

static void take_trade(Recording *recording, const BinanceEvent *event) {
    Bar closed;
    PricePoint point;
    bool partial = false;
    recording->trades++;
    GuardVerdict verdict =
        feed_guard_print(&recording->guard, &event->symbol, &event->trade, event->event_us);
    if (verdict.answer != GUARD_TAKE) {
        recording->guarded++;
        return;
    }
    if (trade_fold_add(&recording->fold, &event->trade, &closed, &partial) == FOLD_CLOSED &&
        !partial) {
        assert_true(recording->bar_count < BARS_MAX);
        recording->bars[recording->bar_count++] = closed;
    }
    if (trade_fold_price(&recording->fold, event->trade.time_us, &point)) recording->points++;
}

static bool same_event(const BinanceEvent *a, const BinanceEvent *b) {
    if (a->kind != b->kind || a->event_us != b->event_us) return false;
    if (!symbol_name_equal(&a->symbol, &b->symbol)) return false;
    if (a->kind == BINANCE_BOOK_TICKER) return !memcmp(&a->ticker, &b->ticker, sizeof a->ticker);
    if (a->kind != BINANCE_TRADE) return true;
    const Print *x = &a->trade, *y = &b->trade;
    return x->time_us == y->time_us && x->id == y->id && x->price.units == y->price.units &&
           x->quantity.units == y->quantity.units && x->taker_sold == y->taker_sold;
}

static void take_event(Recording *recording, const BinanceEvent *event) {
    assert_true(feed_guard_watch(&recording->guard, &event->symbol));
    if (event->kind == BINANCE_DEPTH) take_depth(recording, &event->depth);
    if (event->kind == BINANCE_TRADE) take_trade(recording, event);
    if (event->kind != BINANCE_BOOK_TICKER) return;
    assert_true(recording->ticker_count < TICKERS_MAX);
    recording->tickers[recording->ticker_count++] = event->ticker;
}

/* The snapshot, then the changes that were buffered. */
static void take_snapshot(Recording *recording, Slice frame, BinanceLevels room) {
    BinanceEvent event;
    BookChange snapshot;
    assert_true(binance_rest_depth(frame, room, &snapshot, NULL));
    assert_int_equal(book_snapshot(&recording->book, &snapshot), BOOK_APPLIED);
    assert_true(recording->early_count > 0);
    for (unsigned i = 0; i < recording->early_count; i++) {
        assert_true(binance_stream_read(slice_of(recording->early[i]), room, &event, NULL));
        if (i == 0) assert_true(book_snapshot_fits(snapshot.last_id, event.depth.first_id));
        take_depth(recording, &event.depth);
        free(recording->early[i]);
    }
}

static void take_frame(Recording *recording, Slice frame, BinanceLevels room) {
    BinanceEvent event, slow;
    Error error = {0};
    recording->frames++;
    if (slice_starts(frame, "{\"lastUpdateId\"")) {
        take_snapshot(recording, frame, room);
        return;
    }
    if (!binance_stream_read(frame, room, &event, &error)) {
        print_error("refused: %s, %s\n", error.message, error.where);
        recording->refused++;
        return;
    }
    if (!binance_stream_read_any(frame, room, &slow, &error) || !same_event(&event, &slow)) {
        recording->unlike++;
    }
    recording->fixed_order += binance_layout_read(frame, &slow);
    if (event.kind == BINANCE_DEPTH && !recording->book.is_valid) {
        assert_true(recording->early_count < EARLY);
        recording->early[recording->early_count++] = strndup(frame.at, frame.length);
        return;
    }
    take_event(recording, &event);
}

static void read_recording(Recording *recording, const char *path) {
    char *line = malloc(LINE_MAX_BYTES);
    BookLevel *levels = calloc(LEVELS, sizeof *levels);
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    while (gzgets(file, line, LINE_MAX_BYTES)) {
        char *json = strchr(line, ' ');
        assert_non_null(json);
        take_frame(recording, slice_trim(slice_of(json)), (BinanceLevels){levels, LEVELS});
    }
    gzclose(file);
    free(levels);
    free(line);
}

static void start(Recording *recording) {
    *recording = (Recording){0};
    book_init(&recording->book, calloc(2 * BOOK_LEVELS_MAX, sizeof(BookLevel)), BOOK_LEVELS_MAX);
    recording->tickers = calloc(TICKERS_MAX, sizeof *recording->tickers);
    recording->best = calloc(2 * TICKERS_MAX, sizeof *recording->best);
    recording->best_id = calloc(TICKERS_MAX, sizeof *recording->best_id);
    trade_fold_init(&recording->fold, 250000);
}

static void stop(Recording *recording) {
    free(recording->book.asks.levels - BOOK_LEVELS_MAX);
    free(recording->tickers);
    free(recording->best);
    free(recording->best_id);
}

static bool level_is(const BookLevel *a, const BookLevel *b) {
    return a->price.units == b->price.units && a->quantity.units == b->quantity.units;
}

/* Every book state with a ticker at or before it; `exact` are those of the very same number. */
static void compare_best(const Recording *recording, unsigned *compared, unsigned *exact) {
    unsigned at = 0;
    *compared = *exact = 0;
    for (unsigned i = 0; i < recording->best_count; i++) {
        while (at < recording->ticker_count &&
               recording->tickers[at].update_id <= recording->best_id[i])
            at++;
        if (at == 0) continue;
        const BinanceTicker *ticker = &recording->tickers[at - 1];
        assert_true(level_is(&ticker->bid, &recording->best[2 * i]));
        assert_true(level_is(&ticker->ask, &recording->best[2 * i + 1]));
        ++*compared;
        *exact += ticker->update_id == recording->best_id[i];
    }
}

static void compare_candle(const Bar *bar, const char *line) {
    char open[32], high[32], low[32], close[32];
    long long time_ms;
    double volume;
    unsigned trades;
    Price price;
    assert_int_equal(sscanf(line, "%lld %31s %31s %31s %31s %lf %u", &time_ms, open, high, low,
                            close, &volume, &trades),
                     7);
    assert_int_equal(bar->time_us, time_ms * 1000);
    const char *texts[] = {open, high, low, close};
    Price prices[] = {bar->open, bar->high, bar->low, bar->close};
    for (int i = 0; i < 4; i++) {
        assert_true(price_parse(slice_of(texts[i]), &price));
        assert_int_equal(price.units, prices[i].units);
    }
    assert_true(bar->volume == volume);
    assert_int_equal(bar->trades, trades);
}

static void compare_candles(const Recording *recording, const char *path) {
    char command[2300], line[256];
    unsigned count = 0;
    snprintf(command, sizeof command, "gzip -dc '%s' | awk -f tests/golden/naive_candles.awk",
             path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    while (fgets(line, sizeof line, pipe)) {
        assert_true(count < recording->bar_count);
        compare_candle(&recording->bars[count++], line);
    }
    assert_int_equal(pclose(pipe), 0);
    assert_int_equal(count, 5);
    assert_int_equal(recording->bar_count, 5);
}

static void check_recording(const char *name, unsigned frames, unsigned best, unsigned exact_best) {
    Recording recording;
    unsigned compared, exact;
    const char *path = shared_data(name);
    start(&recording);
    read_recording(&recording, path);
    assert_int_equal(recording.frames, frames);
    assert_int_equal(recording.refused + recording.unlike + recording.guarded, 0);
    assert_int_equal(recording.gaps + recording.crossed, 0);
    /* The venue itself writes in the order that the tick path reads. */
    assert_int_equal(recording.fixed_order, recording.trades + recording.ticker_count);
    compare_best(&recording, &compared, &exact);
    assert_int_equal(compared, best);
    assert_int_equal(exact, exact_best);
    compare_candles(&recording, path);
    print_message("%s: %u frames, 0 refused; %u book states agree with bookTicker (%u of the same "
                  "number), 0 differ; %u trades, 5 candles equal, %u price points\n",
                  name, recording.frames, compared, exact, recording.trades, recording.points);
    stop(&recording);
}

static void test_btc(void **state) {
    (void)state;
    check_recording("api/binance/ws_recorded/btcusdt_20240808.gz", 41249, 3449, 564);
}

static void test_eth(void **state) {
    (void)state;
    check_recording("api/binance/ws_recorded/ethusdt_20240808.gz", 33618, 3432, 577);
}

/* Every example of the venue's stream documentation. Two of them, the klines, show a low above
 * their open: what cannot be is refused, in documentation too. */
static void test_documentation(void **state) {
    (void)state;
    static const char PAYLOAD[] = "\"payload\": ";
    char line[4096];
    unsigned count = 0, impossible = 0, named = 0;
    BookLevel levels[8];
    FILE *file = fopen(shared_data("api/binance/docs/web-socket-streams.examples.jsonl"), "r");
    assert_non_null(file);
    for (; fgets(line, sizeof line, file); count++) {
        const char *begin = strstr(line, PAYLOAD);
        assert_non_null(begin);
        Slice frame = slice_trim(slice_of(begin + sizeof PAYLOAD - 1));
        BinanceEvent event;
        Error error = {0};
        frame.length--; /* the line's own closing brace */
        if (binance_stream_read(frame, (BinanceLevels){levels, 8}, &event, &error)) {
            named += event.kind == BINANCE_UNKNOWN && event.unknown[0];
            continue;
        }
        assert_non_null(strstr(error.message, "kline: open is outside"));
        impossible++;
    }
    fclose(file);
    assert_int_equal(count, 27);
    assert_int_equal(impossible, 2);
    print_message("documentation: 27 payloads, 2 impossible klines refused, %u unknown named\n",
                  named);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_btc), cmocka_unit_test(test_eth),
                                       cmocka_unit_test(test_documentation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
