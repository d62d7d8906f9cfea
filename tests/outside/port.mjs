// SPDX-License-Identifier: Apache-2.0
// The program's port to the outside against the servers of this folder: every bad day of a language model, and every
// social source.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startOpenai } from './openai_server.mjs'
import { startSocial } from './social_server.mjs'
import { expectNoSecret, openPort, place } from './stage.mjs'

let model, social, stage, port
const schema = { type: 'object', additionalProperties: false, required: ['decision'], properties: { decision: { type: 'string', enum: ['HOLD', 'BUY'] } } }
const question = JSON.stringify({ model: 'gpt-4o', temperature: 0, messages: [{ role: 'user', content: 'Rate this.' }],
  response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } } })
const ask = (extra = {}) => port.ask({ service: 'ai_analyzer', source: 'model', path: '/chat/completions', body: question, ...extra })

before(async () => {
  model = await startOpenai()
  social = await startSocial()
  stage = place()
  port = openPort(stage, {
    'openai.base_url': model.url, 'openai.mode': 'live', 'lunarcrush.base_url': `${social.url}/api4`,
    'social.fear_greed_url': social.url, 'news.cryptopanic_url': `${social.url}/panic`, 'news.gdelt_url': `${social.url}/gdelt`,
    'news.reddit_url': `${social.url}/reddit`,
    'news.feeds': ['news', 'moved', 'inwards', 'html', 'half', 'latin', 'gone'].map((name) => `${social.url}/rss/${name}`).join(','),
  })
})
after(async () => {
  await port.close()
  await model.close()
  await social.close()
  stage.remove()
})

test('a question and its answer', async () => {
  const { reply, fault, content } = await ask()
  assert.equal(reply.outcome, 'answered')
  assert.equal(reply.status, 200)
  assert.match(reply.request_id, /^req_/)
  assert.equal(fault, 'answered')
  assert.deepEqual(JSON.parse(content), { decision: 'HOLD' })
  assert.equal(model.requests.at(-1).text, question)
})

// What each day must come to: outcome, status, what the codec makes of it, and the headers' word.
const expected = {
  'limited': ['answered', 429, 'rate limited'], 'limited-wait': ['answered', 429, 'rate limited', 1000, 1],
  'limited-wait-ms': ['answered', 429, 'rate limited', 30], 'no-credit': ['answered', 429, 'no credit', -1, 0],
  'broken': ['answered', 500, 'the server cannot answer now'], 'gateway': ['answered', 502, 'the server cannot answer now'], 'overloaded': ['answered', 503, 'the server cannot answer now', 50],
  'cut': ['lost', 0], 'garbled': ['answered', 200, 'the reply is no chat completion'], 'html': ['answered', 200, 'the reply is no chat completion'], 'empty': ['answered', 200, 'the reply is no chat completion'],
  'error-in-200': ['answered', 200, 'the server cannot answer now'], 'refusal': ['answered', 200, 'the model declined'], 'truncated': ['answered', 200, 'the answer was cut at the token limit'],
  'filtered': ['answered', 200, 'no answer in the reply'], 'prose': ['answered', 200, 'answered'], 'fenced': ['answered', 200, 'answered'],
  'no-usage': ['answered', 200, 'answered'], 'keep-alive': ['answered', 200, 'answered'], 'gzip': ['answered', 200, 'answered'],
  'huge': ['answered', 200, 'the reply is no chat completion'], 'echo-key': ['answered', 401, 'the key is not accepted'], 'no-temperature': ['answered', 400, 'a parameter is not supported'],
}
for (const [day, [outcome, status, fault, wait = -1, again = -1]] of Object.entries(expected))
  test(`a bad day: ${day}`, async () => {
    model.inject(day)
    const count = model.requests.length
    const { reply, fault: read, content } = await ask()
    assert.deepEqual([reply.outcome, reply.status, read], [outcome, status, fault])
    assert.deepEqual([reply.retry_after_ms, reply.should_retry], [wait, again])
    if (day === 'fenced') assert.deepEqual(JSON.parse(content), { decision: 'HOLD' })
    if (day === 'prose') assert.equal(content, '')
    if (day === 'huge') assert.ok(reply.cut && reply.body.length < 60000)
    if (day === 'echo-key') assert.match(reply.body, /Bearer \*{8,}/)
    assert.equal(model.requests.length, count + 1, 'the port asks once and leaves the rest to the core')
  })

test('a bad day: slow', async () => {
  model.inject('slow')
  const { reply } = await ask({ timeout_ms: 400 })
  assert.equal(reply.outcome, 'lost')
  assert.ok(reply.latency_us >= 390000 && reply.latency_us < 1400000)
})

test('LunarCrush, with its limits', async () => {
  const list = await port.ask({ source: 'lunarcrush', path: '/public/coins/list/v2', parameters: 'limit=3&page=0' })
  assert.equal(JSON.parse(list.reply.body).data.length, 3)
  assert.equal(social.requests.at(-1).query, '?limit=3&page=0')
  const topic = await port.ask({ source: 'lunarcrush', path: '/public/topic/btc%20bitcoin/v1' })
  assert.ok(JSON.parse(topic.reply.body).data.num_posts > 0)
  social.limited = 1
  const limited = await port.ask({ source: 'lunarcrush', path: '/public/coins/list/v2' })
  assert.deepEqual([limited.reply.status, limited.reply.retry_after_ms], [429, 7000])
})

test('Fear & Greed', async () => {
  const { reply } = await port.ask({ source: 'fear_greed', path: '/fng/', parameters: 'limit=2&format=json' })
  assert.equal(JSON.parse(reply.body).data[0].value, '44')
})

const feed = (slot, extra = {}) => port.ask({ source: 'rss', slot, ...extra }).then(({ reply }) => reply)
test('feeds: items as JSON, not modified, moved, half, in another encoding', async () => {
  const first = await feed(0)
  assert.deepEqual(JSON.parse(first.body).map((item) => item.guid), ['n1', 'n2'])
  const second = await feed(0, { etag: first.etag })
  assert.deepEqual([second.status, second.unchanged, second.etag, second.body], [304, true, first.etag, null])
  assert.equal(JSON.parse((await feed(1)).body).length, 2)
  assert.equal(JSON.parse((await feed(4)).body).length, 1)
  assert.equal(JSON.parse((await feed(5)).body)[0].title, 'Société buys € 5m of BTC')
})
test('feeds: what is none is told, and nothing is fetched from within', async () => {
  assert.equal((await feed(2)).outcome, 'not_sent')
  const html = await feed(3)
  assert.deepEqual([html.outcome, html.body], ['lost', 'the feed holds no item'])
  assert.equal((await feed(6)).status, 200) // the server gives its news there too
})

test('CryptoPanic, GDELT, Reddit', async () => {
  const panic = await port.ask({ source: 'cryptopanic', path: '/posts/', parameters: 'currencies=BTC' })
  assert.equal(JSON.parse(panic.reply.body).results.length, 2)
  const gdelt = await port.ask({ source: 'gdelt', path: '/doc/doc', parameters: 'query=bitcoin&format=json' })
  assert.equal(JSON.parse(gdelt.reply.body).articles.length, 2)
  const reddit = await port.ask({ source: 'reddit', path: '/r/CryptoCurrency/hot', parameters: 'limit=2' })
  assert.equal(JSON.parse(reddit.reply.body).data.children.length, 2)
})

test('no key stands anywhere but in its header', () => {
  assert.ok(expectNoSecret(stage, model.requests, social.requests.filter(({ path }) => path !== '/panic/posts/')) > 20)
})
