// SPDX-License-Identifier: Apache-2.0
// The one stream of events that keeps the page live. Events are gathered and handed on at the pace
// of the screen; prices keep only the last of each symbol. A lost stream is opened again after a
// growing wait, and whoever listens is told to read everything anew, because what happened
// meanwhile was missed.
import { batch, signal } from '@preact/signals';
import { session } from './api.ts';
import { backoff } from './reduce.ts';

export type Connection = 'connecting' | 'open' | 'down';

export const connection = signal<Connection>('connecting');
/** When the last event came and when the next try is due, in the browser's own time. */
export const lastMessage = signal(0);
export const retryAt = signal(0);
/** Events that wait for the person to ask for them (manual refresh). */
export const waiting = signal(0);

const EVENTS = [
  'price',
  'candle',
  'signal',
  'trade',
  'fill',
  'equity',
  'portfolio',
  'refusal',
  'log',
  'state',
  'health',
  'kill',
  'feed',
] as const;
export type EventName = (typeof EVENTS)[number];

/** More than this waiting means that reading everything anew is cheaper. */
const PENDING_MAX = 5000;

export interface Listener {
  events(name: EventName, payloads: unknown[]): void;
  /** The stream is new: what the page holds may be behind. */
  anew(): void;
  pace(): number | null;
}

let source: EventSource | null = null;
let listener: Listener | null = null;
let pending = new Map<EventName, unknown[]>();
let prices = new Map<string, unknown>();
let pendingCount = 0;
let attempt = 0;
let retryTimer = 0;
let flushTimer = 0;

function receive(name: EventName, text: string): void {
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch {
    return; // half a message is no message; the next snapshot heals it
  }
  lastMessage.value = Date.now();
  if (name === 'price') prices.set((payload as { symbol: string }).symbol, payload);
  else {
    const list = pending.get(name);
    if (list) list.push(payload);
    else pending.set(name, [payload]);
    pendingCount += 1;
  }
  if (pendingCount > PENDING_MAX) forget();
  schedule();
}

function forget(): void {
  pending = new Map();
  prices = new Map();
  pendingCount = 0;
  listener?.anew();
}

function schedule(): void {
  if (flushTimer) return;
  const pace = listener?.pace() ?? null;
  if (pace === null) {
    waiting.value = pendingCount + prices.size;
    return;
  }
  flushTimer = window.setTimeout(flush, pace);
}

/**
 * Hands on what has gathered: closed minutes before prices, so that prices open the bar after them.
 */
export function flush(): void {
  window.clearTimeout(flushTimer);
  flushTimer = 0;
  const events = pending;
  const latest = [...prices.values()];
  pending = new Map();
  prices = new Map();
  pendingCount = 0;
  batch(() => {
    waiting.value = 0;
    for (const name of EVENTS) {
      if (name === 'price') continue;
      const payloads = events.get(name);
      if (payloads) listener?.events(name, payloads);
    }
    if (latest.length) listener?.events('price', latest);
  });
}

export function connect(): void {
  window.clearTimeout(retryTimer);
  source?.close();
  connection.value = attempt === 0 ? 'connecting' : connection.value;
  const opened = new EventSource('/api/v1/stream');
  source = opened;
  opened.addEventListener('open', () => {
    const again = attempt > 0;
    attempt = 0;
    connection.value = 'open';
    lastMessage.value = Date.now();
    if (again) listener?.anew();
  });
  opened.addEventListener('error', () => {
    opened.close();
    if (source === opened) retryLater();
  });
  for (const name of EVENTS) {
    opened.addEventListener(name, (event) => receive(name, (event as MessageEvent<string>).data));
  }
}

function retryLater(): void {
  if (session.value === 'out') return;
  const wait = backoff(attempt, Math.random());
  attempt += 1;
  connection.value = 'down';
  retryAt.value = Date.now() + wait;
  retryTimer = window.setTimeout(connect, wait);
  listener?.anew(); // tells a program that stopped from a login that ended
}

export function start(to: Listener): void {
  listener = to;
  attempt = 0;
  connect();
}

export function stop(): void {
  window.clearTimeout(retryTimer);
  window.clearTimeout(flushTimer);
  flushTimer = 0;
  source?.close();
  source = null;
  listener = null;
}
