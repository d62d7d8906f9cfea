/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has to be known of a candle file before its first row can be used: its span, its interval
 * (the smallest spacing of its times), how many rows are sound, and the grid on which its prices
 * and volumes stand. The file is read once from end to end, with the very reader that will stream
 * it later, and nothing of it is kept. A plain value.
 */
#ifndef SHELL_STORE_CANDLE_SCAN_H
#define SHELL_STORE_CANDLE_SCAN_H

#include "shell/store/candle_file.h"

typedef struct CandleScan {
    uint64_t rows, refused;
    int64_t first_us, last_us;
    int64_t spacing_us; /* smallest; 0 with a single row */
    Price tick;         /* the coarsest power of ten, at most 1, on which all prices stand */
    Quantity step;      /* the same of the volumes */
    Error first_refusal;
} CandleScan;

/* ERROR_DATA also when there are no rows, or as many are refused as are sound: such a file is
 * another thing than it says; the error is the first row's. */
bool candle_scan_read(const char *path, CandleScan *scan, Error *error) MUST_USE;

#endif
