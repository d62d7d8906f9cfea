// SPDX-License-Identifier: Apache-2.0
// Equity over time against where the shown span began, with the drawdown below; the same points as
// a table.
import { useEffect, useRef, useState } from 'preact/hooks';
import { EquityChart } from '../chart/equity_chart.ts';
import { dateMinute, drawdown, iso, money, percent, share } from '../format.ts';
import { download, toCsv } from '../parts/csv.ts';
import { Choice } from '../parts/figures.tsx';
import { Icon } from '../parts/icons.tsx';
import { Empty, LivePanel } from '../parts/panel.tsx';
import { thin } from '../reduce.ts';
import { colours, shownTheme } from '../settings.ts';
import { equity, program } from '../store.ts';
import type { EquityPoint } from '../types.ts';

const DAY = 86_400_000;
const SPANS = { '1D': DAY, '1W': 7 * DAY, '1M': 31 * DAY, All: Infinity } as const;
type Span = keyof typeof SPANS;
const HEAD = ['Time (UTC)', 'Equity', 'Cash', 'Exposure', 'Drawdown'];

function within(points: readonly EquityPoint[], span: Span): readonly EquityPoint[] {
  const last = points.at(-1);
  if (!last || span === 'All') return points;
  const from = Date.parse(last.time) - SPANS[span];
  const index = points.findIndex((point) => Date.parse(point.time) >= from);
  return index <= 0 ? points : points.slice(index);
}

function sentence(points: readonly EquityPoint[], asset: string): string {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return 'No equity yet';
  const deepest = drawdown(Math.max(...points.map((point) => point.drawdown)));
  return (
    `Equity ${money(last.equity)} ${asset}, ${percent((last.equity / first.equity - 1) * 100)} since ` +
    `${dateMinute(first.time)} UTC, deepest drawdown ${deepest}`
  );
}

function Curve({ points, span }: { points: readonly EquityPoint[]; span: Span }) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<EquityChart | null>(null);
  const [time, setTime] = useState<number | null>(null);
  useEffect(() => {
    chart.current = new EquityChart(host.current!, setTime);
    return () => {
      chart.current?.remove();
      chart.current = null;
    };
  }, []);
  useEffect(() => chart.current?.restyle(), [shownTheme.value, colours.value]);
  useEffect(() => chart.current?.setPoints(points, span), [points, span]);
  const here =
    time === null
      ? points.at(-1)
      : points.findLast((point) => Math.floor(Date.parse(point.time) / 1000) <= time);
  const text = sentence(points, program.value.value?.quote_asset ?? '');
  return (
    <div class="chart-place">
      <div ref={host} class="chart equity-chart" data-chart="equity" role="img" aria-label={text} />
      {here && (
        <div class="legend" aria-hidden="true">
          <p>
            <span>{dateMinute(here.time)}</span>
            <span>
              <i>Equity</i>
              {money(here.equity)}
            </span>
            <span>
              <i>Exposure</i>
              {share(here.exposure, 1)}
            </span>
            <span>
              <i>DD</i>
              {drawdown(here.drawdown)}
            </span>
          </p>
        </div>
      )}
    </div>
  );
}

function PointTable({ points }: { points: readonly EquityPoint[] }) {
  const rows = thin(points, 120).reverse();
  return (
    <div class="scroll chart-table" tabIndex={0} role="region" aria-label="Equity as a table">
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
          {rows.map((point) => (
            <tr key={point.time}>
              <th scope="row">{dateMinute(point.time)}</th>
              <td>{money(point.equity)}</td>
              <td>{money(point.cash)}</td>
              <td>{share(point.exposure, 1)}</td>
              <td>{drawdown(point.drawdown)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function save(points: readonly EquityPoint[]): void {
  const rows = points.map((point) => [
    iso(point.time),
    point.equity,
    point.cash,
    point.exposure,
    point.drawdown,
  ]);
  download('equity.csv', toCsv(HEAD, rows));
}

export function EquityPanel() {
  const [span, setSpan] = useState<Span>('All');
  const [table, setTable] = useState(false);
  const actions = (
    <>
      <Choice
        label="Span"
        value={span}
        onChange={setSpan}
        options={(Object.keys(SPANS) as Span[]).map((value) => ({ value, text: value }))}
      />
      <button
        type="button"
        class="icon-button"
        aria-pressed={table}
        onClick={() => setTable(!table)}
        aria-label={table ? 'View equity as chart' : 'View equity as table'}
      >
        <Icon name={table ? 'chart' : 'table'} />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Download equity as CSV"
        onClick={() => save(equity.value.value ?? [])}
      >
        <Icon name="download" />
      </button>
    </>
  );
  return (
    <LivePanel
      id="equity"
      title="Equity and drawdown"
      item={equity}
      rows={9}
      actions={actions}
      class="equity-panel"
      isEmpty={(points) => points.length === 0}
      empty={
        <Empty title="No equity curve yet">
          The first point is written when the first candle closes.
        </Empty>
      }
    >
      {(points) => {
        const shown = within(points, span);
        return table ? <PointTable points={shown} /> : <Curve points={shown} span={span} />;
      }}
    </LivePanel>
  );
}
