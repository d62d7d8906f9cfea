// SPDX-License-Identifier: Apache-2.0
// Fills become marks on the bars: one for each bar and side, so that a day's bar with twenty fills
// stays readable. Pure; drawing happens in price_chart.
import { bucket } from '../fold.ts';
import { price, quantity, words } from '../format.ts';
import type { Fill, Side, TradeReason } from '../types.ts';

export interface Mark {
  time: number;
  side: Side;
  count: number;
  /** Short, drawn beside the arrow. */
  label: string;
  /** Long, shown with the bar. */
  text: string;
}

const REASONS: Partial<Record<TradeReason, string>> = {
  stop_loss: 'stop',
  take_profit: 'target',
  trailing_stop: 'trail',
  flatten: 'flatten',
};

function label(fill: Fill): string {
  return REASONS[fill.reason] ?? (fill.side === 'BUY' ? 'buy' : 'sell');
}

function describe(fill: Fill, decimals: number | null): string {
  const what = `${fill.side} ${quantity(fill.quantity)} @ ${price(fill.price, decimals)}`;
  return `${what}, ${words(fill.reason)}`;
}

export function marksOf(
  fills: readonly Fill[],
  symbol: string,
  seconds: number,
  decimals: number | null,
): Mark[] {
  const marks = new Map<string, Mark>();
  for (const fill of fills) {
    const moment = Date.parse(fill.time) / 1000;
    if (fill.symbol !== symbol || Number.isNaN(moment)) continue;
    const time = bucket(moment, seconds);
    const known = marks.get(`${time}${fill.side}`);
    if (known) {
      known.count += 1;
      known.label = `${fill.side === 'BUY' ? 'buy' : 'sell'} ×${known.count}`;
      known.text += ` · ${describe(fill, decimals)}`;
    } else {
      marks.set(`${time}${fill.side}`, {
        time,
        side: fill.side,
        count: 1,
        label: label(fill),
        text: describe(fill, decimals),
      });
    }
  }
  return [...marks.values()].sort((a, b) => a.time - b.time);
}
