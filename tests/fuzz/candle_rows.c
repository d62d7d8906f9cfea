/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a candle file from elsewhere (CSV, JSON, gzip, zip): it is read to its end or
 * refused, and every bar that comes out is sound. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shell/store/candle_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

void check_failed(const char *file, int line, const char *text) {
    (void)file, (void)line, (void)text;
    abort();
}

static void read_all(const char *path) {
    Error error;
    Bar bar;
    CandleAnswer answer;
    CandleFile *file = candle_file_open(path, CANDLE_FULL, &error);
    if (!file) return;
    while ((answer = candle_file_bar_unordered(file, &bar, &error)) <= CANDLE_REFUSED) {
        if (answer == CANDLE_REFUSED && (!error.where[0] || !error.message[0])) abort();
        if (answer == CANDLE_REFUSED) continue;
        if (bar_fault(&bar, INSTANT_MINUTE_US)) abort();
        if (candle_file_known(file) & CANDLE_FULL) abort();
    }
    candle_file_close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    char path[64];
    int file = memfd_create("candles", 0);
    if (file < 0) abort();
    for (size_t written = 0; written < count;) {
        ssize_t step = write(file, bytes + written, count - written);
        if (step <= 0) abort();
        written += (size_t)step;
    }
    Text text = TEXT_IN(path);
    text_format(&text, "/proc/self/fd/%d", file);
    read_all(text_end(&text));
    close(file);
    return 0;
}
