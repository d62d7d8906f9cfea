// SPDX-License-Identifier: Apache-2.0
// What happened: closed trades, single fills, and entries that were refused, each with its reason.
import { useState } from 'preact/hooks';
import { count, money, price, quantity, words } from '../format.ts';
import { download, toCsv, type Cell } from '../parts/csv.ts';
import { Change, When } from '../parts/figures.tsx';
import { Icon } from '../parts/icons.tsx';
import { Empty, Live, Panel } from '../parts/panel.tsx';
import { decimalsOf, fillKey, fills, refusals, trades } from '../store.ts';
import type { Fill, Refusal, Trade } from '../types.ts';
import { nextDecision } from './signals_panel.tsx';

const SHOWN = 100;
type Tab = 'trades' | 'fills' | 'refusals';
const newest = <T,>(list: readonly T[]): T[] => list.slice(-SHOWN).reverse();

/** Columns of words; all others are figures and stand at the right. */
const WORDS = new Set([
  'Closed',
  'Time',
  'Symbol',
  'Side',
  'Reason',
  'Why not',
  'Code',
  'Signal',
  'Order',
]);

function Table({
  label,
  head,
  count,
  children,
}: {
  label: string;
  head: readonly string[];
  count: number;
  children: preact.ComponentChildren;
}) {
  return (
    <div class="scroll activity-table" tabIndex={0} role="region" aria-label={label}>
      <table class="cards-when-narrow" data-count={count}>
        <thead>
          <tr>
            {head.map((name) => (
              <th scope="col" key={name} class={WORDS.has(name) ? 'left' : ''}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function Trades({ list }: { list: readonly Trade[] }) {
  const shown = newest(list);
  return (
    <Table
      label="Closed trades, newest first"
      count={list.length}
      head={[
        'Closed',
        'Symbol',
        'Side',
        'Quantity',
        'Entry',
        'Exit',
        'Profit',
        'Return',
        'Fees',
        'Reason',
      ]}
    >
      {shown.map((trade) => (
        <tr key={trade.id}>
          <th scope="row" data-label="Closed">
            <When time={trade.exit_time} withDay />
          </th>
          <td data-label="Symbol" class="left">
            {trade.symbol}
          </td>
          <td data-label="Side" class="left">
            {trade.side}
          </td>
          <td data-label="Quantity">{quantity(trade.quantity)}</td>
          <td data-label="Entry">{price(trade.entry_price, decimalsOf.value.get(trade.symbol))}</td>
          <td data-label="Exit">{price(trade.exit_price, decimalsOf.value.get(trade.symbol))}</td>
          <td data-label="Profit">
            <Change value={trade.pnl} money />
          </td>
          <td data-label="Return">
            <Change value={trade.pnl_pct} />
          </td>
          <td data-label="Fees">{money(trade.fees)}</td>
          <td data-label="Reason" class="words">
            {words(trade.reason)}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Fills({ list }: { list: readonly Fill[] }) {
  return (
    <Table
      label="Fills, newest first"
      count={list.length}
      head={['Time', 'Symbol', 'Side', 'Quantity', 'Price', 'Fee', 'Reason', 'Order']}
    >
      {newest(list).map((fill) => (
        <tr key={fillKey(fill)}>
          <th scope="row" data-label="Time">
            <When time={fill.time} withDay />
          </th>
          <td data-label="Symbol" class="left">
            {fill.symbol}
          </td>
          <td data-label="Side" class={fill.side === 'BUY' ? 'left up' : 'left down'}>
            {fill.side === 'BUY' ? '▲' : '▼'} {fill.side}
          </td>
          <td data-label="Quantity">{quantity(fill.quantity)}</td>
          <td data-label="Price">{price(fill.price, decimalsOf.value.get(fill.symbol))}</td>
          <td data-label="Fee">
            {money(fill.fee)} <small class="muted">{fill.fee_asset}</small>
          </td>
          <td data-label="Reason" class="words">
            {words(fill.reason)}
          </td>
          <td data-label="Order" class="left">
            <code>{fill.order_id}</code>
          </td>
        </tr>
      ))}
    </Table>
  );
}

export function Refusals({ list }: { list: readonly Refusal[] }) {
  return (
    <Table
      label="Refusals, newest first"
      count={list.length}
      head={['Time', 'Symbol', 'Why not', 'Code', 'Signal']}
    >
      {newest(list).map((row, index) => (
        <tr key={`${row.time}${row.symbol}${row.code}${index}`}>
          <th scope="row" data-label="Time">
            <When time={row.time} withDay />
          </th>
          <td data-label="Symbol" class="left">
            {row.symbol}
          </td>
          <td data-label="Why not" class="words">
            {row.text}
          </td>
          <td data-label="Code" class="left">
            <code>{row.code}</code>
          </td>
          <td data-label="Signal" class="left">
            <code>{row.signal_id ?? '—'}</code>
          </td>
        </tr>
      ))}
    </Table>
  );
}

function TradesBody() {
  return (
    <Live
      item={trades}
      rows={6}
      isEmpty={(list) => list.length === 0}
      empty={
        <Empty title="No closed trades yet">
          A trade closes at its stop, its target or a sell signal. {nextDecision()}
        </Empty>
      }
    >
      {(list) => <Trades list={list} />}
    </Live>
  );
}

function FillsBody() {
  return (
    <Live
      item={fills}
      rows={6}
      isEmpty={(list) => list.length === 0}
      empty={
        <Empty title="No fills yet">
          Orders that the venue executes appear here. {nextDecision()}
        </Empty>
      }
    >
      {(list) => <Fills list={list} />}
    </Live>
  );
}

export function RefusalsBody() {
  return (
    <Live
      item={refusals}
      rows={6}
      isEmpty={(list) => list.length === 0}
      empty={
        <Empty title="Nothing was refused">
          When a limit or a filter stops an entry, the reason stands here.
        </Empty>
      }
    >
      {(list) => <Refusals list={list} />}
    </Live>
  );
}

function save(tab: Tab): void {
  const list = { trades, fills, refusals }[tab].value.value ?? [];
  const names = Object.keys(list[0] ?? {});
  const rows = list.map((row): Record<string, Cell> => ({ ...row }));
  const cells = rows.map((row) => names.map((name) => row[name]));
  download(`${tab}.csv`, toCsv(names, cells));
}

export function ActivityPanel({ first = 'trades' }: { first?: Tab }) {
  const [tab, setTab] = useState<Tab>(first);
  const counts = {
    trades: trades.value.value,
    fills: fills.value.value,
    refusals: refusals.value.value,
  };
  const names: Tab[] = ['trades', 'fills', 'refusals'];
  const move = (by: number) => {
    const next = names[(names.indexOf(tab) + by + names.length) % names.length]!;
    setTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  const actions = (
    <button
      type="button"
      class="icon-button"
      aria-label={`Download ${tab} as CSV`}
      onClick={() => save(tab)}
    >
      <Icon name="download" />
    </button>
  );
  return (
    <Panel
      id="activity"
      title="Activity"
      class="activity-panel"
      actions={actions}
      note={
        <div class="choice" role="tablist" aria-label="Activity">
          {names.map((name) => (
            <button
              type="button"
              role="tab"
              id={`tab-${name}`}
              key={name}
              aria-selected={tab === name}
              aria-controls="activity-body"
              tabIndex={tab === name ? 0 : -1}
              onClick={() => setTab(name)}
              onKeyDown={(event) => {
                if (event.key === 'ArrowRight') move(1);
                if (event.key === 'ArrowLeft') move(-1);
              }}
            >
              {name[0]!.toUpperCase() + name.slice(1)} <small>{count(counts[name]?.length)}</small>
            </button>
          ))}
        </div>
      }
    >
      <div id="activity-body" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === 'trades' && <TradesBody />}
        {tab === 'fills' && <FillsBody />}
        {tab === 'refusals' && <RefusalsBody />}
      </div>
    </Panel>
  );
}
