// SPDX-License-Identifier: Apache-2.0
// How prices and closed minutes become the bars of the interval on the screen. Pure: the arrays are
// handed in, what changed is handed back. Closed minutes are the truth; prices only move the bar
// that is still open. Indicators are never computed here: they come with closed bars from the
// program, so that page and decisions cannot disagree.
import type { Candles, Indicators, Maybe, OpenBar } from './types.ts';

export interface Bar extends OpenBar {
  values: Maybe<IndicatorValues>;
}

export type IndicatorValues = { [Name in keyof Indicators]: Maybe<number> };

export interface Folded {
  /** The first bar that is not as it was; everything after it may be new. */
  from: number;
  /** A bar of the chosen interval ended: its indicator values can be asked for. */
  completed: boolean;
}

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

/** "15m" → 900. An unknown unit gives 60, the length that every interval is made of. */
export function intervalSeconds(interval: string): number {
  const unit = UNITS[interval.slice(-1)];
  const amount = Number(interval.slice(0, -1));
  return unit && amount > 0 ? unit * amount : 60;
}

/** The open time of the bar that holds this moment, on the UTC grid. */
export function bucket(time: number, seconds: number): number {
  return Math.floor(time / seconds) * seconds;
}

const NAMES = [
  'bb_upper',
  'bb_middle',
  'bb_lower',
  'rsi',
  'macd',
  'macd_signal',
  'macd_histogram',
] as const satisfies (keyof Indicators)[];

function valuesAt(indicators: Indicators, index: number): IndicatorValues {
  return Object.fromEntries(
    NAMES.map((name) => [name, indicators[name]?.[index] ?? null]),
  ) as IndicatorValues;
}

/** The columns of an answer as bars; the bar that is still open comes last, without indicators. */
export function barsOf(answer: Candles): Bar[] {
  const bars: Bar[] = answer.time.map((time, index) => ({
    time,
    open: answer.open[index]!,
    high: answer.high[index]!,
    low: answer.low[index]!,
    close: answer.close[index]!,
    volume: answer.volume[index] ?? null,
    values: valuesAt(answer.indicators, index),
  }));
  const last = bars.at(-1);
  if (answer.open_bar && (!last || answer.open_bar.time > last.time)) {
    bars.push({ ...answer.open_bar, values: null });
  }
  return bars;
}

/**
 * A price moves the open bar or opens the next one. Prices from before the open bar are too late to
 * matter.
 */
export function foldPrice(
  bars: Bar[],
  seconds: number,
  value: number,
  time: number,
): Maybe<number> {
  const start = bucket(time, seconds);
  const last = bars.at(-1);
  if (!last || start > last.time) {
    bars.push({
      time: start,
      open: value,
      high: value,
      low: value,
      close: value,
      volume: null,
      values: null,
    });
    return bars.length - 1;
  }
  if (start < last.time) return null;
  last.high = Math.max(last.high, value);
  last.low = Math.min(last.low, value);
  last.close = value;
  return bars.length - 1;
}

/**
 * A closed minute enters its bar. The minute may come after prices have already opened the next
 * bar.
 */
export function foldMinute(bars: Bar[], seconds: number, minute: OpenBar): Maybe<Folded> {
  const start = bucket(minute.time, seconds);
  const completed = (minute.time + 60) % seconds === 0;
  let index = bars.length - 1;
  while (index >= 0 && bars[index]!.time > start) index -= 1;
  const bar = bars[index];
  if (!bar || bar.time < start) {
    bars.splice(index + 1, 0, { ...plain(minute), time: start, values: null });
    return { from: index + 1, completed };
  }
  if (bar.values) return null; // closed already, with the program's own numbers
  if (seconds === 60) Object.assign(bar, plain(minute));
  else enter(bar, minute);
  return { from: index, completed };
}

function plain(bar: OpenBar): OpenBar {
  return {
    time: bar.time,
    open: bar.open,
    high: bar.high,
    low: bar.low,
    close: bar.close,
    volume: bar.volume,
  };
}

function enter(bar: Bar, minute: OpenBar): void {
  if (minute.time === bar.time) bar.open = minute.open;
  bar.high = Math.max(bar.high, minute.high);
  bar.low = Math.min(bar.low, minute.low);
  bar.close = minute.close;
  if (minute.volume !== null) bar.volume = (bar.volume ?? 0) + minute.volume;
}

/**
 * The last bars of a fresh answer replace ours; null when they do not meet ours, and all must be
 * read again.
 */
export function mergeTail(bars: Bar[], seconds: number, tail: Bar[]): Maybe<number> {
  const first = tail[0];
  const last = bars.at(-1);
  if (!first) return bars.length;
  if (!last || first.time > last.time + seconds) return null;
  let from = bars.length;
  while (from > 0 && bars[from - 1]!.time >= first.time) from -= 1;
  const newer = bars.slice(from).filter((bar) => bar.time > tail.at(-1)!.time);
  bars.splice(from, bars.length - from, ...tail, ...newer);
  return from;
}
