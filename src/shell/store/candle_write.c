/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/candle_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "shell/store/candle_merge.h"
#include "shell/store/candle_store.h"
#include "shell/sys/files.h"

/* Spare places cost nothing (the file has holes), and each new file must not come soon. */
#define SPARE_ROWS 65536u /* 45 days of minutes, 7 years of hours */

/* --- bytes ------------------------------------------------------------------------------------ */

static bool write_at(int file, const void *bytes, size_t length, uint64_t offset) {
    const char *at = bytes;
    while (length) {
        ssize_t count = pwrite(file, at, length, (off_t)offset);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        at += count;
        offset += (uint64_t)count;
        length -= (size_t)count;
    }
    return true;
}

/* One after the other, so that one of them is whole at any time: the first of them is not the one
 * that is believed now. */
static bool write_headers(int file, const CandleHeader *header, unsigned first) {
    for (unsigned i = 0; i < 2; i++) {
        unsigned copy = (first + i) % 2;
        if (!write_at(file, header, sizeof *header, copy * (uint64_t)CANDLE_PAGE)) return false;
        if (fdatasync(file) != 0) return false;
    }
    return true;
}

/* Rows [first, first + rows) of every column of the batch, to row `target` of the file. */
static bool write_rows(int file, const CandleHeader *header, const CandleBatch *batch, size_t first,
                       uint64_t target) {
    for (unsigned i = 0; i < STORED_COLUMNS; i++) {
        size_t width = candle_column_width((StoredColumn)i);
        const char *rows = (const char *)batch->column[i] + first * width;
        if (!write_at(file, rows, (batch->count - first) * width,
                      header->column_offset[i] + target * width))
            return false;
    }
    return true;
}

/* Checksums of the blocks from the one that holds row `first` on: full ones into the tables, the
 * last one into the header. `columns` hold all rows of these blocks. */
static bool write_sums(int file, CandleHeader *header, const void *const columns[],
                       uint64_t first) {
    uint64_t block = first / CANDLE_BLOCK_ROWS, full = header->count / CANDLE_BLOCK_ROWS;
    for (; block < full; block++) {
        uint64_t row[STORED_COLUMNS];
        for (unsigned i = 0; i < STORED_COLUMNS; i++)
            row[i] = candle_block_hash(columns[i], (StoredColumn)i, block, header->count);
        for (unsigned copy = 0; copy < 2; copy++)
            if (!write_at(file, row, sizeof row, header->table_offset[copy] + block * sizeof row))
                return false;
    }
    bool has_tail = header->count % CANDLE_BLOCK_ROWS != 0;
    for (unsigned i = 0; i < STORED_COLUMNS; i++)
        header->tail[i] =
            has_tail ? candle_block_hash(columns[i], (StoredColumn)i, full, header->count) : 0;
    return true;
}

/* --- a new file ------------------------------------------------------------------------------- */

static CandleHeader make_header(const CandleKey *key, const CandleBatch *batch) {
    uint64_t wanted = batch->count + batch->count / 4 + SPARE_ROWS;
    CandleHeader header = {.magic = CANDLE_MAGIC_BYTES,
                           .version = CANDLE_VERSION,
                           .header_bytes = sizeof header,
                           .generation = 1,
                           .count = batch->count,
                           .capacity = wanted / CANDLE_BLOCK_ROWS * CANDLE_BLOCK_ROWS,
                           .length_us = key->length_us,
                           .block_rows = CANDLE_BLOCK_ROWS,
                           .flags = batch->flags};
    CandleLayout layout = candle_layout(header.capacity);
    memcpy(header.venue, key->venue, strlen(key->venue));
    memcpy(header.symbol, key->symbol.text, strlen(key->symbol.text));
    memcpy(header.table_offset, layout.table_offset, sizeof header.table_offset);
    memcpy(header.column_offset, layout.column_offset, sizeof header.column_offset);
    return header;
}

static bool write_new(int file, const CandleKey *key, const CandleBatch *batch) {
    CandleHeader header = make_header(key, batch);
    if (ftruncate(file, (off_t)candle_layout(header.capacity).size) != 0) return false;
    if (!write_rows(file, &header, batch, 0, 0)) return false;
    if (!write_sums(file, &header, (const void *const *)batch->column, 0)) return false;
    candle_header_seal(&header);
    return write_headers(file, &header, 0) && fsync(file) == 0;
}

bool candle_store_replace(const char *path, const CandleKey *key, const CandleBatch *batch,
                          Error *error) {
    char temporary[CANDLE_PATH_MAX + 8];
    CHECK(batch->count > 0, "a file of candles holds candles");
    if (batch->count > CANDLE_ROWS_MAX / 2)
        return error_set(error, ERROR_LIMIT, "too many candles for one file", path, NULL);
    snprintf(temporary, sizeof temporary, "%s.part", path);
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) return files_refused(error, "write", temporary);
    bool good = write_new(file, key, batch);
    int reason = errno;
    good = close(file) == 0 && good;
    if (good && rename(temporary, path) == 0) {
        files_flush_directory_of(path);
        return true;
    }
    if (!good && reason) errno = reason;
    files_refused(error, "write", path);
    unlink(temporary);
    return false;
}

/* --- appending -------------------------------------------------------------------------------- */

static bool append_rows(const StoredCandles *stored, int file, const CandleBatch *batch,
                        size_t first) {
    CandleHeader header = stored->header;
    const void *columns[STORED_COLUMNS];
    for (unsigned i = 0; i < STORED_COLUMNS; i++)
        columns[i] = candle_store_column(stored, (StoredColumn)i);
    uint64_t old = header.count;
    header.count += batch->count - first;
    header.flags &= batch->flags;
    header.generation++;
    if (!write_rows(file, &header, batch, first, old)) return false;
    /* The map is of the same file and shows what was just written. */
    if (!write_sums(file, &header, columns, old)) return false;
    if (fdatasync(file) != 0) return false;
    candle_header_seal(&header);
    return write_headers(file, &header, 1 - stored->header_copy);
}

static bool append(const StoredCandles *stored, const CandleBatch *batch, size_t first,
                   Error *error) {
    int file = open(stored->path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return files_refused(error, "write", stored->path);
    bool good = append_rows(stored, file, batch, first);
    if (!good) files_refused(error, "write", stored->path);
    if (close(file) != 0 && good) return files_refused(error, "write", stored->path);
    return good;
}

/* --- both together ---------------------------------------------------------------------------- */

typedef struct Merge {
    const StoredCandles *stored;
    const void *old[STORED_COLUMNS];
    const CandleBatch *batch;
    CandleBatch *merged;
    CandlePut *put;
} Merge;

static int64_t time_of(const void *column, size_t row) {
    return ((const int64_t *)column)[row];
}

static bool conflict(const Merge *merge, size_t row, const Bar *is, const Bar *comes,
                     Error *error) {
    char memory[240], iso[25], there[DECIMAL_TEXT_MAX], here[DECIMAL_TEXT_MAX];
    Text message = TEXT_IN(memory);
    merge->put->conflict = row;
    instant_to_iso(is->time_us, iso);
    price_to_text(is->close, there);
    price_to_text(comes->close, here);
    text_format(&message, "the store holds another candle of %s (close %s there, %s here)", iso,
                there, here);
    return error_set(error, ERROR_DATA, text_end(&message), merge->stored->path,
                     "one of the two is wrong, or of another venue: --venue NAME keeps them apart");
}

/* Row `old` stands where row `row` comes. */
static bool meet(Merge *merge, size_t old, size_t row, Error *error) {
    const void *const *columns = (const void *const *)merge->batch->column;
    Bar is = candle_row_bar(merge->old, old), comes = candle_row_bar(columns, row);
    if (!candle_merge_agree(&is, &comes)) return conflict(merge, row, &is, &comes, error);
    bool quote = merge->batch->flags & CANDLE_QUOTE_KNOWN;
    unsigned knows = candle_row_known(merge->old, old, merge->stored->quote_known);
    unsigned says = candle_row_known(columns, row, quote);
    bool better = (says & ~knows) && !(knows & ~says);
    merge->put->same++;
    merge->put->improved += better;
    if (better) return candle_batch_copy(merge->merged, columns, row, quote, error);
    return candle_batch_copy(merge->merged, merge->old, old, merge->stored->quote_known, error);
}

/* From row `old` and row 0 of the batch on. */
static bool merge_rows(Merge *merge, size_t old, Error *error) {
    const CandleBatch *batch = merge->batch;
    size_t row = 0, count = merge->stored->series.count;
    const void *const *columns = (const void *const *)batch->column;
    while (old < count || row < batch->count) {
        bool comes = row < batch->count, is = old < count;
        int64_t here = comes ? time_of(columns[STORED_TIME], row) : INT64_MAX;
        int64_t there = is ? time_of(merge->old[STORED_TIME], old) : INT64_MAX;
        bool good;
        if (here == there)
            good = meet(merge, old, row, error);
        else if (there < here)
            good = candle_batch_copy(merge->merged, merge->old, old, merge->stored->quote_known,
                                     error);
        else
            good = candle_batch_copy(merge->merged, columns, row, batch->flags & CANDLE_QUOTE_KNOWN,
                                     error);
        if (!good) return false;
        merge->put->added += here < there;
        old += there <= here;
        row += here <= there;
    }
    return true;
}

/* Rows of the batch that stand behind the last stored one. */
static size_t rows_behind(const StoredCandles *stored, const CandleBatch *batch) {
    int64_t last_us = stored->series.time_us[stored->series.count - 1];
    size_t behind = 0;
    while (behind < batch->count &&
           time_of(batch->column[STORED_TIME], batch->count - 1 - behind) > last_us)
        behind++;
    return behind;
}

static bool put_into(const StoredCandles *stored, const CandleBatch *batch, CandlePut *put,
                     Error *error) {
    CandleBatch merged;
    Merge merge = {.stored = stored, .batch = batch, .merged = &merged, .put = put};
    for (unsigned i = 0; i < STORED_COLUMNS; i++)
        merge.old[i] = candle_store_column(stored, (StoredColumn)i);
    size_t count = stored->series.count, behind = rows_behind(stored, batch);
    size_t old = candle_series_before(&stored->series, time_of(batch->column[STORED_TIME], 0));
    if (!candle_store_verify(stored, old < count ? old : count - 1, count, error)) return false;
    candle_batch_init(&merged);
    bool good = merge_rows(&merge, old, error);
    bool fits = count + behind <= stored->header.capacity &&
                stored->size >= candle_layout(stored->header.capacity).size;
    if (good && put->added == 0 && put->improved == 0) {
        /* all of it stood there */
    } else if (good && put->added == behind && put->improved == 0 && fits) {
        good = append(stored, batch, batch->count - behind, error);
    } else if (good) {
        candle_batch_deinit(&merged);
        *put = (CandlePut){.conflict = SIZE_MAX};
        good = candle_store_verify(stored, 0, count, error) && merge_rows(&merge, 0, error) &&
               candle_store_replace(stored->path, &stored->key, &merged, error);
    }
    candle_batch_deinit(&merged);
    return good;
}

int candle_store_lock(const char *path, Error *error) {
    char directory[CANDLE_PATH_MAX];
    const char *slash = strrchr(path, '/');
    CHECK(slash && strlen(path) < sizeof directory, "a path of the store has a directory");
    (void)!slice_copy((Slice){path, (size_t)(slash - path)}, directory, sizeof directory);
    if (!files_make_directory(directory, error)) return -1;
    int lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock >= 0 && flock(lock, LOCK_EX) == 0) return lock;
    files_refused(error, "lock", directory);
    if (lock >= 0) close(lock);
    return -1;
}

bool candle_store_put(const char *root, const CandleKey *key, const CandleBatch *batch,
                      CandlePut *put, Error *error) {
    char path[CANDLE_PATH_MAX];
    StoredCandles stored;
    *put = (CandlePut){.conflict = SIZE_MAX};
    if (!candle_key_path(root, key, path, error)) return false;
    if (batch->count == 0) return true;
    int lock = candle_store_lock(path, error);
    if (lock < 0) return false;
    bool good;
    if (!files_exist(path)) {
        good = candle_store_replace(path, key, batch, error);
        put->added = good ? batch->count : 0;
    } else if ((good = candle_store_open(root, key, &stored, error))) {
        good = put_into(&stored, batch, put, error);
        candle_store_close(&stored);
    }
    close(lock);
    return good;
}
