// SPDX-License-Identifier: Apache-2.0
// Equity against its starting value, with the drawdown from the peak in a pane below. Owns the library's chart object
// until remove().
import {
  AreaSeries, BaselineSeries, ColorType, createChart, LineStyle,
  type IChartApi, type ISeriesApi, type Time, type UTCTimestamp,
} from 'lightweight-charts';
import { dateMinute, fixed, money } from '../format.ts';
import type { EquityPoint } from '../types.ts';
import { faint, readPalette } from './palette.ts';

const FONT = 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';
const seconds = (point: EquityPoint): UTCTimestamp => Math.floor(Date.parse(point.time) / 1000) as UTCTimestamp;
const depth = (point: EquityPoint): number | null => (point.drawdown === null ? null : -Math.abs(point.drawdown) * 100);

export class EquityChart {
  private readonly chart: IChartApi;
  private readonly host: HTMLElement;
  private readonly equity: ISeriesApi<'Baseline'>;
  private readonly drawdown: ISeriesApi<'Area'>;
  private points: readonly EquityPoint[] = [];
  private span = '';

  constructor(host: HTMLElement, hover: (time: number | null) => void) {
    this.host = host;
    this.chart = createChart(host, {
      autoSize: true,
      layout: { attributionLogo: false }, // the library's logo breaks the policy; its notice stands in the footer
      rightPriceScale: { minimumWidth: 64 },
      timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 1, minBarSpacing: 0.05, fixLeftEdge: true },
      localization: { timeFormatter: (time: Time) => `${dateMinute(Number(time) * 1000)} UTC` },
      handleScroll: { vertTouchDrag: false, mouseWheel: false },
      handleScale: { mouseWheel: false },
    });
    this.equity = this.chart.addSeries(BaselineSeries, {
      lineWidth: 2, priceLineVisible: false, priceFormat: { type: 'custom', minMove: 0.01, formatter: money },
    }, 0);
    this.drawdown = this.chart.addSeries(AreaSeries, {
      lineWidth: 1, priceLineVisible: false, lastValueVisible: true, invertFilledArea: true,
      priceFormat: { type: 'custom', minMove: 0.01, formatter: (value: number) => `${fixed(value, 1)} %` },
    }, 1);
    this.equity.priceScale().applyOptions({ scaleMargins: { top: 0.16, bottom: 0.08 } });
    this.chart.panes()[0]?.setStretchFactor(3);
    this.chart.panes()[1]?.setStretchFactor(1);
    this.chart.subscribeCrosshairMove((event) => hover(event.time === undefined ? null : Number(event.time)));
    this.restyle();
  }

  remove(): void {
    this.chart.remove();
  }

  restyle(): void {
    const { panel, muted, line, up, down, danger, text } = readPalette();
    this.chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: panel }, textColor: muted, fontFamily: FONT,
        fontSize: 11, panes: { separatorColor: line, separatorHoverColor: faint(text, 0.15), enableResize: false },
      },
      grid: { vertLines: { visible: false }, horzLines: { color: faint(line, 0.55) } },
      rightPriceScale: { borderColor: line },
      timeScale: { borderColor: line },
      crosshair: {
        vertLine: { color: faint(muted, 0.6), style: LineStyle.Dashed, labelBackgroundColor: line },
        horzLine: { color: faint(muted, 0.6), style: LineStyle.Dashed, labelBackgroundColor: line },
      },
    });
    this.equity.applyOptions({
      topLineColor: up, topFillColor1: faint(up, 0.28), topFillColor2: faint(up, 0.03), bottomLineColor: down,
      bottomFillColor1: faint(down, 0.03), bottomFillColor2: faint(down, 0.28),
    });
    this.drawdown.applyOptions({
      lineColor: danger, topColor: faint(danger, 0.05), bottomColor: faint(danger, 0.3),
    });
  }

  /** Points after the last one drawn are appended; anything else is drawn anew. */
  setPoints(points: readonly EquityPoint[], span: string): void {
    const grown = span === this.span && this.points[0] === points[0] && this.points.length > 0 &&
      points.length >= this.points.length;
    if (grown) this.append(points);
    else this.replace(points);
    this.points = points;
    this.span = span;
    this.host.dataset['points'] = String(points.length);
  }

  private append(points: readonly EquityPoint[]): void {
    for (let index = this.points.length - 1; index < points.length; index += 1) {
      const point = points[index]!;
      this.equity.update({ time: seconds(point), value: point.equity });
      const value = depth(point);
      if (value !== null) this.drawdown.update({ time: seconds(point), value });
    }
  }

  private replace(points: readonly EquityPoint[]): void {
    const start = points[0]?.equity ?? 0;
    this.equity.applyOptions({ baseValue: { type: 'price', price: start } });
    const distinct = points.filter((point, index) => !points[index + 1] || seconds(points[index + 1]!) > seconds(point));
    this.equity.setData(distinct.map((point) => ({ time: seconds(point), value: point.equity })));
    this.drawdown.setData(distinct.map((point) => {
      const value = depth(point);
      return value === null ? { time: seconds(point) } : { time: seconds(point), value };
    }));
    this.chart.timeScale().fitContent();
  }
}
