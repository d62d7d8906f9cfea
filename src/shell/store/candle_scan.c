/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/candle_scan.h"

/* Lowers the power of ten until the value stands on it. */
static int64_t grid_of(int64_t grid, int64_t units) {
    while (grid > 1 && units % grid != 0)
        grid /= 10;
    return grid;
}

static void scan_bar(CandleScan *scan, const Bar *bar) {
    if (scan->rows == 0) {
        scan->first_us = bar->time_us;
    } else {
        int64_t spacing = bar->time_us - scan->last_us;
        if (scan->spacing_us == 0 || spacing < scan->spacing_us) scan->spacing_us = spacing;
    }
    scan->last_us = bar->time_us;
    scan->rows++;
    const Price prices[] = {bar->open, bar->high, bar->low, bar->close};
    for (unsigned i = 0; i < 4; i++)
        scan->tick.units = grid_of(scan->tick.units, prices[i].units);
}

static void scan_volume(CandleScan *scan, unsigned decimals) {
    int64_t step = DECIMAL_SCALE;
    while (decimals-- > 0)
        step /= 10;
    if (step < scan->step.units) scan->step.units = step;
}

static bool judge(const CandleScan *scan, const char *path, Error *error) {
    if (scan->rows > scan->refused) return true;
    if (scan->refused == 0)
        return error_set(error, ERROR_DATA, "the file has a header but no rows", path,
                         "fetch it again");
    if (error) *error = scan->first_refusal;
    return false;
}

bool candle_scan_read(const char *path, CandleScan *scan, Error *error) {
    Error refusal;
    Bar bar;
    *scan = (CandleScan){.tick = {DECIMAL_SCALE}, .step = {DECIMAL_SCALE}};
    CandleFile *file = candle_file_open(path, CANDLE_FULL, error);
    if (!file) return false;
    CandleAnswer answer;
    while ((answer = candle_file_bar(file, &bar, &refusal)) != CANDLE_ENDED) {
        if (answer == CANDLE_FAILED) break;
        if (answer == CANDLE_REFUSED) {
            if (scan->refused++ == 0) scan->first_refusal = refusal;
            continue;
        }
        scan_bar(scan, &bar);
        if (scan->step.units > 1) scan_volume(scan, candle_file_volume_decimals(file));
    }
    candle_file_close(file);
    if (answer == CANDLE_FAILED) {
        if (error) *error = refusal;
        return false;
    }
    return judge(scan, path, error);
}
