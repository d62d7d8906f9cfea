/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a fetch, shared by what asks by REST (candle_fetch.c) and what takes dumps
 * (candle_dump.c). One series is fetched at a time. The caller of candle_fetch owns the plan.
 */
#ifndef SHELL_DRIVERS_CANDLE_FETCH_PARTS_H
#define SHELL_DRIVERS_CANDLE_FETCH_PARTS_H

#include "core/venues/binance_path.h"
#include "core/venues/binance_rest.h"
#include "shell/drivers/binance_http.h"
#include "shell/drivers/candle_fetch.h"
#include "shell/store/candle_import.h"

typedef struct CandleFetch {
    const CandleFetchPlan *plan;
    CandleFetchTotals *totals;
    BinanceHttp rest, dump;
    bool has_dump, was_answered;
    int64_t venue_offset_us; /* the venue's clock less binance_http_now_us */
    CandleKey key;           /* of the series at work */
    Interval interval;
    CandleBatch batch; /* came by REST, not yet stored */
    CandleFetchProgress progress;
    Bar page[BINANCE_KLINES_MAX];
    char path[BINANCE_PATH_TEXT];
} CandleFetch;

/* Asks again what may pass; false for good. `missing_ok`: a 404 is an answer: true, empty body. */
bool candle_fetch_get(CandleFetch *fetch, BinanceHttp *http, const char *path, bool missing_ok,
                      Slice *body, Error *error) MUST_USE;
int64_t candle_fetch_now_us(const CandleFetch *fetch);
/* Is the candle that opens at `from_us` the first of a month that is better had as a dump, before
 * `until_us`? Then the month's end. */
bool candle_dump_month(const CandleFetch *fetch, int64_t from_us, int64_t until_us,
                       int64_t *end_us);
/* Takes the month. True with *came false: the venue has no such dump. */
bool candle_dump_take(CandleFetch *fetch, int64_t from_us, bool *came, Error *error) MUST_USE;
/* First instant of the month behind the one that holds `time_us`. */
int64_t candle_dump_next_month(int64_t time_us);

#endif
