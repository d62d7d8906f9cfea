// SPDX-License-Identifier: Apache-2.0
// The bars of the symbol and interval on the screen. Holds one array, changed in place, and tells
// its listeners from which bar on it is new: a chart redraws one bar, not thousands.
import { signal } from '@preact/signals';
import { address, asError, get, type ApiError } from './api.ts';
import { barsOf, foldMinute, foldPrice, intervalSeconds, mergeTail, type Bar } from './fold.ts';
import type { Candles, MinuteEvent, PriceEvent } from './types.ts';

const LIMIT = 1500;
const BARS_MAX = 4000; // beyond this drawing slows down; the oldest are let go by reading anew
const TAIL = 4;
const TAIL_DELAY_MS = 150; // lets the program finish the indicators of the bar that has just closed

export const symbol = signal('');
export const interval = signal('5m');
export const decimals = signal<number | null>(null);
export const loaded = signal<'loading' | 'ready' | 'error'>('loading');
export const failure = signal<ApiError | null>(null);
export const updated = signal(0);

export type Change = { bars: readonly Bar[]; from: number };
type Listener = (change: Change) => void;

let bars: Bar[] = [];
let ticket = 0;
let tailTimer = 0;
const listeners = new Set<Listener>();

export function current(): readonly Bar[] {
  return bars;
}

/** Calls back at once with all bars, then with every change; the result ends it. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  if (loaded.value === 'ready') listener({ bars, from: 0 });
  return () => listeners.delete(listener);
}

function tell(from: number): void {
  updated.value = Date.now();
  for (const listener of listeners) listener({ bars, from });
}

function seconds(): number {
  return intervalSeconds(interval.value);
}

function ask(limit: number): Promise<Candles> {
  return get(address('candles', { symbol: symbol.value, interval: interval.value, limit }));
}

export async function load(): Promise<void> {
  const mine = ++ticket;
  try {
    const answer = await ask(LIMIT);
    if (mine !== ticket) return;
    bars = barsOf(answer);
    decimals.value = answer.price_decimals;
    failure.value = null;
    loaded.value = 'ready';
    tell(0);
  } catch (reason) {
    if (mine !== ticket) return;
    failure.value = asError(reason);
    if (loaded.value !== 'ready') loaded.value = 'error';
  }
}

export function choose(nextSymbol: string, nextInterval: string): void {
  if (nextSymbol === symbol.value && nextInterval === interval.value) return;
  if (nextSymbol !== symbol.value) decimals.value = null;
  symbol.value = nextSymbol;
  interval.value = nextInterval;
  loaded.value = 'loading';
  bars = [];
  void load();
}

async function readTail(): Promise<void> {
  tailTimer = 0;
  const mine = ticket;
  try {
    const tail = barsOf(await ask(TAIL));
    if (mine !== ticket || loaded.value !== 'ready') return;
    const from = mergeTail(bars, seconds(), tail);
    if (from === null || bars.length > BARS_MAX) await load();
    else tell(from);
  } catch {
    // The next bar asks again; the stream's own state tells whether the program is gone.
  }
}

export function onPrices(events: readonly PriceEvent[]): void {
  if (loaded.value !== 'ready') return;
  for (const event of events) {
    if (event.symbol !== symbol.value) continue;
    const from = foldPrice(bars, seconds(), event.price, Date.parse(event.time) / 1000);
    if (from !== null) tell(from);
  }
}

export function onMinutes(events: readonly MinuteEvent[]): void {
  if (loaded.value !== 'ready') return;
  let first = Infinity;
  for (const event of events) {
    if (event.symbol !== symbol.value) continue;
    const folded = foldMinute(bars, seconds(), event);
    if (!folded) continue;
    first = Math.min(first, folded.from);
    if (folded.completed && !tailTimer)
      tailTimer = window.setTimeout(() => void readTail(), TAIL_DELAY_MS);
  }
  if (first !== Infinity) tell(first);
}
