// SPDX-License-Identifier: Apache-2.0
// What is drawn over and below the candles: volume, Bollinger bands, RSI with its 30 and 70, MACD.
// Each layer is a series of the chart together with the function that turns a bar into its point;
// the chart owns the series.
import {
  HistogramSeries,
  LineSeries,
  LineStyle,
  type IChartApi,
  type ISeriesApi,
  type SeriesType,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { Bar, IndicatorValues } from '../fold.ts';
import { fixed, price } from '../format.ts';
import { faint, type Palette } from './palette.ts';

export interface Layers {
  bands: boolean;
  volume: boolean;
  rsi: boolean;
  macd: boolean;
  hollow: boolean;
}

export type Point = { time: UTCTimestamp } & Record<string, unknown>;

export interface Drawn {
  series: ISeriesApi<SeriesType>;
  point(bar: Bar, before: Bar | undefined): Point;
}

interface Format {
  type: 'custom';
  minMove: number;
  formatter: (value: number) => string;
}

export const at = (bar: { time: number }): UTCTimestamp => bar.time as UTCTimestamp;

export function priceFormat(decimals: number | null): Format {
  const minMove = 10 ** -(decimals ?? 2);
  return { type: 'custom', minMove, formatter: (value) => price(value, decimals) };
}

/** Differences of prices: finer than the price when they are small. */
function differenceFormat(decimals: number | null): Format {
  const places = decimals ?? 2;
  return {
    type: 'custom',
    minMove: 10 ** -Math.min(places + 2, 8),
    formatter: (value) => fixed(value, Math.abs(value) >= 10 ? 1 : places),
  };
}

interface LineOptions {
  pane: number;
  name: keyof IndicatorValues;
  color: string;
  dashed: boolean;
  format: Format;
}

function addLine(chart: IChartApi, { pane, name, color, dashed, format }: LineOptions): Drawn {
  const series = chart.addSeries(
    LineSeries,
    {
      color,
      lineWidth: 1,
      lineStyle: dashed ? LineStyle.Dashed : LineStyle.Solid,
      priceLineVisible: false,
      lastValueVisible: false,
      crosshairMarkerVisible: false,
      priceFormat: format,
    },
    pane,
  );
  const point = (bar: Bar): Point => {
    const value = bar.values?.[name];
    return value === null || value === undefined ? { time: at(bar) } : { time: at(bar), value };
  };
  return { series, point };
}

export function addVolume(chart: IChartApi, palette: Palette): Drawn {
  const up = faint(palette.up, 0.35);
  const down = faint(palette.down, 0.35);
  const series = chart.addSeries(
    HistogramSeries,
    {
      priceScaleId: 'volume',
      priceLineVisible: false,
      lastValueVisible: false,
      priceFormat: { type: 'volume' },
    },
    0,
  );
  series.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
  const point = (bar: Bar): Point =>
    bar.volume === null
      ? { time: at(bar) }
      : { time: at(bar), value: bar.volume, color: bar.close >= bar.open ? up : down };
  return { series, point };
}

export function addBands(chart: IChartApi, palette: Palette, decimals: number | null): Drawn[] {
  const common = { pane: 0, color: faint(palette.accent, 0.75), format: priceFormat(decimals) };
  return [
    addLine(chart, { ...common, name: 'bb_upper', dashed: false }),
    addLine(chart, { ...common, name: 'bb_lower', dashed: false }),
    addLine(chart, { ...common, name: 'bb_middle', dashed: true }),
  ];
}

export function addRsi(chart: IChartApi, palette: Palette, pane: number): Drawn {
  const format: Format = { type: 'custom', minMove: 0.1, formatter: (value) => fixed(value, 1) };
  const drawn = addLine(chart, { pane, name: 'rsi', color: palette.accent, dashed: false, format });
  drawn.series.applyOptions({
    lastValueVisible: true,
    lineWidth: 2,
    autoscaleInfoProvider: () => ({ priceRange: { minValue: 0, maxValue: 100 } }),
  });
  drawn.series.priceScale().applyOptions({ scaleMargins: { top: 0.06, bottom: 0.06 } });
  for (const level of [30, 70]) {
    drawn.series.createPriceLine({
      price: level,
      color: faint(palette.muted, 0.7),
      lineWidth: 1,
      lineStyle: LineStyle.Dashed,
      axisLabelVisible: false,
      title: '',
    });
  }
  return drawn;
}

export function addMacd(
  chart: IChartApi,
  palette: Palette,
  pane: number,
  decimals: number | null,
): Drawn[] {
  const format = differenceFormat(decimals);
  const histogram = chart.addSeries(
    HistogramSeries,
    {
      priceLineVisible: false,
      lastValueVisible: false,
      priceFormat: format,
    },
    pane,
  );
  const point = (bar: Bar, before: Bar | undefined): Point => {
    const value = bar.values?.macd_histogram ?? null;
    if (value === null) return { time: at(bar) };
    const growing = Math.abs(value) >= Math.abs(before?.values?.macd_histogram ?? 0);
    return {
      time: at(bar),
      value,
      color: faint(value >= 0 ? palette.up : palette.down, growing ? 0.75 : 0.4),
    };
  };
  return [
    { series: histogram, point },
    addLine(chart, { pane, name: 'macd', color: palette.accent, dashed: false, format }),
    addLine(chart, { pane, name: 'macd_signal', color: palette.second, dashed: true, format }),
  ];
}
