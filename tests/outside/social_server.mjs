// SPDX-License-Identifier: Apache-2.0
// One server with the interfaces of the social sources: LunarCrush v4 (recorded examples where the shared data are there,
// else a few rows of our own), Fear & Greed, feeds in RSS and Atom with ETag and 304, CryptoPanic, GDELT, Reddit. Headlines
// and numbers can be set by a test. Every request is kept.
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'

export const keys = {
  lunarcrush: 'lunar-canary-5b1d9e7c3a2f4d68', cryptopanic: 'panic-canary-0f9e8d7c6b5a4938',
  reddit: 'reddit-canary-id-71c2', redditSecret: 'reddit-canary-secret-9d8e7f',
}

const escaped = (text) => text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c])
const envelope = (data) => ({ config: { generated: Math.floor(Date.now() / 1000) }, data })

const coin = (id, symbol, name) => ({ id, symbol, name, topic: `${symbol.toLowerCase()} ${name.toLowerCase()}`,
  market_cap_rank: id, interactions_24h: 1000000 * id, social_volume_24h: 5000 * id, sentiment: 70 + id, galaxy_score: 60 })
const coins = [coin(1, 'BTC', 'Bitcoin'), coin(2, 'ETH', 'Ethereum'), coin(3, 'SOL', 'Solana')]

const types = { tweet: 400, 'reddit-post': 90, news: 12 }
const topic = (name) => ({ topic: name, num_posts: 502, num_contributors: 210, interactions_24h: 900000,
  types_count: types, types_interactions: types, types_sentiment: { tweet: 80, 'reddit-post': 60, news: 50 } })

export function rss(items, extra = '') {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Feed</title>${extra}${items.map((item) =>
    `<item><title>${escaped(item.title)}</title><link>https://news.example/${item.id}</link><guid>${item.id}</guid>` +
    `<pubDate>${new Date(item.at).toUTCString()}</pubDate><description><![CDATA[${item.text ?? ''}]]></description></item>`)
    .join('')}</channel></rss>`
}

export async function startSocial({ root = process.env.TRADER_DATA ?? '../../../shared/data', log } = {}) {
  const place = { requests: [], limited: 0, sentiment: 44, etag: '"feed-1"',
    headlines: [{ id: 'n1', title: 'Bitcoin rallies to a record high', at: Date.now() - 600000 },
      { id: 'n2', title: 'Ethereum falls after an exploit', at: Date.now() - 1200000 }] }
  const recorded = (name) => {
    try { return readFileSync(`${root}/api/lunarcrush/v4/${name}.json`, 'utf8') } catch { return null }
  }

  function lunarcrush(request, path) {
    if (request.headers.authorization !== `Bearer ${keys.lunarcrush}`) return { status: 401, body: { error: 'Invalid key' } }
    if (place.limited > 0) {
      place.limited--
      return { status: 429, headers: { 'retry-after': '7' }, body: { error: 'Limit exceeded' } }
    }
    if (path === '/public/coins/list/v2') return { body: envelope(coins) }
    if (/^\/public\/topic\/[^/]+\/news\/v1$/.test(path))
      return { raw: recorded('topic_news') ?? JSON.stringify(envelope([{ id: 'a-1', post_type: 'news', post_title: 'Bitcoin holds steady',
        post_link: 'https://news.example/a-1', post_created: Math.floor(Date.now() / 1000) - 900, post_sentiment: 3.4, interactions_24h: 700 }])) }
    if (/^\/public\/topic\/[^/]+\/v1$/.test(path)) return { raw: recorded('topic') ?? JSON.stringify(envelope(topic('bitcoin'))) }
    // Hours of our own between start and end, the last of them still being counted, where a test asks for them.
    if (place.hours && /^\/public\/coins\/[^/]+\/time-series\/v2$/.test(path)) {
      const query = new URL(request.url, 'http://x').searchParams, id = Number(path.split('/')[3]), rows = []
      for (let at = Number(query.get('start')); at <= Number(query.get('end')); at += 3600)
        if (!place.hours.missing?.(at)) rows.push({ time: at, contributors_active: 100, interactions: 1000 * id + at % 97,
          posts_active: 500 * id + at % 89, sentiment: 50 + (at / 3600) % 40, spam: 3, alt_rank: 7 })
      return { body: envelope(rows) }
    }
    if (/^\/public\/coins\/[^/]+\/time-series\/v2$/.test(path))
      return { raw: recorded('coins_time_series') ?? JSON.stringify(envelope([])) }
    return { status: 404, body: { error: 'Not found' } }
  }

  function feed(request, path) {
    if (path === '/rss/moved') return { status: 301, headers: { location: '/rss/news' }, raw: '' }
    if (path === '/rss/inwards') return { status: 302, headers: { location: 'https://169.254.169.254/latest/' }, raw: '' }
    if (path === '/rss/html') return { raw: '<html><body>Please enable cookies</body></html>' }
    if (path === '/rss/half') return { raw: rss(place.headlines).slice(0, -60) }
    if (path === '/rss/latin') return { bytes: Buffer.from('<?xml version="1.0" encoding="windows-1252"?><rss><item><title>Soci\xE9t\xE9 buys \x80 5m of BTC</title></item></rss>', 'latin1') }
    if (request.headers['if-none-match'] === place.etag) return { status: 304, headers: { etag: place.etag }, raw: '' }
    return { headers: { etag: place.etag, 'content-type': 'application/rss+xml; charset=utf-8' }, raw: rss(place.headlines) }
  }

  const posts = () => place.headlines.map((item) => ({ id: item.id, title: item.title, url: `https://news.example/${item.id}`,
    published_at: new Date(item.at).toISOString(), kind: 'news', votes: { positive: 3, negative: 1 }, source: { title: 'Paper', domain: 'news.example' } }))

  function others(request, path, query) {
    if (path === '/fng/') return { body: { name: 'Fear and Greed Index', data: [{ value: String(place.sentiment), value_classification: 'Fear',
      timestamp: String(Math.floor(Date.now() / 86400000) * 86400), time_until_update: '3600' }], metadata: { error: null } } }
    if (path === '/panic/posts/')
      return query.get('auth_token') === keys.cryptopanic ? { body: { count: 2, next: `https://x.example/?auth_token=${keys.cryptopanic}`, results: posts() } }
        : { status: 403, body: { info: 'Token not found' } }
    if (path === '/gdelt/doc/doc') return { body: { articles: place.headlines.map((item) => ({ url: `https://news.example/${item.id}`, title: item.title,
      seendate: new Date(item.at).toISOString().replace(/[-:]|\.\d+/g, ''), domain: 'news.example', language: 'English' })) } }
    if (path === '/reddit/api/v1/access_token') {
      const wanted = `Basic ${Buffer.from(`${keys.reddit}:${keys.redditSecret}`).toString('base64')}`
      return request.headers.authorization === wanted ? { body: { access_token: 'reddit-canary-token', token_type: 'bearer', expires_in: 86400 } }
        : { status: 401, body: { message: 'Unauthorized', error: 401 } }
    }
    if (path.startsWith('/reddit/r/'))
      return request.headers.authorization === 'Bearer reddit-canary-token' ? { body: { data: { children: place.headlines.map((item) => ({ data: {
        title: item.title, permalink: `/r/x/${item.id}`, score: 10, num_comments: 3, created_utc: item.at / 1000, subreddit: 'CryptoCurrency', id: item.id } })) } } }
        : { status: 401, body: {} }
    return { status: 404, body: { error: 'Not found' } }
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://x'), path = url.pathname
    let text = ''
    request.on('data', (piece) => { text += piece })
    request.on('end', () => {
      place.requests.push({ path, query: url.search, headers: request.headers, text })
      log?.(request.method, request.url)
      const said = path.startsWith('/api4') ? lunarcrush(request, path.slice(5))
        : path.startsWith('/rss/') ? feed(request, path) : others(request, path, url.searchParams)
      const bytes = said.bytes ?? Buffer.from(said.raw ?? JSON.stringify(said.body))
      response.writeHead(said.status ?? 200, { 'content-type': 'application/json', ...said.headers })
      response.end(bytes)
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  place.url = `http://127.0.0.1:${server.address().port}`
  place.close = () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve) })
  return place
}
