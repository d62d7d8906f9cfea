// SPDX-License-Identifier: Apache-2.0
// Prices and closed minutes become bars; the program's own bars win.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  barsOf,
  bucket,
  foldMinute,
  foldPrice,
  intervalSeconds,
  mergeTail,
  type Bar,
} from '../src/fold.ts';
import type { Candles } from '../src/types.ts';

const START = 1_700_000_100; // 2023-11-14 22:15:00 UTC, on the grid of 15 minutes

function minute(offset: number, close: number, volume: number | null = 10) {
  return {
    time: START + offset * 60,
    open: close - 1,
    high: close + 2,
    low: close - 3,
    close,
    volume,
  };
}

function answer(times: number[], open: number | null): Candles {
  const column = times.map((_, index) => 100 + index);
  return {
    symbol: 'BTCUSDC',
    interval: '5m',
    time: times,
    open: column,
    high: column,
    low: column,
    close: column,
    volume: column,
    price_decimals: 2,
    indicators: {
      bb_upper: [null, ...column.slice(1)],
      bb_middle: column,
      bb_lower: column,
      rsi: column,
      macd: column,
      macd_signal: column,
      macd_histogram: column,
    },
    open_bar:
      open === null ? null : { time: open, open: 1, high: 2, low: 0.5, close: 1.5, volume: 3 },
  };
}

test('intervals in seconds, buckets on the UTC grid', () => {
  assert.deepEqual(
    ['1m', '3m', '15m', '4h', '1d'].map(intervalSeconds),
    [60, 180, 900, 14400, 86400],
  );
  assert.equal(bucket(START + 899, 900), START);
  assert.equal(bucket(1_700_006_399, 86400) % 86400, 0);
});

test('an answer becomes bars: warm-up stays null, the open bar comes last and bears no indicators', () => {
  const bars = barsOf(answer([START, START + 300], START + 600));
  assert.equal(bars.length, 3);
  assert.equal(bars[0]!.values!.bb_upper, null);
  assert.equal(bars[1]!.values!.bb_upper, 101);
  assert.equal(bars[2]!.values, null);
  assert.equal(barsOf(answer([START, START + 300], START + 300)).length, 2);
});

test('a price moves the open bar, then opens the next; a late price changes nothing', () => {
  const bars: Bar[] = [];
  assert.equal(foldPrice(bars, 300, 100, START + 10), 0);
  assert.equal(foldPrice(bars, 300, 105, START + 20), 0);
  assert.equal(foldPrice(bars, 300, 95, START + 30), 0);
  assert.deepEqual(
    [bars[0]!.open, bars[0]!.high, bars[0]!.low, bars[0]!.close],
    [100, 105, 95, 95],
  );
  assert.equal(foldPrice(bars, 300, 96, START + 301), 1);
  assert.equal(foldPrice(bars, 300, 1, START + 299), null);
  assert.equal(bars[0]!.low, 95);
});

test('five minutes fold into one bar, and the last of them completes it', () => {
  const bars: Bar[] = [];
  const done = [0, 1, 2, 3, 4].map(
    (index) => foldMinute(bars, 300, minute(index, 100 + index))!.completed,
  );
  assert.deepEqual(done, [false, false, false, false, true]);
  assert.equal(bars.length, 1);
  assert.deepEqual(
    [bars[0]!.open, bars[0]!.high, bars[0]!.low, bars[0]!.close, bars[0]!.volume],
    [99, 106, 97, 104, 50],
  );
});

test('a closed minute replaces what prices had drawn of it', () => {
  const bars: Bar[] = [];
  foldPrice(bars, 60, 500, START + 1);
  assert.deepEqual(foldMinute(bars, 60, minute(0, 100)), { from: 0, completed: true });
  assert.equal(bars[0]!.high, 102);
});

test('a minute that comes after the next bar was opened goes to its own bar', () => {
  const bars: Bar[] = [];
  foldMinute(bars, 300, minute(3, 100));
  foldPrice(bars, 300, 120, START + 300);
  assert.deepEqual(foldMinute(bars, 300, minute(4, 101)), { from: 0, completed: true });
  assert.equal(bars[0]!.close, 101);
  assert.equal(bars[1]!.close, 120);
});

test('bars that the program has closed are not touched again', () => {
  const bars = barsOf(answer([START], null));
  assert.equal(foldMinute(bars, 300, minute(4, 999)), null);
  assert.equal(bars[0]!.close, 100);
});

test('unknown volume stays unknown', () => {
  const bars: Bar[] = [];
  foldMinute(bars, 300, minute(0, 100, null));
  assert.equal(bars[0]!.volume, null);
  foldMinute(bars, 300, minute(1, 100, 7));
  assert.equal(bars[0]!.volume, 7);
});

test('a fresh tail replaces ours and keeps what is newer; a hole asks for everything', () => {
  const bars = barsOf(answer([START, START + 300, START + 600], null));
  foldPrice(bars, 300, 42, START + 900);
  const tail = barsOf(answer([START + 300, START + 600], null));
  tail[1]!.close = 777;
  assert.equal(mergeTail(bars, 300, tail), 1);
  assert.deepEqual(
    bars.map((bar) => bar.close),
    [100, 100, 777, 42],
  );
  assert.equal(mergeTail(bars, 300, barsOf(answer([START + 9000], null))), null);
  assert.equal(mergeTail(bars, 300, []), bars.length);
});
