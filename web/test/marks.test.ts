// SPDX-License-Identifier: Apache-2.0
// Fills become marks, signals of a table become a file.
import assert from 'node:assert/strict';
import test from 'node:test';
import { marksOf } from '../src/chart/marks.ts';
import { toCsv } from '../src/parts/csv.ts';
import type { Fill, Side, TradeReason } from '../src/types.ts';

function fill(time: string, side: Side, reason: TradeReason, symbol = 'BTCUSDC'): Fill {
  const paid = { fee: 0.1, fee_asset: 'USDC', slippage: 0.05 };
  const rest = { ...paid, order_id: 'o-1', signal_id: 's-1', trade_id: 1 };
  return { time, symbol, side, price: 42150.75, quantity: 0.0119, reason, ...rest };
}

test('one mark for each bar and side, in order of time, of the chosen symbol only', () => {
  const fills = [
    fill('2024-11-24T21:36:00.000Z', 'SELL', 'take_profit'),
    fill('2024-11-24T21:33:00.000Z', 'BUY', 'signal'),
    fill('2024-11-24T21:34:00.000Z', 'BUY', 'signal'),
    fill('2024-11-24T21:34:00.000Z', 'BUY', 'signal', 'ETHUSDC'),
    fill('not a time', 'BUY', 'signal'),
  ];
  const marks = marksOf(fills, 'BTCUSDC', 300, 2);
  assert.deepEqual(
    marks.map((mark) => [mark.side, mark.count, mark.label]),
    [
      ['BUY', 2, 'buy ×2'],
      ['SELL', 1, 'target'],
    ],
  );
  assert.equal(marks[0]!.time % 300, 0);
  assert.equal(marks[1]!.text, 'SELL 0.0119 @ 42,150.75, take profit');
});

test('a fill on a signal is a plain buy or sell', () => {
  const [mark] = marksOf([fill('2024-11-24T21:33:00.000Z', 'SELL', 'signal')], 'BTCUSDC', 60, 2);
  assert.equal(mark!.label, 'sell');
  assert.equal(mark!.text, 'SELL 0.0119 @ 42,150.75, signal');
});

test('files are RFC 4180: quoted where needed, empty where unknown', () => {
  assert.equal(
    toCsv(
      ['a', 'b'],
      [
        ['x,y', null],
        ['say "so"', 1.5],
      ],
    ),
    'a,b\r\n"x,y",\r\n"say ""so""",1.5\r\n',
  );
});
