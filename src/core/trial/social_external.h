/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The series that strategies may read beside the candles, out of a message of social data. One
 * reading for trial, lab and live. Without a sentiment of the sources there is none: a fallback is
 * no value, and no condition over it holds. Pure.
 */
#ifndef CORE_TRIAL_SOCIAL_EXTERNAL_H
#define CORE_TRIAL_SOCIAL_EXTERNAL_H

#include "core/bus/message.h"
#include "core/strategies/strategy.h"

/* NaN: not known. */
void social_external_of(const SocialUpdate *update, double values[static EXTERNAL_COUNT]);

#endif
