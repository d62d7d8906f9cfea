// SPDX-License-Identifier: Apache-2.0
// OpenAI's own client, unchanged, against the test server: what that client understands of it is what the program's port
// is tested with.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import OpenAI from 'openai'
import { key, recordings, startOpenai } from './openai_server.mjs'

const root = process.env.TRADER_DATA ?? '../../../shared/data'
let server, client

before(async () => {
  server = await startOpenai({ root })
  client = new OpenAI({ apiKey: key, baseURL: server.url, maxRetries: 2 })
})
after(() => server.close())

const schema = { type: 'object', additionalProperties: false, required: ['decision', 'confidence'],
  properties: { decision: { type: 'string', enum: ['HOLD', 'BUY', 'SELL'] }, confidence: { type: 'number', minimum: 0, maximum: 1 } } }
const question = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Rate this.' }],
  response_format: { type: 'json_schema', json_schema: { name: 'rating', strict: true, schema } } }

test('an answer in the form that was asked for', async () => {
  const { data, request_id: id } = await client.chat.completions.parse(question).withResponse()
  assert.deepEqual(data.choices[0].message.parsed, { decision: 'HOLD', confidence: 0.5 })
  assert.equal(data.choices[0].finish_reason, 'stop')
  assert.ok(data.usage.total_tokens > 0)
  assert.match(id, /^req_/)
})

test('a stream, with its usage', async () => {
  const stream = client.chat.completions.stream({ model: 'gpt-4o', stream_options: { include_usage: true },
    messages: [{ role: 'user', content: 'Say hello.' }] })
  const whole = await stream.finalChatCompletion()
  assert.equal(whole.choices[0].message.content, 'Hello.')
  assert.ok(whole.usage.total_tokens > 0)
})

test('refusal and truncation', async () => {
  server.inject('refusal')
  const refused = await client.chat.completions.parse(question)
  assert.equal(refused.choices[0].message.parsed, null)
  assert.match(refused.choices[0].message.refusal, /can't help/)
  server.inject('truncated')
  await assert.rejects(client.chat.completions.parse(question), OpenAI.LengthFinishReasonError ?? Error)
})

test('the list of models', async () => {
  const page = await client.models.list()
  assert.deepEqual(page.data.map((model) => model.id), ['gpt-4o'])
})

test('errors have the classes that they have at OpenAI', async () => {
  await assert.rejects(client.chat.completions.create({ ...question, model: 'does-not-exist' }), OpenAI.NotFoundError)
  const stranger = new OpenAI({ apiKey: 'sk-other', baseURL: server.url })
  await assert.rejects(stranger.chat.completions.create(question), OpenAI.AuthenticationError)
  server.inject('no-temperature')
  await assert.rejects(client.chat.completions.create(question), (fault) =>
    fault instanceof OpenAI.BadRequestError && fault.code === 'unsupported_parameter' && fault.param === 'temperature')
})

async function requests(run) {
  const first = server.requests.length
  const outcome = await run().then((value) => ({ value }), (fault) => ({ fault }))
  return { ...outcome, made: server.requests.slice(first) }
}
const ask = () => client.chat.completions.create(question)

test('it asks again as the server says', async () => {
  server.inject('limited-wait')
  const waited = await requests(ask)
  assert.ok(waited.value)
  assert.equal(waited.made.length, 2)
  assert.ok(waited.made[1].at - waited.made[0].at >= 990)
  server.inject('limited-wait-ms', 'broken')
  assert.equal((await requests(ask)).made.length, 3)
  server.inject('no-credit')
  const broke = await requests(ask)
  assert.ok(broke.fault instanceof OpenAI.RateLimitError && broke.fault.code === 'insufficient_quota')
  assert.equal(broke.made.length, 1)
  server.inject('overloaded', 'overloaded', 'overloaded')
  const down = await requests(ask)
  assert.ok(down.fault instanceof OpenAI.InternalServerError)
  assert.equal(down.made.length, 3)
})

test('what is slow runs out of time, and what is packed is unpacked', async () => {
  server.inject('slow')
  const slow = await requests(() => client.chat.completions.create(question, { timeout: 300, maxRetries: 0 }))
  assert.ok(slow.fault instanceof OpenAI.APIConnectionTimeoutError)
  server.inject('gzip')
  assert.equal((await ask()).choices[0].finish_reason, 'stop')
})

const recorded = recordings(root)
test('every recorded question gets its recorded answer', { skip: recorded.length ? false : 'shared data absent' }, async () => {
  const seen = new Set()
  let compared = 0
  for (const { name, request, response } of recorded) {
    const once = JSON.stringify(request.body)
    if (seen.has(once)) continue // the same question was recorded twice: one answer is given
    seen.add(once)
    const answer = await client.chat.completions.create(request.body, { maxRetries: 0 }).then(async (value) => {
      if (!request.body.stream) return { value }
      let text = ''
      for await (const chunk of value) text += chunk.choices[0]?.delta?.content ?? ''
      return { text }
    }, (fault) => ({ fault }))
    if (answer.fault) assert.equal(answer.fault.status, response.status, name)
    else if (answer.value) assert.equal(answer.value.object, 'chat.completion', name)
    else assert.equal(typeof answer.text, 'string', name)
    compared++
  }
  assert.ok(compared >= 10)
})
