/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What others may ask of the executor besides sending it messages: the rehearsal of an entry
 * (execution_rehearse in core/trade/execution.h), between turns only. It reads the service's state
 * and changes nothing. The kernel owns the state.
 */
#ifndef CORE_SERVICES_TRADE_EXECUTOR_H
#define CORE_SERVICES_TRADE_EXECUTOR_H

#include <stdint.h>

/* `state` of the service "trade_executor". */
void trade_executor_rehearse(const void *state, int64_t now_us);

#endif
