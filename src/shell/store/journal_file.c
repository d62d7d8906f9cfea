/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/journal_file.h"

#include <stdio.h>
#include <string.h>

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
    sha256_peek(chain, digest);
    return memcmp(header + 16, digest, sizeof digest) == 0;
}
