// SPDX-License-Identifier: Apache-2.0
// A server with the interface of OpenAI's chat completions. A question that was recorded (../../../shared/data/api/openai)
// gets the recorded answer, byte for byte; any other gets one in the same form, whose content is made from the schema
// that it asks for, or by `answer`. `inject` lets the next questions meet what real servers do on bad days. Every request
// is kept. OpenAI's own client is run against it (sdk.mjs), so that the server itself is known to be faithful.
import { createServer } from 'node:http'
import { readdirSync, readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

export const key = 'sk-canary-7f3a9b2c4d5e6f708192a3b4c5d6e7f8'

const canonical = (value) =>
  Array.isArray(value) ? `[${value.map(canonical)}]`
    : value && typeof value === 'object'
      ? `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)}}`
      : JSON.stringify(value)

export function recordings(root) {
  const folder = `${root}/api/openai`
  let names
  try { names = readdirSync(folder).filter((name) => name.endsWith('.json')).sort() } catch { return [] }
  return names.map((name) => ({ name, ...JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) }))
}

// The smallest value that a schema of ours allows: the first of a list of words, the middle of a range.
export function fill(schema) {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (schema.enum) return schema.enum[0]
  if (schema.anyOf) return fill(schema.anyOf[0])
  if (type === 'object')
    return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, part]) => [name, fill(part)]))
  if (type === 'array') return schema.items ? [fill(schema.items)] : []
  if (type === 'integer') return Math.ceil(((schema.minimum ?? 0) + (schema.maximum ?? 2)) / 2)
  if (type === 'number') return ((schema.minimum ?? 0) + (schema.maximum ?? 1)) / 2
  if (type === 'boolean') return false
  return type === 'null' ? null : 'a text'
}

const tokens = (text) => Math.ceil(text.length / 4)

export function completion(body, message, finish = 'stop') {
  const id = createHash('sha256').update(canonical(body)).digest('hex').slice(0, 24)
  const prompt = tokens(JSON.stringify(body.messages ?? '')), spoken = tokens(message.content ?? message.refusal ?? '')
  return {
    id: `chatcmpl-${id}`, object: 'chat.completion', created: 1732500000, model: body.model,
    choices: [{ index: 0, message: { role: 'assistant', content: null, refusal: null, ...message }, logprobs: null,
      finish_reason: finish }],
    usage: { prompt_tokens: prompt, completion_tokens: spoken, total_tokens: prompt + spoken,
      prompt_tokens_details: { cached_tokens: 0 }, completion_tokens_details: { reasoning_tokens: 0 } },
  }
}

export const error = (message, type, code = null, param = null) => ({ error: { message, type, param, code } })

// Bad days, by name: each takes the answer that would have been given and says what to do instead.
export const days = {
  'limited': () => ({ status: 429, body: error('Rate limit reached', 'requests', 'rate_limit_exceeded') }),
  'limited-wait': () => ({ status: 429, headers: { 'retry-after': '1', 'x-should-retry': 'true' },
    body: error('Rate limit reached', 'requests', 'rate_limit_exceeded') }),
  'limited-wait-ms': () => ({ status: 429, headers: { 'retry-after-ms': '30' },
    body: error('Rate limit reached', 'tokens', 'rate_limit_exceeded') }),
  'no-credit': () => ({ status: 429, headers: { 'x-should-retry': 'false' },
    body: error('You exceeded your current quota', 'insufficient_quota', 'insufficient_quota') }),
  'broken': () => ({ status: 500, body: error('The server had an error', 'server_error') }),
  'gateway': () => ({ status: 502, headers: { 'content-type': 'text/html' }, raw: '<html><h1>502 Bad Gateway</h1></html>' }),
  'overloaded': () => ({ status: 503, headers: { 'retry-after': '0.05' }, body: error('Overloaded', 'server_error') }),
  'slow': (usual) => ({ ...usual, late: 1500 }),
  'cut': (usual) => ({ ...usual, cut: true }),
  'garbled': (usual) => ({ ...usual, raw: JSON.stringify(usual.body).replaceAll('"', (_, at) => (at % 3 ? '"' : '\u0007')) }),
  'html': () => ({ status: 200, headers: { 'content-type': 'text/html' }, raw: '<!doctype html><title>Sign in</title>' }),
  'empty': () => ({ status: 200, raw: '' }),
  'error-in-200': () => ({ status: 200, body: { error: { code: 502, message: 'Provider returned error', metadata: {} } } }),
  'refusal': (usual, body) => ({ ...usual, body: completion(body, { refusal: "I'm sorry, I can't help with that." }) }),
  'truncated': (usual, body) => ({ ...usual, body: completion(body, { content: '{"decision":"BU' }, 'length') }),
  'filtered': (usual, body) => ({ ...usual, body: completion(body, { content: '' }, 'content_filter') }),
  'prose': (usual, body) => ({ ...usual, body: completion(body, { content: 'I would rather hold, thank you.' }) }),
  'fenced': (usual, body) => ({ ...usual, body: completion(body, { content: `Sure!\n\`\`\`json\n${content(body)}\n\`\`\`\n` }) }),
  'no-usage': (usual) => ({ ...usual, body: { ...usual.body, usage: undefined } }),
  'keep-alive': (usual) => ({ ...usual, raw: `\n\n: keep-alive\n\n\n${JSON.stringify(usual.body)}` }),
  'gzip': (usual) => ({ ...usual, headers: { ...usual.headers, 'content-encoding': 'gzip' }, bytes: gzipSync(JSON.stringify(usual.body)) }),
  'huge': (usual, body) => ({ ...usual, body: completion(body, { content: 'x'.repeat(1_000_000) }) }),
  'echo-key': (usual, body, request) => ({ status: 401,
    body: error(`Incorrect API key provided: ${request.headers.authorization}`, 'invalid_request_error', 'invalid_api_key') }),
  'no-temperature': () => ({ status: 400, body: error("Unsupported parameter: 'temperature' is not supported with this model.",
    'invalid_request_error', 'unsupported_parameter', 'temperature') }),
}

function content(body) {
  const schema = body.response_format?.json_schema?.schema ?? body.response_format?.schema
  return schema ? JSON.stringify(fill(schema)) : 'Hello.'
}

// A stream of a completion, as server-sent events.
function events(body, whole) {
  const { id, created, model } = whole, chunk = (delta, finish = null) => ({ id, object: 'chat.completion.chunk', created, model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })
  const words = (whole.choices[0].message.content ?? '').match(/\S+\s*/g) ?? []
  const said = [chunk({ role: 'assistant', content: '' }), ...words.map((word) => chunk({ content: word })), chunk({}, 'stop')]
  if (body.stream_options?.include_usage) said.push({ ...chunk({}), choices: [], usage: whole.usage })
  return said.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('') + 'data: [DONE]\n\n'
}

export async function startOpenai({ root = process.env.TRADER_DATA ?? '../../../shared/data', needsKey = true, answer } = {}) {
  const known = new Map(recordings(root).map((one) => [canonical(one.request.body), one]))
  const place = { requests: [], waiting: [], recorded: known.size, answer, count: 0 }
  place.inject = (...names) => place.waiting.push(...names)

  function judge(request, body) {
    const given = request.headers.authorization
    if (needsKey && given !== `Bearer ${key}`)
      return { status: 401, body: error(given ? 'Incorrect API key provided: sk-***.' : "You didn't provide an API key.",
        'invalid_request_error', given ? 'invalid_api_key' : null) }
    const before = known.get(canonical(body))
    if (before) {
      const { connection, date, server, 'transfer-encoding': _, 'content-length': __, 'content-encoding': ___, ...headers } =
        before.response.headers
      return { status: before.response.status, headers, body: before.response.body, raw: before.response.body_text }
    }
    if (body.model === 'does-not-exist')
      return { status: 404, body: error('The model `does-not-exist` does not exist or you do not have access to it.',
        'invalid_request_error', 'model_not_found') }
    const whole = completion(body, { content: place.answer ? place.answer(body) : content(body) })
    if (body.stream) return { status: 200, headers: { 'content-type': 'text/event-stream' }, raw: events(body, whole) }
    return { status: 200, body: whole }
  }

  async function reply(request, response, text) {
    let body
    place.count++
    try { body = JSON.parse(text || '{}') } catch {
      body = null
    }
    place.requests.push({ path: request.url, method: request.method, headers: request.headers, text, body, at: Date.now() })
    let said = request.url === '/v1/models'
      ? { status: 200, body: { object: 'list', data: [{ id: 'gpt-4o', object: 'model', created: 1, owned_by: 'system' }] } }
      : request.url !== '/v1/chat/completions' ? { status: 404, body: error(`Invalid URL (${request.method} ${request.url})`, 'invalid_request_error') }
        : body ? judge(request, body)
          : { status: 400, body: error('We could not parse the JSON body of your request.', 'invalid_request_error') }
    const day = request.url === '/v1/chat/completions' ? place.waiting.shift() : undefined
    if (day) said = days[day](said, body, request)
    const bytes = said.bytes ?? Buffer.from(said.raw ?? JSON.stringify(said.body))
    if (said.late) await new Promise((resolve) => setTimeout(resolve, said.late))
    const headers = { 'content-type': 'application/json', 'x-request-id': `req_${place.count}`, 'openai-version': '2020-10-01', ...said.headers }
    response.writeHead(said.status, { ...headers, 'content-length': bytes.length })
    if (said.cut) {
      response.write(bytes.subarray(0, bytes.length >> 1))
      setTimeout(() => response.destroy(), 20)
    } else {
      response.end(bytes)
    }
  }

  const server = createServer((request, response) => {
    const pieces = []
    request.on('data', (piece) => pieces.push(piece))
    request.on('end', () => reply(request, response, Buffer.concat(pieces).toString()))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  place.url = `http://127.0.0.1:${server.address().port}/v1`
  place.close = () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve) })
  return place
}
