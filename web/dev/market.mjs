// SPDX-License-Identifier: Apache-2.0
// A seeded random market with a toy trader in it, so that the page can be worked on without the
// program. Only for development: no number from here is part of the product.
const MINUTE = 60;

export function random(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

export const SYMBOLS = {
  BTCUSDC: { price: 42150.75, decimals: 2, step: 5, turnover: 12 },
  ETHUSDC: { price: 2245.3, decimals: 2, step: 4, turnover: 160 },
  BNBUSDC: { price: 268.4, decimals: 2, step: 3, turnover: 420 },
  SOLUSDC: { price: 71.62, decimals: 3, step: 3, turnover: 3900 },
  DOGEUSDC: { price: 0.08123, decimals: 5, step: 0, turnover: 1900000 },
};

/**
 * One minute for every symbol: a common move, an own move, slowly changing volatility and drift.
 */
export function createMarket(seed, start) {
  const { uniform, normal } = random(seed);
  const round = (value, decimals) => Number(value.toFixed(decimals));
  const shared = { volatility: 0.0006, drift: 0 };
  const bars = Object.fromEntries(Object.keys(SYMBOLS).map((symbol) => [symbol, []]));
  let time = start;
  function minute() {
    shared.volatility = Math.max(
      0.00025,
      Math.min(0.0018, shared.volatility * Math.exp(0.03 * normal())),
    );
    if (uniform() < 0.0008) shared.drift = 0.00003 * normal();
    const common = shared.drift + shared.volatility * normal();
    for (const [symbol, facts] of Object.entries(SYMBOLS)) {
      const list = bars[symbol];
      const open = list.at(-1)?.close ?? facts.price;
      const close = open * Math.exp(0.7 * common + 0.6 * shared.volatility * normal());
      const reach = open * shared.volatility * 0.6;
      list.push({
        time,
        open: round(open, facts.decimals),
        high: round(Math.max(open, close) + reach * uniform(), facts.decimals),
        low: round(Math.min(open, close) - reach * uniform(), facts.decimals),
        close: round(close, facts.decimals),
        volume: round(
          facts.turnover * Math.exp(0.6 * normal()) * (shared.volatility / 0.0006),
          facts.step,
        ),
      });
    }
    time += MINUTE;
  }
  return { bars, minute, now: () => time };
}

export function aggregate(minutes, seconds) {
  const out = [];
  for (const bar of minutes) {
    const time = Math.floor(bar.time / seconds) * seconds;
    const last = out.at(-1);
    if (last?.time === time) {
      last.high = Math.max(last.high, bar.high);
      last.low = Math.min(last.low, bar.low);
      last.close = bar.close;
      last.volume += bar.volume;
      last.minutes += 1;
    } else {
      out.push({ ...bar, time, minutes: 1 });
    }
  }
  return out;
}

function ema(values, period) {
  const weight = 2 / (period + 1);
  let state = null;
  return values.map((value) => (state = state === null ? value : state + weight * (value - state)));
}

export function indicators(bars) {
  const close = bars.map((bar) => bar.close);
  const from = (list, start) => list.map((value, index) => (index < start ? null : value));
  const bands = close.map((_, index) => {
    if (index < 19) return [null, null, null];
    const window = close.slice(index - 19, index + 1);
    const mean = window.reduce((a, b) => a + b) / 20;
    const spread = 2 * Math.sqrt(window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 20);
    return [mean + spread, mean, mean - spread];
  });
  let gain = 0;
  let loss = 0;
  const rsi = close.map((value, index) => {
    const move = index ? value - close[index - 1] : 0;
    gain += (Math.max(move, 0) - gain) / 14;
    loss += (Math.max(-move, 0) - loss) / 14;
    return index < 14 ? null : gain + loss ? (100 * gain) / (gain + loss) : 50;
  });
  const fast = ema(close, 12);
  const slow = ema(close, 26);
  const macd = fast.map((value, index) => value - slow[index]);
  const signal = ema(macd, 9);
  return {
    bb_upper: bands.map((band) => band[0]),
    bb_middle: bands.map((band) => band[1]),
    bb_lower: bands.map((band) => band[2]),
    rsi,
    macd: from(macd, 25),
    macd_signal: from(signal, 33),
    macd_histogram: from(
      macd.map((value, index) => value - signal[index]),
      33,
    ),
  };
}
