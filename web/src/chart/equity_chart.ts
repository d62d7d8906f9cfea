// SPDX-License-Identifier: Apache-2.0
// Equity against its starting value, with the drawdown from the peak in a pane below. Owns the
// library's chart object until remove().
import {
  AreaSeries,
  BaselineSeries,
  ColorType,
  createChart,
  LineStyle,
  type IChartApi,
  type ISeriesApi,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { dateMinute, fixed, money } from '../format.ts';
import type { EquityPoint } from '../types.ts';
import { faint, FONT, readPalette } from './palette.ts';

const seconds = (point: EquityPoint): UTCTimestamp =>
  Math.floor(Date.parse(point.time) / 1000) as UTCTimestamp;
const depth = (point: EquityPoint): number => -point.drawdown * 100;

export class EquityChart {
  private readonly chart: IChartApi;
  private readonly host: HTMLElement;
  private readonly equity: ISeriesApi<'Baseline'>;
  private readonly drawdown: ISeriesApi<'Area'>;
  private first: EquityPoint | undefined;
  private span = '';
  private whole = true; // the person has not moved the chart: all points stay in view

  constructor(host: HTMLElement, hover: (time: number | null) => void) {
    this.host = host;
    this.chart = createChart(host, {
      autoSize: true,
      // The library's logo breaks the policy of the page; its notice stands in the footer.
      layout: { attributionLogo: false },
      rightPriceScale: { minimumWidth: 64 },
      timeScale: {
        timeVisible: true,
        secondsVisible: false,
        rightOffset: 1,
        minBarSpacing: 0.05,
        fixLeftEdge: true,
      },
      localization: { timeFormatter: (time: Time) => `${dateMinute(Number(time) * 1000)} UTC` },
      handleScroll: { vertTouchDrag: false, mouseWheel: false },
      handleScale: { mouseWheel: false },
    });
    this.equity = this.chart.addSeries(
      BaselineSeries,
      {
        lineWidth: 2,
        priceLineVisible: false,
        priceFormat: { type: 'custom', minMove: 0.01, formatter: money },
      },
      0,
    );
    this.drawdown = this.chart.addSeries(
      AreaSeries,
      {
        lineWidth: 1,
        priceLineVisible: false,
        lastValueVisible: true,
        invertFilledArea: true,
        priceFormat: {
          type: 'custom',
          minMove: 0.01,
          formatter: (value: number) => `${fixed(value, 1)} %`,
        },
      },
      1,
    );
    this.equity.priceScale().applyOptions({ scaleMargins: { top: 0.16, bottom: 0.08 } });
    this.chart.panes()[0]?.setStretchFactor(3);
    this.chart.panes()[1]?.setStretchFactor(1);
    this.chart.subscribeCrosshairMove((event) =>
      hover(event.time === undefined ? null : Number(event.time)),
    );
    for (const name of ['pointerdown', 'wheel'] as const) {
      host.addEventListener(name, () => (this.whole = false), { passive: true });
    }
    this.restyle();
  }

  remove(): void {
    this.chart.remove();
  }

  restyle(): void {
    const { panel, muted, line, up, down, danger, text } = readPalette();
    this.chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: panel },
        textColor: muted,
        fontFamily: FONT,
        fontSize: 11,
        panes: {
          separatorColor: line,
          separatorHoverColor: faint(text, 0.15),
          enableResize: false,
        },
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
      topLineColor: up,
      topFillColor1: faint(up, 0.28),
      topFillColor2: faint(up, 0.03),
      bottomLineColor: down,
      bottomFillColor1: faint(down, 0.03),
      bottomFillColor2: faint(down, 0.28),
    });
    this.drawdown.applyOptions({
      lineColor: danger,
      topColor: faint(danger, 0.05),
      bottomColor: faint(danger, 0.3),
    });
  }

  setPoints(points: readonly EquityPoint[], span: string): void {
    if (span !== this.span || points[0] !== this.first) this.whole = true;
    this.span = span;
    this.first = points[0];
    this.equity.applyOptions({ baseValue: { type: 'price', price: points[0]?.equity ?? 0 } });
    const distinct = points.filter((point, index) => {
      const next = points[index + 1];
      return !next || seconds(next) > seconds(point);
    });
    this.equity.setData(distinct.map((point) => ({ time: seconds(point), value: point.equity })));
    this.drawdown.setData(distinct.map((point) => ({ time: seconds(point), value: depth(point) })));
    if (this.whole) this.chart.timeScale().fitContent();
    this.host.dataset['points'] = String(points.length);
  }
}
