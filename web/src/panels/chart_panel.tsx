// SPDX-License-Identifier: Apache-2.0
// The chart of one symbol: intervals, layers, the legend of the bar under the crosshair, and the same bars as a table.
import { useEffect, useRef, useState } from 'preact/hooks';
import * as candles from '../candles.ts';
import { marksOf, type Mark } from '../chart/marks.ts';
import { PriceChart, type Layers } from '../chart/price_chart.ts';
import { intervalSeconds, type Bar } from '../fold.ts';
import { big, dateMinute, fixed, iso, percent, price } from '../format.ts';
import { Choice } from '../parts/figures.tsx';
import { Icon } from '../parts/icons.tsx';
import { Panel, Problem, Skeleton } from '../parts/panel.tsx';
import { download, toCsv } from '../parts/csv.ts';
import { candleStyle, colours, narrow, shownTheme } from '../settings.ts';
import { chooseInterval, fills, position, program } from '../store.ts';

type Values = Bar['values'];
type Lower = 'rsi' | 'macd' | 'none';
const TABLE_ROWS = 120;

/** The sentence that stands for the picture. */
function caption(bars: readonly Bar[]): string {
  const last = bars.at(-1);
  if (!last) return 'No candles yet';
  const span = bars.slice(-150);
  const first = span[0]!;
  const move = (last.close / first.open - 1) * 100;
  const low = price(Math.min(...span.map((bar) => bar.low)), candles.decimals.value);
  const high = price(Math.max(...span.map((bar) => bar.high)), candles.decimals.value);
  return `${candles.symbol.value} candles of ${candles.interval.value}: last ${price(last.close, candles.decimals.value)}, ` +
    `${percent(move)} over ${span.length} bars, range ${low} to ${high}, until ${dateMinute(last.time * 1000)} UTC`;
}

function Legend({ bar, values, marks }: { bar: Bar; values: Values; marks: readonly Mark[] }) {
  const decimals = candles.decimals.value;
  const rising = bar.close >= bar.open;
  const here = marks.filter((mark) => mark.time === bar.time);
  const figure = (label: string, value: string) => <span><i>{label}</i>{value}</span>;
  return (
    <div class="legend" aria-hidden="true">
      <p class={rising ? 'up' : 'down'}>
        <span>{dateMinute(bar.time * 1000)}</span>
        {figure('O', price(bar.open, decimals))}{figure('H', price(bar.high, decimals))}
        {figure('L', price(bar.low, decimals))}{figure('C', price(bar.close, decimals))}
        {figure('', percent((bar.close / bar.open - 1) * 100))}{figure('Vol', big(bar.volume))}
      </p>
      <p class="legend-bands">
        <span><i>BB 20, 2</i>{[values?.bb_lower, values?.bb_middle, values?.bb_upper]
          .map((value) => price(value, decimals)).join(' · ')}</span>
      </p>
      {here.map((mark) => <p key={mark.side} class={mark.side === 'BUY' ? 'up' : 'down'}>{mark.text}</p>)}
    </div>
  );
}

function PaneCaptions({ tops, layers, values }: { tops: readonly number[]; layers: Layers; values: Values }) {
  const decimals = Math.min(8, (candles.decimals.value ?? 2) + 1);
  const rows: string[] = [];
  if (layers.rsi) rows.push(`RSI 14  ${fixed(values?.rsi, 1)}`);
  if (layers.macd) {
    rows.push(`MACD 12 26 9  ${fixed(values?.macd, decimals)}  signal ${fixed(values?.macd_signal, decimals)}  ` +
      `histogram ${fixed(values?.macd_histogram, decimals)}`);
  }
  return (
    <>
      {rows.map((text, index) => tops[index + 1] !== undefined && (
        <p key={index} class="pane-caption" aria-hidden="true" style={{ top: `${tops[index + 1]! + 4}px` }}>{text}</p>
      ))}
    </>
  );
}

function rowsOf(bars: readonly Bar[]) {
  return bars.map((bar) => [
    iso(bar.time * 1000), bar.open, bar.high, bar.low, bar.close, bar.volume, bar.values?.bb_lower, bar.values?.bb_middle,
    bar.values?.bb_upper, bar.values?.rsi, bar.values?.macd, bar.values?.macd_signal, bar.values?.macd_histogram,
  ]);
}

const HEAD = ['Time (UTC)', 'Open', 'High', 'Low', 'Close', 'Volume', 'BB low', 'BB mid', 'BB high', 'RSI', 'MACD',
  'Signal', 'Histogram'];

function BarTable() {
  const decimals = candles.decimals.value;
  void candles.updated.value;
  const rows = candles.current().slice(-TABLE_ROWS).reverse();
  const cells = (bar: Bar) => [
    price(bar.open, decimals), price(bar.high, decimals), price(bar.low, decimals), price(bar.close, decimals),
    big(bar.volume), price(bar.values?.bb_lower, decimals), price(bar.values?.bb_middle, decimals),
    price(bar.values?.bb_upper, decimals), fixed(bar.values?.rsi, 1), fixed(bar.values?.macd, (decimals ?? 2) + 1),
    fixed(bar.values?.macd_signal, (decimals ?? 2) + 1), fixed(bar.values?.macd_histogram, (decimals ?? 2) + 1),
  ];
  return (
    <div class="scroll chart-table" tabIndex={0} role="region" aria-label="Candles as a table">
      <table>
        <thead><tr>{HEAD.map((name) => <th scope="col" key={name}>{name}</th>)}</tr></thead>
        <tbody>
          {rows.map((bar) => (
            <tr key={bar.time}>
              <th scope="row">{dateMinute(bar.time * 1000)}</th>
              {cells(bar).map((cell, index) => <td key={index}>{cell}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function useMarks(): readonly Mark[] {
  const list = fills.value.value ?? [];
  return marksOf(list, candles.symbol.value, intervalSeconds(candles.interval.value), candles.decimals.value);
}

function Canvas({ layers, wheel }: { layers: Layers; wheel: boolean }) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<PriceChart | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const [tops, setTops] = useState<number[]>([]);
  const [sentence, setSentence] = useState('');
  const marks = useMarks();
  const bars = candles.current();
  void candles.updated.value; // the legend follows the last bar
  const measure = () => window.requestAnimationFrame(() => chart.current && setTops(chart.current.paneTops()));

  useEffect(() => {
    const made = new PriceChart(host.current!, layers, wheel, setHovered);
    chart.current = made;
    made.restyle(layers, candles.decimals.value);
    const end = candles.listen(({ bars: all, from }) => {
      if (from === 0) made.restyle(current.current, candles.decimals.value);
      made.change(all, from);
      if (from === 0) measure();
    });
    const size = new ResizeObserver(measure);
    size.observe(host.current!);
    const talk = window.setInterval(() => setSentence(caption(candles.current())), 5000);
    setSentence(caption(candles.current()));
    return () => {
      window.clearInterval(talk);
      size.disconnect();
      end();
      chart.current = null;
      made.remove();
    };
  }, []);

  const current = useRef(layers);
  const style = `${JSON.stringify(layers)} ${shownTheme.value} ${colours.value}`;
  useEffect(() => {
    current.current = layers;
    chart.current?.restyle(layers, candles.decimals.value);
    measure();
  }, [style]);
  useEffect(() => chart.current?.setMarks(marks), [fills.value.value, candles.symbol.value, candles.interval.value,
    candles.decimals.value]);
  useEffect(() => chart.current?.setPosition(position.value), [position.value, style]);

  const bar = bars[hovered ?? bars.length - 1];
  const values = (hovered === null ? bars.findLast((each) => each.values) : bar)?.values ?? null;
  return (
    <div class="chart-place">
      <div ref={host} class="chart" data-chart="price" role="img" tabIndex={0} aria-label={sentence}
        onKeyDown={(event) => chart.current?.onKey(event.key) && event.preventDefault()} />
      {bar && <Legend bar={bar} values={values} marks={marks} />}
      <PaneCaptions tops={tops} layers={layers} values={values} />
      <div class="chart-zoom">
        <button type="button" aria-label="Show fewer bars" onClick={() => chart.current?.zoom(0.7)}>+</button>
        <button type="button" aria-label="Show more bars" onClick={() => chart.current?.zoom(1.4)}>−</button>
        <button type="button" aria-label="Go to the newest bar" onClick={() => chart.current?.toEnd()}>»</button>
      </div>
    </div>
  );
}

function Toggle({ on, text, flip }: { on: boolean; text: string; flip: () => void }) {
  return <button type="button" class="toggle" aria-pressed={on} onClick={flip}>{text}</button>;
}

export function ChartPanel({ wheel = false }: { wheel?: boolean }) {
  const [bands, setBands] = useState(true);
  const [volume, setVolume] = useState(true);
  const [rsi, setRsi] = useState(true);
  const [macd, setMacd] = useState(true);
  const [lower, setLower] = useState<Lower>('rsi');
  const [table, setTable] = useState(false);
  const small = narrow.value;
  const layers: Layers = {
    bands, volume, hollow: candleStyle.value === 'hollow', rsi: small ? lower === 'rsi' : rsi,
    macd: small ? lower === 'macd' : macd,
  };
  const intervals = program.value.value?.intervals ?? [];
  const name = `${candles.symbol.value}-${candles.interval.value}`;
  const actions = (
    <>
      <button type="button" class="icon-button" aria-pressed={table} onClick={() => setTable(!table)}
        aria-label={table ? 'View as chart' : 'View as table'} title={table ? 'View as chart' : 'View as table'}>
        <Icon name={table ? 'chart' : 'table'} />
      </button>
      <button type="button" class="icon-button" aria-label="Download candles as CSV" title="Download candles as CSV"
        onClick={() => download(`${name}.csv`, toCsv(HEAD, rowsOf(candles.current())))}><Icon name="download" /></button>
    </>
  );
  return (
    <Panel id="chart" title={candles.symbol.value || 'Chart'} class="chart-panel" actions={actions}
      note={<Choice label="Interval" class="intervals" value={candles.interval.value} onChange={chooseInterval}
        options={intervals.map((value) => ({ value, text: value }))} />}>
      <div class="layers">
        <Toggle on={bands} text="Bollinger" flip={() => setBands(!bands)} />
        <Toggle on={volume} text="Volume" flip={() => setVolume(!volume)} />
        {small ? (
          <Choice label="Lower pane" value={lower} onChange={setLower} options={[
            { value: 'rsi', text: 'RSI' }, { value: 'macd', text: 'MACD' }, { value: 'none', text: 'none' }]} />
        ) : (
          <>
            <Toggle on={rsi} text="RSI" flip={() => setRsi(!rsi)} />
            <Toggle on={macd} text="MACD" flip={() => setMacd(!macd)} />
          </>
        )}
      </div>
      <ChartBody table={table} layers={layers} wheel={wheel} />
    </Panel>
  );
}

function ChartBody({ table, layers, wheel }: { table: boolean; layers: Layers; wheel: boolean }) {
  const state = candles.loaded.value;
  if (state === 'error' && candles.failure.value) {
    return <Problem error={candles.failure.value} retry={() => void candles.load()} />;
  }
  return (
    <>
      {state === 'loading' && <div class="chart-loading"><Skeleton rows={1} /></div>}
      {table ? <BarTable /> : <Canvas layers={layers} wheel={wheel} />}
    </>
  );
}
