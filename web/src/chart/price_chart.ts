// SPDX-License-Identifier: Apache-2.0
// The candle chart: candles with Bollinger bands and volume in the first pane, RSI and MACD below.
// Owns the library's chart object and its series from creation to remove(); the bars stay with
// their store.
import {
  CandlestickSeries,
  ColorType,
  createChart,
  createSeriesMarkers,
  CrosshairMode,
  LineStyle,
  type AutoscaleInfo,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type MouseEventParams,
  type SeriesMarker,
  type SeriesType,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { Bar } from '../fold.ts';
import { dateMinute } from '../format.ts';
import type { PositionState } from '../types.ts';
import type { Mark } from './marks.ts';
import { faint, FONT, readPalette, type Palette } from './palette.ts';
import {
  addBands,
  addMacd,
  addRsi,
  addVolume,
  at,
  priceFormat,
  type Drawn,
  type Layers,
} from './layers.ts';

/** A word beside an arrow needs about this many pixels; with less the words run into each other. */
const WORD_PIXELS = 44;
const START_BARS = { wide: 150, narrow: 64 };
const UPDATE_BARS_MAX = 8; // beyond this one setData is cheaper than single updates

export class PriceChart {
  private readonly chart: IChartApi;
  private readonly host: HTMLElement;
  private readonly hover: (index: number | null) => void;
  private palette: Palette = readPalette();
  private layers: Layers;
  private drawn: Drawn[] = [];
  private candles!: ISeriesApi<'Candlestick'>;
  private markers!: ISeriesMarkersPluginApi<Time>;
  private levels: IPriceLine[] = [];
  private bars: readonly Bar[] = [];
  private lastDrawn = 0;
  private marks: readonly Mark[] = [];
  private words = true;
  private decimals: number | null = null;
  private cursor: number | null = null;
  private held: PositionState | null = null;
  private viewTimer = 0;
  private pending: { from: number; to: number } | null = null; // view of the next frame

  constructor(
    host: HTMLElement,
    layers: Layers,
    wheel: boolean,
    hover: (index: number | null) => void,
  ) {
    this.host = host;
    this.hover = hover;
    this.layers = layers;
    this.chart = createChart(host, {
      autoSize: true,
      // The library's logo breaks the policy of the page; its notice stands in the footer.
      layout: { attributionLogo: false },
      crosshair: { mode: CrosshairMode.Normal },
      rightPriceScale: { minimumWidth: 64 },
      timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 5, minBarSpacing: 0.4 },
      localization: { timeFormatter: (time: Time) => `${dateMinute(Number(time) * 1000)} UTC` },
      handleScroll: { vertTouchDrag: false, mouseWheel: wheel },
      handleScale: { mouseWheel: wheel },
    });
    this.build();
    this.chart.subscribeCrosshairMove((event) => this.onCrosshair(event));
    this.chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      const last = this.bars.length - 1;
      const from = Math.max(0, range?.from ?? 0);
      const shown = range ? Math.min(last, range.to) - from : 0;
      this.host.dataset['visible'] = String(Math.max(0, Math.round(shown)));
      if (this.hasRoomForWords() !== this.words) this.drawMarks();
    });
  }

  remove(): void {
    cancelAnimationFrame(this.viewTimer);
    this.chart.remove();
  }

  /** Brings bars into view in the next frame: before it the library does not know its own width. */
  private view(from: number, to: number): void {
    cancelAnimationFrame(this.viewTimer);
    this.pending = { from, to };
    this.viewTimer = requestAnimationFrame(() => {
      this.pending = null;
      if (this.chart.timeScale().width() > 0)
        this.chart.timeScale().setVisibleLogicalRange({ from, to });
      else this.view(from, to);
    });
  }

  /**
   * Draws everything again with other layers, colours or decimals; what is in view stays in view.
   */
  restyle(layers: Layers, decimals: number | null): void {
    this.layers = layers;
    this.decimals = decimals;
    this.palette = readPalette();
    const range = this.pending ?? this.chart.timeScale().getVisibleLogicalRange();
    for (const { series } of this.drawn) this.chart.removeSeries(series);
    this.build();
    this.setData();
    if (range && this.bars.length) this.view(range.from, range.to);
  }

  private build(): void {
    const { panel, muted, line, text } = this.palette;
    this.chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: panel },
        textColor: muted,
        fontFamily: FONT,
        fontSize: 11,
        panes: { separatorColor: line, separatorHoverColor: faint(text, 0.15), enableResize: true },
      },
      grid: { vertLines: { color: faint(line, 0.55) }, horzLines: { color: faint(line, 0.55) } },
      rightPriceScale: { borderColor: line },
      timeScale: { borderColor: line },
      crosshair: {
        vertLine: { color: faint(muted, 0.6), labelBackgroundColor: line },
        horzLine: { color: faint(muted, 0.6), labelBackgroundColor: line },
      },
    });
    this.drawn = [];
    this.levels = [];
    this.lastDrawn = 0;
    const { chart, palette, decimals } = this;
    if (this.layers.volume) this.drawn.push(addVolume(chart, palette));
    if (this.layers.bands) this.drawn.push(...addBands(chart, palette, decimals));
    this.drawn.push(this.candleSeries());
    let pane = 1;
    if (this.layers.rsi) this.drawn.push(addRsi(chart, palette, pane++));
    if (this.layers.macd) this.drawn.push(...addMacd(chart, palette, pane++, decimals));
    this.chart.panes().forEach((each, index) => each.setStretchFactor(index === 0 ? 5 : 1.35));
    this.drawLevels();
  }

  private candleSeries(): Drawn {
    const { up, down, panel } = this.palette;
    this.candles = this.chart.addSeries(
      CandlestickSeries,
      {
        upColor: this.layers.hollow ? panel : up,
        downColor: down,
        borderUpColor: up,
        borderDownColor: down,
        wickUpColor: up,
        wickDownColor: down,
        priceFormat: priceFormat(this.decimals),
        autoscaleInfoProvider: (own: () => AutoscaleInfo | null) => this.withLevels(own()),
      },
      0,
    );
    this.candles
      .priceScale()
      .applyOptions({ scaleMargins: { top: 0.08, bottom: this.layers.volume ? 0.2 : 0.06 } });
    this.markers = createSeriesMarkers<Time>(this.candles as ISeriesApi<SeriesType>, []);
    return {
      series: this.candles as ISeriesApi<SeriesType>,
      point: (bar) => ({
        time: at(bar),
        open: bar.open,
        high: bar.high,
        low: bar.low,
        close: bar.close,
      }),
    };
  }

  /** Stop and target come into view when they are no farther away than the candles are tall. */
  private withLevels(info: AutoscaleInfo | null): AutoscaleInfo | null {
    const range = info?.priceRange;
    if (!range || !this.held) return info;
    const { minValue, maxValue } = range;
    const reach = maxValue - minValue;
    const near = [this.held.stop_price, this.held.target_price, this.held.average_price].filter(
      (value): value is number =>
        value !== null && value > minValue - reach && value < maxValue + reach,
    );
    return {
      ...info,
      priceRange: {
        minValue: Math.min(minValue, ...near),
        maxValue: Math.max(maxValue, ...near),
      },
    };
  }

  private setData(): void {
    for (const { series, point } of this.drawn) {
      series.setData(this.bars.map((bar, index) => point(bar, this.bars[index - 1])) as never);
    }
    this.lastDrawn = this.bars.at(-1)?.time ?? 0;
    this.drawMarks();
    this.publish();
  }

  /** All bars are new: the last of them come into view. */
  private fresh(): void {
    this.setData();
    const wanted = this.host.clientWidth > 700 ? START_BARS.wide : START_BARS.narrow;
    const count = this.bars.length;
    this.chart.priceScale('right').applyOptions({ autoScale: true });
    this.view(Math.max(-2, count - wanted), count + 4);
  }

  change(bars: readonly Bar[], from: number): void {
    this.bars = bars;
    if (from === 0) return this.fresh();
    if (bars.length - from > UPDATE_BARS_MAX) return this.setData();
    for (let index = from; index < bars.length; index += 1) {
      const bar = bars[index]!;
      const late = bar.time < this.lastDrawn;
      for (const { series, point } of this.drawn)
        series.update(point(bar, bars[index - 1]) as never, late);
      this.lastDrawn = Math.max(this.lastDrawn, bar.time);
    }
    return this.publish();
  }

  private publish(): void {
    const last = this.bars.at(-1);
    this.host.dataset['bars'] = String(this.bars.length);
    this.host.dataset['time'] = String(last?.time ?? '');
    this.host.dataset['close'] = String(last?.close ?? '');
  }

  setMarks(marks: readonly Mark[]): void {
    this.marks = marks;
    this.drawMarks();
  }

  private hasRoomForWords(): boolean {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    if (!range) return false;
    const time = (index: number): number => {
      const inside = Math.min(Math.max(Math.round(index), 0), this.bars.length - 1);
      return this.bars[inside]?.time ?? 0;
    };
    const from = time(range.from);
    const to = time(range.to);
    const count = this.marks.filter((mark) => mark.time >= from && mark.time <= to).length;
    return count * WORD_PIXELS < this.host.clientWidth;
  }

  private drawMarks(): void {
    this.words = this.hasRoomForWords();
    const first = this.bars[0]?.time ?? Infinity;
    const shown = this.marks.filter((mark) => mark.time >= first);
    this.markers.setMarkers(
      shown.map((mark): SeriesMarker<Time> => ({
        time: mark.time as UTCTimestamp,
        position: mark.side === 'BUY' ? 'belowBar' : 'aboveBar',
        shape: mark.side === 'BUY' ? 'arrowUp' : 'arrowDown',
        color: mark.side === 'BUY' ? this.palette.up : this.palette.down,
        text: this.words ? mark.label : '',
      })),
    );
    this.host.dataset['markers'] = String(shown.length);
  }

  setPosition(held: PositionState | null): void {
    const same = ['average_price', 'stop_price', 'target_price'] as const;
    if (held && this.held && same.every((name) => held[name] === this.held![name])) return;
    this.held = held;
    this.drawLevels();
  }

  private drawLevels(): void {
    for (const level of this.levels) this.candles.removePriceLine(level);
    this.levels = [];
    const draw = (
      value: number | null | undefined,
      title: string,
      color: string,
      lineStyle: LineStyle,
    ): void => {
      if (value === null || value === undefined) return;
      this.levels.push(
        this.candles.createPriceLine({
          price: value,
          title,
          color,
          lineStyle,
          lineWidth: 1,
          axisLabelVisible: true,
        }),
      );
    };
    draw(this.held?.average_price, 'entry', this.palette.muted, LineStyle.Dotted);
    draw(this.held?.stop_price, 'stop', this.palette.danger, LineStyle.Dashed);
    draw(this.held?.target_price, 'target', this.palette.up, LineStyle.Dashed);
    this.host.dataset['levels'] = String(this.levels.length);
  }

  private indexOf(time: number): number | null {
    let low = 0;
    let high = this.bars.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.bars[middle]!.time;
      if (found === time) return middle;
      if (found < time) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  }

  private onCrosshair(event: MouseEventParams<Time>): void {
    this.cursor = event.time === undefined ? null : this.indexOf(Number(event.time));
    this.hover(this.cursor);
  }

  /** Tops of the lower panes, so that their captions can stand in them. */
  paneTops(): number[] {
    let top = 0;
    return this.chart.panes().map((pane) => {
      const here = top;
      top += pane.getHeight() + 1;
      return here;
    });
  }

  zoom(factor: number): void {
    const scale = this.chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    if (!range) return;
    const span = Math.max(10, (range.to - range.from) * factor);
    scale.setVisibleLogicalRange({ from: range.to - span, to: range.to });
  }

  toEnd(): void {
    this.chart.timeScale().scrollToRealTime();
  }

  /** The chart by keyboard: arrows move the crosshair, Home and End jump, plus and minus zoom. */
  onKey(key: string): boolean {
    const last = this.bars.length - 1;
    if (last < 0) return false;
    const moves: Record<string, number> = {
      ArrowLeft: (this.cursor ?? last + 1) - 1,
      ArrowRight: (this.cursor ?? last) + 1,
      Home: 0,
      End: last,
    };
    if (key in moves) this.point(Math.min(last, Math.max(0, moves[key]!)));
    else if (key === '+' || key === '=') this.zoom(0.7);
    else if (key === '-') this.zoom(1.4);
    else if (key === 'Escape') {
      this.chart.clearCrosshairPosition();
      this.cursor = null;
      this.hover(null);
    } else return false;
    return true;
  }

  private point(index: number): void {
    const bar = this.bars[index]!;
    const scale = this.chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    if (range && (index < range.from || index > range.to)) {
      const half = (range.to - range.from) / 2;
      scale.setVisibleLogicalRange({ from: index - half, to: index + half });
    }
    this.chart.setCrosshairPosition(bar.close, at(bar), this.candles as ISeriesApi<SeriesType>);
    this.cursor = index;
    this.hover(index);
  }
}
