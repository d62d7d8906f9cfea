/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tick path: reads the frames that come thousands of times a second (kline, trade, aggTrade,
 * bookTicker, raw or combined) by the fixed order in which the venue writes them, in one pass over
 * the bytes, without a parser's states. It says yes only to what the general path would read to the
 * same event, and no to every other spelling, kind, error or doubt; then the general path decides.
 * It reads nothing outside of the frame and keeps nothing.
 */
#ifndef CORE_VENUES_BINANCE_LAYOUT_H
#define CORE_VENUES_BINANCE_LAYOUT_H

#include "core/venues/binance_stream.h"

bool binance_layout_read(Slice frame, BinanceEvent *event) MUST_USE;

#endif
