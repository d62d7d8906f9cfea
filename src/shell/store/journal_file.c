/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/journal_file.h"

#include <stdio.h>
#include <string.h>

#include "core/base/json.h"

static const uint8_t magic[8] = {'T', 'R', 'A', 'D', 'E', 'R', 'J', '1'};

void segment_path(const char *state_directory, uint32_t segment, bool compressed,
                  char target[static SEGMENT_PATH_MAX]) {
    snprintf(target, SEGMENT_PATH_MAX, "%.600s/journal/%08u.seg%s", state_directory, segment,
             compressed ? ".gz" : "");
}

void segment_header_write(uint32_t segment, const Sha256 *chain,
                          uint8_t target[static SEGMENT_HEADER]) {
    memcpy(target, magic, sizeof magic);
    memcpy(target + 8, &segment, 4);
    sha256_peek(chain, target + 16);
    uint32_t crc = crc32c(0, target + 16, SHA256_SIZE);
    memcpy(target + 12, &crc, 4);
}

bool segment_header_check(const uint8_t header[static SEGMENT_HEADER], uint32_t segment,
                          const Sha256 *chain) {
    uint32_t number, crc;
    uint8_t digest[SHA256_SIZE];
    memcpy(&number, header + 8, 4);
    memcpy(&crc, header + 12, 4);
    if (memcmp(header, magic, sizeof magic) != 0 || number != segment) return false;
    if (crc32c(0, header + 16, SHA256_SIZE) != crc) return false;
    if (!chain) return true;
    sha256_peek(chain, digest);
    return memcmp(header + 16, digest, sizeof digest) == 0;
}

/* ---- the chain in mid-stream --------------------------------------------------------------- */

/* Field by field, so that it is the same text on every machine. */
#define CHAIN_BYTES (8 * 4 + 8 + 64)

void segment_chain_write(const JournalMark *mark, char target[static SEGMENT_CHAIN_TEXT]) {
    uint8_t bytes[CHAIN_BYTES];
    Text text = text_in(target, SEGMENT_CHAIN_TEXT);
    memcpy(bytes, mark->chain.state, 32);
    memcpy(bytes + 32, &mark->chain.length, 8);
    memcpy(bytes + 40, mark->chain.block, 64);
    text_put(&text, "{\"chain\":\"");
    text_hex(&text, bytes, sizeof bytes);
    text_format(&text, "\",\"records\":%D}", (int64_t)mark->records);
    text_end(&text);
}

static bool hex_read(Slice text, uint8_t target[static CHAIN_BYTES]) {
    static const char digits[] = "0123456789abcdef";
    if (text.length != 2 * CHAIN_BYTES) return false;
    for (size_t i = 0; i < text.length; i++) {
        const char *digit = memchr(digits, text.at[i], 16);
        if (!digit) return false;
        unsigned value = (unsigned)(digit - digits);
        if (i % 2) value |= (unsigned)target[i / 2] << 4;
        target[i / 2] = (uint8_t)value;
    }
    return true;
}

static void chain_of(const uint8_t bytes[static CHAIN_BYTES], Sha256 *chain) {
    memcpy(chain->state, bytes, 32);
    memcpy(&chain->length, bytes + 32, 8);
    memcpy(chain->block, bytes + 40, 64);
}

bool segment_chain_read(const Record *note, const uint8_t header[static SEGMENT_HEADER],
                        JournalMark *mark) {
    uint8_t bytes[CHAIN_BYTES], digest[SHA256_SIZE];
    int64_t records = 0;
    JsonReader reader = json_reader((Slice){(const char *)note->payload, note->length});
    if (note->kind != RECORD_NOTE || json_next(&reader) != JSON_OBJECT_BEGIN ||
        json_next(&reader) != JSON_KEY || !slice_is(reader.slice, "chain") ||
        json_next(&reader) != JSON_STRING || !hex_read(reader.slice, bytes) ||
        json_next(&reader) != JSON_KEY || !json_take_int(&reader, &records) || records < 0)
        return false;
    chain_of(bytes, &mark->chain);
    mark->records = (uint64_t)records;
    sha256_peek(&mark->chain, digest);
    return memcmp(header + 16, digest, sizeof digest) == 0;
}
