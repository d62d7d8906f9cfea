// SPDX-License-Identifier: Apache-2.0
// The social monitor against the servers of its sources, through the real port: `trader social --now` with a key, without
// one, and at a limit.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { expectNoSecret, place, run } from './stage.mjs'
import { startSocial } from './social_server.mjs'

let social
before(async () => { social = await startSocial() })
after(() => social.close())

async function ask(stage, extra = {}) {
  writeFileSync(join(stage.path, 'config.json'), JSON.stringify({
    lunarcrush: { base_url: `${social.url}/api4`, calls_per_minute: 600 },
    social: { fear_greed_url: social.url },
    news: { feeds: ['news', 'half', 'html'].map((name) => `${social.url}/rss/${name}`).join(',') } }))
  const { code, out, err: error } = await run(stage, ['social', '--now', '--symbols', 'BTCUSDC,ETHUSDC', '--json'], extra)
  assert.equal(code, 0, error)
  const [bitcoin, ether] = JSON.parse(out)
  assert.deepEqual([bitcoin.symbol, ether.symbol], ['BTCUSDC', 'ETHUSDC'])
  return { bitcoin: bitcoin.data, ether: ether.data, error }
}

test('with a key: the mission\'s Social Data out of every source', async () => {
  const stage = place()
  const { bitcoin, ether } = await ask(stage)
  for (const name of ['social_volume', 'social_engagement', 'social_contributors', 'social_sentiment', 'twitter_volume',
    'reddit_volume', 'news_volume']) assert.equal(typeof bitcoin.metrics[name], 'number', name)
  assert.deepEqual(bitcoin.parts.map((part) => part.source), ['lunarcrush', 'rss', 'fear_greed'])
  assert.ok(Math.abs(bitcoin.parts.reduce((sum, part) => sum + part.weight, 0) - 1) < 1e-9)
  assert.ok(bitcoin.weighted_sentiment > 0.5 && bitcoin.weighted_sentiment < 1)
  assert.ok(bitcoin.recent_news.some((item) => item.title === 'Bitcoin rallies to a record high' && item.sentiment > 0.6))
  assert.ok(ether.recent_news.some((item) => item.title === 'Ethereum falls after an exploit' && item.sentiment < 0.4))
  assert.equal(bitcoin.recent_news.filter((item) => item.title === 'Bitcoin rallies to a record high').length, 1) // of two feeds
  assert.ok(bitcoin.quality > 0.9 && !bitcoin.fallback)
  expectNoSecret(stage, [])
  stage.remove()
})

test('without a key: news and the index, and null for what nobody told', async () => {
  const stage = place()
  const { bitcoin, error } = await ask(stage, { LUNARCRUSH_API_KEY: 'your_lunarcrush_api_key' })
  assert.equal(bitcoin.metrics.social_volume, null)
  assert.equal(bitcoin.metrics.social_contributors, null)
  assert.match(bitcoin.quality_flags, /news_only/)
  assert.match(error, /lunarcrush refuses \(HTTP 401\)/)
  assert.deepEqual(bitcoin.parts.map((part) => part.source), ['rss', 'fear_greed'])
  stage.remove()
})

test('a limit is said in the mission\'s words, and the other sources go on', async () => {
  const stage = place()
  social.limited = 1
  const { bitcoin, error } = await ask(stage)
  assert.match(error, /^Rate limit exceeded$/m)
  assert.ok(bitcoin.parts.some((part) => part.source === 'rss'))
  stage.remove()
})
