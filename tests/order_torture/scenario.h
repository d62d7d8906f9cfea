/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scenarios of the order torture: each is what goes wrong at the venue, and steps of which each
 * waits for a condition and then says a signal, a word of the kill switch, or asks for another
 * price. The service that plays them keeps its place in the kernel's state, so that a life that is
 * started again goes on where it was.
 */
#ifndef ORDER_TORTURE_SCENARIO_H
#define ORDER_TORTURE_SCENARIO_H

#include "core/bus/service.h"

#define SCENARIO_SYMBOL   "BTCUSDC"
#define SCENARIO_INSTANCE "torture2"
#define SCENARIO_JUMP     "the market jumps by "

extern const Service service_scenario;

bool scenario_choose(const char *name);
/* Words for the venue's control, NULL at the end. */
const char *const *scenario_faults(void);
/* All steps were taken (in this life or an earlier one). */
bool scenario_is_through(void);
/* Prints the names. */
void scenario_list(void);

#endif
