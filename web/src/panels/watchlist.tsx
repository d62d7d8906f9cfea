// SPDX-License-Identifier: Apache-2.0
// The strip of symbols: price now, change over the last day, its line. Choosing one changes the
// chart.
import * as candles from '../candles.ts';
import { direction, percent, arrow, price } from '../format.ts';
import { Spark } from '../parts/spark.tsx';
import { chooseSymbol, decimalsOf, prices, program, sparks } from '../store.ts';

function Card({ name }: { name: string }) {
  const line = sparks.value.get(name) ?? [];
  const now = prices.value.get(name) ?? null;
  const first = line[0];
  const change = now !== null && first ? (now / first - 1) * 100 : null;
  const way = direction(change);
  return (
    <button
      type="button"
      class="watch"
      data-symbol={name}
      aria-pressed={candles.symbol.value === name}
      onClick={() => chooseSymbol(name)}
    >
      <span class="watch-name">{name}</span>
      <span class="watch-price">{price(now, decimalsOf.value.get(name))}</span>
      <span class="watch-change">
        <span class={`change ${way}`}>
          {arrow(change)} {percent(change)}
        </span>{' '}
        <small>24 h</small>
      </span>
      <Spark values={line} way={way} />
    </button>
  );
}

export function Watchlist() {
  const names = program.value.value?.symbols ?? [];
  return (
    <div class="watchlist" role="group" aria-label="Symbols, change over 24 hours">
      {names.map((name) => (
        <Card key={name} name={name} />
      ))}
    </div>
  );
}
