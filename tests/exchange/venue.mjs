// SPDX-License-Identifier: Apache-2.0
// The venue around orders: limits, faults on request, keys and sessions, several accounts, restarts, slow readers.
import assert from 'node:assert/strict'
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { after, test } from 'node:test'
import net from 'node:net'
import WebSocket from 'ws'

const program = process.env.TRADER ?? '../../build/trader'
const folder = mkdtempSync(join(tmpdir(), 'exchange-'))
const pair = generateKeyPairSync('ed25519')
const children = new Set()
writeFileSync(join(folder, 'public.pem'), pair.publicKey.export({ type: 'spki', format: 'pem' }))

after(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

async function open(...words) {
  return open_in({}, '--seed', '3', '--symbols', 'BTCUSDC', ...words)
}

async function open_in(environment, ...words) {
  const child = spawn(program, ['exchange', '--port', '0', '--json', ...words],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...environment } })
  children.add(child)
  const place = JSON.parse(await new Promise((resolve) => child.stdout.once('data', resolve)))
  const key = place.keys[0]
  const call = async (method, path, parameters = {}, { as = key } = {}) => {
    const query = new URLSearchParams(as ? { ...parameters, timestamp: Date.now() } : parameters).toString()
    const seal = as ? `&signature=${createHmac('sha256', as.secret).update(query).digest('hex')}` : ''
    const answer = await fetch(`${place.rest}${path}?${query}${seal}`,
      { method, headers: as ? { 'X-MBX-APIKEY': as.key } : {} })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text,
      body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null }
  }
  const control = async (word) => {
    const answer = await fetch(`${place.rest}/trader/control`, { method: 'POST', body: JSON.stringify(word) })
    assert.equal(answer.status, 200, await answer.clone().text())
    return answer.json()
  }
  const close = async (signal = 'SIGTERM') => {
    child.kill(signal)
    await once(child, 'exit')
    children.delete(child)
  }
  return { ...place, call, control, close, child }
}

const order = { symbol: 'BTCUSDC', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '20000' }

// A WebSocket whose answers are found by id, and whose events are kept.
async function connect(url) {
  const socket = new WebSocket(url)
  const events = [], waiting = new Map()
  let next = 0
  socket.on('message', (text) => {
    const message = JSON.parse(text)
    if (waiting.has(message.id)) waiting.get(message.id)(message)
    else events.push(message)
  })
  await once(socket, 'open')
  const ask = (method, params) => new Promise((resolve) => {
    const id = ++next
    waiting.set(id, resolve)
    socket.send(JSON.stringify({ id, method, params }))
  })
  const wait = async (what, look) => {
    for (let i = 0; i < 200; i++) {
      const found = events.find(look)
      if (found) return found
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    assert.fail(`${what} was not told: ${JSON.stringify(events)}`)
  }
  return { socket, events, ask, wait }
}

function sealed(parameters, key, privateKey) {
  const all = { ...parameters, apiKey: key.key, timestamp: Date.now() }
  const payload = Object.keys(all).sort().map((name) => `${name}=${all[name]}`).join('&')
  const signature = privateKey ? sign(null, Buffer.from(payload), privateKey).toString('base64')
    : createHmac('sha256', key.secret).update(payload).digest('hex')
  return { ...all, signature }
}

test('weight is told, refused and, when ignored, banned', async () => {
  const venue = await open()
  const first = await venue.call('GET', '/api/v3/depth', { symbol: 'BTCUSDC', limit: 5000 }, { as: null })
  assert.equal(first.headers.get('x-mbx-used-weight-1m'), '250')
  let last = first, calls = 0
  for (; last.status === 200; calls++)
    last = await venue.call('GET', '/api/v3/depth', { symbol: 'BTCUSDC', limit: 5000 }, { as: null })
  assert.ok(calls >= 24) // so many fit into a minute; more if one ended meanwhile
  assert.equal(last.status, 429)
  assert.equal(last.body.code, -1003)
  const seconds = Number(last.headers.get('retry-after'))
  assert.ok(seconds >= 1 && seconds <= 60)
  for (let i = 0; i < 12 && last.status === 429; i++) last = await venue.call('GET', '/api/v3/time', {}, { as: null })
  if (last.status === 418) {
    assert.match(last.body.msg, /IP banned until \d{13}/)
    assert.ok(Number(last.headers.get('retry-after')) > 100)
  } else assert.equal(last.status, 200) // the minute has ended
  await venue.close()
})

test('orders are counted in ten seconds, and the count is told', async () => {
  const venue = await open('--balance', 'USDC=100000')
  let answers = []
  for (let round = 0; round < 2 && !answers.some(({ status }) => status === 429); round++)
    answers = await Promise.all(Array.from({ length: 60 }, () => venue.call('POST', '/api/v3/order', order)))
  const refused = answers.filter(({ status }) => status === 429)
  assert.ok(refused.length > 0)
  assert.equal(refused[0].body.code, -1015)
  assert.ok(Number(refused[0].headers.get('retry-after')) <= 10)
  const taken = answers.find(({ status }) => status === 200)
  assert.ok(Number(taken.headers.get('x-mbx-order-count-1d')) > 0)
  assert.ok(Number(taken.headers.get('x-mbx-order-count-10s')) <= 50)
  const { body } = await venue.call('GET', '/api/v3/rateLimit/order')
  assert.deepEqual(body.map(({ interval, limit }) => [interval, limit]), [['SECOND', 50], ['DAY', 160000]])
  await venue.close()
})

test('a lost answer has happened, a refused one has not', async () => {
  const venue = await open('--balance', 'USDC=100000')
  const path = '/api/v3/order'
  const open_ids = async () => (await venue.call('GET', '/api/v3/openOrders')).body.map((one) => one.clientOrderId)
  await venue.control({ do: 'fail', method: 'POST', path, code: -1007 })
  const unknown = await venue.call('POST', path, { ...order, newClientOrderId: 'executed' })
  assert.equal(unknown.status, 504)
  assert.equal(unknown.body.code, -1007)
  await venue.control({ do: 'fail', method: 'POST', path, status: 502 })
  const page = await venue.call('POST', path, { ...order, newClientOrderId: 'refused' })
  assert.equal(page.status, 502)
  assert.match(page.text, /<html>/)
  assert.match(page.headers.get('content-type'), /text\/html/)
  await venue.control({ do: 'drop', method: 'POST', path })
  await assert.rejects(venue.call('POST', path, { ...order, newClientOrderId: 'dropped' }))
  await venue.control({ do: 'drop', method: 'POST', path, bytes: 20 })
  await assert.rejects(venue.call('POST', path, { ...order, newClientOrderId: 'cut' }))
  assert.deepEqual(await open_ids(), ['executed', 'dropped', 'cut'])
  await venue.control({ do: 'delay', method: 'POST', path, ms: 300, executed: true })
  const began = Date.now()
  const late = venue.call('POST', path, { ...order, newClientOrderId: 'late' })
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.ok((await open_ids()).includes('late'))
  assert.equal((await late).status, 200)
  assert.ok(Date.now() - began >= 300)
  await venue.close()
})

test('maintenance, halts, delisting, a jump, a clock that is off', async () => {
  const venue = await open('--speed', '50')
  await venue.control({ do: 'maintenance', seconds: 1 })
  assert.equal((await venue.call('GET', '/api/v3/time', {}, { as: null })).status, 503)
  assert.equal((await venue.call('GET', '/sapi/v1/system/status', {}, { as: null })).body.status, 1)
  await assert.rejects(connect(`${venue.streams}/ws`))
  await new Promise((resolve) => setTimeout(resolve, 1050))
  assert.equal((await venue.call('GET', '/sapi/v1/system/status', {}, { as: null })).body.msg, 'normal')
  await venue.control({ do: 'symbol', symbol: 'BTCUSDC', status: 'CANCEL_ONLY' })
  const { body } = await venue.call('GET', '/api/v3/exchangeInfo', { symbol: 'BTCUSDC' }, { as: null })
  assert.equal(body.symbols[0].status, 'CANCEL_ONLY')
  assert.equal((await venue.call('POST', '/api/v3/order', order)).status, 400)
  await venue.control({ do: 'symbol', symbol: 'BTCUSDC', status: 'TRADING' })
  const price = async () =>
    Number((await venue.call('GET', '/api/v3/ticker/price', { symbol: 'BTCUSDC' }, { as: null })).body.price)
  const before = await price()
  await venue.control({ do: 'jump', symbol: 'BTCUSDC', percent: -50 })
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.ok(await price() < 0.6 * before)
  await venue.control({ do: 'clock', ms: 60000 })
  // The market runs at 50 times the clock: both clocks of the venue are a minute ahead now, and more.
  assert.equal((await venue.call('GET', '/api/v3/account')).body.code, -1021)
  await venue.control({ do: 'clear' })
  assert.equal((await venue.call('GET', '/api/v3/account')).status, 200)
  await venue.control({ do: 'symbol', symbol: 'BTCUSDC', status: 'DELISTED' })
  assert.equal((await venue.call('GET', '/api/v3/depth', { symbol: 'BTCUSDC' }, { as: null })).body.code, -1121)
  const left = await venue.call('GET', '/api/v3/exchangeInfo', {}, { as: null })
  assert.deepEqual(left.body.symbols, [])
  await venue.close()
})

test('rights of a key, and calls that are gone', async () => {
  const venue = await open()
  const told = await venue.call('GET', '/sapi/v1/account/apiRestrictions')
  assert.equal(told.body.enableSpotAndMarginTrading, true)
  assert.equal(told.body.enableWithdrawals, false)
  await venue.control({ do: 'rights', trading: false, withdrawals: true, ip: true })
  const { body } = await venue.call('GET', '/sapi/v1/account/apiRestrictions')
  assert.deepEqual([body.enableSpotAndMarginTrading, body.enableWithdrawals, body.ipRestrict], [false, true, true])
  const refused = await venue.call('POST', '/api/v3/order', order)
  assert.equal(refused.status, 401)
  assert.equal(refused.body.code, -2015)
  for (const method of ['POST', 'PUT', 'DELETE'])
    assert.equal((await venue.call(method, '/api/v3/userDataStream', {}, { as: null })).status, 410)
  await venue.close()
})

test('an Ed25519 key signs, logs on, and hears its account', async () => {
  const venue = await open('--key-ed25519', join(folder, 'public.pem'), '--balance', 'USDC=100000')
  const key = venue.keys.find(({ secret }) => !secret)
  const raw = pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  assert.equal(key.key, createHash('sha256').update(raw).digest('hex'))
  const query = `timestamp=${Date.now()}`
  const signature = encodeURIComponent(sign(null, Buffer.from(query), pair.privateKey).toString('base64'))
  const answer = await fetch(`${venue.rest}/api/v3/account?${query}&signature=${signature}`,
    { headers: { 'X-MBX-APIKEY': key.key } })
  assert.equal(answer.status, 200)

  const { socket, ask, wait } = await connect(venue.api)
  assert.equal((await ask('session.status')).result.apiKey, null)
  assert.equal((await ask('userDataStream.subscribe')).error.code, -2015)
  assert.equal((await ask('session.logon', sealed({}, venue.keys[0]))).error.code, -2015)
  const wrong = sealed({}, key, pair.privateKey)
  assert.equal((await ask('session.logon', { ...wrong, timestamp: wrong.timestamp - 1 })).error.code, -1022)
  assert.equal((await ask('session.logon', sealed({}, key, pair.privateKey))).result.apiKey, key.key)
  assert.equal((await ask('userDataStream.subscribe')).result.subscriptionId, 0)
  assert.equal((await ask('userDataStream.subscribe')).error.code, -2035)
  const placed = await ask('order.place', { ...order, newClientOrderId: 'unsigned', timestamp: Date.now() })
  assert.equal(placed.result.status, 'NEW')
  assert.equal(placed.rateLimits.find(({ interval }) => interval === 'SECOND').count, 1)
  const { event } = await wait('the order', ({ event }) => event?.e === 'executionReport')
  assert.equal(event.c, 'unsigned')
  assert.deepEqual((await ask('session.subscriptions')).result, [{ subscriptionId: 0 }])
  assert.equal((await ask('userDataStream.unsubscribe', { subscriptionId: 0 })).status, 200)
  await wait('the end', ({ event }) => event?.e === 'eventStreamTerminated')
  assert.equal((await ask('userDataStream.unsubscribe', { subscriptionId: 0 })).error.code, -2036)
  assert.equal((await ask('session.logout')).result.apiKey, null)
  assert.equal((await ask('order.place', { ...order, timestamp: Date.now() })).error.code, -2014)
  assert.equal((await ask('userDataStream.start', {})).status, 410)
  assert.equal((await ask('ping', { returnRateLimits: false })).rateLimits, undefined)
  await venue.control({ do: 'limit', status: 429, seconds: 30 })
  const { status, error } = await ask('time')
  assert.equal(status, 429)
  assert.ok(error.data.retryAfter > error.data.serverTime)
  socket.close()
  await venue.close()
})

test('accounts do not see one another', async () => {
  writeFileSync(join(folder, 'accounts'), `# two more\nsecond words USDC=500 BTC=1\nthird ${join(folder, 'public.pem')} USDC=7\n`)
  const venue = await open('--accounts', join(folder, 'accounts'))
  const second = { key: 'second', secret: 'words' }
  const balance = async (as) => (await venue.call('GET', '/api/v3/account', { omitZeroBalances: true }, { as })).body.balances
  assert.deepEqual((await balance(second)).map(({ asset, free }) => [asset, Number(free)]), [['BTC', 1], ['USDC', 500]])
  const { socket, ask, wait, events } = await connect(venue.api)
  const ids = []
  for (const key of [venue.keys[0], second])
    ids.push((await ask('userDataStream.subscribe.signature', sealed({}, key))).result.subscriptionId)
  assert.deepEqual(ids, [0, 1])
  await venue.call('POST', '/api/v3/order', { ...order, newClientOrderId: 'hers' }, { as: second })
  await wait('her order', ({ subscriptionId, event }) => subscriptionId === 1 && event.c === 'hers')
  assert.ok(!events.some(({ subscriptionId }) => subscriptionId === 0))
  assert.deepEqual((await venue.call('GET', '/api/v3/openOrders')).body, [])
  assert.equal((await venue.call('GET', '/api/v3/openOrders', {}, { as: second })).body.length, 1)
  socket.close()
  await venue.close()
})

test('what was acknowledged survives a kill', async () => {
  const state = join(folder, 'state')
  const first = await open('--state', state, '--balance', 'USDC=100000')
  const bought = (await first.call('POST', '/api/v3/order', { symbol: 'BTCUSDC', side: 'BUY', type: 'MARKET', quantity: '0.01' })).body
  const resting = (await first.call('POST', '/api/v3/order', { ...order, newClientOrderId: 'rests' })).body
  const account = (await first.call('GET', '/api/v3/account')).body.balances
  await first.close('SIGKILL')
  const again = await open('--state', state, '--balance', 'USDC=1')
  assert.equal(again.key, first.key)
  assert.deepEqual((await again.call('GET', '/api/v3/account')).body.balances, account)
  assert.equal((await again.call('GET', '/api/v3/openOrders')).body[0].clientOrderId, 'rests')
  assert.equal((await again.call('GET', '/api/v3/myTrades', { symbol: 'BTCUSDC' })).body[0].orderId, bought.orderId)
  const next = (await again.call('POST', '/api/v3/order', order)).body
  assert.equal(next.orderId, resting.orderId + 1)
  const price = Number((await again.call('GET', '/api/v3/ticker/price', { symbol: 'BTCUSDC' }, { as: null })).body.price)
  assert.ok(Math.abs(price / Number(bought.fills[0].price) - 1) < 0.05)
  await again.close()
  const file = join(state, 'exchange.state')
  const bytes = readFileSync(file)
  bytes[bytes.length >> 1] ^= 1
  writeFileSync(file, bytes)
  const torn = spawn(program, ['exchange', '--port', '0', '--state', state], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  torn.stderr.on('data', (text) => { said += text })
  const [code] = await once(torn, 'exit')
  assert.notEqual(code, 0)
  assert.match(said, /damaged/)
})

test('a client of the streams that says too much is closed; properties and limits have their codes', async () => {
  const venue = await open()
  const { socket, ask } = await connect(`${venue.streams}/stream`)
  assert.equal((await ask('GET_PROPERTY', ['combined'])).result, true)
  assert.equal((await ask('SET_PROPERTY', ['combined', 'x'])).error.code, 1)
  assert.equal((await ask('SET_PROPERTY', ['colour', true])).error.code, 0)
  assert.equal((await ask('FLY', [])).error.code, 2)
  for (let i = 0; i < 8; i++) socket.send('{"method":"LIST_SUBSCRIPTIONS","id":99}')
  const [code] = await once(socket, 'close')
  assert.equal(code, 1008)
  await venue.close()
})

test('the end of the server is announced', async () => {
  const venue = await open()
  const [raw, combined, api] = await Promise.all(['/ws', '/stream', '/ws-api/v3'].map((path) => connect(`${venue.streams}${path}`)))
  await venue.control({ do: 'shutdown', seconds: 1 })
  await raw.wait('the shutdown', ({ e }) => e === 'serverShutdown')
  await combined.wait('the shutdown', ({ stream }) => stream === '!serverShutdown')
  await api.wait('the shutdown', ({ event }) => event?.e === 'serverShutdown')
  await Promise.all([raw, combined, api].map(({ socket }) => once(socket, 'close')))
  await venue.close()
})

test('the prices of another venue are followed, and its candles', { timeout: 60000 }, async () => {
  const above = await open()
  const venue = await open_in({ BINANCE_REST_URL: above.rest, BINANCE_WS_URL: above.streams },
    '--follow', 'binance', '--symbols', 'BTCUSDC')
  const ask = async (place, path, parameters) => (await place.call('GET', path, parameters, { as: null })).body
  const candles = { symbol: 'BTCUSDC', interval: '1m', limit: 100, endTime: Date.now() - 180000 }
  // All but the takers' quote volume, which is derived again from two rounded ones.
  const [ours, theirs] = await Promise.all([venue, above].map(async (place) =>
    (await ask(place, '/api/v3/klines', candles)).map((row) => row.slice(0, 10))))
  assert.equal(ours.length, 100)
  assert.deepEqual(ours, theirs)
  const seen = new Set()
  for (let i = 0; i < 100 && seen.size < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    seen.add((await ask(venue, '/api/v3/trades', { symbol: 'BTCUSDC', limit: 1 }))[0]?.price)
  }
  assert.ok(seen.size >= 3, 'it does not move')
  const heard = new Set((await ask(above, '/api/v3/trades', { symbol: 'BTCUSDC' })).map(({ price }) => price))
  for (const price of seen) if (price) assert.ok(heard.has(price), `${price} was never traded above`)
  // A jump above is a jump here, and an order that rests is filled by it.
  const last = Number((await ask(venue, '/api/v3/ticker/price', { symbol: 'BTCUSDC' })).price)
  const mine = await venue.call('POST', '/api/v3/order', { ...order, quantity: '0.001', price: (last * 0.985).toFixed(2) })
  assert.equal(mine.body.status, 'NEW')
  await above.control({ do: 'jump', symbol: 'BTCUSDC', percent: -3 })
  let status
  for (let i = 0; i < 100 && status !== 'FILLED'; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    ({ status } = (await venue.call('GET', '/api/v3/order', { symbol: 'BTCUSDC', orderId: mine.body.orderId })).body)
  }
  assert.equal(status, 'FILLED')
  await venue.close()
  await above.close()
})

test('recorded trades are the market, print by print', async () => {
  const file = join(folder, 'BTCUSDC-aggTrades-2026-01-01.csv')
  const begin = 1767225600000000
  const rows = Array.from({ length: 2000 }, (_, i) =>
    `${i},${50000 + (i % 7)},0.00${1 + (i % 9)},${i},${i},${begin + i * 500000},${i % 2 ? 'True' : 'False'},True`)
  writeFileSync(file, `${rows.join('\n')}\n`)
  const venue = await open_in({}, '--trades', file, '--history', '10', '--speed', '100')
  await new Promise((resolve) => setTimeout(resolve, 500))
  const { body } = await venue.call('GET', '/api/v3/aggTrades', { symbol: 'BTCUSDC', limit: 20 }, { as: null })
  assert.equal(body.length, 20)
  for (const { p, q, T, m } of body) {
    const i = (T * 1000 - begin) / 500000
    assert.deepEqual([Number(p), Number(q), m], [50000 + (i % 7), Number(`0.00${1 + (i % 9)}`), i % 2 === 1])
  }
  const candles = (await venue.call('GET', '/api/v3/klines', { symbol: 'BTCUSDC', interval: '1m', limit: 5 }, { as: null })).body
  assert.equal(candles[0][8], 120)
  await venue.close()
})

const memory_of = ({ pid }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024

// Sockets that shake hands, subscribe to the largest stream and never read a byte.
test('a thousand clients that do not read cost bounded memory', { timeout: 120000 }, async () => {
  const venue = await open('--speed', '60', '--no-limits')
  const port = Number(new URL(venue.rest).port)
  const sockets = []
  const begin = memory_of(venue.child)
  for (let i = 0; i < 1000; i++) {
    const socket = net.connect({ port, host: '127.0.0.1' })
    socket.on('error', () => {})
    socket.write('GET /ws/btcusdc@depth HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n')
    await new Promise((resolve) => socket.once('readable', resolve))
    sockets.push(socket)
  }
  let most = 0
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setTimeout(resolve, 250))
    most = Math.max(most, memory_of(venue.child))
    assert.equal((await venue.call('GET', '/api/v3/time', {}, { as: null })).status, 200)
  }
  for (const socket of sockets) socket.destroy()
  assert.ok(most - begin > 50, 'nothing waited for anybody')
  // 256 MiB of frames, 60 KiB of each session, and the begin.
  assert.ok(most - begin < 400, `${Math.round(begin)} MiB grew to ${Math.round(most)} MiB`)
  await venue.close()
})
