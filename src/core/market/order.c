/* SPDX-License-Identifier: Apache-2.0 */
#include "core/market/order.h"

#define TO(state) (1u << (state))

static const unsigned transitions[OrderState_COUNT] = {
    [ORDER_INTENT] = TO(ORDER_ACKED) | TO(ORDER_PARTIALLY_FILLED) | TO(ORDER_FILLED) |
                     TO(ORDER_REJECTED) | TO(ORDER_EXPIRED) | TO(ORDER_UNKNOWN),
    [ORDER_ACKED] = TO(ORDER_PARTIALLY_FILLED) | TO(ORDER_FILLED) | TO(ORDER_CANCELED) |
                    TO(ORDER_EXPIRED) | TO(ORDER_UNKNOWN),
    [ORDER_PARTIALLY_FILLED] = TO(ORDER_PARTIALLY_FILLED) | TO(ORDER_FILLED) | TO(ORDER_CANCELED) |
                               TO(ORDER_EXPIRED) | TO(ORDER_UNKNOWN),
    [ORDER_UNKNOWN] = TO(ORDER_ACKED) | TO(ORDER_PARTIALLY_FILLED) | TO(ORDER_FILLED) |
                      TO(ORDER_CANCELED) | TO(ORDER_REJECTED) | TO(ORDER_EXPIRED) |
                      TO(ORDER_NEVER_ARRIVED),
};

bool order_may_become(OrderState from, OrderState to) {
    return transitions[from] >> to & 1;
}

bool order_is_terminal(OrderState state) {
    return transitions[state] == 0;
}
