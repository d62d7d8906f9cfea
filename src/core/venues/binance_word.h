/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The venue's closed lists of words about orders, and the small values that its trading requests
 * and replies share (Binance Spot API, "Enums" and "Trading endpoints"). Member 0 of each list is
 * "none or not known here": the venue adds words, and a word that is not known must not be taken
 * for one that is. Constants and plain values.
 */
#ifndef CORE_VENUES_BINANCE_WORD_H
#define CORE_VENUES_BINANCE_WORD_H

#include "core/market/choices.h"
#include "core/market/symbol.h"

#define BINANCE_CLIENT_ID_MAX 36 /* ^[a-zA-Z0-9-_]{1,36}$ */
#define BINANCE_LEGS_MAX      3  /* orders of a list: one that works and two that wait */

typedef struct ClientId {
    char text[BINANCE_CLIENT_ID_MAX + 4]; /* closing zero; a multiple of 8 */
} ClientId;

typedef enum BinanceType {
    BINANCE_TYPE_OTHER,
    BINANCE_LIMIT,
    BINANCE_LIMIT_MAKER,
    BINANCE_MARKET,
    BINANCE_STOP_LOSS,
    BINANCE_STOP_LOSS_LIMIT,
    BINANCE_TAKE_PROFIT,
    BINANCE_TAKE_PROFIT_LIMIT,
    BINANCE_TYPE_COUNT
} BinanceType;

typedef enum BinanceForce { /* how long an order is in force */
                            BINANCE_FORCE_NONE,
                            BINANCE_GTC,
                            BINANCE_IOC,
                            BINANCE_FOK,
                            BINANCE_FORCE_COUNT
} BinanceForce;

typedef enum BinanceStatus {
    BINANCE_STATUS_OTHER,
    BINANCE_STATUS_NEW,
    BINANCE_STATUS_PENDING_NEW, /* waits for the order before it in its list */
    BINANCE_STATUS_PARTIALLY_FILLED,
    BINANCE_STATUS_FILLED,
    BINANCE_STATUS_CANCELED,
    BINANCE_STATUS_PENDING_CANCEL,
    BINANCE_STATUS_REJECTED,
    BINANCE_STATUS_EXPIRED,
    BINANCE_STATUS_EXPIRED_IN_MATCH,
    BINANCE_STATUS_COUNT
} BinanceStatus;

typedef enum BinanceExecution { /* what an event of an order reports */
                                BINANCE_EXECUTION_OTHER,
                                BINANCE_EXECUTION_NEW,
                                BINANCE_EXECUTION_CANCELED,
                                BINANCE_EXECUTION_REPLACED,
                                BINANCE_EXECUTION_REJECTED,
                                BINANCE_EXECUTION_TRADE,
                                BINANCE_EXECUTION_EXPIRED,
                                BINANCE_EXECUTION_TRADE_PREVENTION,
                                BINANCE_EXECUTION_COUNT
} BinanceExecution;

typedef enum BinanceListState {
    BINANCE_LIST_OTHER,
    BINANCE_LIST_EXECUTING,
    BINANCE_LIST_ALL_DONE,
    BINANCE_LIST_REJECT,
    BINANCE_LIST_COUNT
} BinanceListState;

static inline const char *binance_type_word(unsigned type) {
    static const char *const WORDS[BINANCE_TYPE_COUNT] = {
        "",          "LIMIT",           "LIMIT_MAKER", "MARKET",
        "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"};
    return type < BINANCE_TYPE_COUNT ? WORDS[type] : "";
}

static inline const char *binance_force_word(unsigned force) {
    static const char *const WORDS[BINANCE_FORCE_COUNT] = {"", "GTC", "IOC", "FOK"};
    return force < BINANCE_FORCE_COUNT ? WORDS[force] : "";
}

static inline const char *binance_status_word(unsigned status) {
    static const char *const WORDS[BINANCE_STATUS_COUNT] = {"",
                                                            "NEW",
                                                            "PENDING_NEW",
                                                            "PARTIALLY_FILLED",
                                                            "FILLED",
                                                            "CANCELED",
                                                            "PENDING_CANCEL",
                                                            "REJECTED",
                                                            "EXPIRED",
                                                            "EXPIRED_IN_MATCH"};
    return status < BINANCE_STATUS_COUNT ? WORDS[status] : "";
}

static inline const char *binance_execution_word(unsigned execution) {
    static const char *const WORDS[BINANCE_EXECUTION_COUNT] = {
        "", "NEW", "CANCELED", "REPLACED", "REJECTED", "TRADE", "EXPIRED", "TRADE_PREVENTION"};
    return execution < BINANCE_EXECUTION_COUNT ? WORDS[execution] : "";
}

static inline const char *binance_list_word(unsigned state) {
    static const char *const WORDS[BINANCE_LIST_COUNT] = {"", "EXECUTING", "ALL_DONE", "REJECT"};
    return state < BINANCE_LIST_COUNT ? WORDS[state] : "";
}

static inline const char *binance_side_word(Side side) {
    return side == SIDE_BUY ? "BUY" : "SELL";
}

/* The member whose word it is, or 0. */
static inline unsigned binance_word_find(Slice word, const char *(*words)(unsigned),
                                         unsigned count) {
    for (unsigned i = 1; i < count; i++)
        if (slice_is(word, words(i))) return i;
    return 0;
}

/* A side that is neither is not to be guessed. */
static inline bool binance_side_find(Slice word, Side *side) {
    if (slice_is(word, "BUY"))
        *side = SIDE_BUY;
    else if (slice_is(word, "SELL"))
        *side = SIDE_SELL;
    else
        return false;
    return true;
}

/* No status leads out of these. */
static inline bool binance_status_ends(BinanceStatus status) {
    return status == BINANCE_STATUS_FILLED || status == BINANCE_STATUS_CANCELED ||
           status == BINANCE_STATUS_REJECTED || status == BINANCE_STATUS_EXPIRED ||
           status == BINANCE_STATUS_EXPIRED_IN_MATCH;
}

static inline bool binance_type_has_limit(BinanceType type) {
    return type == BINANCE_LIMIT || type == BINANCE_LIMIT_MAKER ||
           type == BINANCE_STOP_LOSS_LIMIT || type == BINANCE_TAKE_PROFIT_LIMIT;
}

static inline bool binance_type_has_trigger(BinanceType type) {
    return type >= BINANCE_STOP_LOSS && type <= BINANCE_TAKE_PROFIT_LIMIT;
}

#endif
