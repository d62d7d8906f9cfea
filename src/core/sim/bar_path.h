/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may have happened inside a minute of which only open, high, low, close and volume are known:
 * a walk in equal steps from the open by way of the extreme that lies against the minute's
 * direction to the other one and to the close, with the volume spread evenly. Every step is a print
 * on the grid; the first is the open, the last the close, and both extremes are among them, so that
 * the prints fold to the same candle again. Pure.
 */
#ifndef CORE_SIM_BAR_PATH_H
#define CORE_SIM_BAR_PATH_H

#include "core/sim/exchange.h"

#define BAR_PATH_STEPS 61 /* a print a second, and one more, so that both thirds meet a step */

ExchangePrint bar_path(const Bar *bar, const Filters *filters, unsigned step);

#endif
