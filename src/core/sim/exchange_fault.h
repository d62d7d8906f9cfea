/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes wrong at the simulated exchange, on request: rules that meet the next so many calls of
 * a method and path (answered with an error, executed or not; the connection dropped after so many
 * bytes; the answer lost; delayed), a maintenance, a limit that is refused or banned for now,
 * latencies of requests, answers and streams, symbols that halt or change their filters, a jump of
 * the price, and words for the server: disconnect, shut down. A tester asks by a control call that
 * the venue does not have; its parameters come in as an ExchangeQuery. Random latencies are drawn
 * from a seeded stream, so that a test repeats. Plain values; the caller owns them.
 */
#ifndef CORE_SIM_EXCHANGE_FAULT_H
#define CORE_SIM_EXCHANGE_FAULT_H

#include "core/base/random.h"
#include "core/sim/exchange_api.h"

#define EXCHANGE_FAULT_RULES  32 /* at once: a script of a test has a dozen */
#define EXCHANGE_FAULT_PATH   80
#define EXCHANGE_FAULT_MS_MAX 3600000 /* an hour: longer is not a delay */

typedef enum ExchangeFaultKind {
    FAULT_FAIL,
    FAULT_DROP,
    FAULT_LOSE,
    FAULT_DELAY
} ExchangeFaultKind;

typedef struct ExchangeFaultRule {
    ExchangeFaultKind kind;
    char method[8], path[EXCHANGE_FAULT_PATH]; /* empty: any; a path may end with a star */
    int64_t skip, times;                       /* so many calls pass, so many are met */
    bool executed;
    int64_t status, code; /* code 0: the page of a gateway */
    int64_t bytes;    /* of the answer's body, then the connection ends; -1: not even a header */
    int64_t delay_us; /* FAULT_DELAY: before it is executed, or after */
} ExchangeFaultRule;

typedef enum ExchangeLeg {
    LEG_REQUEST, /* on its way in: what is asked happens later */
    LEG_ANSWER,  /* on its way out: it has happened */
    LEG_STREAM,
    EXCHANGE_LEG_COUNT
} ExchangeLeg;

typedef struct ExchangeLatency {
    ExchangeLeg leg;
    char path[EXCHANGE_FAULT_PATH];
    bool exponential; /* else fixed */
    int64_t mean_us;
} ExchangeLatency;

typedef struct ExchangeFaults {
    Random random;
    unsigned rule_count, latency_count;
    ExchangeFaultRule rules[EXCHANGE_FAULT_RULES];
    ExchangeLatency latencies[EXCHANGE_FAULT_RULES];
    int64_t maintenance_until_us; /* of the machine's clock */
    unsigned refusal;             /* 429 or 418, until: */
    int64_t refusal_until_us;
    int64_t met, hidden_events; /* calls that a rule has met; events of the user yet to be lost */
    int64_t jump_ppm[LIMIT_SYMBOLS]; /* factor of what the market trades at; 0: none */
    int64_t clock_us;                /* added to what the venue calls its time */
    ExchangeRights rights[LIMIT_EXCHANGE_ACCOUNTS];
    /* Words for the server, which clears them. */
    bool disconnects, shuts_down;
    int64_t shutdown_us; /* from the word to the end of the connections */
} ExchangeFaults;

/* What becomes of one call. */
typedef struct ExchangeVerdict {
    bool executes, fails, loses, drops;
    unsigned status;
    int64_t code, bytes;
    int64_t request_us, answer_us;
} ExchangeVerdict;

void exchange_fault_init(ExchangeFaults *faults, uint64_t seed);
/* Counts the rule that it meets. */
ExchangeVerdict exchange_fault_judge(ExchangeFaults *faults, Slice method, Slice path,
                                     int64_t wall_us);
/* How long a frame of a stream is on its way; `path` names the stream. */
int64_t exchange_fault_stream_us(ExchangeFaults *faults, Slice path);
/* The failure's answer: JSON where it has a code, else HTML. */
void exchange_fault_write(const ExchangeVerdict *verdict, Text *answer);

/* One word of the tester: {"do":"fail",...}; docs/EXCHANGE.md lists them. */
bool exchange_fault_control(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                            int64_t wall_us, ExchangeFault *fault) MUST_USE;
/* What stands, as JSON. */
void exchange_fault_tell(const ExchangeFaults *faults, int64_t wall_us, Text *answer);

#endif
