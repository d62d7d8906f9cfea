/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two JSON libraries doing the codec's work on the same frames: parse, find the same fields, exact
 * prices, volumes as doubles. In a file of their own, since jansson's names and those of
 * core/base/json.h are the same. Each is there only where its header was found. Frames belong to
 * the caller.
 */
#ifndef BENCH_TICK_PEERS_H
#define BENCH_TICK_PEERS_H

#include "core/base/text.h"

extern int64_t tick_sink; /* what was read is added up, so that nothing is left out */

bool tick_read_cjson(Slice frame);
bool tick_read_jansson(Slice frame);

#endif
