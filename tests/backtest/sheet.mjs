// SPDX-License-Identifier: Apache-2.0
// A tear sheet in a real browser: one file, no script, nothing asked for outside it, and no sideways scroll of the page
// on a desktop or a phone. Run by sheet.sh from tests/e2e, whose packages it uses.
//   SHEET=/path/sheet.html node tests/backtest/sheet.mjs
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const { launch, SHOTS } = await import(new URL('../e2e/browser.mjs', import.meta.url));
const path = process.env.SHEET;
const text = readFileSync(path, 'utf8');
assert.doesNotMatch(text, /<script|javascript:|\son[a-z]+=/i, 'a script');
assert.doesNotMatch(text, /(src|href|url)\s*[=(]\s*["']?\s*(https?:)?\/\//i, 'an outside address');
assert.match(text, /not financial advice/i, 'the disclaimer');

const browser = await launch();
try {
  for (const [width, height] of [[1440, 900], [390, 844]]) {
    const page = await browser.newPage({ viewport: { width, height }, javaScriptEnabled: true });
    const asked = [];
    const errors = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(pathToFileURL(path).href);
    const scroll = await page.evaluate(() => document.documentElement.scrollWidth);
    const drawings = await page.evaluate(() => [...document.querySelectorAll('svg')].filter(
      (each) => each.getBoundingClientRect().width > 100).length);
    await page.screenshot({ path: `${SHOTS}/sheet-${width}.png`, fullPage: true });
    assert.ok(scroll <= width, `the page is ${scroll} wide on a screen of ${width}`);
    assert.ok(drawings >= 4, `${drawings} drawings`);
    assert.deepEqual(errors, []);
    assert.equal(asked.length, 1, asked.join(' '));
    console.log(`${width}: ${drawings} drawings, ${scroll} wide`);
  }
} finally {
  await browser.close();
}
