// SPDX-License-Identifier: Apache-2.0
// What the program sends to the page. Messages come from messages.ts, which is generated from the
// table that the program itself writes them by; here stand the answers that are no message, and the
// fields that an answer adds to one. Times are ISO 8601 UTC unless a name says seconds; null means
// "no data" and is never turned into a zero.
import type * as message from './messages.ts';

export type {
  Contribution,
  Counterfactual,
  Decision,
  EquityPoint,
  ExplainedSignal,
  Explanation,
  Fill,
  FlipPoint,
  Headline,
  Holdings,
  KillLevel,
  KillState,
  ModelVersion,
  PositionState,
  Refusal,
  Side,
  Signal,
  SocialAccuracy,
  SocialPart,
  SocialPoint,
  SocialSample,
  SocialTrend,
  SocialUpdate,
  Trade,
  TradeReason,
  VenueCondition,
  VenueState,
  VersionEvent,
  VersionMetrics,
  VersionPoint,
} from './messages.ts';

export type Maybe<T> = T | null;

/** The condition of the feed, or of the symbol that was last heard of. */
export interface FeedState extends Pick<message.FeedStatus, 'text'> {
  state: message.FeedCondition;
  time: string;
}

export interface ProgramState {
  mode: Maybe<'DEMO' | 'PAPER' | 'REPLAY' | 'TEST' | 'LIVE'>;
  world: Maybe<string>;
  feed: Maybe<string>;
  venue: Maybe<string>;
  version: Maybe<string>;
  time: Maybe<string>;
  symbols: string[];
  quote_asset: Maybe<string>;
  intervals: string[];
  speed: Maybe<number>;
  full_speed: Maybe<boolean>;
  ended: Maybe<boolean>;
  equity: Maybe<number>;
  day_change_pct: Maybe<number>;
  kill: message.KillState;
  next_decision: Maybe<string>;
  refresh_interval_ms: number;
  feed_state: Maybe<FeedState>;
  /** How the real venue stands; null on paper, and before it has said so. */
  venue_state: Maybe<message.VenueState>;
  /** A digest that names the account at the real venue. */
  account: Maybe<string>;
  armed_since: Maybe<string>;
  /** Real money: the cap of the first day binds until then. */
  first_day_until: Maybe<string>;
  /** Why the engine has failed, while the kill switch still works. */
  halted: Maybe<string>;
  started: Maybe<string>;
  history_until: Maybe<string>;
  disclaimer: string;
}

export type Column = Maybe<number>[];

export interface Indicators {
  bb_upper: Column;
  bb_middle: Column;
  bb_lower: Column;
  rsi: Column;
  macd: Column;
  macd_signal: Column;
  macd_histogram: Column;
}

/** Times are open times in epoch seconds; a bar that began with a price has no volume yet. */
export interface OpenBar extends Pick<message.MarketBar, 'open' | 'high' | 'low' | 'close'> {
  time: number;
  volume: Maybe<number>;
}

export interface Candles {
  symbol: string;
  interval: string;
  time: number[];
  open: number[];
  high: number[];
  low: number[];
  close: number[];
  volume: Column;
  indicators: Indicators;
  open_bar: Maybe<OpenBar>;
  price_decimals: number;
}

export interface ServiceHealth {
  service: string;
  state: 'ok' | 'stale' | 'idle' | 'error';
  age_ms: Maybe<number>;
  in: Maybe<number>;
  out: Maybe<number>;
  errors: Maybe<number>;
  p95_us: Maybe<number>;
}

/** A line of a log with the time of its message. */
export interface LogLine extends message.LogLine {
  time: string;
}

export interface PriceEvent extends Pick<message.PriceMove, 'symbol' | 'price'> {
  time: string;
}

/** A closed minute. */
export interface MinuteEvent extends OpenBar, Pick<message.MarketBar, 'symbol'> {}

/** One version of the model registry with its history. */
export interface ModelDetails {
  version: message.ModelVersion;
  points: message.VersionPoint[];
  events: message.VersionEvent[];
}
