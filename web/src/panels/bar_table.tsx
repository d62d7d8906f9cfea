// SPDX-License-Identifier: Apache-2.0
// The bars of the chart as a table, to be read or taken away.
import * as candles from '../candles.ts';
import type { Bar } from '../fold.ts';
import { big, dateMinute, fixed, iso, price } from '../format.ts';
import { download, toCsv } from '../parts/csv.ts';

const TABLE_ROWS = 120;

function rowsOf(bars: readonly Bar[]) {
  return bars.map((bar) => [
    iso(bar.time * 1000),
    bar.open,
    bar.high,
    bar.low,
    bar.close,
    bar.volume,
    bar.values?.bb_lower,
    bar.values?.bb_middle,
    bar.values?.bb_upper,
    bar.values?.rsi,
    bar.values?.macd,
    bar.values?.macd_signal,
    bar.values?.macd_histogram,
  ]);
}

const HEAD = [
  'Time (UTC)',
  'Open',
  'High',
  'Low',
  'Close',
  'Volume',
  'BB low',
  'BB mid',
  'BB high',
  'RSI',
  'MACD',
  'Signal',
  'Histogram',
];

export function BarTable() {
  const decimals = candles.decimals.value;
  void candles.updated.value;
  const rows = candles.current().slice(-TABLE_ROWS).reverse();
  const cells = (bar: Bar) => [
    price(bar.open, decimals),
    price(bar.high, decimals),
    price(bar.low, decimals),
    price(bar.close, decimals),
    big(bar.volume),
    price(bar.values?.bb_lower, decimals),
    price(bar.values?.bb_middle, decimals),
    price(bar.values?.bb_upper, decimals),
    fixed(bar.values?.rsi, 1),
    fixed(bar.values?.macd, (decimals ?? 2) + 1),
    fixed(bar.values?.macd_signal, (decimals ?? 2) + 1),
    fixed(bar.values?.macd_histogram, (decimals ?? 2) + 1),
  ];
  return (
    <div class="scroll chart-table" tabIndex={0} role="region" aria-label="Candles as a table">
      <table>
        <thead>
          <tr>
            {HEAD.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((bar) => (
            <tr key={bar.time}>
              <th scope="row">{dateMinute(bar.time * 1000)}</th>
              {cells(bar).map((cell, index) => (
                <td key={index}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function saveBars(): void {
  const name = `${candles.symbol.value}-${candles.interval.value}.csv`;
  download(name, toCsv(HEAD, rowsOf(candles.current())));
}
