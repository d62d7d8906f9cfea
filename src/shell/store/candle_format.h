/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a .candles file, shared by those that read, write and repair it. Two copies of the
 * header, two copies of the checksum table, then nine columns with room for `capacity` rows each.
 * Everything stands where the capacity alone says (layout_of), so a header can be judged before it
 * is believed. A full block's checksum stands in the tables; that of the last, growing block in the
 * header, so that appending never touches a checksum that an older header relies on. Plain values.
 */
#ifndef SHELL_STORE_CANDLE_FORMAT_H
#define SHELL_STORE_CANDLE_FORMAT_H

#include "shell/store/candle_key.h"

#define CANDLE_MAGIC_BYTES                                                                         \
    { 'T', 'R', 'C', 'A', 'N', 'D', 'L', 'E' }
#define CANDLE_VERSION    1u
#define CANDLE_PAGE       4096u /* what disks and memory lose, and mmap aligns to */
#define CANDLE_BLOCK_ROWS 512u  /* one page of a column of 8 bytes */
/* 2^31 minutes are 4,000 years; a header that says more is damaged. */
#define CANDLE_ROWS_MAX       (UINT64_C(1) << 31)
#define CANDLE_TRADES_UNKNOWN UINT32_MAX

typedef enum StoredColumn {
    STORED_TIME,
    STORED_OPEN,
    STORED_HIGH,
    STORED_LOW,
    STORED_CLOSE,
    STORED_VOLUME,
    STORED_QUOTE_VOLUME,
    STORED_TAKER_VOLUME, /* NaN: not known */
    STORED_TRADES,       /* CANDLE_TRADES_UNKNOWN: not known */
    STORED_COLUMNS
} StoredColumn;

/* Set while every row of the file has it. */
#define CANDLE_QUOTE_KNOWN  1u
#define CANDLE_TAKER_KNOWN  2u
#define CANDLE_TRADES_KNOWN 4u
#define CANDLE_ALL_KNOWN    7u

typedef struct CandleHeader {
    char magic[8];
    uint32_t version, header_bytes;
    uint64_t generation; /* of two sound copies the greater one holds */
    uint64_t count, capacity;
    int64_t length_us;
    uint32_t block_rows, flags;
    char venue[LIMIT_SYMBOL_TEXT], symbol[LIMIT_SYMBOL_TEXT]; /* zero-filled */
    uint64_t table_offset[2];
    uint64_t column_offset[STORED_COLUMNS];
    uint64_t tail[STORED_COLUMNS]; /* hash64 of the rows behind the last full block; 0: none */
    uint64_t hash;                 /* hash64 of all bytes before */
} CandleHeader;

_Static_assert(sizeof(CandleHeader) == 272, "the header has no padding");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the file is the memory's own order");

typedef struct CandleLayout {
    uint64_t table_offset[2];
    uint64_t column_offset[STORED_COLUMNS];
    uint64_t size; /* of the whole file */
} CandleLayout;

/* `capacity` is a multiple of CANDLE_BLOCK_ROWS, at most CANDLE_ROWS_MAX. */
CandleLayout candle_layout(uint64_t capacity);
/* Bytes of one row of the column. */
size_t candle_column_width(StoredColumn column);
const char *stored_column_name(StoredColumn column);
void candle_header_seal(CandleHeader *header);
/* NULL if the bytes are a sound header that fits a file of `size` bytes, else what is wrong. */
const char *candle_header_fault(const CandleHeader *header, uint64_t size);
/* Checksum of rows [block x 512, ... ) of a column that are inside of `count`. */
uint64_t candle_block_hash(const void *column, StoredColumn which, uint64_t block, uint64_t count);

#endif
