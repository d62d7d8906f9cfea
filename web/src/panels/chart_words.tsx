// SPDX-License-Identifier: Apache-2.0
// The chart in words: the sentence that stands for the picture, the figures of the bar under the
// crosshair, and the captions of the lower panes.
import * as candles from '../candles.ts';
import type { Layers } from '../chart/layers.ts';
import type { Mark } from '../chart/marks.ts';
import type { Bar } from '../fold.ts';
import { big, dateMinute, fixed, percent, price } from '../format.ts';

export type Values = Bar['values'];

/** The sentence that stands for the picture. */
export function caption(bars: readonly Bar[]): string {
  const last = bars.at(-1);
  if (!last) return 'No candles yet';
  const span = bars.slice(-150);
  const first = span[0]!;
  const move = (last.close / first.open - 1) * 100;
  const low = price(Math.min(...span.map((bar) => bar.low)), candles.decimals.value);
  const high = price(Math.max(...span.map((bar) => bar.high)), candles.decimals.value);
  return (
    `${candles.symbol.value} candles of ${candles.interval.value}: last ${price(last.close, candles.decimals.value)}, ` +
    `${percent(move)} over ${span.length} bars, range ${low} to ${high}, until ${dateMinute(last.time * 1000)} UTC`
  );
}

export function Legend({
  bar,
  values,
  marks,
}: {
  bar: Bar;
  values: Values;
  marks: readonly Mark[];
}) {
  const decimals = candles.decimals.value;
  const rising = bar.close >= bar.open;
  const here = marks.filter((mark) => mark.time === bar.time);
  const figure = (label: string, value: string) => (
    <span>
      <i>{label}</i>
      {value}
    </span>
  );
  return (
    <div class="legend" aria-hidden="true">
      <p class={rising ? 'up' : 'down'}>
        <span>{dateMinute(bar.time * 1000)}</span>
        {figure('O', price(bar.open, decimals))}
        {figure('H', price(bar.high, decimals))}
        {figure('L', price(bar.low, decimals))}
        {figure('C', price(bar.close, decimals))}
        {figure('', percent((bar.close / bar.open - 1) * 100))}
        {figure('Vol', big(bar.volume))}
      </p>
      <p class="legend-bands">
        <span>
          <i>BB 20, 2</i>
          {[values?.bb_lower, values?.bb_middle, values?.bb_upper]
            .map((value) => price(value, decimals))
            .join(' · ')}
        </span>
      </p>
      {here.map((mark) => (
        <p key={mark.side} class={mark.side === 'BUY' ? 'up' : 'down'}>
          {mark.text}
        </p>
      ))}
    </div>
  );
}

export function PaneCaptions({
  tops,
  layers,
  values,
}: {
  tops: readonly number[];
  layers: Layers;
  values: Values;
}) {
  const decimals = Math.min(8, (candles.decimals.value ?? 2) + 1);
  const rows: string[] = [];
  if (layers.rsi) rows.push(`RSI 14  ${fixed(values?.rsi, 1)}`);
  if (layers.macd) {
    rows.push(
      `MACD 12 26 9  ${fixed(values?.macd, decimals)}  signal ${fixed(values?.macd_signal, decimals)}  ` +
        `histogram ${fixed(values?.macd_histogram, decimals)}`,
    );
  }
  return (
    <>
      {rows.map(
        (text, index) =>
          tops[index + 1] !== undefined && (
            <p
              key={index}
              class="pane-caption"
              aria-hidden="true"
              style={{ top: `${tops[index + 1]! + 4}px` }}
            >
              {text}
            </p>
          ),
      )}
    </>
  );
}
