/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parameters of a request to the simulated exchange: from the query, the body, or both (the
 * query wins), percent signs resolved. What is signed is the query followed by the body, as sent,
 * without the signature itself (Binance Spot API, "Signed endpoint examples"). The WebSocket API
 * hands the same parameters in as JSON and signs them sorted by name, not encoded. Plain values.
 */
#ifndef CORE_SIM_EXCHANGE_QUERY_H
#define CORE_SIM_EXCHANGE_QUERY_H

#include "core/base/json.h"
#include "core/sim/exchange.h"

#define QUERY_PARAMETERS_MAX 40   /* an OCO with everything has 27 */
#define QUERY_VALUE_MAX      1024 /* symbols=[...] of all pairs */

typedef struct ExchangeParameter {
    char name[40];
    char value[QUERY_VALUE_MAX];
} ExchangeParameter;

typedef struct ExchangeQuery {
    unsigned count;
    ExchangeParameter parameters[QUERY_PARAMETERS_MAX];
} ExchangeQuery;

/* false with -1100, -1101 or -1105. */
bool exchange_query_read(ExchangeQuery *query, Slice text, Slice body,
                         ExchangeFault *fault) MUST_USE;
/* The object that the reader stands before; false with -1135 where it is none. */
bool exchange_query_json(ExchangeQuery *query, JsonReader *reader, ExchangeFault *fault) MUST_USE;
/* NULL: not given. */
const char *exchange_query_value(const ExchangeQuery *query, const char *name);
/* What the client has signed. */
void exchange_query_signed(Slice text, Slice body, Text *payload);
void exchange_query_signed_json(const ExchangeQuery *query, Text *payload);

/* Typed: absent leaves the target as it is; -1102 where it is mandatory, -1100 where it is no such
 * thing. */
bool exchange_query_int(const ExchangeQuery *query, const char *name, int64_t *value,
                        ExchangeFault *fault) MUST_USE;
bool exchange_query_decimal(const ExchangeQuery *query, const char *name, int64_t *units,
                            ExchangeFault *fault) MUST_USE;
bool exchange_query_needs(const ExchangeQuery *query, const char *name,
                          ExchangeFault *fault) MUST_USE;

#endif
