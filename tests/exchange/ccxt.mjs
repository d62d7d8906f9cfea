// SPDX-License-Identifier: Apache-2.0
// ccxt, unchanged, against `trader exchange`: only its addresses are other ones.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import ccxt from 'ccxt'
import WebSocket from 'ws'

const program = process.env.TRADER ?? '../../build/trader'
const symbol = 'BTC/USDC'
let child, place, binance

before(async () => {
  child = spawn(program, ['exchange', '--port', '0', '--json', '--seed', '5', '--speed', '30',
    '--balance', 'USDC=100000', 'BTC=2'], { stdio: ['ignore', 'pipe', 'inherit'] })
  place = JSON.parse(await new Promise((resolve) => child.stdout.once('data', resolve)))
  binance = new ccxt.pro.binance({ apiKey: place.key, secret: place.secret, enableRateLimit: false,
    options: { defaultType: 'spot', fetchMarkets: ['spot'], fetchCurrencies: false } })
  for (const name of ['public', 'private', 'v1']) binance.urls.api[name] = `${place.rest}/api/v3`
  binance.urls.api.sapi = `${place.rest}/sapi/v1`
  binance.urls.api.ws.spot = `${place.streams}/ws`
  await binance.loadHttpProxyAgent()
})

after(async () => {
  await binance?.close()
  child?.kill()
})

async function until(what, look) {
  for (let i = 0; i < 100; i++) {
    const found = await look()
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.fail(`${what} did not happen`)
}

test('markets with their grids', async () => {
  const markets = await binance.loadMarkets()
  assert.equal(markets[symbol].active, true)
  assert.equal(markets[symbol].precision.price, 0.01)
  assert.equal(markets[symbol].precision.amount, 0.00001)
  assert.equal(markets[symbol].limits.cost.min, 5)
})

test('candles, book, trades, tickers', async () => {
  const candles = await binance.fetchOHLCV(symbol, '5m', undefined, 20)
  assert.equal(candles.length, 20)
  for (const [i, [time, open, high, low, close]] of candles.entries()) {
    assert.ok(low <= Math.min(open, close) && high >= Math.max(open, close))
    if (i) assert.equal(time - candles[i - 1][0], 300000)
  }
  const book = await binance.fetchOrderBook(symbol, 10)
  assert.equal(book.bids.length, 10)
  assert.ok(book.bids[0][0] < book.asks[0][0])
  assert.ok((await until('a trade', async () => (await binance.fetchTrades(symbol)).length)) > 0)
  const ticker = await binance.fetchTicker(symbol)
  assert.ok(ticker.low <= ticker.last && ticker.last <= ticker.high)
})

test('a market order fills, costs its fee, and is in the books', async () => {
  const before = await binance.fetchBalance()
  assert.equal(before.free.USDC, 100000)
  const order = await binance.createOrder(symbol, 'market', 'buy', 0.01)
  assert.equal(order.status, 'closed')
  assert.equal(order.filled, 0.01)
  const fills = await binance.fetchMyTrades(symbol)
  const own = fills.filter((fill) => fill.order === order.id)
  assert.ok(own.length > 0)
  assert.equal(own[0].fee.currency, 'BTC')
  const now = await binance.fetchBalance()
  const fees = own.reduce((sum, fill) => sum + fill.fee.cost, 0)
  assert.ok(Math.abs(now.free.BTC - (2 + 0.01 - fees)) < 1e-9)
  assert.ok(Math.abs(now.free.USDC - (100000 - order.cost)) < 1e-6)
})

test('a limit order rests, is found, and is cancelled', async () => {
  const { bid } = await binance.fetchTicker(symbol)
  const price = binance.priceToPrecision(symbol, bid * 0.9)
  const order = await binance.createOrder(symbol, 'limit', 'buy', 0.01, price)
  assert.equal(order.status, 'open')
  assert.deepEqual((await binance.fetchOpenOrders(symbol)).map((open) => open.id), [order.id])
  const locked = (await binance.fetchBalance()).used.USDC
  assert.ok(Math.abs(locked - price * 0.01) < 1e-6)
  assert.equal((await binance.cancelOrder(order.id, symbol)).status, 'canceled')
  assert.equal((await binance.fetchOrder(order.id, symbol)).status, 'canceled')
  assert.equal((await binance.fetchBalance()).used.USDC, 0)
  await assert.rejects(binance.cancelOrder(order.id, symbol), ccxt.OrderNotFound)
})

test('a limit order at the touch is filled by the market', async () => {
  const { last } = await binance.fetchTicker(symbol)
  const order = await binance.createOrder(symbol, 'limit', 'buy', 0.001, last)
  const filled = await until('the fill', async () => {
    const now = await binance.fetchOrder(order.id, symbol)
    if (now.status === 'closed') return now
    const { ask } = await binance.fetchTicker(symbol)
    if (ask > last * 1.001) return binance.editOrder(order.id, symbol, 'limit', 'buy', 0.001, ask)
  })
  assert.equal(filled.filled, 0.001)
})

test('a stop waits, and the refusals have their names', async () => {
  const { last } = await binance.fetchTicker(symbol)
  const stop = binance.priceToPrecision(symbol, last * 0.9)
  const order = await binance.createOrder(symbol, 'STOP_LOSS_LIMIT', 'sell', 0.01, stop,
    { stopPrice: stop, timeInForce: 'GTC' })
  assert.equal((await binance.fetchOrder(order.id, symbol)).status, 'open')
  await binance.cancelOrder(order.id, symbol)
  await assert.rejects(binance.createOrder(symbol, 'limit', 'buy', 50, 20000), ccxt.InsufficientFunds)
  await assert.rejects(binance.createOrder(symbol, 'LIMIT_MAKER', 'buy', 0.01, last * 1.1),
    ccxt.OrderImmediatelyFillable)
  await assert.rejects(binance.publicGetKlines({ symbol: 'NOPE', interval: '1m' }), ccxt.BadSymbol)
})

test('an OCO list holds both legs and goes as a whole', async () => {
  const { last } = await binance.fetchTicker(symbol)
  const at = (factor) => binance.priceToPrecision(symbol, last * factor)
  const list = await binance.privatePostOrderListOco({ symbol: 'BTCUSDC', side: 'SELL',
    quantity: '0.01', aboveType: 'LIMIT_MAKER', abovePrice: at(1.1), belowType: 'STOP_LOSS_LIMIT',
    belowStopPrice: at(0.9), belowPrice: at(0.89), belowTimeInForce: 'GTC' })
  assert.equal(list.contingencyType, 'OCO')
  assert.equal(list.orderReports.length, 2)
  assert.equal((await binance.fetchBalance()).used.BTC, 0.01)
  await binance.cancelOrder(list.orders[0].orderId, symbol)
  assert.equal((await binance.fetchOpenOrders(symbol)).length, 0)
  assert.equal((await binance.fetchBalance()).used.BTC, 0)
})

test('a stop that trails, by stop and by percent', async () => {
  const { last } = await binance.fetchTicker(symbol)
  const order = await binance.createOrder(symbol, 'market', 'sell', 0.01, undefined,
    { trailingPercent: '15', stopLossOrTakeProfit: 'stopLoss' })
  const open = await binance.fetchOrder(order.id, symbol)
  assert.equal(open.status, 'open')
  assert.equal(open.info.type, 'STOP_LOSS')
  assert.equal(open.info.trailingDelta, 1500)
  await until('the first price that it follows', async () =>
    (await binance.fetchOrder(order.id, symbol)).info.trailingTime !== -1)
  await binance.cancelOrder(order.id, symbol)
  const stop = binance.priceToPrecision(symbol, last * 1.2)
  const later = await binance.privatePostOrder({ symbol: 'BTCUSDC', side: 'SELL', quantity: '0.01',
    type: 'TAKE_PROFIT', stopPrice: stop, trailingDelta: 200 })
  assert.equal((await binance.fetchOrder(later.orderId, symbol)).info.trailingTime, -1)
  await binance.cancelOrder(later.orderId, symbol)
  await assert.rejects(binance.privatePostOrder({ symbol: 'BTCUSDC', side: 'SELL', quantity: '0.01',
    type: 'STOP_LOSS', trailingDelta: 5 }), /TRAILING_DELTA/)
})

test('an iceberg, made smaller in its place', async () => {
  const { bid } = await binance.fetchTicker(symbol)
  const price = binance.priceToPrecision(symbol, bid * 0.8)
  const order = await binance.createOrder(symbol, 'limit', 'buy', 0.1, price, { icebergQty: 0.01 })
  assert.equal((await binance.fetchOrder(order.id, symbol)).info.icebergQty, '0.01000000')
  const amended = await binance.request('order/amend/keepPriority', 'private', 'PUT',
    { symbol: 'BTCUSDC', orderId: order.id, newQty: '0.05' })
  assert.equal(amended.amendedOrder.qty, '0.05000000')
  assert.equal((await binance.fetchOrder(order.id, symbol)).amount, 0.05)
  const history = await binance.request('order/amendments', 'private', 'GET',
    { symbol: 'BTCUSDC', orderId: order.id })
  assert.equal(history[0].origQty, '0.10000000')
  await binance.cancelOrder(order.id, symbol)
})

test('an entry that brings its bracket', async () => {
  const { last } = await binance.fetchTicker(symbol)
  const at = (factor) => binance.priceToPrecision(symbol, last * factor)
  const list = await binance.privatePostOrderListOpoco({ symbol: 'BTCUSDC', workingType: 'LIMIT',
    workingTimeInForce: 'GTC', workingSide: 'BUY', workingPrice: at(1.02), workingQuantity: '0.01',
    pendingSide: 'SELL', pendingAboveType: 'LIMIT_MAKER', pendingAbovePrice: at(1.3),
    pendingBelowType: 'STOP_LOSS_LIMIT', pendingBelowStopPrice: at(0.7), pendingBelowPrice: at(0.69),
    pendingBelowTimeInForce: 'GTC' })
  assert.equal(list.contingencyType, 'OTO')
  assert.deepEqual(list.orderReports.map(({ status }) => status), ['FILLED', 'PENDING_NEW', 'PENDING_NEW'])
  const bracket = await Promise.all(list.orders.slice(1).map(({ orderId }) => binance.fetchOrder(orderId, symbol)))
  for (const leg of bracket) {
    assert.equal(leg.status, 'open')
    assert.equal(leg.amount, 0.01)
  }
  assert.equal((await binance.fetchBalance()).used.BTC, 0.01)
  await binance.cancelOrder(bracket[1].id, symbol)
  assert.equal((await binance.fetchOpenOrders(symbol)).length, 0)
  const waits = await binance.privatePostOrderListOto({ symbol: 'BTCUSDC', workingType: 'LIMIT',
    workingTimeInForce: 'GTC', workingSide: 'BUY', workingPrice: at(0.8), workingQuantity: '0.01',
    pendingType: 'MARKET', pendingSide: 'SELL', pendingQuantity: '0.01' })
  assert.equal((await binance.fetchOpenOrders(symbol)).length, 2)
  const gone = await binance.privateDeleteOrderList({ symbol: 'BTCUSDC', orderListId: waits.orderListId })
  assert.equal(gone.listOrderStatus, 'ALL_DONE')
})

test('an account does not trade with itself where it says so', async () => {
  await until('a match that is prevented', async () => { // the market may take the bid before we do
    const { bid, ask } = await binance.fetchTicker(symbol)
    const at = (price) => binance.priceToPrecision(symbol, price)
    const resting = await binance.createOrder(symbol, 'limit', 'buy', 0.02, at((bid + ask) / 2))
    await binance.createOrder(symbol, 'limit', 'sell', 0.01, at(bid * 0.99),
      { selfTradePreventionMode: 'EXPIRE_MAKER', timeInForce: 'IOC' })
    const { info } = await binance.fetchOrder(resting.id, symbol)
    if (info.status !== 'EXPIRED_IN_MATCH') {
      await binance.cancelOrder(resting.id, symbol).catch(() => {})
      return false
    }
    const matches = await binance.privateGetMyPreventedMatches({ symbol: 'BTCUSDC', orderId: resting.id })
    assert.equal(String(matches[0].makerOrderId), resting.id)
    assert.equal(matches[0].selfTradePreventionMode, 'EXPIRE_MAKER')
    assert.equal(info.preventedQuantity, matches[0].makerPreventedQuantity)
    return true
  })
})

test('a wrong secret is refused', async () => {
  const stranger = new ccxt.binance({ apiKey: place.key, secret: 'other', options: binance.options })
  stranger.urls.api.private = `${place.rest}/api/v3`
  await assert.rejects(stranger.privateGetAccount(), ccxt.AuthenticationError)
})

test('the market streams', async () => {
  const socket = new WebSocket(`${place.streams}/stream?streams=btcusdc@kline_1m/btcusdc@bookTicker`)
  const seen = new Map()
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data)
    if (frame.stream) seen.set(frame.stream, frame.data)
  }
  socket.onopen = () => socket.send(JSON.stringify({ method: 'SUBSCRIBE', id: 1,
    params: ['btcusdc@aggTrade', 'ethusdc@miniTicker', 'btcusdc@depth@100ms'] }))
  await until('all streams', async () => seen.size === 5)
  socket.close()
  assert.equal(seen.get('btcusdc@kline_1m').k.i, '1m')
  assert.equal(seen.get('btcusdc@depth@100ms').e, 'depthUpdate')
  const candles = await binance.watchOHLCV(symbol, '1m')
  assert.ok(candles[0][4] > 0)
})

test('the stream of the user', async () => {
  const socket = new WebSocket(place.api)
  const heard = []
  socket.onmessage = ({ data }) => heard.push(JSON.parse(data))
  await new Promise((resolve) => { socket.onopen = resolve })
  const params = { apiKey: place.key, recvWindow: 5000, timestamp: Date.now() }
  const text = Object.entries(params).map(([name, value]) => `${name}=${value}`).join('&')
  params.signature = createHmac('sha256', place.secret).update(text).digest('hex')
  socket.send(JSON.stringify({ id: 'a', method: 'userDataStream.subscribe.signature', params }))
  const reply = await until('the subscription', async () => heard.find((frame) => frame.id === 'a'))
  assert.equal(reply.status, 200)
  const order = await binance.createOrder(symbol, 'market', 'sell', 0.01)
  const trade = await until('the fill', async () => heard.find((frame) => frame.event?.x === 'TRADE'))
  assert.equal(String(trade.event.i), order.id)
  await until('the position', async () => heard.find((f) => f.event?.e === 'outboundAccountPosition'))
  socket.close()
})
