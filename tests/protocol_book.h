/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The book of the small venue in the tests of the order protocol: orders, trades and free balances
 * of one pair, BTCUSDC. Plain blocks; the stage owns the one there is.
 */
#ifndef TESTS_PROTOCOL_BOOK_H
#define TESTS_PROTOCOL_BOOK_H

#include <stdint.h>

#include "core/base/decimal.h"

#define UNIT       DECIMAL_SCALE
#define BOOK_MAX   64
#define TRADES_MAX 4000

typedef struct BookOrder {
    char client_id[40];
    int64_t id;
    const char *status; /* NEW, FILLED ... */
    const char *side, *type;
    int64_t quantity, executed; /* at 1e-8 */
    int64_t list_id;
} BookOrder;

typedef struct BookTrade {
    int64_t id, order_id, price, quantity, fee;
    const char *fee_asset;
    bool is_buyer;
} BookTrade;

typedef struct StageBook {
    BookOrder orders[BOOK_MAX];
    unsigned order_count;
    BookTrade trades[TRADES_MAX];
    unsigned trade_count;
    int64_t usdc, btc, bnb; /* free at 1e-8 */
} StageBook;

#endif
