/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The venue's public dumps: a zip of a month's candles and beside it a file with its SHA-256
 * (data.binance.vision, "data/spot/monthly/klines"). A dump whose digest differs is never stored.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/digest.h"
#include "shell/drivers/candle_fetch_parts.h"
#include "shell/sys/files.h"

#define PAGES_LEAST    5 /* a month of fewer pages comes as fast by REST */
#define PUBLISHED_DAYS 3 /* a month's dump appears in the first days of the next */

int64_t candle_dump_next_month(int64_t time_us) {
    Calendar calendar = instant_calendar(time_us);
    if (++calendar.month > 12) {
        calendar.month = 1;
        calendar.year++;
    }
    return instant_of(calendar.year, calendar.month, 1, 0, 0, 0);
}

bool candle_dump_month(const CandleFetch *fetch, int64_t from_us, int64_t until_us,
                       int64_t *end_us) {
    if (!fetch->has_dump) return false;
    Calendar calendar = instant_calendar(from_us);
    bool first = from_us == instant_of(calendar.year, calendar.month, 1, 0, 0, 0);
    *end_us = candle_dump_next_month(from_us);
    bool out = *end_us + PUBLISHED_DAYS * INSTANT_DAY_US <= candle_fetch_now_us(fetch);
    bool worth = (*end_us - from_us) / fetch->key.length_us >= PAGES_LEAST * BINANCE_KLINES_MAX;
    return first && out && worth && *end_us <= until_us;
}

static void put_name(const CandleFetch *fetch, int64_t from_us, Text *name) {
    Calendar calendar = instant_calendar(from_us);
    text_format(name, "%s-%s-", fetch->key.symbol.text, interval_name(fetch->interval));
    text_int_padded(name, calendar.year, 4);
    text_char(name, '-');
    text_int_padded(name, calendar.month, 2);
    text_put(name, ".zip");
}

static void put_path(CandleFetch *fetch, const char *name, const char *suffix) {
    Text path = TEXT_IN(fetch->path);
    text_put(&path, "/data/spot/monthly/klines/");
    binance_path_encoded(&path, slice_of(fetch->key.symbol.text));
    text_format(&path, "/%s/", interval_name(fetch->interval));
    binance_path_encoded(&path, slice_of(name));
    text_put(&path, suffix);
    text_end(&path);
}

/* "<64 hex digits>  NAME": true if they are those of the bytes. */
static bool sum_matches(Slice sum, Slice bytes) {
    uint8_t digest[SHA256_SIZE];
    char hex[2 * SHA256_SIZE + 1];
    Text text = TEXT_IN(hex);
    sha256_of(bytes.at, bytes.length, digest);
    text_hex(&text, digest, sizeof digest);
    return sum.length >= text.length && strncmp(sum.at, text_end(&text), text.length) == 0;
}

static bool import_dump(CandleFetch *fetch, const char *path, Error *error) {
    CandleImported imported;
    CandleImportPlan plan = {.root = fetch->plan->root,
                             .venue = fetch->key.venue,
                             .length_us = fetch->key.length_us,
                             .on_refused = fetch->plan->on_refused,
                             .context = fetch->plan->context};
    if (!candle_import(&plan, path, &imported, error)) return false;
    fetch->totals->bars += imported.added;
    fetch->totals->duplicates += imported.duplicates;
    fetch->totals->refused += imported.refused;
    fetch->totals->dumps++;
    return true;
}

static bool store_dump(CandleFetch *fetch, const char *name, Slice bytes, Error *error) {
    char path[CANDLE_PATH_MAX];
    Text text = TEXT_IN(path);
    text_format(&text, "%s/candles/%s", fetch->plan->root, name);
    text_end(&text);
    if (text.overflow)
        return error_set(error, ERROR_LIMIT, "the path is too long", fetch->plan->root, NULL);
    *strrchr(path, '/') = 0;
    if (!files_make_directory(path, error)) return false;
    path[strlen(path)] = '/';
    if (!files_write(path, bytes.at, bytes.length, 0666, error)) return false;
    bool good = import_dump(fetch, path, error);
    unlink(path);
    return good;
}

bool candle_dump_take(CandleFetch *fetch, int64_t from_us, bool *came, Error *error) {
    char name[80], sum_bytes[160];
    Text text = TEXT_IN(name);
    Slice sum, bytes;
    *came = false;
    put_name(fetch, from_us, &text);
    text_end(&text);
    put_path(fetch, name, ".CHECKSUM");
    if (!candle_fetch_get(fetch, &fetch->dump, fetch->path, true, &sum, error)) return false;
    if (sum.length == 0) return true;
    if (sum.length >= sizeof sum_bytes) sum.length = sizeof sum_bytes - 1;
    (void)!slice_copy(sum, sum_bytes, sizeof sum_bytes); /* the body goes with the next request */
    put_path(fetch, name, "");
    if (!candle_fetch_get(fetch, &fetch->dump, fetch->path, true, &bytes, error)) return false;
    if (bytes.length == 0) return true;
    if (!sum_matches(slice_of(sum_bytes), bytes))
        return error_set(error, ERROR_DATA, "the dump does not match its checksum", name,
                         "try again later; data.dump_url \"\" asks by REST only");
    *came = store_dump(fetch, name, bytes, error);
    return *came;
}
