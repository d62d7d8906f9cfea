/* SPDX-License-Identifier: Apache-2.0 */
#include "core/market/candle.h"

#include <math.h>

static const struct {
    const char *name;
    int64_t length_us;
} intervals[INTERVAL_COUNT] = {
    [INTERVAL_1M] = {"1m", INSTANT_MINUTE_US},     [INTERVAL_3M] = {"3m", 3 * INSTANT_MINUTE_US},
    [INTERVAL_5M] = {"5m", 5 * INSTANT_MINUTE_US}, [INTERVAL_15M] = {"15m", 15 * INSTANT_MINUTE_US},
    [INTERVAL_1H] = {"1h", INSTANT_HOUR_US},       [INTERVAL_4H] = {"4h", 4 * INSTANT_HOUR_US},
    [INTERVAL_1D] = {"1d", INSTANT_DAY_US},
};

const char *interval_name(Interval interval) {
    CHECK((unsigned)interval < INTERVAL_COUNT, "interval in range");
    return intervals[interval].name;
}

int64_t interval_us(Interval interval) {
    CHECK((unsigned)interval < INTERVAL_COUNT, "interval in range");
    return intervals[interval].length_us;
}

bool interval_parse(Slice text, Interval *interval) {
    for (unsigned i = 0; i < INTERVAL_COUNT; i++) {
        if (slice_is(text, intervals[i].name)) {
            *interval = (Interval)i;
            return true;
        }
    }
    return false;
}

bool interval_adds_up(Interval shorter, Interval longer) {
    return shorter <= longer && interval_us(longer) % interval_us(shorter) == 0;
}

Interval interval_slower(Interval interval) {
    if (interval < INTERVAL_15M) return INTERVAL_15M;
    return interval < INTERVAL_1D ? interval + 1 : INTERVAL_1D;
}

int64_t interval_floor(int64_t time_us, int64_t interval_length_us) {
    CHECK(interval_length_us > 0, "an interval has a length");
    int64_t past = time_us % interval_length_us;
    return time_us - (past < 0 ? past + interval_length_us : past);
}

int64_t interval_next_on_grid(Interval interval, int64_t grid_us, int64_t now_us) {
    int64_t length_us = interval_us(interval);
    int64_t step_us = interval_floor(now_us, grid_us) + grid_us;
    return interval_floor(step_us + length_us - 1, length_us);
}

/* False for NaN too: every comparison with NaN is false. */
static bool volume_sound(double volume) {
    return volume >= 0 && volume <= 1e300; /* finite: no market trades 1e300 of anything */
}

const char *bar_fault(const Bar *bar, int64_t length_us) {
    int64_t open = bar->open.units, high = bar->high.units;
    int64_t low = bar->low.units, close = bar->close.units;
    if (open <= 0 || high <= 0 || low <= 0 || close <= 0) return "a price is not above zero";
    if (high < low) return "high is below low";
    if (open < low || open > high) return "open is outside of low and high";
    if (close < low || close > high) return "close is outside of low and high";
    if (!volume_sound(bar->volume)) return "the volume is negative or not finite";
    if (!volume_sound(bar->quote_volume)) return "the quote volume is negative or not finite";
    if (!volume_sound(bar->taker_volume)) return "the taker volume is negative or not finite";
    if (length_us > 0 && bar->time_us != interval_floor(bar->time_us, length_us))
        return "the time is off the grid of the interval";
    return NULL;
}

double bar_typical_quote(const Bar *bar) {
    return bar->volume *
           ((price_double(bar->high) + price_double(bar->low) + price_double(bar->close)) / 3);
}

void candle_fold_init(CandleFold *fold, Interval interval) {
    *fold = (CandleFold){.length_us = interval_us(interval)};
}

void candle_fold_init_lengths(CandleFold *fold, int64_t base_us, int64_t length_us) {
    CHECK(base_us > 0 && length_us % base_us == 0, "a bucket holds a whole number of bars");
    *fold = (CandleFold){.length_us = length_us, .base_us = base_us};
}

/* A bar that was read from a longer interval says with `bars` how many minutes it spans. */
static int64_t bar_end_us(const CandleFold *fold, const Bar *bar) {
    if (fold->base_us) return bar->time_us + fold->base_us;
    return bar->time_us + (int64_t)(bar->bars ? bar->bars : 1) * INSTANT_MINUTE_US;
}

static void bucket_start(CandleFold *fold, const Bar *minute) {
    fold->bucket = *minute;
    fold->bucket.time_us = interval_floor(minute->time_us, fold->length_us);
    fold->bucket.bars = minute->bars ? minute->bars : 1;
}

static void bucket_add(Bar *bucket, const Bar *minute) {
    if (minute->high.units > bucket->high.units) bucket->high = minute->high;
    if (minute->low.units < bucket->low.units) bucket->low = minute->low;
    bucket->close = minute->close;
    bucket->volume += minute->volume;
    bucket->quote_volume += minute->quote_volume;
    bucket->taker_volume += minute->taker_volume;
    bucket->trades += minute->trades;
    bucket->bars += minute->bars ? minute->bars : 1;
}

static void bucket_close(CandleFold *fold, Bar *closed) {
    *closed = fold->bucket;
    fold->bucket.bars = 0;
}

unsigned candle_fold_add(CandleFold *fold, const Bar *minute, Bar closed[static 2]) {
    unsigned count = 0;
    int64_t start = interval_floor(minute->time_us, fold->length_us);
    bool same = fold->bucket.bars > 0 && fold->bucket.time_us == start;
    if (fold->bucket.bars > 0 && !same) {
        CHECK(start > fold->bucket.time_us, "bars are folded in time order");
        bucket_close(fold, &closed[count++]);
    }
    if (same)
        bucket_add(&fold->bucket, minute);
    else
        bucket_start(fold, minute);
    if (bar_end_us(fold, minute) >= start + fold->length_us) bucket_close(fold, &closed[count++]);
    return count;
}
