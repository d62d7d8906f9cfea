// SPDX-License-Identifier: Apache-2.0
// What the tests of this folder share: a directory of their own, the program and the port with canary keys in their
// environment, and the search for those keys in everything that they left.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { gunzipSync } from 'node:zlib'
import { key } from './openai_server.mjs'
import { keys } from './social_server.mjs'

const build = resolve(process.env.BUILD ? `../../${process.env.BUILD}` : '../../build')
export const program = join(build, 'trader')
const asker = join(build, 'tests/outside_asker')

export const secrets = { OPENAI_API_KEY: key, LUNARCRUSH_API_KEY: keys.lunarcrush, CRYPTOPANIC_API_KEY: keys.cryptopanic,
  REDDIT_CLIENT_ID: keys.reddit, REDDIT_CLIENT_SECRET: keys.redditSecret }

export function place() {
  const path = mkdtempSync(join(tmpdir(), 'trader-outside-'))
  return { path, said: '', remove: () => rmSync(path, { recursive: true, force: true }) }
}

export const environment = (stage, extra) => ({ PATH: process.env.PATH, HOME: stage.path, ...secrets, ...extra })

// Settings as words; then ask(request) gives what the port answers.
export function openPort(stage, settings, extra = {}) {
  const words = Object.entries({ 'data.directory': 'data', ...settings }).map(([name, value]) => `${name}=${value}`)
  const child = spawn(asker, words, { cwd: stage.path, env: environment(stage, extra), stdio: ['pipe', 'pipe', 'pipe'] })
  const waiting = []
  let id = 0
  child.stderr.on('data', (piece) => { stage.said += piece })
  createInterface({ input: child.stdout }).on('line', (line) => {
    stage.said += `${line}\n`
    waiting.shift()(JSON.parse(line))
  })
  const ask = (request) => new Promise((done) => {
    waiting.push(done)
    child.stdin.write(`${JSON.stringify({ service: 'social_monitor', id: ++id, slot: 0, purpose: 'test', timeout_ms: 5000,
      latency_us: 1000, reserved_usd_micro: 0, ...request })}\n`)
  })
  return { ask, close: () => new Promise((done) => { child.on('exit', done); child.stdin.end() }) }
}

// Runs the program to its end.
export function run(stage, words, extra = {}) {
  return new Promise((done) => {
    const child = spawn(program, words, { cwd: stage.path, env: environment(stage, extra), stdio: ['ignore', 'pipe', 'pipe'] })
    let out = '', err = ''
    child.stdout.on('data', (piece) => { out += piece })
    child.stderr.on('data', (piece) => { err += piece })
    child.on('close', (code) => {
      stage.said += out + err
      done({ code, out, err })
    })
  })
}

function* files(path) {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const below = join(path, entry.name)
    if (entry.isDirectory()) yield* files(below)
    else if (entry.isFile()) yield below
  }
}

// Every file that was left (unpacked where it is packed), all that was said, and what reached the servers but for the one
// header or parameter where a key belongs.
export function expectNoSecret(stage, ...requests) {
  const forms = Object.values(secrets).concat('reddit-canary-token')
    .flatMap((secret) => [secret, Buffer.from(secret).toString('base64').replace(/=+$/, ''), Buffer.from(secret).toString('hex')])
  let searched = 0
  const search = (bytes, where) => {
    searched++
    for (const form of forms) assert.ok(!bytes.includes(form), `a key stands in ${where}`)
  }
  for (const path of files(stage.path)) {
    let bytes = readFileSync(path)
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes)
    search(bytes, path)
  }
  search(stage.said, 'what was said')
  for (const list of requests)
    for (const { headers: { authorization, ...headers }, path, text } of list)
      search(JSON.stringify(headers) + path + text, `a request to ${path}`)
  return searched
}
