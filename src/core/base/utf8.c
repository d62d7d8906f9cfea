/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/utf8.h"

/* Bounds of the second byte by the first one; the later bytes are always 80 to BF. */
typedef struct Lead {
    uint8_t first, last, length, low, high;
} Lead;

static const Lead leads[] = {
    {0x00, 0x7F, 1, 0x80, 0xBF}, {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF},
    {0xE1, 0xEC, 3, 0x80, 0xBF}, {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF},
    {0xF0, 0xF0, 4, 0x90, 0xBF}, {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
};

int utf8_step(const char *at, const char *end) {
    const uint8_t *bytes = (const uint8_t *)at;
    const Lead *lead = leads, *past = leads + sizeof leads / sizeof leads[0];
    while (lead < past && (bytes[0] < lead->first || bytes[0] > lead->last))
        lead++;
    if (lead == past) return -1;
    for (int i = 1; i < lead->length; i++) {
        uint8_t low = i == 1 ? lead->low : 0x80, high = i == 1 ? lead->high : 0xBF;
        if (end - at <= i || bytes[i] < low || bytes[i] > high) return -i;
    }
    return lead->length;
}

int utf8_put(uint32_t code, char target[static 4]) {
    int length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (int i = length - 1; i > 0; i--) {
        target[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    target[0] = (char)(marks[length] | code);
    return length;
}
