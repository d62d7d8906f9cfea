/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole system as a subject of the canary: everything that every service says over the series,
 * by name of the service, and the fills of its orders against the signals behind them. The plan is
 * a lab's; its markets' candles are put in place of those that the plan holds, one a series. Series
 * beyond these are social history in the form of candles, so that their future is changed like that
 * of prices: each row is a reading of the market with that series' name, known at its open time,
 * with the fraction of its close as the sentiment and its volumes as posts and engagement. The
 * caller owns all of it.
 */
#ifndef CORE_LAB_LAB_CANARY_H
#define CORE_LAB_LAB_CANARY_H

#include "core/lab/lab.h"
#include "core/trial/canary.h"

/* `readings`: rows of the series beyond the markets. */
size_t lab_canary_scratch(const LabPlan *plan, size_t readings);
/* Things that the services say over so many candles, at most. */
size_t lab_canary_events(size_t rows);
CanarySubject lab_canary(const LabPlan *plan);

#endif
