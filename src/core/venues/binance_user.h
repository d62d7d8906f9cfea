/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes over the venue's WebSocket API (Binance Spot API, "User Data Streams" and "WebSocket
 * API"): the account's own events, wrapped with their subscription or bare, and the answers to
 * requests. One frame becomes one typed event. Events of one order race with the answers about it
 * and may come twice: they are told apart by symbol and execution id, fills by symbol and trade id;
 * an event that tells less executed than is known is old. Nothing is sent again after a break, so
 * the state is asked for then. A frame that is malformed is an Error with its place; a kind that is
 * not known here is told by its name. Balances lie in memory of the caller; the slices of an answer
 * point into the frame.
 */
#ifndef CORE_VENUES_BINANCE_USER_H
#define CORE_VENUES_BINANCE_USER_H

#include "core/venues/binance_account.h"

typedef enum BinanceUserKind {
    BINANCE_USER_ORDER,    /* executionReport */
    BINANCE_USER_POSITION, /* outboundAccountPosition: changed assets, absolute */
    BINANCE_USER_BALANCE,  /* balanceUpdate: money came or went from outside */
    BINANCE_USER_LOCK,     /* externalLockUpdate */
    BINANCE_USER_LIST,     /* listStatus */
    BINANCE_USER_ENDED,    /* eventStreamTerminated: subscribe again unless it was asked for */
    BINANCE_USER_SHUTDOWN, /* serverShutdown: open another connection at once */
    BINANCE_USER_REPLY,    /* answer to a request */
    BINANCE_USER_UNKNOWN
} BinanceUserKind;

typedef struct BinanceOrderEvent {
    BinanceReport report; /* without fills: `last` is the one of a TRADE */
    BinanceExecution execution;
    BinanceFill last;     /* quantity 0: this event is no trade */
    int64_t execution_id; /* -1: not told */
    bool is_maker, is_working;
    char reject_reason[48]; /* NONE, or why */
} BinanceOrderEvent;

typedef struct BinanceTransfer {
    AssetName asset;
    Money change;
    int64_t time_us;
} BinanceTransfer;

typedef struct BinanceAnswer {
    char id[BINANCE_CLIENT_ID_MAX + 4]; /* as sent, number or text; empty: null */
    int64_t status;                     /* as of HTTP */
    Slice result;                       /* of status 200: for the readers of REST answers */
    Slice limits;                       /* for binance_account_counts; empty: not told */
    Slice error;                        /* code, msg and, of a cancel and replace, its halves */
    BinanceFault fault;
    int64_t silent_until_us; /* 429 and 418; 0: not told */
} BinanceAnswer;

typedef struct BinanceUserEvent {
    BinanceUserKind kind;
    int64_t subscription; /* -1: bare */
    int64_t event_us;     /* 0 in answers */
    union {
        BinanceOrderEvent order;
        BinanceTransfer transfer; /* also of a lock */
        BinanceListReport list;   /* without reports */
        BinanceAnswer answer;
        char unknown[BINANCE_NAME_TEXT];
    };
} BinanceUserEvent;

/* `balances` is filled by BINANCE_USER_POSITION alone. */
bool binance_user_read(Slice frame, BinanceBalances *balances, BinanceUserEvent *event,
                       Error *error) MUST_USE;

#endif
