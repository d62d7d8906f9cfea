/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a social strategy reads at each bar's close, as columns for a trial: the social monitor
 * itself hears the stored readings and headlines, alone in a kernel, and what it said last before
 * the close is the column's value. So a trial reads what the same strategy hears in the lab and
 * live, from the same weights and ages, and nothing that was known later. The caller owns columns
 * and memory. Pure and deterministic.
 */
#ifndef CORE_LAB_SOCIAL_COLUMNS_H
#define CORE_LAB_SOCIAL_COLUMNS_H

#include "core/lab/lab.h"

typedef struct SocialColumnsPlan {
    const Service *monitor;
    const Settings *settings; /* trading_params.symbols names the market alone */
    const LabMarket *market;
    const SocialReading *social; /* in order of `known` */
    size_t social_count;
    const Headline *news; /* likewise */
    size_t news_count;
} SocialColumnsPlan;

/* Bytes of zeroed memory, aligned to 16. */
size_t social_columns_memory(const SocialColumnsPlan *plan);
/* Fills columns[series][row] for the rows of the market's candles: NaN before its first traded bar
 * and where nothing is known. */
void social_columns_fill(const SocialColumnsPlan *plan, void *memory,
                         double *const columns[static EXTERNAL_COUNT]);

#endif
