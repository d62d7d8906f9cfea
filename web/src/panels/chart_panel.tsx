// SPDX-License-Identifier: Apache-2.0
// The chart of one symbol: intervals, layers, the legend of the bar under the crosshair, and the
// same bars as a table.
import { useEffect, useRef, useState } from 'preact/hooks';
import * as candles from '../candles.ts';
import { marksOf, type Mark } from '../chart/marks.ts';
import type { Layers } from '../chart/layers.ts';
import { PriceChart } from '../chart/price_chart.ts';
import { intervalSeconds } from '../fold.ts';
import { Choice } from '../parts/figures.tsx';
import { Icon } from '../parts/icons.tsx';
import { Age, Empty, Panel, Problem, Skeleton } from '../parts/panel.tsx';
import { candleStyle, colours, narrow, shownTheme } from '../settings.ts';
import { chooseInterval, fills, position, program } from '../store.ts';
import { BarTable, saveBars } from './bar_table.tsx';
import { caption, Legend, PaneCaptions } from './chart_words.tsx';

type Lower = 'rsi' | 'macd' | 'none';
const FRESHNESS = { rate: null, updated: candles.updated };

function useMarks(): readonly Mark[] {
  const list = fills.value.value ?? [];
  return marksOf(
    list,
    candles.symbol.value,
    intervalSeconds(candles.interval.value),
    candles.decimals.value,
  );
}

/** The chart by buttons, for those who neither pinch nor turn a wheel. */
function Zoom({ chart }: { chart: () => PriceChart | null }) {
  return (
    <div class="chart-zoom">
      <button type="button" aria-label="Show fewer bars" onClick={() => chart()?.zoom(0.7)}>
        +
      </button>
      <button type="button" aria-label="Show more bars" onClick={() => chart()?.zoom(1.4)}>
        −
      </button>
      <button type="button" aria-label="Go to the newest bar" onClick={() => chart()?.toEnd()}>
        »
      </button>
    </div>
  );
}

function Canvas({ layers, wheel }: { layers: Layers; wheel: boolean }) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<PriceChart | null>(null);
  const current = useRef(layers);
  const [hovered, setHovered] = useState<number | null>(null);
  const [tops, setTops] = useState<number[]>([]);
  const [sentence, setSentence] = useState('');
  const marks = useMarks();
  const bars = candles.current();
  void candles.updated.value; // the legend follows the last bar
  const measure = () =>
    window.requestAnimationFrame(() => chart.current && setTops(chart.current.paneTops()));

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

  const style = `${JSON.stringify(layers)} ${shownTheme.value} ${colours.value}`;
  useEffect(() => {
    current.current = layers;
    chart.current?.restyle(layers, candles.decimals.value);
    measure();
  }, [style]);
  useEffect(
    () => chart.current?.setMarks(marks),
    [fills.value.value, candles.symbol.value, candles.interval.value, candles.decimals.value],
  );
  useEffect(() => chart.current?.setPosition(position.value), [position.value, style]);

  const bar = bars[hovered ?? bars.length - 1];
  const values = (hovered === null ? bars.findLast((each) => each.values) : bar)?.values ?? null;
  return (
    <div class="chart-place">
      <div
        ref={host}
        class="chart"
        data-chart="price"
        role="img"
        tabIndex={0}
        aria-label={sentence}
        onKeyDown={(event) => chart.current?.onKey(event.key) && event.preventDefault()}
      />
      {bar && <Legend bar={bar} values={values} marks={marks} />}
      <PaneCaptions tops={tops} layers={layers} values={values} />
      <Zoom chart={() => chart.current} />
    </div>
  );
}

function Toggle({ on, text, flip }: { on: boolean; text: string; flip: () => void }) {
  return (
    <button type="button" class="toggle" aria-pressed={on} onClick={flip}>
      {text}
    </button>
  );
}

function fullScreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.querySelector('.chart-panel')?.requestFullscreen();
}

function Actions({ table, flip }: { table: boolean; flip: () => void }) {
  return (
    <>
      <button
        type="button"
        class="icon-button"
        aria-pressed={table}
        onClick={flip}
        aria-label={table ? 'View as chart' : 'View as table'}
        title={table ? 'View as chart' : 'View as table'}
      >
        <Icon name={table ? 'chart' : 'table'} />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Full screen"
        title="Full screen (f)"
        data-shortcut="full"
        onClick={fullScreen}
      >
        <Icon name="expand" />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Download candles as CSV"
        title="Download candles as CSV"
        onClick={saveBars}
      >
        <Icon name="download" />
      </button>
    </>
  );
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
    bands,
    volume,
    hollow: candleStyle.value === 'hollow',
    rsi: small ? lower === 'rsi' : rsi,
    macd: small ? lower === 'macd' : macd,
  };
  const intervals = program.value.value?.intervals ?? [];
  return (
    <Panel
      id="chart"
      title={candles.symbol.value || 'Chart'}
      class="chart-panel"
      actions={<Actions table={table} flip={() => setTable(!table)} />}
      note={
        <>
          <Choice
            label="Interval"
            class="intervals"
            value={candles.interval.value}
            onChange={chooseInterval}
            options={intervals.map((value) => ({ value, text: value }))}
          />
          <Age item={FRESHNESS} />
        </>
      }
    >
      <div class="layers">
        <Toggle on={bands} text="Bollinger" flip={() => setBands(!bands)} />
        <Toggle on={volume} text="Volume" flip={() => setVolume(!volume)} />
        {small ? (
          <Choice
            label="Lower pane"
            value={lower}
            onChange={setLower}
            options={[
              { value: 'rsi', text: 'RSI' },
              { value: 'macd', text: 'MACD' },
              { value: 'none', text: 'none' },
            ]}
          />
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
    return (
      <div class="chart">
        <Problem error={candles.failure.value} retry={() => void candles.load()} />
      </div>
    );
  }
  if (!candles.symbol.value && program.value.value) {
    return (
      <div class="chart">
        <Empty title="No market yet">
          Nothing is running in this state. Start it with <code>trader run</code>; the page follows.
        </Empty>
      </div>
    );
  }
  void candles.updated.value;
  const none = state === 'ready' && candles.current().length === 0;
  return (
    <div class={`chart-body ${state}`}>
      {none && (
        <div class="chart-loading">
          <Empty title="No candles yet">The first one closes within a minute of market time.</Empty>
        </div>
      )}
      {state === 'loading' && (
        <div class="chart-loading">
          <Skeleton rows={1} />
        </div>
      )}
      {table ? <BarTable /> : <Canvas layers={layers} wheel={wheel} />}
    </div>
  );
}
