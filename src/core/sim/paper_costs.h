/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the paper venue takes, as the settings say it: basis points, with the whole spread, of which
 * an order crosses half. The one place where settings become the parts per million that fills and
 * trials reckon with. A plain value.
 */
#ifndef CORE_SIM_PAPER_COSTS_H
#define CORE_SIM_PAPER_COSTS_H

#include "core/bus/settings.h"
#include "core/sim/paper_fill.h"

PaperCosts paper_costs(const Settings *settings);

#endif
