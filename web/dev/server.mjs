// SPDX-License-Identifier: Apache-2.0
// A development stand-in for the program: the same addresses and answers, over a seeded random
// market at 60 times the real speed. Not part of the product.
//   node dev/server.mjs            PORT=8050 CODE=demo SEED=7 DAYS=30 MODE=DEMO|LIVE VENUE=ready|frozen FAIL=services,logs EMPTY=1
import { createReadStream, existsSync } from 'node:fs';
import http from 'node:http';
import { aggregate, createMarket, indicators, SYMBOLS } from './market.mjs';
import * as moods from './moods.mjs';
import { createTrader } from './trader.mjs';

const {
  PORT = '8050',
  CODE = 'demo',
  SEED = '7',
  DAYS = '30',
  MODE = 'DEMO',
  FAIL = '',
  EMPTY = '',
  VENUE = 'ready',
  HALTED = '',
} = process.env;
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
  "connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'; " +
  "form-action 'self'; frame-ancestors 'none'";
const SECONDS = {
  '1m': 60,
  '3m': 180,
  '5m': 300,
  '15m': 900,
  '1h': 3600,
  '4h': 14400,
  '1d': 86400,
};
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css' };
const DIST = new URL('../dist/', import.meta.url);
const iso = (seconds) => new Date(seconds * 1000).toISOString();

const clients = new Set();
let silent = true;
function tell(event, payload) {
  if (silent) return;
  for (const response of clients)
    response.write(`event: ${event}\ndata: ${JSON.stringify(payload)}\n\n`);
}

const started = new Date().toISOString();
const market = createMarket(Number(SEED), 1732406400 - Number(DAYS) * 86400);
const trader = createTrader(market, { balance: 10000 }, tell);
const { book } = trader;
for (let step = 0; step < Number(DAYS) * 1440; step += 1) {
  market.minute();
  trader.minute(market.now());
}
const livedUntil = iso(market.now());
const dayAgo = { equity: book.equity.at(-288)?.equity ?? 10000 };
silent = false;
if (EMPTY)
  for (const list of [book.signals, book.trades, book.fills, book.refusals, book.logs, book.equity])
    list.length = 0;

/** Between two minutes prices walk from open to close by way of the low and the high. */
let phase = 0;
let prices = {};
function tick() {
  phase += 1;
  if (phase % 4 === 0) {
    market.minute();
    const now = market.now();
    for (const symbol of Object.keys(SYMBOLS))
      tell('candle', { symbol, ...market.bars[symbol].at(-1) });
    trader.minute(now);
    const point = trader.equityPoint(now);
    tell('equity', point);
    tell('portfolio', trader.portfolio(now));
    tell('state', state());
    tell('health', trader.services());
    prices = {};
  } else {
    for (const symbol of Object.keys(SYMBOLS)) {
      const before = prices[symbol] ?? market.bars[symbol].at(-1).close;
      prices[symbol] = Number(
        (before * (1 + 0.0003 * (Math.random() - 0.5))).toFixed(SYMBOLS[symbol].decimals),
      );
      tell('price', { symbol, price: prices[symbol], time: iso(market.now() + (phase % 4) * 15) });
    }
  }
}
setInterval(tick, 250);
setInterval(() => clients.forEach((response) => response.write(': ping\n\n')), 10000);

function state() {
  const now = market.now();
  const equity = trader.equityPoint(now).equity;
  return {
    mode: MODE,
    world: 'demo',
    feed: 'generated',
    venue: 'paper',
    version: '0.1.0',
    time: iso(now),
    symbols: Object.keys(SYMBOLS),
    quote_asset: 'USDC',
    intervals: Object.keys(SECONDS),
    speed: 60,
    full_speed: false,
    ended: false,
    equity,
    day_change_pct: 100 * (equity / dayAgo.equity - 1),
    kill: book.kill,
    next_decision: iso((Math.floor(now / 900) + 1) * 900),
    refresh_interval_ms: 250,
    venue_state: MODE === 'LIVE' || MODE === 'TEST' ? venueState(now) : null,
    account: MODE === 'LIVE' || MODE === 'TEST' ? '3e277a2ebfa9a583' : null,
    armed_since: MODE === 'LIVE' ? new Date(Date.now() - 7200e3).toISOString() : null,
    first_day_until: MODE === 'LIVE' ? new Date(Date.now() + 79200e3).toISOString() : null,
    halted: HALTED || null,
    feed_state: { state: 'live', text: 'generated market, seed ' + SEED, time: iso(now) },
    started,
    history_until: livedUntil,
    disclaimer:
      'For education and research only. Not financial advice, not investment advice, not a recommendation ' +
      'to buy, sell or trade. Trading crypto involves substantial risk of loss.',
  };
}

function venueState(now) {
  return {
    time: iso(now),
    condition: VENUE,
    unknown_orders: VENUE === 'frozen' ? 1 : 0,
    open_orders: 4,
    foreign_orders: 1,
    uncertainty_us: 8400,
    silent_until: null,
    reconciled: new Date(Date.now() - 42e3).toISOString(),
    text:
      VENUE === 'frozen'
        ? 'BTCUSDC: the answer to o-17 was lost; it is asked for at the venue'
        : 'orders, trades and balances agree',
  };
}

function candles(query) {
  const symbol = query.get('symbol');
  const seconds = SECONDS[query.get('interval')];
  if (!SYMBOLS[symbol] || !seconds) return null;
  const limit = Number(query.get('limit') ?? 1500);
  const need = (limit + 120) * (seconds / 60);
  const bars = aggregate(market.bars[symbol].slice(-need), seconds);
  const open = bars.length && bars.at(-1).minutes < seconds / 60 ? bars.pop() : null;
  const values = indicators(bars);
  const cut = (list) => list.slice(-limit);
  const column = (name) => cut(bars.map((bar) => bar[name]));
  return {
    symbol,
    interval: query.get('interval'),
    time: column('time'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
    indicators: Object.fromEntries(Object.entries(values).map(([name, list]) => [name, cut(list)])),
    open_bar: open,
    price_decimals: SYMBOLS[symbol].decimals,
  };
}

const only = (list, query) => {
  const symbol = query.get('symbol');
  return (symbol ? list.filter((item) => item.symbol === symbol) : list).slice(
    -Number(query.get('limit') ?? 50),
  );
};
const metrics = (total, rate) => ({
  total_trades: total,
  successful_trades: Math.round(total * rate),
  failed_trades: total - Math.round(total * rate),
  win_rate: total ? rate : null,
  profit_factor: total ? 0.9 : null,
  accuracy: total ? rate + 0.05 : null,
  avg_confidence: total ? 0.48 : null,
  gains_pct: total,
  losses_pct: total,
  separate_trades: total,
});
const version = () => ({
  version_id: '3f2a9c11',
  version_name: 'ai_trader_local_3f2a9c11',
  model_type: 'local_analyst',
  creation_date: started,
  registration_date: started,
  config: '{"vote":"dev"}',
  performance_metrics: metrics(43, 0.46),
  status: 'champion',
  last_updated: iso(market.now()),
  parent_id: null,
  data_from: null,
  data_to: null,
  settings_hash: '',
  out_of_sample: metrics(0, 0),
  promoted: started,
  challenged: null,
  looks: 0,
});
const explained = (item) => ({
  signal_id: item.id,
  symbol: item.symbol,
  time: item.timestamp,
  decision: item.decision,
  score: item.score,
  threshold: 0.34,
  remainder: 0,
  model_version: item.model_version,
  provider: 'local_analyst',
  recomputed: true,
  effects: item.contributions.map((part) => ({ ...part, input: 1, stated: false })),
  flips: [{ factor: 'rsi_slow', from: 61.2, to: 57.9, steps: 0.4, decision: 'HOLD' }],
  counterfactuals: [],
  explanation: item.explanation,
});
const ANSWERS = {
  state,
  candles,
  signals: (query) => only(book.signals, query),
  trades: (query) => only(book.trades, query),
  fills: (query) => only(book.fills, query),
  explanations: (query) =>
    book.signals.filter((item) => item.id === query.get('id')).map(explained),
  models: () => [version()],
  'models/3f2a9c11': () => ({
    version: version(),
    points: Array.from({ length: 40 }, (_, index) => ({
      version_id: '3f2a9c11',
      time: iso(market.now() - (40 - index) * 3600),
      metrics: metrics(index + 3, 0.45 + 0.1 * Math.sin(index / 5)),
    })),
    events: [
      {
        version_id: '3f2a9c11',
        time: started,
        action: 'promote',
        by: 'settings',
        text: 'the first version that decides',
        p_value: null,
      },
    ],
  }),
  portfolio: () => trader.portfolio(market.now()),
  equity: (query) => {
    const step = Math.max(1, Math.floor(book.equity.length / Number(query.get('points') ?? 600)));
    return book.equity.filter((_, index) => index % step === 0);
  },
  refusals: (query) => only(book.refusals, query),
  services: trader.services,
  social: () => (EMPTY ? [] : moods.social(market.now())),
  'social-points': (query) => (EMPTY ? [] : moods.points(market.now(), query.get('symbol'))),
  'social-accuracy': () => (EMPTY ? [] : moods.accuracy(market.now())),
  news: () => (EMPTY ? [] : moods.news(market.now())),
  logs: (query) => {
    const service = query.get('service');
    return (service ? book.logs.filter((line) => line.service === service) : book.logs).slice(
      -Number(query.get('limit') ?? 200),
    );
  },
};

function setKill(level, reason) {
  book.kill =
    level === 'none'
      ? { level, since: null, by: null, reason: null }
      : { level, since: iso(market.now()), by: 'dashboard', reason: reason || null };
  if (level === 'flatten')
    for (const symbol of Object.keys(book.positions)) trader.leave(market.now(), symbol, 'flatten');
  trader.log(
    market.now(),
    'trade_executor',
    'WARNING',
    level === 'none' ? 'resumed by dashboard' : `${level} by dashboard`,
  );
  tell('state', state());
}

function send(response, status, body, headers = {}) {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    ...headers,
  });
  response.end(body === undefined ? '' : JSON.stringify(body));
}
const problem = (response, status, code, message, hint) =>
  send(response, status, { error: { code, message, where: 'dashboard', hint } });

function stream(request, response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write(': hello\n\n');
  clients.add(response);
  request.on('close', () => clients.delete(response));
}

function file(response, path) {
  const name = path === '/' ? 'index.html' : path.slice(1);
  const place = new URL(name, DIST);
  if (name.includes('/') || !existsSync(place))
    return problem(response, 404, 'not_found', 'No such page', 'Open /');
  response.writeHead(200, {
    'Content-Type': TYPES[name.split('.').pop()] ?? 'application/octet-stream',
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  });
  return createReadStream(place).pipe(response);
}

function post(path, body, request, response) {
  if (path === 'login') {
    if (body.code !== CODE)
      return problem(
        response,
        401,
        'code_wrong',
        'This code is not valid or was used',
        'trader token',
      );
    return send(response, 204, undefined, {
      'Set-Cookie': 'trader=ok; HttpOnly; SameSite=Strict; Path=/',
    });
  }
  if (!request.headers.cookie?.includes('trader=ok'))
    return problem(response, 401, 'login', 'Log in first', 'trader token');
  if (request.headers['x-trader'] !== '1')
    return problem(response, 403, 'header', 'X-Trader is missing', '');
  if (path === 'kill') setKill(body.level, body.reason);
  else if (path === 'resume') setKill('none');
  else return problem(response, 404, 'not_found', 'No such address', '');
  return send(response, 202, { level: book.kill.level });
}

http
  .createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const path = url.pathname.replace('/api/v1/', '');
    if (!url.pathname.startsWith('/api/v1/')) return file(response, url.pathname);
    if (request.method === 'POST') {
      let text = '';
      request.on('data', (part) => (text += part));
      request.on('end', () => post(path, JSON.parse(text || '{}'), request, response));
      return undefined;
    }
    if (!request.headers.cookie?.includes('trader=ok'))
      return problem(response, 401, 'login', 'Log in first', 'trader token');
    if (path === 'stream') return stream(request, response);
    if (FAIL.split(',').includes(path))
      return problem(
        response,
        503,
        'store_busy',
        'The store did not answer in 2 s',
        'trader logs store',
      );
    const answer = ANSWERS[path]?.(url.searchParams);
    return answer
      ? send(response, 200, answer)
      : problem(response, 404, 'not_found', 'No such address or symbol', '');
  })
  .listen(Number(PORT), '127.0.0.1', () =>
    console.log(`development server on http://127.0.0.1:${PORT}/?code=${CODE}`),
  );
