/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The batch forms of the hot indicators once more, compiled from the very files of
 * core/indicators and core/num/columns.c for processors with vectors of four doubles (AVX2). Each
 * operation is the same in the same order, nothing is contracted, so every bit is the same; the
 * laws compare them. Elsewhere, and on processors without, the plain ones stand. Constants; nothing
 * is owned.
 */
#ifndef SHELL_ACCEL_WIDE_INDICATORS_H
#define SHELL_ACCEL_WIDE_INDICATORS_H

#include "core/indicators/indicator.h"

/* The one to be run over columns in place of `indicator`: the same, or a wide form of it. */
const Indicator *wide_indicator(const Indicator *indicator);

#endif
