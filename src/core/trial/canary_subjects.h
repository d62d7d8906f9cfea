/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the canary watches below the lab: an indicator; a strategy's columns as a stream and as a
 * batch, with its wishes; a whole trial. Each is a subject over the first series of the plan, made
 * for candles of one interval. The caller owns context and scratch.
 */
#ifndef CORE_TRIAL_CANARY_SUBJECTS_H
#define CORE_TRIAL_CANARY_SUBJECTS_H

#include "core/trial/canary.h"
#include "core/trial/trial.h"

/* Scratch that any of them wants for series of at most `rows` candles. */
size_t canary_scratch(size_t rows);
/* Things that any of them says over so many candles, at most. */
size_t canary_events(size_t rows);

CanarySubject canary_of_indicator(const Indicator *indicator);
/* With presets. */
CanarySubject canary_of_stream(const Strategy *strategy);
CanarySubject canary_of_columns(const Strategy *strategy);
CanarySubject canary_of_trial(const Strategy *strategy);
/* The same by trial_fast.h; for a strategy that cannot be run this way as canary_of_trial. */
CanarySubject canary_of_fast_trial(const Strategy *strategy);

#endif
