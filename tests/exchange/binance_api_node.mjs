// SPDX-License-Identifier: Apache-2.0
// A second client that knows nothing of the first: binance-api-node, unchanged, with other addresses.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { spawn } from 'node:child_process'
import client from 'binance-api-node'

const program = process.env.TRADER ?? '../../build/trader'
const symbol = 'ETHUSDC'
let child, binance

before(async () => {
  child = spawn(program, ['exchange', '--port', '0', '--json', '--seed', '9', '--speed', '30',
    '--balance', 'USDC=50000', 'ETH=5'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const place = JSON.parse(await new Promise((resolve) => child.stdout.once('data', resolve)))
  binance = (client.default ?? client)({ apiKey: place.key, apiSecret: place.secret,
    httpBase: place.rest, wsBase: `${place.streams}/ws` })
})

after(() => child?.kill())

test('market', async () => {
  assert.equal(await binance.ping(), true)
  const info = await binance.exchangeInfo({ symbol })
  assert.equal(info.symbols[0].baseAsset, 'ETH')
  assert.equal((await binance.candles({ symbol, interval: '15m', limit: 7 })).length, 7)
  assert.equal((await binance.book({ symbol, limit: 5 })).asks.length, 5)
  assert.ok(Number((await binance.prices({ symbol }))[symbol]) > 0)
})

test('orders', async () => {
  const bought = await binance.order({ symbol, side: 'BUY', type: 'MARKET', quantity: '0.1' })
  assert.equal(bought.status, 'FILLED')
  const price = (Number(bought.fills[0].price) * 0.9).toFixed(2)
  const resting = await binance.order({ symbol, side: 'BUY', quantity: '0.1', price, newClientOrderId: 'mine' })
  assert.equal(resting.status, 'NEW')
  assert.equal((await binance.openOrders({ symbol })).length, 1)
  assert.equal((await binance.getOrder({ symbol, origClientOrderId: 'mine' })).orderId, resting.orderId)
  assert.equal((await binance.cancelOrder({ symbol, orderId: resting.orderId })).status, 'CANCELED')
  assert.equal((await binance.myTrades({ symbol }))[0].orderId, bought.orderId)
  const { balances } = await binance.accountInfo()
  assert.ok(Number(balances.find(({ asset }) => asset === 'ETH').free) > 5)
  await assert.rejects(binance.cancelOrder({ symbol, orderId: resting.orderId }), { code: -2011 })
})

test('stops, brackets and lists', async () => {
  const price = Number((await binance.prices({ symbol }))[symbol])
  const at = (factor) => (price * factor).toFixed(2)
  const stop = await binance.order({ symbol, side: 'SELL', type: 'STOP_LOSS_LIMIT', quantity: '0.1',
    price: at(0.7), stopPrice: at(0.71) })
  assert.equal((await binance.getOrder({ symbol, orderId: stop.orderId })).isWorking, false)
  await binance.cancelOrder({ symbol, orderId: stop.orderId })
  const trailing = await binance.order({ symbol, side: 'SELL', type: 'TAKE_PROFIT', quantity: '0.1',
    stopPrice: at(1.4), trailingDelta: 100 })
  assert.equal((await binance.getOrder({ symbol, orderId: trailing.orderId })).trailingDelta, 100)
  await binance.cancelOrder({ symbol, orderId: trailing.orderId })
  const pair = await binance.orderOco({ symbol, side: 'SELL', quantity: '0.1', price: at(1.3),
    stopPrice: at(0.7), stopLimitPrice: at(0.69) })
  assert.deepEqual(pair.orderReports.map(({ type }) => type).sort(), ['LIMIT_MAKER', 'STOP_LOSS_LIMIT'])
  assert.equal((await binance.openOrders({ symbol })).length, 2)
  const gone = await binance.cancelOrderOco({ symbol, orderListId: pair.orderListId })
  assert.equal(gone.listOrderStatus, 'ALL_DONE')
  const book = await binance.cancelOpenOrders({ symbol }).catch((error) => error)
  assert.equal(book.code, -2011)
})

test('streams', async () => {
  let close
  const candle = await new Promise((resolve) => { close = binance.ws.candles(symbol, '1m', resolve) })
  assert.equal(candle.symbol, symbol)
  close()
})
