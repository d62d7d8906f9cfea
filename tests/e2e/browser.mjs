// SPDX-License-Identifier: Apache-2.0
// One Chromium for all tests, quiet and alone: whatever it asks for outside the tested address is
// written down, and so is every violation of the page's policy and every error on its console.
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const ARGUMENTS = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

export const BASE_URL = (process.env.BASE_URL ?? 'http://127.0.0.1:8050').replace(/\/$/, '');
export const SHOTS =
  process.env.SHOTS ?? new URL('../../build/screenshots', import.meta.url).pathname;
mkdirSync(SHOTS, { recursive: true });

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ARGUMENTS,
  });
}

/**
 * Runs in every document before anything else: tells what the browser refused, and whence it came.
 */
function watchPolicy() {
  document.addEventListener('securitypolicyviolation', (event) => {
    window.tellViolation(
      `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
    );
  });
}

export async function openContext(browser, width, height, more = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: 'dark',
    ...more,
  });
  const seen = { outside: [], errors: [], violations: [] };
  const origin = new URL(BASE_URL).origin;
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url)) seen.outside.push(url);
  });
  context.on('page', (page) => {
    page.on('pageerror', (error) => seen.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error')
        seen.errors.push(`${message.text()} ${message.location().url}`);
    });
  });
  await context.exposeBinding('tellViolation', (_, text) => seen.violations.push(text));
  await context.addInitScript(watchPolicy);
  return { context, seen };
}

/** Waits until the check, made in this process, says yes; the last answer is in the failure. */
export async function until(what, check, seconds = 15) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    last = await check();
    if (last) return last;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

export const number = async (page, selector, attribute) =>
  Number((await page.locator(selector).first().getAttribute(attribute)) || 0);
