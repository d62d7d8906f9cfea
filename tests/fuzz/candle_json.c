/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a candle in JSON, and what comes of it as a line of a candle file: it ends, stays
 * inside, and a bar that comes out is sound. */
#include <stdlib.h>

#include "core/market/candle_csv.h"
#include "core/market/candle_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

void check_failed(const char *file, int line, const char *text) {
    (void)file, (void)line, (void)text;
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    char memory[4096];
    Text line = TEXT_IN(memory);
    CandleColumns columns;
    Error error;
    Bar bar;
    if (!candle_json_line((Slice){(const char *)bytes, count}, &line, &error)) return 0;
    Slice text = {line.at, line.length};
    if (!candle_csv_columns(SLICE("time,open,high,low,close,volume"), 1, CANDLE_FULL, &columns,
                            &error))
        abort();
    if (candle_csv_bar(&columns, text, 1, &bar, &error) && bar_fault(&bar, 0)) abort();
    if (!candle_csv_columns(text, 1, CANDLE_FULL, &columns, &error)) return 0;
    if (candle_csv_bar(&columns, text, 1, &bar, &error) && bar_fault(&bar, 0)) abort();
    return 0;
}
