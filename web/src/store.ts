// SPDX-License-Identifier: Apache-2.0
// Everything the page knows, and how the stream changes it. Panels read signals from here and never
// ask by themselves. What the stream should have brought and did not is asked for again, so that
// only a real fault shows as stale.
import { computed, signal } from '@preact/signals';
import { address, get, session } from './api.ts';
import * as candles from './candles.ts';
import { byTime, extend, upsert } from './reduce.ts';
import { resource, type Resource } from './resource.ts';
import { refreshMs } from './settings.ts';
import * as stream from './stream.ts';
import type {
  Candles,
  EquityPoint,
  FeedState,
  Fill,
  Headline,
  Holdings,
  KillState,
  LogLine,
  MinuteEvent,
  PriceEvent,
  ProgramState,
  Refusal,
  ServiceHealth,
  Signal,
  SocialAccuracy,
  SocialPoint,
  SocialUpdate,
  Trade,
} from './types.ts';

const SIGNALS = 100;
const TRADES = 500;
const REFUSALS = 200;
const FILLS = 500;
const RETRY_MS = 5000; // what could not be had is asked for again this often
const EQUITY_POINTS = 600;
const POINTS = 3000; // beyond this the curve is read anew, thinned by the program
const LOG_LINES = 2000;

/** The browser's clock, once a second, for ages. */
export const now = signal(Date.now());

export const program = resource<ProgramState>('state', 5000, () => get('state'));
export const portfolio = resource<Holdings>('portfolio', 10_000, () => get('portfolio'));
export const services = resource<ServiceHealth[]>('services', 10_000, () => get('services'));
export const equity = resource<EquityPoint[]>('equity', 60_000, () =>
  get(address('equity', { points: EQUITY_POINTS })),
);
export const signals = resource<Signal[]>('signals', null, () =>
  everyAndMine('signals', SIGNALS, signalTime, signalKey),
);
export const trades = resource<Trade[]>('trades', null, () =>
  get(address('trades', { limit: TRADES })),
);
export const fills = resource<Fill[]>('fills', null, () =>
  everyAndMine('fills', FILLS, (fill) => fill.time, fillKey),
);
export const refusals = resource<Refusal[]>('refusals', null, () =>
  get(address('refusals', { limit: REFUSALS })),
);
export const logs = resource<LogLine[]>('logs', null, () => get(address('logs', { limit: 200 })));

// Social data change every few minutes at most: they are asked for, not streamed.
const SOCIAL_MS = 60_000;
const NEWS = 200;
const WEEK_HOURS = 168;
export const social = resource<SocialUpdate[]>('social', SOCIAL_MS, () => get('social'));
export const news = resource<Headline[]>('news', SOCIAL_MS, () =>
  get(address('news', { limit: NEWS })),
);
export const socialAccuracy = resource<SocialAccuracy[]>('social-accuracy', SOCIAL_MS, () =>
  get('social-accuracy'),
);
export const socialPoints = resource<SocialPoint[]>('social-points', SOCIAL_MS, () =>
  candles.symbol.value
    ? get(address('social-points', { symbol: candles.symbol.value, limit: WEEK_HOURS }))
    : Promise.resolve([]),
);

export const prices = signal<ReadonlyMap<string, number>>(new Map());
/** The last day of each symbol in steps of half an hour or less, for the strip of symbols. */
export const sparks = signal<ReadonlyMap<string, readonly number[]>>(new Map());
export const decimalsOf = signal<ReadonlyMap<string, number>>(new Map());
/** The last thing worth saying aloud to a screen reader. */
export const announcement = signal('');

export const marketTime = computed(() => program.value.value?.time ?? null);
export const position = computed(
  () =>
    portfolio.value.value?.positions.find((held) => held.symbol === candles.symbol.value) ?? null,
);

const ALL: Resource<never>[] = [
  program,
  portfolio,
  services,
  equity,
  signals,
  trades,
  fills,
  refusals,
  logs,
  social,
  news,
  socialAccuracy,
  socialPoints,
] as unknown as Resource<never>[];

export const signalKey = (item: Signal): string => item.id;
export const tradeKey = (item: Trade): string => item.id;
export const fillKey = (item: Fill): string =>
  [item.time, item.symbol, item.side, item.order_id, item.price, item.quantity].join('|');
const refusalKey = (item: Refusal): string =>
  [item.time, item.symbol, item.code, item.signal_id].join('|');
const signalTime = (item: Signal): string => item.market_timestamp;

/** The newest of all symbols together with those of the symbol on the screen. */
async function everyAndMine<T>(
  path: string,
  limit: number,
  time: (item: T) => string,
  key: (item: T) => string,
): Promise<T[]> {
  const mine = candles.symbol.value;
  const [all, own] = await Promise.all([
    get<T[]>(address(path, { limit })),
    mine ? get<T[]>(address(path, { symbol: mine, limit })) : Promise.resolve([]),
  ]);
  return byTime(upsert(own, all, key, own.length + all.length), time);
}

function add<T>(
  to: Resource<T[]>,
  items: unknown[],
  key: (item: T) => string,
  limit: number,
): void {
  if (to.value.value) to.set(upsert(to.value.value, items as T[], key, limit));
}

function onPrices(events: PriceEvent[]): void {
  const next = new Map(prices.value);
  for (const event of events) next.set(event.symbol, event.price);
  prices.value = next;
  candles.onPrices(events);
}

function onMinutes(events: MinuteEvent[]): void {
  const next = new Map(prices.value);
  for (const event of events) next.set(event.symbol, event.close);
  prices.value = next;
  candles.onMinutes(events);
}

function onLogs(lines: LogLine[]): void {
  if (logs.value.value) logs.set([...logs.value.value, ...lines].slice(-LOG_LINES));
}

function onEquity(points: EquityPoint[]): void {
  if (!equity.value.value) return;
  if (equity.value.value.length >= POINTS) void equity.load();
  else
    equity.set(
      extend(equity.value.value, points, (point) => Date.parse(point.time), EQUITY_POINTS),
    );
}

function onFills(items: Fill[]): void {
  add(fills, items, fillKey, 2 * FILLS);
  const last = items.at(-1);
  if (last)
    announcement.value = `${last.side} ${last.quantity} ${last.symbol} at ${last.price} filled`;
}

/** The newest of a part of the state comes by itself, before the whole state does. */
function patch(part: Partial<ProgramState>): void {
  if (program.value.value) program.set({ ...program.value.value, ...part });
}

function onState(state: ProgramState): void {
  program.set(state);
  if (!candles.symbol.value && state.symbols.length) void reload(); // a market has begun
}

function onEvents(name: stream.EventName, payloads: unknown[]): void {
  const last = payloads.at(-1);
  switch (name) {
    case 'price':
      return onPrices(payloads as PriceEvent[]);
    case 'candle':
      return onMinutes(payloads as MinuteEvent[]);
    case 'signal':
      return add(signals, payloads, signalKey, SIGNALS * 2);
    case 'trade':
      return add(trades, payloads, tradeKey, TRADES);
    case 'fill':
      return onFills(payloads as Fill[]);
    case 'refusal':
      return add(refusals, payloads, refusalKey, REFUSALS);
    case 'log':
      return onLogs(payloads as LogLine[]);
    case 'equity':
      return onEquity(payloads as EquityPoint[]);
    case 'portfolio':
      return portfolio.set(last as Holdings);
    case 'state':
      return onState(last as ProgramState);
    case 'kill':
      return patch({ kill: last as KillState });
    case 'feed':
      return patch({ feed_state: last as FeedState });
    case 'health':
      return services.set(last as ServiceHealth[]);
  }
}

async function loadSparks(): Promise<void> {
  const names = program.value.value?.symbols ?? [];
  const answers = await Promise.all(
    names.map((name) =>
      get<Candles>(address('candles', { symbol: name, interval: '15m', limit: 96 })).catch(
        () => null,
      ),
    ),
  );
  const lines = new Map(sparks.value);
  const steps = new Map(decimalsOf.value);
  const last = new Map(prices.value);
  for (const answer of answers) {
    if (!answer) continue;
    lines.set(answer.symbol, answer.close);
    steps.set(answer.symbol, answer.price_decimals);
    const close = answer.open_bar?.close ?? answer.close.at(-1);
    if (close !== undefined && !last.has(answer.symbol)) last.set(answer.symbol, close);
  }
  sparks.value = lines;
  decimalsOf.value = steps;
  prices.value = last;
}

/** Reads everything anew: at the start, after a lost stream, and when the person asks. */
export async function reload(): Promise<void> {
  await program.load();
  if (session.value === 'out' || program.error.value || !program.value.value) return;
  session.value = 'in';
  const known = program.value.value.symbols;
  const first = known.find((name) => name.startsWith('BTC')) ?? known[0];
  if (!candles.symbol.value && first) candles.choose(first, startInterval());
  else if (first) void candles.load();
  await Promise.all([...ALL.slice(1).map((item) => item.load()), loadSparks()]);
}

function startInterval(): string {
  const offered = program.value.value?.intervals ?? [];
  return offered.includes('5m') ? '5m' : (offered[0] ?? '1m');
}

export function chooseSymbol(name: string): void {
  candles.choose(name, candles.interval.value);
  void signals.load();
  void fills.load();
  void socialPoints.load();
}

export function chooseInterval(name: string): void {
  candles.choose(candles.symbol.value, name);
}

let started = false;

/**
 * What comes at a steady rate and has not come is asked for, but not while the program is known to
 * be away.
 */
function keepFresh(): void {
  now.value = Date.now();
  const retry = now.value % RETRY_MS < 1000;
  if (!started && session.value !== 'out' && program.error.value && retry) void start();
  if (stream.connection.value !== 'open' || document.hidden || session.value !== 'in') return;
  if (refreshMs(undefined) === null) return;
  for (const item of ALL) {
    if (item.error.value !== null && retry) void item.load();
    if (
      item.rate &&
      now.value - item.updated.value > item.rate * 1.2 &&
      now.value % item.rate < 1000
    )
      void item.load();
  }
  if (candles.failure.value && retry) void candles.load();
  if (now.value % 60_000 < 1000) void loadSparks();
}

export async function start(): Promise<void> {
  await reload();
  if (session.value !== 'in' || started) return;
  started = true;
  stream.start({
    events: onEvents,
    anew: () => void reload(),
    pace: () => refreshMs(program.value.value?.refresh_interval_ms),
  });
}

export function leave(): void {
  started = false;
  stream.stop();
}

window.setInterval(keepFresh, 1000);
