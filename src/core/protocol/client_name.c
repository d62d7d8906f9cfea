/* SPDX-License-Identifier: Apache-2.0 */
#include "core/protocol/client_name.h"

#include <string.h>

#include "core/base/digest.h"
#include "core/base/text.h"

#define INSTANCE_LENGTH 8
#define DIGEST_LENGTH   12 /* 60 bits: two names of one order collide never */

static const char LETTERS[] = {[LEG_MARKET] = 'm',
                               [LEG_TARGET] = 't',
                               [LEG_STOP] = 's',
                               [LEG_REPLACEMENT] = 'r',
                               [LEG_LIST] = 'l'};

int64_t client_order_number(const char *order_id) {
    int64_t number;
    Slice text = slice_of(order_id);
    if (!slice_starts(text, "o-")) return 0;
    Slice digits = {text.at + 2, text.length - 2};
    bool sound = slice_int(digits, &number) && number > 0 && number <= CLIENT_NUMBER_MAX;
    return sound ? number : 0;
}

static void put_base36(Text *text, int64_t value) {
    char digits[16];
    unsigned count = 0;
    do {
        digits[count++] = "0123456789abcdefghijklmnopqrstuvwxyz"[value % 36];
        value /= 36;
    } while (value > 0);
    while (count > 0)
        text_char(text, digits[--count]);
}

static void put_digest(Text *text, const ClientFacts *facts) {
    char memory[256];
    uint8_t digest[SHA256_SIZE];
    Text words = TEXT_IN(memory);
    text_format(&words, "%s|%s|%s|%s|%d|%d", facts->account, facts->instance, facts->order_id,
                facts->signal_id, (int)facts->leg, (int)facts->generation);
    sha256_of(memory, words.length, digest);
    for (unsigned i = 0; i < DIGEST_LENGTH; i++) {
        unsigned bit = i * 5;
        unsigned pair = (unsigned)digest[bit / 8] << 8 | digest[bit / 8 + 1];
        text_char(text, "abcdefghijklmnopqrstuvwxyz234567"[pair >> (11 - bit % 8) & 31]);
    }
}

bool client_name_make(const ClientFacts *facts, ClientId *name) {
    int64_t number = client_order_number(facts->order_id);
    if (number == 0 || strlen(facts->instance) != INSTANCE_LENGTH ||
        facts->generation > CLIENT_GENERATION_MAX)
        return false;
    memset(name, 0, sizeof *name);
    Text text = TEXT_IN(name->text);
    text_format(&text, "tr%s-", facts->instance);
    put_base36(&text, number);
    text_char(&text, '-');
    text_char(&text, LETTERS[facts->leg]);
    put_base36(&text, facts->generation);
    text_char(&text, '-');
    put_digest(&text, facts);
    text_end(&text);
    return !text.overflow && text.length <= BINANCE_CLIENT_ID_MAX;
}

/* Digits of base 36 up to a dash; the place behind it, or NULL. */
static const char *take_base36(const char *at, int64_t most, int64_t *value) {
    const char *first = at;
    *value = 0;
    for (; *at && *at != '-'; at++) {
        bool digit = *at >= '0' && *at <= '9', letter = *at >= 'a' && *at <= 'z';
        if (!digit && !letter) return NULL;
        *value = *value * 36 + (digit ? *at - '0' : *at - 'a' + 10);
        if (*value > most) return NULL;
    }
    return *at == '-' && at > first ? at + 1 : NULL;
}

static bool take_leg(char letter, LegKind *leg) {
    for (unsigned i = 0; i < sizeof LETTERS; i++) {
        if (LETTERS[i] != letter) continue;
        *leg = (LegKind)i;
        return true;
    }
    return false;
}

ClientReading client_name_read(const ClientId *name, const char *instance) {
    ClientReading foreign = {.owner = CLIENT_FOREIGN}, reading = {.owner = CLIENT_OTHER_INSTANCE};
    const char *at = name->text;
    int64_t generation;
    if (strncmp(at, "tr", 2) != 0 || strnlen(at, 12) < 11 || at[2 + INSTANCE_LENGTH] != '-')
        return foreign;
    for (unsigned i = 0; i < INSTANCE_LENGTH; i++) {
        char c = at[2 + i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '2' && c <= '7')) return foreign;
        reading.instance[i] = c;
    }
    at = take_base36(at + 2 + INSTANCE_LENGTH + 1, CLIENT_NUMBER_MAX, &reading.number);
    if (!at || reading.number == 0 || !take_leg(*at, &reading.leg)) return foreign;
    at = take_base36(at + 1, CLIENT_GENERATION_MAX, &generation);
    if (!at || strlen(at) != DIGEST_LENGTH) return foreign;
    reading.generation = (unsigned)generation;
    if (strcmp(reading.instance, instance) == 0) reading.owner = CLIENT_OURS;
    return reading;
}
