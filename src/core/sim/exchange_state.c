/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exchange as bytes, and whether it agrees with itself. A saved exchange is a head (mark,
 * version, what its structs measure), then each part of the block up to where it is used, then the
 * SHA-256 of all of it. It is meant for the program that wrote it: another version, or a build
 * whose structs measure otherwise, is refused by name. What comes back is audited before it is
 * believed.
 */
#include <string.h>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/sim/exchange_parts.h"

#define STATE_MARK    "traderEX"
#define STATE_VERSION 1

typedef struct StateHead {
    char mark[8];
    uint64_t version;
    uint64_t sizes[10]; /* of the structs that stand in it */
    uint64_t size;      /* of everything, with the digest */
} StateHead;

static StateHead head_of(uint64_t size) {
    StateHead head = {.version = STATE_VERSION,
                      .sizes = {offsetof(Exchange, orders), sizeof(ExchangeOrder),
                                sizeof(ExchangeFill), sizeof(ExchangeList),
                                sizeof(ExchangePrevented), sizeof(ExchangeAmendment),
                                offsetof(ExchangePair, resting), sizeof(ExchangePrint), sizeof(Bar),
                                sizeof(Exchange)},
                      .size = size};
    memcpy(head.mark, STATE_MARK, sizeof head.mark);
    return head;
}

/* ---- the parts of the block ---------------------------------------------------------------- */

/* One walk over the parts serves to measure, to write and to read. */
typedef struct Pass {
    unsigned char *out;      /* NULL: not writing */
    const unsigned char *in; /* NULL: not reading */
    size_t at, end;
    bool short_of; /* reading: the bytes end too soon */
} Pass;

static void part(Pass *pass, void *block, size_t size) {
    if (pass->in && size > pass->end - pass->at) {
        pass->short_of = true;
        return;
    }
    if (pass->out) memcpy(pass->out + pass->at, block, size);
    if (pass->in) memcpy(block, pass->in + pass->at, size);
    pass->at += size;
}

/* Entries of a ring that ids from `first` have written so far. */
static size_t used(int64_t count, int64_t first, size_t limit) {
    int64_t places = count + first;
    return places < (int64_t)limit ? (size_t)places : limit;
}

static bool counts_fit(const Exchange *exchange) {
    return exchange->asset_count <= LIMIT_EXCHANGE_ASSETS &&
           exchange->pair_count <= LIMIT_SYMBOLS &&
           exchange->account_count <= LIMIT_EXCHANGE_ACCOUNTS && exchange->account_count > 0 &&
           exchange->order_count >= 0 && exchange->fill_count >= 0 && exchange->list_count >= 0 &&
           exchange->prevented_count >= 0 && exchange->amended_count >= 0 &&
           exchange->due_count == 0;
}

static bool pair_fits(const Exchange *exchange, const ExchangePair *pair) {
    return pair->base < exchange->asset_count && pair->quote < exchange->asset_count &&
           (unsigned)pair->trading < EXCHANGE_TRADING_COUNT && pair->print_count >= 0 &&
           (unsigned)pair->rules.prevention < EXCHANGE_PREVENTION_COUNT;
}

static void pass_row(Pass *pass, ExchangeStanding *row) {
    part(pass, &row->count, sizeof row->count);
    if (row->count > LIMIT_EXCHANGE_STANDING) pass->short_of = true;
    if (!pass->short_of) part(pass, row->places, row->count * sizeof row->places[0]);
}

static void pass_pair(Pass *pass, const Exchange *exchange, ExchangePair *pair) {
    part(pass, pair, offsetof(ExchangePair, resting));
    if (pass->short_of || !pair_fits(exchange, pair)) {
        pass->short_of = true;
        return;
    }
    pass_row(pass, &pair->resting[0]);
    pass_row(pass, &pair->resting[1]);
    pass_row(pass, &pair->waiting);
    if (pass->short_of) return;
    size_t bars =
        pair->bar_count < LIMIT_EXCHANGE_BARS ? (size_t)pair->bar_count : LIMIT_EXCHANGE_BARS;
    part(pass, pair->prints,
         used(pair->print_count, 1, LIMIT_EXCHANGE_PRINTS) * sizeof pair->prints[0]);
    part(pass, pair->bars, bars * sizeof pair->bars[0]);
}

static void pass_all(Pass *pass, Exchange *exchange) {
    part(pass, exchange, offsetof(Exchange, orders));
    if (pass->in) exchange->event_count = exchange->event_taken = 0;
    if (pass->short_of || !counts_fit(exchange)) {
        pass->short_of = true;
        return;
    }
    size_t orders = used(exchange->order_count, 1, LIMIT_EXCHANGE_ORDERS);
    part(pass, exchange->orders, orders * sizeof exchange->orders[0]);
    part(pass, exchange->names, orders * sizeof exchange->names[0]);
    part(pass, exchange->fills,
         used(exchange->fill_count, 1, LIMIT_EXCHANGE_FILLS) * sizeof exchange->fills[0]);
    part(pass, exchange->lists,
         used(exchange->list_count, 0, LIMIT_EXCHANGE_LISTS) * sizeof exchange->lists[0]);
    part(pass, exchange->prevented,
         used(exchange->prevented_count, 1, LIMIT_EXCHANGE_PREVENTED) *
             sizeof exchange->prevented[0]);
    part(pass, exchange->amended,
         used(exchange->amended_count, 1, LIMIT_EXCHANGE_AMENDED) * sizeof exchange->amended[0]);
    for (unsigned i = 0; i < exchange->pair_count && !pass->short_of; i++)
        pass_pair(pass, exchange, &exchange->pairs[i]);
}

/* Measuring and writing change nothing. */
static Exchange *mutable_of(const Exchange *exchange) {
    union {
        const Exchange *given;
        Exchange *taken;
    } both = {.given = exchange};
    return both.taken;
}

size_t exchange_save_size(const Exchange *exchange) {
    Pass pass = {.out = NULL};
    pass_all(&pass, mutable_of(exchange));
    return sizeof(StateHead) + pass.at + SHA256_SIZE;
}

void exchange_save(const Exchange *exchange, unsigned char *bytes) {
    size_t size = exchange_save_size(exchange);
    StateHead head = head_of(size);
    Pass pass = {.out = bytes + sizeof head};
    memcpy(bytes, &head, sizeof head);
    pass_all(&pass, mutable_of(exchange));
    sha256_of(bytes, size - SHA256_SIZE, bytes + size - SHA256_SIZE);
}

static bool refuse(Exchange *exchange, const char *text, const char *advice, Error *error) {
    ExchangeCosts costs = {0};
    exchange_init(exchange, &costs);
    return error_set(error, ERROR_DATA, text, "the exchange's state", advice);
}

bool exchange_restore(Exchange *exchange, const unsigned char *bytes, size_t size, Error *error) {
    const char *anew = "begin with a new state";
    StateHead head, wanted = head_of(size);
    unsigned char digest[SHA256_SIZE];
    if (size < sizeof head + SHA256_SIZE)
        return refuse(exchange, "too short to be a state", anew, error);
    memcpy(&head, bytes, sizeof head);
    if (memcmp(head.mark, wanted.mark, sizeof head.mark) != 0)
        return refuse(exchange, "not a state of an exchange", anew, error);
    if (head.version != wanted.version || memcmp(head.sizes, wanted.sizes, sizeof head.sizes) != 0)
        return refuse(exchange, "the state is of another version", anew, error);
    sha256_of(bytes, size - SHA256_SIZE, digest);
    if (head.size != size || memcmp(digest, bytes + size - SHA256_SIZE, SHA256_SIZE) != 0)
        return refuse(exchange, "the state is damaged", anew, error);
    Pass pass = {.in = bytes + sizeof head, .end = size - sizeof head - SHA256_SIZE};
    pass_all(&pass, exchange);
    if (pass.short_of || pass.at != pass.end)
        return refuse(exchange, "the state is not whole", anew, error);
    const char *wrong = exchange_audit(exchange);
    return !wrong || refuse(exchange, wrong, anew, error);
}
