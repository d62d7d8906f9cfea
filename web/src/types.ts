// SPDX-License-Identifier: Apache-2.0
// What the program sends to the page, field by field. Times are ISO 8601 UTC unless a name says
// seconds; null means "no data" and is never turned into a zero.

export type Maybe<T> = T | null;
export type KillLevel = 'none' | 'pause' | 'stop' | 'flatten';

export interface FeedState {
  state: 'live' | 'connecting' | 'stale' | 'gap' | 'refused' | 'backfill' | 'ended';
  text: string;
  time: Maybe<string>;
}

export interface Kill {
  level: KillLevel;
  since: Maybe<string>;
  by: Maybe<string>;
  reason: Maybe<string>;
}

export interface ProgramState {
  mode: Maybe<'DEMO' | 'PAPER' | 'REPLAY' | 'LIVE'>;
  world: Maybe<string>;
  feed: Maybe<string>;
  venue: Maybe<string>;
  version: Maybe<string>;
  time: Maybe<string>;
  symbols: string[];
  quote_asset: Maybe<string>;
  intervals: string[];
  speed: Maybe<number>;
  full_speed?: boolean;
  ended?: boolean;
  equity: Maybe<number>;
  day_change_pct: Maybe<number>;
  kill: Kill;
  next_decision: Maybe<string>;
  refresh_interval_ms: number;
  feed_state: Maybe<FeedState>;
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

/** Times are open times in epoch seconds. */
export interface OpenBar {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
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

export interface Explanation {
  summary?: Maybe<string>;
  technical_factors?: Maybe<string>;
  social_factors?: Maybe<string>;
  risk_assessment?: Maybe<string>;
}

export interface Contribution {
  factor: string;
  group: string;
  value: number;
}

export interface Signal {
  id: string | number;
  symbol: string;
  decision: string;
  confidence: Maybe<number>;
  score: Maybe<number>;
  unproven: boolean;
  outcomes: Maybe<number>;
  horizon_minutes: Maybe<number>;
  reasoning: string;
  risk_level: Maybe<string>;
  key_indicators: string[];
  social_impact: Maybe<string>;
  timestamp: string;
  market_timestamp: Maybe<string>;
  price: Maybe<number>;
  model_version: Maybe<string>;
  model_id: Maybe<string>;
  contributions: Contribution[];
  explanation?: Maybe<Explanation>;
}

export interface Trade {
  id: string | number;
  symbol: string;
  side: string;
  quantity: number;
  entry_time: string;
  entry_price: number;
  exit_time: string;
  exit_price: number;
  pnl: Maybe<number>;
  pnl_pct: Maybe<number>;
  fees: Maybe<number>;
  reason: string;
  signal_id: Maybe<string | number>;
}

export interface Fill {
  time: string;
  symbol: string;
  side: 'BUY' | 'SELL';
  price: number;
  quantity: number;
  fee: Maybe<number>;
  fee_asset: Maybe<string>;
  reason: Maybe<string>;
  order_id: Maybe<string | number>;
  signal_id: Maybe<string | number>;
}

export interface Position {
  symbol: string;
  quantity: number;
  average_price: Maybe<number>;
  price: Maybe<number>;
  value: Maybe<number>;
  weight: Maybe<number>;
  unrealised_pnl: Maybe<number>;
  unrealised_pct: Maybe<number>;
  stop_price: Maybe<number>;
  target_price: Maybe<number>;
  opened: Maybe<string>;
  signal_id: Maybe<string | number>;
}

export interface Portfolio {
  time: Maybe<string>;
  total_value: Maybe<number>;
  available: Maybe<number>;
  quote_asset: string;
  invested: Maybe<number>;
  exposure: Maybe<number>;
  realised_pnl: Maybe<number>;
  unrealised_pnl: Maybe<number>;
  fees: Maybe<number>;
  drawdown: Maybe<number>;
  peak: Maybe<number>;
  positions: Position[];
}

export interface EquityPoint {
  time: string;
  equity: number;
  cash: Maybe<number>;
  exposure: Maybe<number>;
  drawdown: Maybe<number>;
}

export interface Refusal {
  time: string;
  symbol: Maybe<string>;
  signal_id: Maybe<string | number>;
  code: string;
  text: string;
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

export interface LogLine {
  time: string;
  service: string;
  level: string;
  text: string;
}

export interface PriceEvent {
  symbol: string;
  price: number;
  time: string;
}

export interface MinuteEvent extends OpenBar {
  symbol: string;
}
