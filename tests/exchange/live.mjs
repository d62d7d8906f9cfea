// SPDX-License-Identifier: Apache-2.0
// `trader run --venue binance` against `trader exchange`, as real processes: who may trade, one instance an
// account, orders, kill -9 and reconciliation, a full disk, each level of the kill switch with each part dead, and
// where the key is never found. What the venue holds is asked of the venue itself.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'

const program = resolve(process.env.TRADER ?? '../../build/trader')
const place = mkdtempSync(join(tmpdir(), 'trader-live-'))
const SYMBOLS = ['BTCUSDC', 'ETHUSDC', 'BNBUSDC', 'SOLUSDC', 'XRPUSDC', 'ADAUSDC', 'DOGEUSDC', 'LTCUSDC']
const CANARY = 'demo5ecret0canary0never0seen0outside0of0the0process0000000000001'
const children = []
// It decides every minute and at every whim, so that orders come with the first bar.
writeFileSync(join(place, 'config.json'),
  '{"trading_params":{"ai_analysis_interval":60,"signal_score_threshold":0.05}}')

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

async function until(what, condition, ms = 10000, step = 50) {
  const end = Date.now() + ms
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > end) assert.fail(`not within ${ms} ms: ${what}\n${children.map(({ told }) => told ?? '').join('\n')}`)
    await sleep(step)
  }
}

/** A venue of its own for each scenario; the key is ours, so that it can be looked for. */
async function venue(name, ...more) {
  const keyFile = join(place, `${name}.key`)
  writeFileSync(keyFile, `${`demo${name}key`.padEnd(64, '0')}\n${CANARY}\n`, { mode: 0o600 })
  const child = spawn(program, ['exchange', '--port', '0', '--json', '--seed', '3', '--key-file', keyFile,
    '--symbols', ...SYMBOLS, ...more], { cwd: place, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const told = JSON.parse(await new Promise((done) => child.stdout.once('data', done)))
  return {
    ...told,
    env: { PATH: process.env.PATH, HOME: place, LC_ALL: 'C.UTF-8', BINANCE_REST_URL: told.rest,
      BINANCE_WS_URL: told.streams, BINANCE_WS_API_URL: told.api, BINANCE_API_KEY: told.key,
      BINANCE_API_SECRET: told.secret },
    async ask(path) {
      const query = `timestamp=${Date.now()}`
      const mark = createHmac('sha256', told.secret).update(query).digest('hex')
      const answer = await fetch(`${told.rest}${path}?${query}&signature=${mark}`,
        { headers: { 'X-MBX-APIKEY': told.key } })
      return answer.json()
    },
    async place(order) {
      const body = new URLSearchParams({ ...order, timestamp: Date.now() }).toString()
      const mark = createHmac('sha256', told.secret).update(body).digest('hex')
      const answer = await fetch(`${told.rest}/api/v3/order`, { method: 'POST', body: `${body}&signature=${mark}`,
        headers: { 'X-MBX-APIKEY': told.key, 'Content-Type': 'application/x-www-form-urlencoded' } })
      assert.equal(answer.status, 200, await answer.clone().text())
    },
    async held() {
      const { balances } = await this.ask('/api/v3/account')
      return balances.filter(({ asset, free, locked }) => asset !== 'USDC' && Number(free) + Number(locked) > 0)
    },
    /** Assets of which more is held than the dust that steps and fees leave. */
    async positions() {
      const prices = await (await fetch(`${told.rest}/api/v3/ticker/price`)).json()
      const worth = (asset) => Number(prices.find(({ symbol }) => symbol === `${asset}USDC`).price)
      return (await this.held()).filter(({ asset, free, locked }) =>
        (Number(free) + Number(locked)) * worth(asset) > 5)
    },
    open() { return this.ask('/api/v3/openOrders') },
    /** What the key may do, as the venue tells it. */
    async rights(words) {
      const body = new URLSearchParams({ do: 'rights', ...words }).toString()
      const answer = await fetch(`${told.rest}/trader/control`, { method: 'POST', body,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' } })
      assert.equal(answer.status, 200, await answer.text())
    },
  }
}

function start(exchange, state, ...more) {
  const child = spawn(program, ['run', '--feed', 'binance', '--venue', 'binance', '--state', state, '--symbols',
    ...SYMBOLS, ...more], { cwd: place, env: exchange.env, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  child.told = ''
  child.begun = Date.now()
  child.stderr.on('data', (bytes) => (child.told += bytes))
  child.stdout.on('data', () => undefined)
  child.ended = new Promise((done) => child.once('close', (code, signal) => done(code ?? signal)))
  return child
}

/** To the end; exit code and words. */
function once(env, ...words) {
  const result = spawnSync(program, words, { cwd: place, env, encoding: 'utf8', timeout: 60000 })
  return { code: result.status, out: result.stdout, told: result.stderr }
}

function status(exchange, state) {
  const { code, out } = once(exchange.env, 'status', '--state', state, '--json')
  return code === 0 ? JSON.parse(out) : null
}

const condition = (exchange, state) => status(exchange, state)?.venue?.condition
const level = (exchange, state) => status(exchange, state)?.kill_switch.level
/** This process's own word: the state remembers the last one's. */
const isReady = (exchange, state, child) => until('the venue is ready', () => {
  const seen = status(exchange, state)
  return seen?.pid === child.pid && seen.venue?.condition === 'ready' && Date.parse(seen.venue.time) >= child.begun
}, 30000)

function filesBelow(directory) {
  return readdirSync(directory, { recursive: true }).map((name) => join(directory, name))
    .filter((name) => statSync(name).isFile())
}

const diskIsFull = (child, full) =>
  execFileSync('prlimit', ['--pid', String(child.pid), full ? '--fsize=0:' : '--fsize=unlimited:'])

after(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(place, { recursive: true, force: true })
})

describe('who may trade', () => {
  let exchange
  before(async () => { exchange = await venue('may') })
  const run = (env, ...more) => once({ ...exchange.env, ...env }, 'run', '--feed', 'binance', '--venue', 'binance',
    '--symbols', 'BTCUSDC', '--no-dashboard', '--json', ...more)
  const refusal = ({ code, out }) => ({ code, ...JSON.parse(out).error, exit: code })

  test('real money needs --live', () => {
    const none = { BINANCE_REST_URL: '', BINANCE_WS_URL: '', BINANCE_WS_API_URL: '' }
    const told = refusal(run(none))
    assert.equal(told.exit, 7)
    assert.match(told.message, /needs --live/)
    assert.equal(run({ ...none, BINANCE_REST_URL: 'https://192.0.2.1' }).code, 7)
  })

  test('a key that is missing, half or wrong is exit 4', () => {
    assert.equal(run({ BINANCE_API_KEY: '', BINANCE_API_SECRET: '' }).code, 4)
    assert.equal(run({ BINANCE_API_SECRET: '' }).code, 4)
    const told = refusal(run({ BINANCE_API_SECRET: 'another' }))
    assert.equal(told.exit, 4)
    assert.equal(told.where, 'arming: account')
    assert.equal(run({ BINANCE_API_KEY: 'another' }, '--state', join(place, 'another')).code, 4)
    assert.equal(run({ BINANCE_API_KEY: 'another' }).code, 3) // the state trades another account
  })

  test('environments are not mixed', () => {
    assert.equal(run({ BINANCE_WS_API_URL: '' }).code, 3)
    assert.equal(run({ BINANCE_REST_URL: 'http://127.0.0.1:1' }).code, 5)
  })

  test('with --live what the key may do decides', async () => {
    for (const ip of [false, true]) for (const withdrawals of [false, true]) for (const trading of [false, true]) {
      await exchange.rights({ ip, withdrawals, trading })
      const told = refusal(run({}, '--live=LIVE-000000'))
      const wanted = !trading ? 4 : 7
      assert.equal(told.exit, wanted)
      const where = !trading ? /arming: (account|trading)/ : withdrawals ? /withdrawal/ : !ip ? /restriction/ : /--live/
      assert.match(told.where, where)
    }
    await exchange.rights({ ip: true, withdrawals: false, trading: true })
  })

  test('--live wants the word of this account', () => {
    const told = refusal(run({}, '--live'))
    assert.equal(told.exit, 7)
    const [word] = told.hint.match(/LIVE-[0-9a-f]{6}/)
    assert.equal(run({}, '--live=LIVE-000000').code, 7)
    const armed = start(exchange, join(place, 'rehearsal'), '--no-dashboard', `--live=${word}`, '--balance', '100')
    return until('it is armed', () => condition(exchange, join(place, 'rehearsal')) === 'ready', 30000)
      .then(() => {
        const seen = status(exchange, join(place, 'rehearsal'))
        assert.ok(Date.parse(seen.first_day_until) > Date.now() + 86_000_000)
        armed.kill('SIGINT')
        return armed.ended
      })
  })

  test('doctor makes the same checks, and names the account without its key', () => {
    const { code, out } = once({ ...exchange.env, TRADING_PAIRS: 'BTCUSDC' }, 'doctor', '--json')
    const { checks, errors } = JSON.parse(out)
    assert.equal(errors, 0, out)
    assert.ok(code === 0 || code === 8)
    for (const name of ['key', 'reach', 'clock', 'account', 'withdrawal', 'restriction', 'symbols'])
      assert.equal(checks.find((check) => check.name === name)?.level, 'ok', name)
    assert.ok(!out.includes(exchange.key) && !out.includes(CANARY))
  })

  test('fifty instances want one account: one has it', async () => {
    const all = Array.from({ length: 50 }, (_, i) => start(exchange, join(place, `fifty-${i}`), '--no-dashboard'))
    const codes = []
    for (const child of all) void child.ended.then((code) => codes.push(code))
    await until('forty-nine are refused', () => codes.length >= 49, 60000)
    assert.deepEqual([...new Set(codes)], [3])
    await sleep(1000)
    assert.equal(codes.length, 49)
    const winner = all.find((child) => child.exitCode === null)
    assert.match(all.find((child) => child !== winner).told, /traded by another instance/)
    winner.kill('SIGINT')
    await winner.ended
  })
})

describe('orders', { concurrency: true }, () => {
  // The venue lets 200 orders rest on a symbol; their list has 100,000 bytes and more.
  test('200 orders of somebody else on a symbol are counted and left alone, halted too', { timeout: 120000 }, async () => {
    const exchange = await venue('crowd', '--no-limits')
    const state = join(place, 'crowd')
    const [{ price }] = (await (await fetch(`${exchange.rest}/api/v3/ticker/price`)).json())
      .filter(({ symbol }) => symbol === 'BTCUSDC')
    for (let i = 0; i < 200; i++)
      await exchange.place({ symbol: 'BTCUSDC', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.0004',
        price: (Math.floor(Number(price) * 0.5) + i).toString(), newClientOrderId: `somebody-else-with-a-long-name-${i}` })
    assert.ok(JSON.stringify(await exchange.open()).length > 90000)
    const run = start(exchange, state, '--no-dashboard')
    await isReady(exchange, state, run)
    assert.match(once(exchange.env, 'status', '--state', state).out, /200 of others/)
    assert.equal(once(exchange.env, 'kill', '--level', 'flatten', '--state', state).code, 0)
    await until('the level is flatten', () => level(exchange, state) === 'flatten')
    await sleep(1000)
    diskIsFull(run, true)
    await until('flattened without an engine', () => run.told.includes('HALTED: flattened'), 30000)
    const left = await exchange.open()
    assert.equal(left.filter(({ clientOrderId }) => clientOrderId.startsWith('somebody-else-')).length, 200)
    run.kill('SIGINT')
    await run.ended
  })

  test('orders, kill -9, the same orders again, flatten; the key is nowhere', { timeout: 180000 }, async () => {
    const exchange = await venue('crash')
    const state = join(place, 'crash')
    let run = start(exchange, state, '--port', '0')
    await until('positions with their protection', () => status(exchange, state)?.venue?.open_orders >= 4,
      100000, 500)
    await sleep(1500)
    const held = await exchange.held(), resting = await exchange.open()
    assert.ok(resting.every(({ clientOrderId, side }) => /^tr[a-z2-7]{8}-/.test(clientOrderId) && side === 'SELL'))
    await lookForTheKey(exchange, run, state)

    run.kill('SIGKILL')
    await run.ended
    run = start(exchange, state, '--no-dashboard')
    await isReady(exchange, state, run)
    const seen = status(exchange, state)
    assert.equal(seen.venue.unknown_orders, 0)
    assert.equal(seen.positions, new Set(resting.map(({ symbol }) => symbol)).size)
    assert.equal(seen.venue.open_orders, resting.length)
    assert.deepEqual((await exchange.open()).map(({ orderId }) => orderId), resting.map(({ orderId }) => orderId))
    assert.deepEqual(await exchange.held(), held) // nothing lost, nothing doubled

    assert.equal(once(exchange.env, 'kill', '--level', 'flatten', '--state', state).code, 0)
    await until('nothing rests', async () => (await exchange.open()).length === 0, 10000, 500)
    await until('nothing is held', async () => (await exchange.positions()).length === 0, 10000, 500)
    await until('the books say so', () => status(exchange, state).positions === 0)
    run.kill('SIGINT')
    assert.equal(await run.ended, 130)

    run = start(exchange, state, '--no-dashboard')
    await isReady(exchange, state, run)
    assert.equal(level(exchange, state), 'flatten') // it survives a restart
    run.kill('SIGINT')
    await run.ended
  })

  test('a full disk: halted, then stop and flatten all the same', { timeout: 180000 }, async () => {
    const exchange = await venue('full')
    const state = join(place, 'full')
    let run = start(exchange, state, '--port', '0')
    await until('positions with their protection', () => status(exchange, state)?.venue?.open_orders >= 4,
      100000, 500)
    await sleep(1500)
    const resting = (await exchange.open()).length
    const cookie = await login(run)
    diskIsFull(run, true)
    const begun = Date.now()
    await until('it says so', () => run.told.includes('! HALTED: '))
    assert.ok(Date.now() - begun < 5000)
    await until('so does the page', async () => (await page(run, cookie, 'state')).includes('No new orders'))
    assert.equal((await exchange.open()).length, resting) // protection rests on

    const stop = Date.now()
    assert.equal(once(exchange.env, 'kill', '--level', 'stop', '--state', state).code, 0)
    await until('stop is heard', () => run.told.includes('HALTED: stop: '))
    assert.ok(Date.now() - stop < 2000)
    await until('stop is carried out', () => run.told.includes('HALTED: stopped'))
    assert.equal((await exchange.open()).length, resting)

    // The teller's disk is full too: the level goes with the signal, or by a file that takes no room.
    const kill = spawnSync('sh', ['-c', `trap '' XFSZ; ulimit -f 0; exec "$0" kill --level flatten --state "$1"`,
      program, state], { cwd: place, env: exchange.env, encoding: 'utf8' })
    assert.equal(kill.status, 0, kill.stderr)
    await until('everything is sold', () => run.told.includes('HALTED: flattened'), 30000)
    assert.equal((await exchange.open()).length, 0)
    assert.deepEqual(await exchange.positions(), [])
    run.kill('SIGINT')
    assert.equal(await run.ended, 1)

    run = start(exchange, state, '--no-dashboard')
    await isReady(exchange, state, run)
    assert.equal(level(exchange, state), 'flatten')
    await until('the books follow', () => status(exchange, state).positions === 0, 30000)
    run.kill('SIGINT')
    await run.ended
  })
})

/** State, logs, terminal, command line, environment, and every answer of the dashboard: no hit. */
async function lookForTheKey(exchange, run, state) {
  const hidden = [CANARY, exchange.key]
  for (const file of filesBelow(state))
    for (const word of hidden) assert.ok(!readFileSync(file).includes(word), `${file} holds the key`)
  for (const word of hidden) assert.ok(!run.told.includes(word))
  for (const name of ['cmdline', 'environ', 'status', 'maps'])
    for (const word of hidden)
      assert.ok(!readFileSync(`/proc/${run.pid}/${name}`).includes(word), `/proc/PID/${name} holds the key`)
  const cookie = await login(run)
  for (const path of ['state', 'portfolio', 'services', 'equity', 'signals', 'trades', 'fills', 'refusals', 'logs'])
    for (const word of hidden) assert.ok(!(await page(run, cookie, path)).includes(word), path)
  for (const words of [['status', '--json'], ['logs'], ['config', 'show', '--origin'], ['doctor', '--json']]) {
    const { out, told } = once(exchange.env, ...words, '--state', state)
    for (const word of hidden) assert.ok(!out.includes(word) && !told.includes(word), words.join(' '))
  }
}

function addressOf(run) {
  const [, address, code] = run.told.match(/(http:\/\/127\.0\.0\.1:\d+)\/\?code=([0-9a-f]+)/)
  return { address, code }
}

async function login(run) {
  const { address, code } = addressOf(run)
  const answer = await fetch(`${address}/api/v1/login`, { method: 'POST', body: JSON.stringify({ code }),
    headers: { 'Content-Type': 'application/json', 'X-Trader': '1', Origin: address } })
  assert.equal(answer.status, 204)
  return answer.headers.get('set-cookie').split(';')[0]
}

async function page(run, cookie, path) {
  const answer = await fetch(`${addressOf(run).address}/api/v1/${path}`, { headers: { Cookie: cookie } })
  assert.equal(answer.status, 200, path)
  return answer.text()
}

async function press(run, cookie, path, body) {
  const { address } = addressOf(run)
  const answer = await fetch(`${address}/api/v1/${path}`, { method: 'POST', body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', 'X-Trader': '1', Origin: address, Cookie: cookie } })
  return answer.status
}

// Each level, by each way, with each part dead that it could lean on. A directory with something in it where a file
// would stand is a file that cannot be written, for root too. No model and no Redis run here at all.
describe('the kill switch', () => {
  const LEVELS = ['pause', 'stop', 'flatten']
  let exchange, run, cookie
  const state = join(place, 'switch')
  const file = (name) => join(state, name)
  before(async () => {
    exchange = await venue('switch')
    run = start(exchange, state, '--port', '0')
    await isReady(exchange, state, run)
    cookie = await login(run)
  })
  after(async () => { run.kill('SIGINT'); await run.ended })

  const heard = (wanted) => until(`the level is ${wanted}`, () => level(exchange, state) === wanted, 4000)
  const resumed = async () => {
    assert.equal(once(exchange.env, 'resume', '--state', state).code, 0)
    await heard('none')
  }

  for (const wanted of LEVELS) {
    test(`${wanted} by command, page and file`, async () => {
      assert.equal(once(exchange.env, 'kill', '--level', wanted, '--state', state).code, 0)
      await heard(wanted)
      await resumed()
      const presses = await Promise.all(Array.from({ length: 20 },
        () => press(run, cookie, 'kill', { level: wanted, reason: 'twenty at once' })))
      assert.deepEqual([...new Set(presses)], [202])
      await heard(wanted)
      await resumed()
      const touched = Date.now()
      writeFileSync(file(wanted.toUpperCase()), '')
      await heard(wanted)
      assert.ok(Date.now() - touched < 2000)
      rmSync(file(wanted.toUpperCase()), { force: true })
      await sleep(600)
      assert.equal(level(exchange, state), wanted) // removing the file resumes nothing
      await resumed()
      assert.throws(() => statSync(file(wanted.toUpperCase())))
    })

    test(`${wanted} where the word's file cannot be written`, async () => {
      rmSync(file('control'), { force: true })
      mkdirSync(file('control'))
      writeFileSync(join(file('control'), 'x'), '')
      assert.equal(once(exchange.env, 'kill', '--level', wanted, '--state', state).code, 0)
      await heard(wanted)
      rmSync(file('control'), { recursive: true, force: true })
      await resumed()
    })
  }

  test('pause by SIGUSR1', async () => {
    run.kill('SIGUSR1')
    await heard('pause')
    await resumed()
  })

  test('each level without a dashboard, with a full disk, and after a restart', async () => {
    for (const wanted of LEVELS) {
      const alone = join(place, `alone-${wanted}`)
      const other = await venue(`alone${wanted}`)
      let child = start(other, alone, '--no-dashboard')
      await isReady(other, alone, child)
      diskIsFull(child, true)
      await until('it is halted', () => child.told.includes('! HALTED: '), 10000)
      const begun = Date.now()
      assert.equal(once(other.env, 'kill', '--level', wanted, '--state', alone).code, 0)
      await until('the level is heard', () => child.told.includes(`HALTED: ${wanted}: `), 3000)
      assert.ok(Date.now() - begun < 2000)
      child.kill('SIGKILL')
      await child.ended
      child = start(other, alone, '--no-dashboard')
      await isReady(other, alone, child)
      await until('it stands after a restart', () => level(other, alone) === wanted, 4000)
      child.kill('SIGINT')
      await child.ended
    }
  })
})
