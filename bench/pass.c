/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pass of issue 4: eleven indicators over a million bars into memory, alone and side by side
 * for eight symbols, next to public libraries where they were built (pass_peers.h). Each figure is
 * the median of several rounds in which the parties take turns, and so is each ratio, which carries
 * the least that issue 4 asks for as its limit. Before a time is given, every value of ours is
 * compared with what the step gives (bit for bit), and over the second half of the bars with the
 * libraries' (their seeds differ, and have faded by then).
 */
#include "bench/figure.h"
#include "bench/pass_peers.h"
#include "core/base/check.h"
#include "core/indicators/indicator.h"
#include "laws/series.h"
#include "shell/accel/accel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASS_BARS      1000000
#define PASS_SYMBOLS   8
#define PASS_ROUNDS    7
#define SYMBOL_BARS    (PASS_BARS / PASS_SYMBOLS) /* the same amount of work and memory */
#define PEERS_MAX      2
#define LIVE_INTERVALS 4 /* 1m, 3m, 5m, 15m: all of them close at a quarter of an hour */
#define LIVE_CLOSES    20000

typedef struct PassRow {
    const char *name;
    double options[INDICATOR_OPTIONS_MAX];
    unsigned outputs; /* those that the libraries have too */
} PassRow;

static const PassRow rows[PASS_INDICATORS] = {
    {"rsi", {14}, 1},          {"macd", {12, 26, 9}, 3},
    {"bollinger", {20, 2}, 3}, {"stoch", {14, 3, 3}, 2},
    {"williams_r", {14}, 1},   {"atr", {14}, 1},
    {"sma", {200}, 1},         {"ema", {20}, 1},
    {"adx", {14}, 1},          {"ichimoku", {9, 26, 52, 26}, 5},
    {"vwap", {20}, 1}};

static double *columns[5], *outputs[PASS_INDICATORS][PASS_OUTPUTS], *peer_outputs[PASS_OUTPUTS];
static double times[LIVE_CLOSES];
static PassBars bars;
static const Indicator *indicators[PASS_INDICATORS];
static IndicatorLane lanes[PASS_INDICATORS][PASS_SYMBOLS];

static double *column(void) {
    double *values = aligned_alloc(64, PASS_BARS * sizeof(double));
    CHECK(values, "no memory");
    memset(values, 0, PASS_BARS * sizeof(double));
    return values;
}

static void open_pass(void) {
    uint64_t seed = 7;
    double price = 100;
    for (unsigned each = 0; each < 5; each++)
        columns[each] = column();
    for (size_t bar = 0; bar < PASS_BARS; bar++) {
        double close = price * (1 + 0.002 * (series_uniform(&seed) - 0.5));
        IndicatorBar made = series_bar(price, close, &seed);
        columns[0][bar] = made.open, columns[1][bar] = made.high, columns[2][bar] = made.low;
        columns[3][bar] = made.close, columns[4][bar] = made.volume;
        price = close;
    }
    bars = (PassBars){.open = columns[0],
                      .high = columns[1],
                      .low = columns[2],
                      .close = columns[3],
                      .volume = columns[4],
                      .count = PASS_BARS};
    for (unsigned each = 0; each < 6; each++)
        bars.scratch[each] = column();
    for (unsigned each = 0; each < PASS_OUTPUTS; each++)
        peer_outputs[each] = column();
    for (unsigned row = 0; row < PASS_INDICATORS; row++) {
        indicators[row] = indicator_find(rows[row].name);
        CHECK(indicators[row], "an indicator of the pass is missing");
        for (unsigned each = 0; each < rows[row].outputs; each++)
            outputs[row][each] = column();
        for (unsigned symbol = 0; symbol < PASS_SYMBOLS; symbol++) {
            lanes[row][symbol].state = malloc(indicators[row]->state_size(rows[row].options));
            CHECK(lanes[row][symbol].state, "no memory");
        }
    }
}

/* Lanes of a row from their first bar on: one over all bars, or eight over an eighth each. */
static void rewind_row(unsigned row, unsigned lane_count) {
    for (unsigned lane = 0; lane < lane_count; lane++) {
        size_t at = lane * (size_t)SYMBOL_BARS;
        IndicatorLane fresh =
            indicator_lane(indicators[row], rows[row].options, lanes[row][lane].state);
        fresh.bars = (IndicatorColumns){columns[0] + at,
                                        columns[1] + at,
                                        columns[2] + at,
                                        columns[3] + at,
                                        columns[4] + at,
                                        NULL,
                                        NULL};
        for (unsigned each = 0; each < rows[row].outputs; each++)
            fresh.outputs[each] = outputs[row][each] + at;
        lanes[row][lane] = fresh;
    }
}

/* Rows [first, last) over the bars: nanoseconds a bar. */
static double run_rows(unsigned first, unsigned last, unsigned lane_count) {
    IndicatorPass passes[PASS_INDICATORS];
    for (unsigned row = first; row < last; row++) {
        rewind_row(row, lane_count);
        passes[row - first] = (IndicatorPass){indicators[row], lanes[row], lane_count, true};
    }
    double start = figure_now_ns();
    indicator_wide_pass(accel_wide(), passes, last - first, PASS_BARS / lane_count);
    return (figure_now_ns() - start) / PASS_BARS;
}

static double run_peer(const PassPeer *peer, unsigned row, int *begin) {
    double start = figure_now_ns();
    peer->run((PassIndicator)row, &bars, peer_outputs, begin);
    return (figure_now_ns() - start) / PASS_BARS;
}

/* --- equality ----------------------------------------------------------------------------------
 */

static void compare_steps(unsigned row, unsigned lane_count) {
    double values[INDICATOR_OUTPUTS_MAX];
    void *state = malloc(indicators[row]->state_size(rows[row].options));
    size_t count = PASS_BARS / lane_count;
    CHECK(state, "no memory");
    for (size_t bar = 0; bar < PASS_BARS; bar++) {
        if (bar % count == 0) indicators[row]->init(state, rows[row].options);
        IndicatorBar in = {columns[0][bar],
                           columns[1][bar],
                           columns[2][bar],
                           columns[3][bar],
                           columns[4][bar],
                           (double)NAN,
                           0};
        indicators[row]->step(state, &in, values);
        for (unsigned each = 0; each < rows[row].outputs; each++) {
            double batch = outputs[row][each][bar];
            CHECK(memcmp(&values[each], &batch, sizeof batch) == 0 ||
                      (isnan(batch) && isnan(values[each])),
                  "a batch differs from its step");
        }
    }
    free(state);
}

/* The greatest difference over the second half, relative to the greatest value there. */
static double compare_peer(unsigned row, const int *begin) {
    double most = 0, scale = 0;
    for (unsigned each = 0; each < rows[row].outputs; each++)
        for (int bar = PASS_BARS / 2; bar < PASS_BARS; bar++) {
            double own = outputs[row][each][bar], other = peer_outputs[each][bar - begin[each]];
            most = fmax(most, fabs(own - other));
            scale = fmax(scale, fabs(own));
        }
    return most / scale;
}

/* --- figures -----------------------------------------------------------------------------------
 */

static void put(const char *who, const char *what, double value) {
    char name[80];
    snprintf(name, sizeof name, "%s, %s", what, who);
    figure_put(&(Figure){name, "ns/bar", value, 0, 0, 0});
}

static double least(double left, double right) {
    return left < right ? left : right;
}

static void put_ratio(const char *name, double value, double limit, double aim) {
    figure_put(&(Figure){name, "times", value, limit, aim, 1});
}

/* ---- live ---------------------------------------------------------------------------------- */

#define LIVE_MOST 64

/* Indicators that step on every interval. */
typedef struct Live {
    const Indicator *indicators[LIVE_MOST];
    double options[LIVE_MOST][INDICATOR_OPTIONS_MAX];
    void *states[LIVE_MOST][LIVE_INTERVALS];
    unsigned count;
} Live;

static void live_add(Live *live, const Indicator *indicator, const double *options) {
    CHECK(live->count < LIVE_MOST, "more indicators than there is room for");
    live->indicators[live->count] = indicator;
    memcpy(live->options[live->count], options, sizeof live->options[0]);
    for (unsigned each = 0; each < LIVE_INTERVALS; each++) {
        void *state = malloc(indicator->state_size(options));
        CHECK(state, "no memory");
        indicator->init(state, options);
        live->states[live->count][each] = state;
    }
    live->count++;
}

/* The mean time, in nanoseconds, of a close at which a bar of every interval ends: the median over
 * the second half of the closes, when all are warm. */
static double live_close(Live *live) {
    double values[INDICATOR_OUTPUTS_MAX];
    for (size_t bar = 0; bar < LIVE_CLOSES; bar++) {
        IndicatorBar in = {columns[0][bar],        columns[1][bar], columns[2][bar],
                           columns[3][bar],        columns[4][bar], (double)NAN,
                           (int64_t)bar * 60000000};
        double start = figure_now_ns();
        for (unsigned each = 0; each < LIVE_INTERVALS; each++)
            for (unsigned index = 0; index < live->count; index++)
                live->indicators[index]->step(live->states[index][each], &in, values);
        times[bar] = figure_now_ns() - start;
    }
    for (unsigned index = 0; index < live->count; index++)
        for (unsigned each = 0; each < LIVE_INTERVALS; each++)
            free(live->states[index][each]);
    return figure_median(times + LIVE_CLOSES / 2, LIVE_CLOSES / 2);
}

static void put_live(void) {
    static Live live;
    double options[INDICATOR_OPTIONS_MAX];
    char name[80];
    for (unsigned row = 0; row < PASS_INDICATORS; row++)
        live_add(&live, indicators[row], rows[row].options);
    figure_put(&(Figure){"a live close, eleven indicators on four intervals", "us",
                         live_close(&live) / 1000, 5, 0.5, 0});
    live.count = 0;
    for (unsigned index = 0; index < indicator_count; index++) {
        indicator_presets(indicator_table[index], options);
        live_add(&live, indicator_table[index], options);
    }
    snprintf(name, sizeof name, "a live close, all %u indicators on four intervals",
             indicator_count);
    figure_put(&(Figure){name, "us", live_close(&live) / 1000, 5, 0.5, 0});
}

/* ---- the pass ------------------------------------------------------------------------------ */

/* What each round measured: nanoseconds a bar. */
typedef struct Rounds {
    double own[PASS_INDICATORS][2][PASS_ROUNDS], fused[2][PASS_ROUNDS];
    double peer[PEERS_MAX][PASS_INDICATORS][PASS_ROUNDS];
} Rounds;

static Rounds rounds;

static double of_rounds(const double *values) {
    double sorted[PASS_ROUNDS];
    memcpy(sorted, values, sizeof sorted);
    return figure_median(sorted, PASS_ROUNDS);
}

/* The parties take turns, so that what else the machine does falls on all of them. */
static void measure(unsigned turn) {
    int begin[PASS_OUTPUTS];
    for (unsigned row = 0; row < PASS_INDICATORS; row++) {
        for (unsigned each = 0; each < PEERS_MAX && pass_peers[each].name; each++)
            rounds.peer[each][row][turn] = run_peer(&pass_peers[each], row, begin);
        for (unsigned lane = 0; lane < 2; lane++)
            rounds.own[row][lane][turn] = run_rows(row, row + 1, lane ? PASS_SYMBOLS : 1);
    }
    for (unsigned lane = 0; lane < 2; lane++)
        rounds.fused[lane][turn] = run_rows(0, PASS_INDICATORS, lane ? PASS_SYMBOLS : 1);
}

static void compare(unsigned row) {
    int begin[PASS_OUTPUTS];
    run_rows(row, row + 1, PASS_SYMBOLS);
    compare_steps(row, PASS_SYMBOLS);
    run_rows(row, row + 1, 1);
    compare_steps(row, 1);
    for (unsigned each = 0; each < PEERS_MAX && pass_peers[each].name; each++) {
        run_peer(&pass_peers[each], row, begin);
        double difference = compare_peer(row, begin);
        if (difference > 1e-9)
            fprintf(stderr, "bench pass: %s differs from that of %s by %.2g\n", rows[row].name,
                    pass_peers[each].name, difference);
    }
}

/* The median over the rounds of a library's time for all eleven by ours; `best`: of the faster of
 * both for each. */
static double ratio(bool best, unsigned lane) {
    double ratios[PASS_ROUNDS];
    for (unsigned turn = 0; turn < PASS_ROUNDS; turn++) {
        double sum = 0;
        for (unsigned row = 0; row < PASS_INDICATORS; row++) {
            double first = rounds.peer[0][row][turn], second = rounds.peer[1][row][turn];
            sum += best ? least(first, second) : first;
        }
        ratios[turn] = sum / rounds.fused[lane][turn];
    }
    return figure_median(ratios, PASS_ROUNDS);
}

static void put_rows(void) {
    double sums[PEERS_MAX] = {0};
    for (unsigned row = 0; row < PASS_INDICATORS; row++) {
        for (unsigned each = 0; each < PEERS_MAX && pass_peers[each].name; each++) {
            double median = of_rounds(rounds.peer[each][row]);
            put(pass_peers[each].name, rows[row].name, median);
            sums[each] += median;
        }
        put("alone", rows[row].name, of_rounds(rounds.own[row][0]));
        put("8 symbols side by side", rows[row].name, of_rounds(rounds.own[row][1]));
    }
    for (unsigned each = 0; each < PEERS_MAX && pass_peers[each].name; each++)
        put(pass_peers[each].name, "eleven indicators", sums[each]);
    put("alone", "eleven indicators", of_rounds(rounds.fused[0]));
    put("8 symbols side by side", "eleven indicators", of_rounds(rounds.fused[1]));
}

int main(void) {
    open_pass();
    for (unsigned turn = 0; turn < PASS_ROUNDS; turn++)
        measure(turn);
    for (unsigned row = 0; row < PASS_INDICATORS; row++)
        compare(row);
    for (unsigned lane = 0; lane < 2; lane++) {
        run_rows(0, PASS_INDICATORS, lane ? PASS_SYMBOLS : 1);
        for (unsigned row = 0; row < PASS_INDICATORS; row++)
            compare_steps(row, lane ? PASS_SYMBOLS : 1);
    }
    put_rows();
    put_live();
    if (!pass_peers[0].name) return 0;
    put_ratio("eleven indicators, TA-Lib's time by ours", ratio(false, 0), 2, 3.5);
    put_ratio("eleven indicators, the libraries' best by ours", ratio(true, 0), 0, 2);
    put_ratio("eleven indicators, TA-Lib's by ours with 8 symbols", ratio(false, 1), 6, 8);
    return 0;
}
