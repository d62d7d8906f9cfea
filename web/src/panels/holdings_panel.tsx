// SPDX-License-Identifier: Apache-2.0
// What is held now: cash and positions as shares of the whole, and each position with its stop and
// target.
import * as candles from '../candles.ts';
import { money, price, quantity, share } from '../format.ts';
import { Change, When } from '../parts/figures.tsx';
import { Empty, LivePanel } from '../parts/panel.tsx';
import { chooseSymbol, decimalsOf, portfolio } from '../store.ts';
import type { Holdings, PositionState } from '../types.ts';
import { nextDecision } from './signals_panel.tsx';

function Allocation({ value }: { value: Holdings }) {
  const total = value.total_value;
  if (!total) return null;
  const parts = value.positions.map((held) => ({
    name: held.symbol,
    part: held.value / total,
  }));
  parts.push({ name: `${value.quote_asset} free`, part: value.available / total });
  return (
    <div class="allocation">
      <div class="allocation-bar" aria-hidden="true">
        {parts.map((each, index) => (
          <span
            key={each.name}
            class={index === parts.length - 1 ? 'cash' : `part-${index % 5}`}
            style={{ width: `${Math.max(0, each.part * 100)}%` }}
          />
        ))}
      </div>
      <ul>
        {parts.map((each, index) => (
          <li key={each.name}>
            <i
              class={index === parts.length - 1 ? 'cash' : `part-${index % 5}`}
              aria-hidden="true"
            />
            {each.name} <b>{share(each.part, 1)}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** How far the price may go until the stop or the target is met. */
function distance(held: PositionState, level: number | null): string {
  if (level === null || !held.price) return '';
  const part = (level / held.price - 1) * 100;
  return `${part > 0 ? '+' : '−'}${Math.abs(part).toFixed(1)} %`;
}

function Level({ held, value }: { held: PositionState; value: number | null }) {
  return (
    <>
      {price(value, decimalsOf.value.get(held.symbol))}
      <small class="under">{distance(held, value)}</small>
    </>
  );
}

function Row({ held }: { held: PositionState }) {
  const decimals = decimalsOf.value.get(held.symbol);
  return (
    <tr>
      <th scope="row" data-label="Symbol">
        <button
          type="button"
          class="link"
          aria-current={candles.symbol.value === held.symbol ? 'true' : undefined}
          onClick={() => chooseSymbol(held.symbol)}
        >
          {held.symbol}
        </button>
        <small class="under">
          <When time={held.opened} withDay />
        </small>
      </th>
      <td data-label="Quantity">{quantity(held.quantity)}</td>
      <td data-label="Entry">{price(held.average_price, decimals)}</td>
      <td data-label="Now">{price(held.price, decimals)}</td>
      <td data-label="Value">
        {money(held.value)}
        <small class="under">{share(held.weight, 1)}</small>
      </td>
      <td data-label="Profit">
        <Change value={held.unrealised_pnl} money />
        <small class="under">
          <Change value={held.unrealised_pct} />
        </small>
      </td>
      <td data-label="Stop">
        <Level held={held} value={held.stop_price} />
      </td>
      <td data-label="Target">
        <Level held={held} value={held.target_price} />
      </td>
    </tr>
  );
}

const HEAD = ['Symbol', 'Quantity', 'Entry', 'Now', 'Value', 'Profit', 'Stop', 'Target'];

export function HoldingsPanel() {
  return (
    <LivePanel id="holdings" title="Holdings" item={portfolio} rows={6}>
      {(value) => (
        <>
          <Allocation value={value} />
          {value.positions.length === 0 ? (
            <Empty title="No open positions">
              Everything is in {value.quote_asset}. {nextDecision()}
            </Empty>
          ) : (
            <div class="scroll" tabIndex={0} role="region" aria-label="Open positions">
              <table class="cards-when-narrow" data-count={value.positions.length}>
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
                  {value.positions.map((held) => (
                    <Row key={held.symbol} held={held} />
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </>
      )}
    </LivePanel>
  );
}
