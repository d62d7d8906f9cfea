// SPDX-License-Identifier: Apache-2.0
// Social history by `backtest fetch` with a key: hours of LunarCrush into the store, at the plan's pace, resumed where it
// was cut, each known at its end; then a strategy trades on them, and no key stands in anything that was left.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keys, startSocial } from './social_server.mjs'
import { expectNoSecret, place, program, run } from './stage.mjs'

let social, stage, exchange, rest
before(async () => {
  social = await startSocial()
  social.hours = {}
  stage = place()
  exchange = spawn(program, ['exchange', '--port', '0', '--json', '--seed', '3', '--symbols', 'BTCUSDC,SOLUSDC'],
    { cwd: stage.path, stdio: ['ignore', 'pipe', 'inherit'] })
  rest = JSON.parse(await new Promise((done) => exchange.stdout.once('data', done))).rest
})
after(async () => {
  exchange.kill()
  await social.close()
  stage.remove()
})

const fetch = async (more = [], lunarcrush = {}, extra = {}) => {
  writeFileSync(join(stage.path, 'config.json'), JSON.stringify({ data: { fear_greed_url: social.url },
    lunarcrush: { calls_per_minute: 60000, ...lunarcrush } }))
  const done = await run(stage, ['backtest', 'fetch', '--symbols', 'BTCUSDC,SOLUSDC', '--intervals', '1h', '--days', '10',
    '--config', 'config.json', '--data-dir', 'data', '--json', ...more],
  { BINANCE_REST_URL: rest, LUNARCRUSH_BASE_URL: `${social.url}/api4`, ...extra })
  assert.equal(done.code, 0, done.err + done.out)
  return JSON.parse(done.out)
}
const series = () => social.requests.filter(({ path }) => path.endsWith('/time-series/v2'))
const stored = () => readFileSync(join(stage.path, 'data/social/lunarcrush_hourly.csv'), 'utf8').trim().split('\n').slice(1)
  .map((line) => line.split(','))

test('hours come in requests of a bounded span, each known at its end, none that is not over', async () => {
  const { lunarcrush, lunarcrush_error: error } = await fetch()
  assert.equal(error, null)
  assert.deepEqual([lunarcrush.assets, lunarcrush.refused], [2, 0])
  assert.ok(lunarcrush.added >= 478 && lunarcrush.added <= 480, `${lunarcrush.added}`)
  assert.equal(series().length, 6)
  assert.equal(lunarcrush.requests, 7)
  for (const [asset, time, known, volume, engagement, people, sentiment] of stored()) {
    assert.equal(Date.parse(known) - Date.parse(time), 3600000)
    assert.ok(Date.parse(known) <= Date.now())
    const seconds = Date.parse(time) / 1000, id = { BTC: 1, SOL: 3 }[asset]
    assert.deepEqual([volume, engagement, people].map(Number), [500 * id + seconds % 89, 1000 * id + seconds % 97, 100])
    assert.ok(Math.abs(sentiment - (50 + (seconds / 3600) % 40) / 100) < 1e-12)
  }
  assert.equal(new Set(stored().map(([asset, time]) => asset + time)).size, stored().length)
})

test('what is stored is not asked for again', async () => {
  const before = series().length
  const { lunarcrush } = await fetch()
  assert.ok(lunarcrush.added <= 2 && series().length - before <= 2)
})

test('at the end of the plan\'s day it stops, and goes on from there', async () => {
  const { lunarcrush, lunarcrush_error: error } = await fetch(['--data-dir', 'other'], { calls_per_day: 3 })
  assert.match(error, /requests of a day are used up/)
  assert.equal(lunarcrush.requests, 3)
  assert.ok(lunarcrush.added >= 200 && lunarcrush.added <= 201) // the server's end is inclusive
  const rest = await fetch(['--data-dir', 'other'])
  assert.equal(rest.lunarcrush_error, null)
  assert.ok(rest.lunarcrush.added >= 277 && rest.lunarcrush.requests === 5, JSON.stringify(rest.lunarcrush))
})

test('asked too often it waits as it is told; a key that is refused, or none, leaves the candles', async () => {
  const before = social.requests.length, began = Date.now()
  social.limited = 1
  const waited = await fetch(['--data-dir', 'third', '--days', '1'])
  assert.equal(waited.lunarcrush_error, null)
  assert.ok(Date.now() - began > 6900 && social.requests.length - before >= 4)
  const refused = await fetch(['--data-dir', 'fourth', '--days', '1'], {}, { LUNARCRUSH_API_KEY: `${keys.lunarcrush}x` })
  assert.match(refused.lunarcrush_error, /key is not accepted/)
  const none = await fetch(['--data-dir', 'fourth', '--days', '1'], {}, { LUNARCRUSH_API_KEY: '' })
  assert.deepEqual([none.lunarcrush, none.lunarcrush_error], [null, null])
  const left = await fetch(['--data-dir', 'fifth', '--days', '1', '--no-social'])
  assert.deepEqual([left.lunarcrush, left.social], [null, null])
})

test('a strategy trades on the hours that were fetched, and without them does not', async () => {
  const words = ['backtest', 'run', '--symbols', 'BTCUSDC,SOLUSDC', '--intervals', '1h', '--days', '9', '--data-dir', 'data', '--json',
    '--strategy', 'social_trend', '--parameters', 'volume=400,engagement=500,sentiment=0.55']
  const backtest = async (more) => JSON.parse((await run(stage, [...words, ...more])).out)
  const heard = await backtest([]), again = await backtest([]), deaf = await backtest(['--no-social'])
  assert.ok(heard.total_trades > 0 && heard.social_readings > 400, heard.note)
  assert.match(heard.note, /with social data from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d/)
  assert.equal(heard.settings_hash, again.settings_hash)
  assert.equal(heard.trades_hash, again.trades_hash)
  assert.notEqual(heard.settings_hash, deaf.settings_hash)
  assert.deepEqual([deaf.total_trades, deaf.social_readings, deaf.social_from], [0, 0, null])
  assert.match(deaf.note, /no social data/)
})

test('no key stands in anything that was left', () => {
  assert.ok(expectNoSecret(stage, [], social.requests) > 3)
})
