/* SPDX-License-Identifier: Apache-2.0 */
#include "core/market/feed_event.h"

void feed_gap_text(int64_t from_us, int64_t missing, Interval interval, Text *text) {
    char from[25];
    instant_to_iso(from_us, from);
    text_format(text, "%D candle%s of %s missing from %s on", missing, missing == 1 ? "" : "s",
                interval_name(interval), from);
    text_end(text);
}
