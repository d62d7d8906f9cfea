/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/candle_import.h"

#include <stdlib.h>
#include <string.h>

#include "shell/store/candle_file.h"
#include "shell/store/candle_merge.h"
#include "shell/store/packed_file.h"

/* So many equal steps in a row, each of several intervals, are no gaps: it is another interval. */
#define MIXED_STEPS 24

typedef struct Import {
    const CandleImportPlan *plan;
    const char *path;
    CandleBatch batch;
    CandleImported *imported;
    Error first; /* refusal */
} Import;

/* --- what the file is ------------------------------------------------------------------------- */

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool candle_name_length(const char *path, int64_t *length_us) {
    for (const char *at = base_name(path); *at;) {
        size_t length = strcspn(at, "-_.");
        if (candle_length_parse((Slice){at, length}, length_us)) return true;
        at += length + (at[length] != 0);
    }
    return false;
}

static bool find_symbol(Import *import, Error *error) {
    CandleKey *key = &import->imported->key;
    const char *given = import->plan->symbol;
    if (!slice_copy(slice_of(import->plan->venue), key->venue, sizeof key->venue))
        return error_set(error, ERROR_USAGE, "the venue's name is too long", import->plan->venue,
                         NULL);
    if (candle_file_symbol(import->path, &key->symbol)) return true;
    if (given && symbol_name_set(&key->symbol, slice_of(given))) return true;
    return error_set(error, ERROR_USAGE, "the file's name does not say its symbol", import->path,
                     "say it: --symbols BTCUSDT, or name the file BTCUSDT-1h.csv");
}

/* --- its rows --------------------------------------------------------------------------------- */

static void count_refused(Import *import, const Error *reason) {
    if (import->imported->refused++ == 0) import->first = *reason;
    if (import->plan->on_refused) import->plan->on_refused(import->plan->context, reason);
}

static unsigned known_of(unsigned columns) {
    return (columns & CANDLE_BIT(CANDLE_QUOTE_VOLUME) ? CANDLE_QUOTE_KNOWN : 0) |
           (columns & CANDLE_BIT(CANDLE_TAKER_VOLUME) ? CANDLE_TAKER_KNOWN : 0) |
           (columns & CANDLE_BIT(CANDLE_TRADES) ? CANDLE_TRADES_KNOWN : 0);
}

static bool read_rows(Import *import, Error *error) {
    Bar bar;
    Error reason;
    CandleAnswer answer;
    CandleFile *file = candle_file_open(import->path, CANDLE_FULL, error);
    if (!file) return false;
    bool good = true;
    while (good && (answer = candle_file_bar_unordered(file, &bar, &reason)) != CANDLE_ENDED) {
        if (answer == CANDLE_FAILED) {
            *error = reason;
            good = false;
        } else if (answer == CANDLE_REFUSED) {
            count_refused(import, &reason);
        } else {
            good = candle_batch_add(&import->batch, &bar, known_of(candle_file_known(file)),
                                    candle_file_line(file), error);
        }
    }
    candle_file_close(file);
    return good;
}

static bool refuse_line(const Import *import, uint64_t line, const char *message, const char *hint,
                        Error *error) {
    char place[64];
    Text where = TEXT_IN(place);
    text_format(&where, "line %D", (int64_t)line);
    error_set(error, ERROR_DATA, message, text_end(&where), hint);
    packed_file_place(import->path, error);
    return false;
}

static int64_t time_of(const Import *import, size_t row) {
    return ((const int64_t *)import->batch.column[STORED_TIME])[row];
}

static bool contradicts(const Import *import, size_t a, size_t b, Error *error) {
    char memory[160];
    Text message = TEXT_IN(memory);
    text_format(&message, "the row has the time of line %D and other values",
                (int64_t)import->batch.line[a]);
    return refuse_line(import, import->batch.line[b], text_end(&message),
                       "nothing of the file is stored: remove the wrong row", error);
}

/* Of rows with one time, the first stays. */
static bool drop_repeated(Import *import, Error *error) {
    CandleBatch *batch = &import->batch;
    bool *marks = calloc(batch->count + 1, sizeof *marks);
    if (!marks) return error_set(error, ERROR_LIMIT, "out of memory", import->path, NULL);
    bool good = true;
    uint64_t repeated = 0;
    for (size_t row = 1, kept = 0; good && row < batch->count; row++) {
        if (time_of(import, row) != time_of(import, kept)) {
            kept = row;
            continue;
        }
        Bar a = candle_row_bar((const void *const *)batch->column, kept);
        Bar b = candle_row_bar((const void *const *)batch->column, row);
        good = candle_merge_agree(&a, &b) || contradicts(import, kept, row, error);
        marks[row] = true;
        repeated++;
    }
    if (good && repeated) candle_batch_drop(batch, marks);
    import->imported->duplicates += repeated;
    free(marks);
    return good;
}

/* --- its interval ----------------------------------------------------------------------------- */

static int64_t smallest_step(const Import *import) {
    int64_t smallest = 0;
    for (size_t row = 1; row < import->batch.count; row++) {
        int64_t step = time_of(import, row) - time_of(import, row - 1);
        if (smallest == 0 || step < smallest) smallest = step;
    }
    return smallest;
}

static bool refuse_length(const Import *import, int64_t step_us, Error *error) {
    char memory[200];
    Text message = TEXT_IN(memory);
    if (import->batch.count < 2)
        text_put(&message, "one row does not say its interval");
    else
        text_format(&message, "rows stand %D minutes apart, which is no interval",
                    step_us / INSTANT_MINUTE_US);
    return refuse_line(import, import->batch.line[0], text_end(&message),
                       "say it: --interval 1h, or name the file BTCUSDT-1h.csv", error);
}

static bool find_length(Import *import, Error *error) {
    int64_t *length_us = &import->imported->key.length_us, step_us = smallest_step(import);
    *length_us = import->plan->length_us;
    if (*length_us == 0 && !candle_name_length(import->path, length_us)) *length_us = step_us;
    return candle_length_name(*length_us)[0] || refuse_length(import, step_us, error);
}

/* Rows off the grid, one by one. */
static bool drop_off_grid(Import *import, Error *error) {
    CandleBatch *batch = &import->batch;
    int64_t length_us = import->imported->key.length_us;
    bool *marks = calloc(batch->count + 1, sizeof *marks);
    if (!marks) return error_set(error, ERROR_LIMIT, "out of memory", import->path, NULL);
    bool any = false;
    for (size_t row = 0; row < batch->count; row++) {
        char memory[120];
        Text message = TEXT_IN(memory);
        Error reason;
        marks[row] = time_of(import, row) != interval_floor(time_of(import, row), length_us);
        if (!marks[row]) continue;
        any = true;
        text_format(&message, "the open time is off the grid of %s", candle_length_name(length_us));
        refuse_line(import, batch->line[row], text_end(&message), "remove the row", &reason);
        count_refused(import, &reason);
    }
    if (any) candle_batch_drop(batch, marks);
    free(marks);
    return true;
}

/* Longer candles among shorter ones would be taken for short ones with gaps between. */
static bool refuse_mixed(const Import *import, Error *error) {
    char memory[200];
    Text message = TEXT_IN(memory);
    int64_t length_us = import->imported->key.length_us, last_us = 0;
    unsigned run = 0;
    size_t regular = 0;
    for (size_t row = 1; row < import->batch.count; row++) {
        int64_t step_us = time_of(import, row) - time_of(import, row - 1);
        regular += step_us == length_us;
        run = step_us > length_us && step_us == last_us ? run + 1 : 0;
        last_us = step_us;
        if (run < MIXED_STEPS) continue;
        text_format(&message, "rows stand %D minutes apart here, but candles of %s were expected",
                    step_us / INSTANT_MINUTE_US, candle_length_name(length_us));
        return refuse_line(import, import->batch.line[row], text_end(&message),
                           "one file holds one interval: take it apart", error);
    }
    if (import->batch.count < 3 || regular * 2 >= import->batch.count - 1) return true;
    text_format(&message, "fewer than half of the rows stand %s apart",
                candle_length_name(length_us));
    return refuse_line(import, import->batch.line[0], text_end(&message),
                       "one file holds one interval without large gaps", error);
}

/* --- the public face -------------------------------------------------------------------------- */

static bool judge(Import *import, Error *error) {
    const CandleImported *imported = import->imported;
    if (!candle_batch_sort(&import->batch, error) || !drop_repeated(import, error)) return false;
    if (import->batch.count == 0 && imported->refused == 0)
        return error_set(error, ERROR_DATA, "the file has a header but no rows", import->path,
                         "fetch it again");
    if (import->batch.count > 0 && (!find_length(import, error) || !drop_off_grid(import, error)))
        return false;
    if (import->batch.count <= imported->refused) {
        *error = import->first; /* such a file is another thing than it says */
        return false;
    }
    return refuse_mixed(import, error);
}

static bool store(Import *import, Error *error) {
    CandlePut put;
    CandleImported *imported = import->imported;
    const CandleBatch *batch = &import->batch;
    imported->rows = batch->count;
    imported->first_us = time_of(import, 0);
    imported->last_us = time_of(import, batch->count - 1);
    if (!candle_store_put(import->plan->root, &imported->key, batch, &put, error)) {
        if (put.conflict == SIZE_MAX) return false;
        Error reason = *error;
        return refuse_line(import, batch->line[put.conflict], reason.message, reason.hint, error);
    }
    imported->added = put.added;
    imported->improved = put.improved;
    imported->duplicates += put.same;
    return true;
}

bool candle_import(const CandleImportPlan *plan, const char *path, CandleImported *imported,
                   Error *error) {
    Error ignored;
    if (!error) error = &ignored;
    *imported = (CandleImported){0};
    Import import = {.plan = plan, .path = path, .imported = imported};
    candle_batch_init(&import.batch);
    bool good = find_symbol(&import, error) && read_rows(&import, error) && judge(&import, error) &&
                store(&import, error);
    candle_batch_deinit(&import.batch);
    return good;
}
