/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file of the candle store: refused, or every row that it says can be read. The
 * input is laid over a sound small file, and its checksum is put right, so that what stands behind
 * the checksum is reached too. */
#include <stdlib.h>
#include <string.h>

#include "shell/store/candle_store.h"

#define CAPACITY 1024u
#define FILE_MAX 131072u

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

void check_failed(const char *file, int line, const char *text) {
    (void)file, (void)line, (void)text;
    abort();
}

static void make_sound(CandleHeader *header) {
    CandleLayout layout = candle_layout(CAPACITY);
    *header = (CandleHeader){.magic = CANDLE_MAGIC_BYTES,
                             .version = CANDLE_VERSION,
                             .header_bytes = sizeof *header,
                             .generation = 1,
                             .count = 600,
                             .capacity = CAPACITY,
                             .length_us = INSTANT_MINUTE_US,
                             .block_rows = CANDLE_BLOCK_ROWS,
                             .flags = CANDLE_ALL_KNOWN,
                             .venue = "binance",
                             .symbol = "BTCUSDT"};
    memcpy(header->table_offset, layout.table_offset, sizeof layout.table_offset);
    memcpy(header->column_offset, layout.column_offset, sizeof layout.column_offset);
}

/* Everything that an opened series promises, touched. */
static void read_all(const StoredCandles *stored) {
    size_t row = 0;
    CandleGap gap;
    uint64_t sum = 0;
    for (size_t i = 0; i < stored->series.count; i++)
        sum += (uint64_t)candle_series_bar(&stored->series, i).close.units;
    if (candle_store_verify(stored, 0, SIZE_MAX, NULL)) sum++;
    if (candle_series_gap(&stored->series, &row, &gap)) sum++;
    *(volatile uint64_t *)&sum = sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static union {
        unsigned char bytes[FILE_MAX];
        CandleHeader header;
    } file;
    StoredCandles stored;
    Error error;
    if (count < 3) return 0;
    size_t size = candle_layout(CAPACITY).size;
    if (size > FILE_MAX) abort();
    memset(file.bytes, 0, sizeof file.bytes);
    make_sound(&file.header);
    size_t at = (size_t)(bytes[0] | bytes[1] << 8) % sizeof(CandleHeader);
    for (size_t i = 3; i < count && at + i - 3 < sizeof(CandleHeader); i++)
        file.bytes[at + i - 3] ^= bytes[i];
    if (bytes[2] & 1) candle_header_seal(&file.header);
    if (bytes[2] & 2) memcpy(file.bytes + CANDLE_PAGE, &file.header, sizeof file.header);
    if (bytes[2] & 4) size = size * bytes[2] / 256;
    unsigned char *exact = malloc(size); /* of the very size, so that a step outside is seen */
    memcpy(exact, file.bytes, size);
    if (candle_store_view("fuzz", exact, size, &stored, &error)) read_all(&stored);
    free(exact);
    return 0;
}
