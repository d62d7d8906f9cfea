/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/candle_format.h"

#include <stddef.h>
#include <string.h>

#include "core/base/digest.h"

static const struct {
    const char *name;
    size_t width;
} columns[STORED_COLUMNS] = {
    [STORED_TIME] = {"time", 8},
    [STORED_OPEN] = {"open", 8},
    [STORED_HIGH] = {"high", 8},
    [STORED_LOW] = {"low", 8},
    [STORED_CLOSE] = {"close", 8},
    [STORED_VOLUME] = {"volume", 8},
    [STORED_QUOTE_VOLUME] = {"quote_volume", 8},
    [STORED_TAKER_VOLUME] = {"taker_volume", 8},
    [STORED_TRADES] = {"trades", 4},
};

size_t candle_column_width(StoredColumn column) {
    CHECK((unsigned)column < STORED_COLUMNS, "stored column in range");
    return columns[column].width;
}

const char *stored_column_name(StoredColumn column) {
    CHECK((unsigned)column < STORED_COLUMNS, "stored column in range");
    return columns[column].name;
}

static uint64_t whole_pages(uint64_t bytes) {
    return (bytes + CANDLE_PAGE - 1) / CANDLE_PAGE * CANDLE_PAGE;
}

CandleLayout candle_layout(uint64_t capacity) {
    CandleLayout layout;
    uint64_t at = 2 * CANDLE_PAGE; /* the two headers have a page each */
    for (unsigned i = 0; i < 2; i++) {
        layout.table_offset[i] = at;
        at += whole_pages(capacity / CANDLE_BLOCK_ROWS * STORED_COLUMNS * sizeof(uint64_t));
    }
    for (unsigned i = 0; i < STORED_COLUMNS; i++) {
        layout.column_offset[i] = at;
        at += whole_pages(capacity * columns[i].width);
    }
    layout.size = at;
    return layout;
}

static uint64_t header_hash(const CandleHeader *header) {
    return hash64(header, offsetof(CandleHeader, hash));
}

void candle_header_seal(CandleHeader *header) {
    header->hash = header_hash(header);
}

static const char *name_fault(const CandleHeader *header) {
    CandleKey key = {.length_us = header->length_us};
    if (header->venue[sizeof header->venue - 1] || header->symbol[sizeof header->symbol - 1])
        return "the header's names have no end";
    memcpy(key.venue, header->venue, sizeof key.venue);
    memcpy(key.symbol.text, header->symbol, sizeof key.symbol.text);
    return candle_key_fault(&key);
}

static const char *layout_fault(const CandleHeader *header, uint64_t size) {
    uint64_t capacity = header->capacity;
    if (header->block_rows != CANDLE_BLOCK_ROWS || capacity % CANDLE_BLOCK_ROWS != 0 ||
        capacity > CANDLE_ROWS_MAX || header->count == 0 || header->count > capacity)
        return "the header's counts cannot be";
    CandleLayout layout = candle_layout(capacity);
    if (memcmp(layout.table_offset, header->table_offset, sizeof layout.table_offset) != 0 ||
        memcmp(layout.column_offset, header->column_offset, sizeof layout.column_offset) != 0)
        return "the header's offsets cannot be";
    uint64_t end =
        layout.column_offset[STORED_TRADES] + header->count * columns[STORED_TRADES].width;
    return size < end ? "the file is shorter than its header says" : NULL;
}

const char *candle_header_fault(const CandleHeader *header, uint64_t size) {
    static const char magic[8] = CANDLE_MAGIC_BYTES;
    if (memcmp(header->magic, magic, sizeof magic) != 0) return "not a .candles file";
    /* Another version's checksum may stand elsewhere: it is named before it is judged. A number
     * that no version will have is damage, unless its checksum is right. */
    static const char other[] = "a .candles file of another version of this program";
    if (header->version != CANDLE_VERSION && header->version < 100) return other;
    if (header->header_bytes != sizeof *header || header->hash != header_hash(header))
        return "the header does not match its checksum";
    if (header->version != CANDLE_VERSION) return other;
    const char *fault = name_fault(header);
    return fault ? fault : layout_fault(header, size);
}

uint64_t candle_block_hash(const void *column, StoredColumn which, uint64_t block, uint64_t count) {
    uint64_t first = block * CANDLE_BLOCK_ROWS, rows = count - first;
    CHECK(first < count, "a block holds rows");
    if (rows > CANDLE_BLOCK_ROWS) rows = CANDLE_BLOCK_ROWS;
    size_t width = columns[which].width;
    return hash64((const unsigned char *)column + first * width, rows * width);
}
