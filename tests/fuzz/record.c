/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a piece of the journal: what is read lies inside of them, and written again it is
 * the same bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/kernel/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

void check_failed(const char *file, int line, const char *text) {
    fprintf(stderr, "CHECK %s:%d: %s\n", file, line, text);
    abort();
}

/* The checksum is mended first, or almost nothing would get behind it. */
static size_t mend(const uint8_t *bytes, size_t size, uint8_t *target) {
    memcpy(target, bytes, size);
    if (size < RECORD_HEADER) return size;
    uint32_t length = (uint32_t)(size - RECORD_HEADER), crc;
    memcpy(target + 4, &length, sizeof length);
    crc = crc32c(0, target + 4, size - 4);
    memcpy(target, &crc, sizeof crc);
    return size;
}

static void judge(const uint8_t *bytes, size_t size) {
    static uint8_t again[RECORD_MAX];
    Record record;
    size_t used = record_read(bytes, size, &record);
    if (used == 0) return;
    if (used > size || record.payload < bytes || record.payload + record.length > bytes + size)
        check_failed(__FILE__, __LINE__, "a record lies inside of its bytes");
    if (record_write(&record, again) != used || memcmp(again, bytes, used) != 0)
        check_failed(__FILE__, __LINE__, "a record is written as it was read");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static uint8_t mended[4096];
    judge(bytes, size);
    if (size <= sizeof mended) judge(mended, mend(bytes, size, mended));
    return 0;
}
