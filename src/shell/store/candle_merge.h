/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many files of one symbol as one stream of bars in order of time. Files are opened only when their
 * first row is due and closed after their last, so that ten years of daily dumps need one
 * descriptor at a time. Rows of one time in several files must agree in their prices and volume:
 * then they are one bar (of the file that knows most, so that the order of the files does not
 * matter), else the data are inconsistent and the stream fails, naming both lines. The opener owns
 * the CandleMerge and closes it; the sources belong to the caller and outlive it.
 */
#ifndef SHELL_STORE_CANDLE_MERGE_H
#define SHELL_STORE_CANDLE_MERGE_H

#include "shell/store/candle_scan.h"

typedef struct CandleSource {
    char *path;
    CandleScan scan;
} CandleSource;

typedef struct CandleMerge CandleMerge;

/* `sources` sorted by scan.first_us. NULL only when memory runs out (ERROR_LIMIT). */
CandleMerge *candle_merge_open(const CandleSource *sources, unsigned count, Error *error);
CandleAnswer candle_merge_next(CandleMerge *merge, Bar *bar, Error *error);
/* Rows that other files had given already. */
uint64_t candle_merge_overlaps(const CandleMerge *merge);
void candle_merge_close(CandleMerge *merge);

/* Two accounts of one candle: the same prices, and volumes but for the last digit of a double. */
bool candle_merge_agree(const Bar *a, const Bar *b);

#endif
