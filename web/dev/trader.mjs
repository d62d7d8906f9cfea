// SPDX-License-Identifier: Apache-2.0
// The toy trader of the development server: a vote of three indicators every 15 minutes, stops,
// targets, a ledger. It exists to fill every panel with numbers that fit together.
import { aggregate, indicators, SYMBOLS } from './market.mjs';

const SERVICES = [
  'market_monitor',
  'ai_analyzer',
  'portfolio_risk',
  'trade_executor',
  'store',
  'dashboard',
];
const iso = (seconds) => new Date(seconds * 1000).toISOString();
const FEE = 0.001;

export function createTrader(market, options, tell) {
  const book = {
    cash: options.balance,
    peak: options.balance,
    fees: 0,
    realised: 0,
    positions: {},
    signals: [],
    trades: [],
    fills: [],
    equity: [],
    refusals: [],
    logs: [],
    kill: { level: 'none', since: null, by: null, reason: null },
    counts: Object.fromEntries(SERVICES.map((name) => [name, { in: 0, out: 0, errors: 0 }])),
  };
  const last = (symbol) => market.bars[symbol].at(-1).close;
  const keep = (list, item, limit) => {
    list.push(item);
    if (list.length > limit) list.shift();
  };

  function log(time, service, level, text) {
    const line = { time: iso(time), service, level, text };
    keep(book.logs, line, 2000);
    tell('log', line);
  }

  function equityPoint(time) {
    const invested = Object.values(book.positions).reduce(
      (sum, held) => sum + held.quantity * last(held.symbol),
      0,
    );
    const equity = book.cash + invested;
    book.peak = Math.max(book.peak, equity);
    return {
      time: iso(time),
      equity: Number(equity.toFixed(2)),
      cash: Number(book.cash.toFixed(2)),
      exposure: invested / equity,
      drawdown: (book.peak - equity) / book.peak,
      positions: Object.keys(book.positions).length,
    };
  }

  function fill(time, symbol, side, quantity, reason, signal) {
    const price = last(symbol) * (side === 'BUY' ? 1.0002 : 0.9998);
    const fee = price * quantity * FEE;
    book.fees += fee;
    book.cash += (side === 'BUY' ? -1 : 1) * price * quantity - fee;
    const row = {
      time: iso(time),
      symbol,
      side,
      price: Number(price.toFixed(SYMBOLS[symbol].decimals)),
      quantity,
      fee: Number(fee.toFixed(4)),
      fee_asset: 'USDC',
      slippage: Number((last(symbol) * quantity * 0.0002).toFixed(4)),
      reason,
      order_id: `o-${book.fills.length + 1}`,
      signal_id: signal,
      trade_id: book.fills.length + 1,
    };
    keep(book.fills, row, 2000);
    tell('fill', row);
    log(
      time,
      'trade_executor',
      'INFO',
      `${side} ${quantity} ${symbol} @ ${row.price} filled, ${reason} [paper]`,
    );
    return row;
  }

  function enter(time, signal) {
    const facts = SYMBOLS[signal.symbol];
    const equity = equityPoint(time).equity;
    const refuse = (code, text) => {
      const row = { time: iso(time), symbol: signal.symbol, signal_id: signal.id, code, text };
      keep(book.refusals, row, 500);
      tell('refusal', row);
    };
    if (book.kill.level !== 'none')
      return refuse('DENIED_PAUSED', 'Entries are paused by the operator');
    if (book.positions[signal.symbol])
      return refuse('DENIED_POSITION_OPEN', 'A position of this symbol is open');
    if (Object.keys(book.positions).length >= 3) {
      return refuse('DENIED_MAX_POSITIONS', '3 positions are open, 3 are allowed');
    }
    const quantity = Number(((equity * 0.18) / last(signal.symbol)).toFixed(facts.step));
    const row = fill(time, signal.symbol, 'BUY', quantity, 'signal', signal.id);
    book.positions[signal.symbol] = {
      symbol: signal.symbol,
      quantity,
      average_price: row.price,
      stop_price: row.price * 0.985,
      target_price: row.price * 1.025,
      high_water: row.price,
      opened: row.time,
      signal_id: signal.id,
    };
    return undefined;
  }

  function leave(time, symbol, reason) {
    const held = book.positions[symbol];
    const row = fill(time, symbol, 'SELL', held.quantity, reason, held.signal_id);
    delete book.positions[symbol];
    const fees = (held.average_price + row.price) * held.quantity * FEE;
    const pnl = (row.price - held.average_price) * held.quantity - fees;
    book.realised += pnl;
    const trade = {
      id: `t-${book.trades.length + 1}`,
      symbol,
      side: 'BUY',
      quantity: held.quantity,
      entry_time: held.opened,
      entry_price: held.average_price,
      exit_time: row.time,
      exit_price: row.price,
      pnl: Number(pnl.toFixed(2)),
      pnl_pct: (100 * pnl) / (held.average_price * held.quantity),
      fees: Number(fees.toFixed(4)),
      reason,
      signal_id: held.signal_id,
    };
    keep(book.trades, trade, 1000);
    tell('trade', trade);
  }

  function analyse(time, symbol) {
    const bars = aggregate(market.bars[symbol].slice(-900), 900);
    if (bars.length < 40) return;
    const values = indicators(bars);
    const at = (name) => values[name].at(-1) ?? 0;
    const close = bars.at(-1).close;
    const width = at('bb_upper') - at('bb_lower') || 1;
    const parts = [
      ['rsi', 'technical_indicators', ((50 - at('rsi')) / 50) * 0.6],
      ['macd', 'technical_indicators', Math.tanh((at('macd_histogram') / close) * 900) * 0.35],
      ['bollinger_bands', 'technical_indicators', (0.5 - (close - at('bb_lower')) / width) * 0.4],
      [
        'price_action',
        'technical_indicators',
        Math.tanh((close / bars.at(-4).close - 1) * 60) * 0.15,
      ],
      ['trend', 'technical_indicators', Math.tanh((close / at('bb_middle') - 1) * 40) * 0.1],
    ].map(([factor, group, value]) => ({ factor, group, value: Number(value.toFixed(4)) }));
    const score = parts.reduce((sum, part) => sum + part.value, 0);
    const decision = score > 0.34 ? 'BUY' : score < -0.34 ? 'SELL' : 'HOLD';
    const outcomes = Math.floor((book.counted ?? 0) / 400) + (symbol.length % 3) * 10;
    const reasoning =
      `RSI at ${at('rsi').toFixed(1)} ${at('rsi') < 40 ? 'is low' : at('rsi') > 60 ? 'is high' : 'is in the middle'}; ` +
      `MACD histogram ${at('macd_histogram') > 0 ? 'above' : 'below'} zero; price ${close > at('bb_middle') ? 'above' : 'below'} the middle band.`;
    const key_indicators = [
      `RSI ${at('rsi').toFixed(1)}`,
      `MACD histogram ${at('macd_histogram').toFixed(2)}`,
      'Bollinger position',
    ];
    const signal = {
      id: `s-${(book.counted = (book.counted ?? 0) + 1)}`,
      symbol,
      decision,
      confidence: 0.42 + 0.2 * Math.abs(score),
      score: Number(score.toFixed(4)),
      unproven: outcomes < 30,
      outcomes,
      horizon_minutes: 240,
      reasoning,
      risk_level: Math.abs(score) > 0.5 ? 'MEDIUM' : 'LOW',
      key_indicators,
      social_impact: 'no social data: neutral',
      timestamp: iso(time),
      market_timestamp: iso(time),
      price: close,
      model_version: 'ai_trader_local_3f2a9c11',
      model_id: '3f2a9c11',
      contributions: parts,
      selected_strategy: null,
      explanation: {
        summary: `${decision} at a score of ${score.toFixed(3)}`,
        technical_factors: reasoning,
        social_factors: 'no social data: neutral',
        social_lead_lag: null,
        correlation_strength: null,
        key_indicators,
        risk_assessment: 'A stop stands 1.5 % below the entry.',
      },
    };
    keep(book.signals, signal, 500);
    tell('signal', signal);
    log(time, 'ai_analyzer', 'INFO', `${symbol} ${decision} score ${score.toFixed(2)}`);
    if (decision === 'BUY') enter(time, signal);
    if (decision === 'SELL' && book.positions[symbol]) leave(time, symbol, 'signal');
  }

  function minute(time) {
    for (const held of Object.values(book.positions)) {
      const bar = market.bars[held.symbol].at(-1);
      if (bar.low <= held.stop_price) leave(time, held.symbol, 'stop_loss');
      else if (bar.high >= held.target_price) leave(time, held.symbol, 'take_profit');
    }
    if (time % 900 === 0) for (const symbol of Object.keys(SYMBOLS)) analyse(time, symbol);
    for (const name of SERVICES) book.counts[name].in += 5;
    if (time % 300 === 0) keep(book.equity, equityPoint(time), 10000);
    if (time % 3600 === 0)
      log(
        time,
        'portfolio_risk',
        'INFO',
        `Exposure ${(equityPoint(time).exposure * 100).toFixed(1)} %`,
      );
  }

  function portfolio(time) {
    const point = equityPoint(time);
    const positions = Object.values(book.positions).map((held) => {
      const value = held.quantity * last(held.symbol);
      const cost = held.quantity * held.average_price;
      return {
        ...held,
        price: last(held.symbol),
        value,
        weight: value / point.equity,
        unrealised_pnl: value - cost,
        unrealised_pct: (100 * (value - cost)) / cost,
      };
    });
    const sum = (pick) => positions.reduce((total, held) => total + pick(held), 0);
    return {
      time: iso(time),
      total_value: point.equity,
      available: point.cash,
      quote_asset: 'USDC',
      invested: sum((held) => held.value),
      exposure: point.exposure,
      realised_pnl: book.realised,
      unrealised_pnl: sum((held) => held.unrealised_pnl),
      fees: book.fees,
      drawdown: point.drawdown,
      peak: book.peak,
      positions,
    };
  }

  const services = () =>
    SERVICES.map((service, index) => ({
      service,
      state: service === 'store' && Math.random() < 0.1 ? 'stale' : 'ok',
      age_ms: 40 + 120 * index,
      ...book.counts[service],
      p95_us: [3.1, 41, 6.4, 11, 880, 240][index],
    }));
  return { book, minute, portfolio, equityPoint, services, leave, log };
}
