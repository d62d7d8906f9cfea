/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/candle_store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/sys/files.h"

/* --- opening ---------------------------------------------------------------------------------- */

static bool refuse(const char *path, const char *message, Error *error) {
    return error_set(error, ERROR_DATA, message, path, "trader db check says more");
}

static bool map_file(StoredCandles *stored, Error *error) {
    struct stat status;
    int file = open(stored->path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT)
        return error_set(error, ERROR_DATA, "no candles are stored", stored->path,
                         "trader backtest fetch, or backtest import FILE");
    if (file < 0) return files_refused(error, "open", stored->path);
    bool good = fstat(file, &status) == 0;
    bool regular = good && S_ISREG(status.st_mode);
    stored->size = regular ? (size_t)status.st_size : 0;
    void *map = MAP_FAILED;
    if (stored->size >= 2 * CANDLE_PAGE)
        map = mmap(NULL, stored->size, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (!good) return files_refused(error, "read", stored->path);
    if (!regular) return refuse(stored->path, "not a file", error);
    if (stored->size < 2 * CANDLE_PAGE)
        return refuse(stored->path, "not a .candles file: too short for its header", error);
    if (map == MAP_FAILED) return files_refused(error, "map", stored->path);
    stored->map = map;
    return true;
}

/* The newer of the sound copies, copied out before it is judged: a writer may be at work. */
static bool choose_header(StoredCandles *stored, Error *error) {
    const char *fault = NULL;
    bool found = false;
    for (unsigned i = 0; i < 2; i++) {
        CandleHeader header;
        memcpy(&header, stored->map + i * CANDLE_PAGE, sizeof header);
        const char *wrong = candle_header_fault(&header, stored->size);
        if (wrong && !fault) fault = wrong;
        if (wrong || (found && header.generation <= stored->header.generation)) continue;
        stored->header = header;
        stored->header_copy = i;
        found = true;
    }
    return found || refuse(stored->path, fault, error);
}

const void *candle_store_column(const StoredCandles *stored, StoredColumn column) {
    return stored->map + stored->header.column_offset[column];
}

static void make_series(StoredCandles *stored) {
    const CandleHeader *header = &stored->header;
    memcpy(stored->key.venue, header->venue, sizeof stored->key.venue);
    memcpy(stored->key.symbol.text, header->symbol, sizeof stored->key.symbol.text);
    stored->key.length_us = header->length_us;
    stored->quote_known = header->flags & CANDLE_QUOTE_KNOWN;
    bool has_taker = header->flags & CANDLE_TAKER_KNOWN;
    bool has_trades = header->flags & CANDLE_TRADES_KNOWN;
    stored->series = (CandleSeries){
        .symbol = stored->key.symbol,
        .length_us = header->length_us,
        .count = header->count,
        .time_us = candle_store_column(stored, STORED_TIME),
        .open = candle_store_column(stored, STORED_OPEN),
        .high = candle_store_column(stored, STORED_HIGH),
        .low = candle_store_column(stored, STORED_LOW),
        .close = candle_store_column(stored, STORED_CLOSE),
        .volume = candle_store_column(stored, STORED_VOLUME),
        .quote_volume = candle_store_column(stored, STORED_QUOTE_VOLUME),
        .taker = has_taker ? candle_store_column(stored, STORED_TAKER_VOLUME) : NULL,
        .trades = has_trades ? candle_store_column(stored, STORED_TRADES) : NULL,
    };
}

bool candle_store_open_file(const char *path, StoredCandles *stored, Error *error) {
    *stored = (StoredCandles){0};
    if (!slice_copy(slice_of(path), stored->path, sizeof stored->path))
        return error_set(error, ERROR_LIMIT, "the path is too long", path, NULL);
    if (!map_file(stored, error)) return false;
    if (choose_header(stored, error)) {
        make_series(stored);
        return true;
    }
    candle_store_close(stored);
    return false;
}

bool candle_store_view(const char *path, const unsigned char *bytes, size_t size,
                       StoredCandles *stored, Error *error) {
    *stored = (StoredCandles){.map = bytes, .size = size};
    if (!slice_copy(slice_of(path), stored->path, sizeof stored->path))
        return error_set(error, ERROR_LIMIT, "the path is too long", path, NULL);
    if (size < 2 * CANDLE_PAGE)
        return refuse(path, "not a .candles file: too short for its header", error);
    if (!choose_header(stored, error)) return false;
    make_series(stored);
    return true;
}

bool candle_store_open(const char *root, const CandleKey *key, StoredCandles *stored,
                       Error *error) {
    char path[CANDLE_PATH_MAX];
    *stored = (StoredCandles){0};
    if (!candle_key_path(root, key, path, error) || !candle_store_open_file(path, stored, error))
        return false;
    if (candle_key_equal(&stored->key, key)) return true;
    candle_store_close(stored);
    return refuse(path, "the file holds another venue, symbol or interval than its name says",
                  error);
}

void candle_store_close(StoredCandles *stored) {
    if (stored->map) munmap((void *)(uintptr_t)stored->map, stored->size);
    *stored = (StoredCandles){0};
}

/* --- judging ---------------------------------------------------------------------------------- */

bool candle_store_block_sound(const StoredCandles *stored, StoredColumn column, uint64_t block) {
    const CandleHeader *header = &stored->header;
    const void *rows = candle_store_column(stored, column);
    uint64_t hash = candle_block_hash(rows, column, block, header->count);
    if ((block + 1) * CANDLE_BLOCK_ROWS > header->count) return hash == header->tail[column];
    for (unsigned i = 0; i < 2; i++) {
        const uint64_t *table = (const void *)(stored->map + header->table_offset[i]);
        if (table[block * STORED_COLUMNS + column] == hash) return true;
    }
    return false;
}

static bool refuse_block(const StoredCandles *stored, uint64_t block, const char *what,
                         Error *error) {
    char place[160], memory[240];
    Text where = TEXT_IN(place), message = TEXT_IN(memory);
    uint64_t first = block * CANDLE_BLOCK_ROWS, end = first + CANDLE_BLOCK_ROWS;
    if (end > stored->series.count) end = stored->series.count;
    const char *tail =
        strlen(stored->path) > 110 ? stored->path + strlen(stored->path) - 110 : stored->path;
    text_format(&where, "%s, rows %D to %D", tail, (int64_t)first, (int64_t)end - 1);
    text_format(&message, "damaged: %s", what);
    return error_set(error, ERROR_DATA, text_end(&message), text_end(&where),
                     "trader db repair keeps all other rows");
}

static bool verify_block(const StoredCandles *stored, uint64_t block, Error *error) {
    for (unsigned i = 0; i < STORED_COLUMNS; i++) {
        if (candle_store_block_sound(stored, (StoredColumn)i, block)) continue;
        char memory[120];
        Text what = TEXT_IN(memory);
        text_format(&what, "column %s does not match its checksum",
                    stored_column_name((StoredColumn)i));
        return refuse_block(stored, block, text_end(&what), error);
    }
    return true;
}

bool candle_store_verify(const StoredCandles *stored, size_t first, size_t end, Error *error) {
    if (end > stored->series.count) end = stored->series.count;
    for (uint64_t block = first / CANDLE_BLOCK_ROWS; block * CANDLE_BLOCK_ROWS < end; block++)
        if (!verify_block(stored, block, error)) return false;
    return true;
}
