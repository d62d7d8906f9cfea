/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/candle_repair.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/digest.h"
#include "shell/store/candle_write.h"
#include "shell/sys/files.h"

#define TRIED_MAX 32 /* blocks in which a byte is looked for, half a second each: more is no flip  \
                      */

/* --- looking ---------------------------------------------------------------------------------- */

static uint64_t block_count(const StoredCandles *stored) {
    return (stored->series.count + CANDLE_BLOCK_ROWS - 1) / CANDLE_BLOCK_ROWS;
}

/* Do both copies of the header and of the checksums agree? */
static bool copies_agree(const StoredCandles *stored) {
    const CandleHeader *header = &stored->header;
    uint64_t full = header->count / CANDLE_BLOCK_ROWS;
    if (memcmp(stored->map, stored->map + CANDLE_PAGE, sizeof *header) != 0) return false;
    return memcmp(stored->map + header->table_offset[0], stored->map + header->table_offset[1],
                  full * STORED_COLUMNS * sizeof(uint64_t)) == 0;
}

bool candle_check(const char *path, CandleDamage *damage, Error *error) {
    StoredCandles stored;
    *damage = (CandleDamage){0};
    if (!candle_store_open_file(path, &stored, error)) return false;
    damage->header = !copies_agree(&stored);
    for (uint64_t block = 0; block < block_count(&stored); block++)
        for (unsigned i = 0; i < STORED_COLUMNS; i++)
            damage->blocks += !candle_store_block_sound(&stored, (StoredColumn)i, block);
    bool sound = damage->blocks == 0;
    if (!sound && candle_store_verify(&stored, 0, stored.series.count, error))
        error_set(error, ERROR_DATA, "damaged", path, NULL);
    candle_store_close(&stored);
    return sound;
}

/* --- putting right ---------------------------------------------------------------------------- */

/* A copy in memory, in which bits can be changed. */
typedef struct Mend {
    StoredCandles stored; /* `map` is `bytes` */
    unsigned char *bytes;
    bool *bad;      /* block x STORED_COLUMNS + column */
    unsigned tried; /* blocks whose bytes were tried */
    CandleRepair *repair;
} Mend;

static bool header_sound(const unsigned char *bytes, size_t size) {
    CandleHeader header;
    memcpy(&header, bytes, sizeof header);
    return candle_header_fault(&header, size) == NULL;
}

/* Flips each bit of the header in turn until it fits its checksum. */
static bool mend_header(unsigned char *header, size_t size) {
    for (size_t bit = 0; bit < sizeof(CandleHeader) * 8; bit++) {
        header[bit / 8] ^= (unsigned char)(1u << bit % 8);
        if (header_sound(header, size)) return true;
        header[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    return false;
}

static bool mend_headers(Mend *mend, size_t size) {
    if (header_sound(mend->bytes, size) || header_sound(mend->bytes + CANDLE_PAGE, size))
        return true;
    for (unsigned copy = 0; copy < 2; copy++) {
        if (!mend_header(mend->bytes + copy * CANDLE_PAGE, size)) continue;
        mend->repair->bytes++;
        return true;
    }
    return false;
}

static unsigned char *column_bytes(const Mend *mend, StoredColumn column) {
    return mend->bytes + mend->stored.header.column_offset[column];
}

static size_t block_rows(const Mend *mend, uint64_t block) {
    uint64_t left = mend->stored.header.count - block * CANDLE_BLOCK_ROWS;
    return left < CANDLE_BLOCK_ROWS ? left : CANDLE_BLOCK_ROWS;
}

static bool is_sound(const Mend *mend, StoredColumn column, uint64_t block) {
    return candle_store_block_sound(&mend->stored, column, block);
}

/* Tries every other value of every byte. */
static bool mend_byte(Mend *mend, StoredColumn column, uint64_t block) {
    size_t width = candle_column_width(column);
    unsigned char *rows = column_bytes(mend, column) + block * CANDLE_BLOCK_ROWS * width;
    if (mend->tried++ >= TRIED_MAX) return false;
    for (size_t at = 0; at < block_rows(mend, block) * width; at++) {
        unsigned char was = rows[at];
        for (unsigned change = 1; change < 256; change++) {
            rows[at] = (unsigned char)(was ^ change);
            if (is_sound(mend, column, block)) {
                mend->repair->bytes++;
                return true;
            }
        }
        rows[at] = was;
    }
    return false;
}

static bool time_known(const Mend *mend, uint64_t block) {
    return block < block_count(&mend->stored) && !mend->bad[block * STORED_COLUMNS + STORED_TIME];
}

/* Without gaps every time follows from the one before, or from the one behind. */
static bool mend_times(Mend *mend, uint64_t block) {
    int64_t *times = (int64_t *)(void *)column_bytes(mend, STORED_TIME);
    int64_t length_us = mend->stored.key.length_us;
    uint64_t first = block * CANDLE_BLOCK_ROWS;
    size_t rows = block_rows(mend, block);
    int64_t start_us;
    if (block > 0 && time_known(mend, block - 1))
        start_us = times[first - 1] + length_us;
    else if (time_known(mend, block + 1))
        start_us = times[first + rows] - (int64_t)rows * length_us;
    else
        return false;
    for (size_t row = 0; row < rows; row++)
        times[first + row] = start_us + (int64_t)row * length_us;
    if (!is_sound(mend, STORED_TIME, block)) return false;
    mend->repair->times++;
    return true;
}

static void mend_blocks(Mend *mend) {
    uint64_t blocks = block_count(&mend->stored);
    for (uint64_t at = 0; at < blocks * STORED_COLUMNS; at++)
        mend->bad[at] = !is_sound(mend, (StoredColumn)(at % STORED_COLUMNS), at / STORED_COLUMNS);
    for (uint64_t at = 0; at < blocks * STORED_COLUMNS; at++) {
        StoredColumn column = (StoredColumn)(at % STORED_COLUMNS);
        if (!mend->bad[at]) continue;
        bool mended = (column == STORED_TIME && mend_times(mend, at / STORED_COLUMNS)) ||
                      mend_byte(mend, column, at / STORED_COLUMNS);
        mend->bad[at] = !mended;
    }
}

/* --- what is left ----------------------------------------------------------------------------- */

static bool block_lost(const bool *bad) {
    bool lost = false;
    for (unsigned i = STORED_TIME; i <= STORED_VOLUME; i++)
        lost |= bad[i];
    return lost;
}

/* Where the times of the block are lost too, its neighbours say between what it stood. */
static void count_lost(Mend *mend, uint64_t block) {
    CandleRepair *repair = mend->repair;
    const int64_t *times = mend->stored.series.time_us;
    size_t first = block * CANDLE_BLOCK_ROWS, last = first + block_rows(mend, block) - 1;
    int64_t length_us = mend->stored.key.length_us, first_us = 0, last_us = 0;
    repair->lost += block_rows(mend, block);
    if (time_known(mend, block)) {
        first_us = times[first];
        last_us = times[last];
    } else {
        if (block > 0 && time_known(mend, block - 1)) first_us = times[first - 1] + length_us;
        if (time_known(mend, block + 1)) last_us = times[last + 1] - length_us;
    }
    if (repair->lost_first_us == 0) repair->lost_first_us = first_us ? first_us : last_us;
    if (last_us || first_us) repair->lost_last_us = last_us ? last_us : first_us;
}

/* Row `row` with what is damaged in its block made unknown. */
static bool keep_row(const Mend *mend, CandleBatch *batch, const bool *bad, size_t row,
                     Error *error) {
    const void *columns[STORED_COLUMNS];
    for (unsigned i = 0; i < STORED_COLUMNS; i++)
        columns[i] = column_bytes(mend, (StoredColumn)i);
    unsigned known = candle_row_known(columns, row, mend->stored.quote_known);
    Bar bar = candle_row_bar(columns, row);
    if (bad[STORED_TAKER_VOLUME]) known &= ~CANDLE_TAKER_KNOWN;
    if (bad[STORED_TRADES]) known &= ~CANDLE_TRADES_KNOWN;
    if (bad[STORED_QUOTE_VOLUME]) {
        known &= ~CANDLE_QUOTE_KNOWN;
        bar.quote_volume = bar_typical_quote(&bar);
    }
    return candle_batch_add(batch, &bar, known, 0, error);
}

static bool gather(Mend *mend, CandleBatch *batch, Error *error) {
    for (uint64_t block = 0; block < block_count(&mend->stored); block++) {
        const bool *bad = &mend->bad[block * STORED_COLUMNS];
        if (block_lost(bad)) {
            count_lost(mend, block);
            continue;
        }
        bool partly = bad[STORED_QUOTE_VOLUME] || bad[STORED_TAKER_VOLUME] || bad[STORED_TRADES];
        mend->repair->unknown += partly ? block_rows(mend, block) : 0;
        for (size_t row = 0; row < block_rows(mend, block); row++)
            if (!keep_row(mend, batch, bad, block * CANDLE_BLOCK_ROWS + row, error)) return false;
    }
    mend->repair->rows = mend->stored.series.count;
    mend->repair->kept = batch->count;
    return true;
}

/* The damaged file under another name (a second link: its own name stays until the new file takes
 * it). */
static bool set_aside(const char *path, CandleRepair *repair, Error *error) {
    for (unsigned number = 1; number < 1000; number++) {
        snprintf(repair->aside, sizeof repair->aside, "%s.damaged-%u", path, number);
        if (link(path, repair->aside) == 0) return true;
        if (files_exist(repair->aside)) continue;
        break;
    }
    return files_refused(error, "set aside", path);
}

static bool write_good(Mend *mend, const char *path, Error *error) {
    CandleBatch batch;
    candle_batch_init(&batch);
    bool good = gather(mend, &batch, error);
    if (good && batch.count == 0)
        good = error_set(error, ERROR_DATA, "no row of the file can be proved", path,
                         "move it away, and fetch or import the candles again");
    good = good && set_aside(path, mend->repair, error) &&
           candle_store_replace(path, &mend->stored.key, &batch, error);
    candle_batch_deinit(&batch);
    return good;
}

/* The file's bytes as a StoredCandles whose columns can be written to. */
static bool load(Mend *mend, const char *path, Error *error) {
    size_t size;
    char *bytes;
    const size_t most = candle_layout(CANDLE_ROWS_MAX).size;
    if (!files_read(path, most, &bytes, &size, error)) return false;
    mend->bytes = (unsigned char *)bytes;
    if (size < 2 * CANDLE_PAGE || !mend_headers(mend, size))
        return error_set(error, ERROR_DATA, "both copies of the header are damaged", path,
                         "move it away, and fetch or import the candles again");
    if (!candle_store_view(path, mend->bytes, size, &mend->stored, error)) return false;
    mend->bad = calloc(block_count(&mend->stored) * STORED_COLUMNS, sizeof *mend->bad);
    return mend->bad || error_set(error, ERROR_LIMIT, "out of memory", path, NULL);
}

static bool needs_repair(const char *path) {
    CandleDamage damage;
    Error error;
    return !candle_check(path, &damage, &error) || damage.header;
}

bool candle_repair(const char *path, CandleRepair *repair, Error *error) {
    *repair = (CandleRepair){0};
    Mend mend = {.repair = repair};
    int lock = candle_store_lock(path, error);
    if (lock < 0) return false;
    bool good = true;
    if (needs_repair(path)) {
        good = load(&mend, path, error);
        if (good) mend_blocks(&mend);
        good = good && write_good(&mend, path, error);
        if (!good) repair->aside[0] = 0;
    }
    free(mend.bad);
    free(mend.bytes);
    close(lock);
    return good;
}
