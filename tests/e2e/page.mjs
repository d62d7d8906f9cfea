// SPDX-License-Identifier: Apache-2.0
// The page in a real browser, against any server that speaks the interface.
//   BASE_URL=http://127.0.0.1:8050 CODE=xxxx node --test tests/e2e/page.mjs
// One code is used once: the first test logs in, the others go on with its cookie.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import axe from 'axe-core';
import { BASE_URL, launch, number, openContext, SHOTS, until } from './browser.mjs';

const CODE = process.env.CODE ?? '';
const CHART = '[data-chart="price"]';
const WIDE = [1440, 900];
const PHONE = [390, 844];
const CLEAN = { outside: [], errors: [], violations: [] };
const PHONE_OPTIONS = { isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

let browser;
let wide;
let page;
let cookies;

async function phone(more = {}) {
  const opened = await openContext(browser, ...PHONE, { ...PHONE_OPTIONS, ...more });
  await opened.context.addCookies(cookies);
  return opened;
}

async function ready(on) {
  await until('bars on the chart', () => number(on, CHART, 'data-bars'));
  await on.waitForSelector('[data-panel="equity"] [data-points]');
}

async function serious(on) {
  await on.evaluate(() => document.fonts.ready.then(() => true));
  const result = await on.evaluate(async () =>
    (await window.axe.run(document, { resultTypes: ['violations'] })).violations.map((each) => ({
      id: each.id,
      impact: each.impact,
      nodes: each.nodes.slice(0, 4).map((node) => `${node.target} ${node.failureSummary}`),
    })),
  );
  return result.filter((each) => each.impact === 'serious' || each.impact === 'critical');
}

/**
 * axe is put in by the debugger's side of the browser, which the page's policy does not concern.
 */
async function withAxe(on) {
  const session = await on.context().newCDPSession(on);
  await session.send('Runtime.evaluate', { expression: axe.source });
  return on;
}

before(async () => {
  browser = await launch();
  wide = await openContext(browser, ...WIDE);
  page = await wide.context.newPage();
});

after(async () => {
  if (page) await page.screenshot({ path: `${SHOTS}/last.png` }).catch(() => undefined);
  await browser?.close();
});

describe('the door', () => {
  test('without a login there is a form, and nothing else is shown', async () => {
    await page.goto(`${BASE_URL}/`);
    await page.waitForSelector('input[name="code"]');
    assert.equal(await page.locator('[data-panel]').count(), 0);
    assert.deepEqual(await serious(await withAxe(page)), []);
    await page.screenshot({ path: `${SHOTS}/login-1440.png` });
  });

  test('a wrong code is refused with words', async () => {
    await page.fill('input[name="code"]', 'certainly-not-the-code');
    await page.click('button[type="submit"]');
    await until('an answer', async () =>
      /not valid/.test(await page.locator('#login-problem').innerText()),
    );
  });

  test('a code in the address opens the door and does not stay there', async () => {
    await page.goto(`${BASE_URL}/?code=${encodeURIComponent(CODE)}`);
    await ready(page);
    assert.equal(new URL(page.url()).search, '');
    cookies = await wide.context.cookies();
    assert.ok(
      cookies.every((cookie) => cookie.httpOnly),
      'scripts cannot read the login',
    );
    wide.seen.errors.length = 0; // the browser writes every 401 to its console; from here on there must be none
  });
});

describe('the frame', () => {
  test('says which money this is, how fresh it is and what there is', async () => {
    assert.match(await page.locator('[data-mode]').innerText(), /^(DEMO|PAPER|REPLAY|LIVE)$/);
    await until(
      'a live stream',
      async () => (await page.locator('.pulse').getAttribute('data-connection')) === 'open',
    );
    assert.match(await page.locator('[data-equity]').innerText(), /^[\d,]+\.\d\d$/);
    assert.match(await page.locator('.top-change').innerText(), /%/);
  });

  test('has no dead link: every entry of the rail opens a page with panels', async () => {
    const names = await page
      .locator('.rail a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    assert.ok(names.length >= 2);
    for (const name of names) {
      await page.locator(`.rail a[href="${name}"]`).click();
      await page.waitForSelector('[data-panel]');
      assert.equal(await page.locator('.rail a[aria-current="page"]').getAttribute('href'), name);
    }
    await page.goto(`${BASE_URL}/#/`);
    await ready(page);
  });

  test('the footer bears the disclaimer and the notice of the chart library', async () => {
    const foot = await page.locator('.foot').innerText();
    assert.match(foot, /not financial(?: or investment)? advice/i);
    assert.match(foot, /TradingView Lightweight Charts/);
    assert.equal(
      await page.locator('.foot a').first().getAttribute('href'),
      'https://www.tradingview.com/',
    );
  });
});

describe('the market', () => {
  test('a candle moves', async () => {
    const first = await page.locator(CHART).getAttribute('data-close');
    const time = await page.locator(CHART).getAttribute('data-time');
    await until(
      'another price',
      async () =>
        (await page.locator(CHART).getAttribute('data-close')) !== first ||
        (await page.locator(CHART).getAttribute('data-time')) !== time,
      30,
    );
  });

  test('bars close and their indicators arrive', async () => {
    await page.locator('.intervals button', { hasText: /^1m$/ }).click();
    await until('one minute bars', () => number(page, CHART, 'data-bars'));
    const start = await number(page, CHART, 'data-time');
    await until('a new bar', async () => (await number(page, CHART, 'data-time')) > start, 70);
    assert.match(await page.locator('.pane-caption').first().innerText(), /RSI 14\s+\d/);
    assert.match(await page.locator('.pane-caption').nth(1).innerText(), /MACD 12 26 9\s+.?\d/);
  });

  test('a trade marker appears', async () => {
    await page.locator('.intervals button', { hasText: /^1h$/ }).click();
    const symbols = await page.locator('.watch').count();
    for (let index = 0; index < symbols; index += 1) {
      await page.locator('.watch').nth(index).click();
      await page.waitForTimeout(700);
      if (await number(page, CHART, 'data-markers')) return;
    }
    await until('a marker on the last symbol', () => number(page, CHART, 'data-markers'), 60);
  });

  test('the picture has a sentence, a table and the keyboard', async () => {
    await until('a caption', async () =>
      /candles of .*last .*range/.test(await page.locator(CHART).getAttribute('aria-label')),
    );
    await page.locator(CHART).focus();
    const before = await page.locator('.legend').first().innerText();
    for (let step = 0; step < 5; step += 1) await page.keyboard.press('ArrowLeft');
    await until(
      'another bar in the legend',
      async () => (await page.locator('.legend').first().innerText()) !== before,
    );
    await page.keyboard.press('Escape');
    await page.locator('[aria-label="View as table"]').click();
    assert.ok((await page.locator('[aria-label="Candles as a table"] tbody tr').count()) > 20);
    await page.locator('[aria-label="View as chart"]').click();
    await ready(page);
    await page.waitForTimeout(500);
    assert.ok((await number(page, CHART, 'data-visible')) > 30, 'the newest bars fill the chart');
  });
});

describe('the panels', () => {
  test('social data and news are shown, or said to be absent: never a number that nobody told', async () => {
    const social = page.locator('[data-panel="social"]');
    await social.locator('.mood, [data-state="empty"]').first().waitFor();
    const known = (await social.locator('.mood').count()) > 0;
    const text = await social.innerText();
    assert.match(text, known ? /neutral/ : /No data/);
    if (known) assert.match(await social.locator('.mood').getAttribute('data-sentiment'), /^(none|0?\.\d+|[01])$/);
    else assert.ok(!/\d+ (posts|%)/.test(text));
    const news = page.locator('[data-panel="news"]');
    await news.locator('.stories, [data-state="empty"]').first().waitFor();
    assert.equal(await news.locator('.story-title :not(a)').count(), 0, 'titles are text');
  });

  test('signals bear a decision, a confidence, reasons, contributions and "not a recommendation"', async () => {
    const cards = page.locator('[data-signal]');
    await until('a signal', () => cards.count(), 60);
    const card = await cards.first().innerText();
    assert.match(card, /(BUY|SELL|HOLD)/);
    assert.match(card, /(\d+ %|—) confidence/);
    assert.equal(
      await page.getByText('not a recommendation', { exact: true }).count(),
      await cards.count(),
    );
    assert.ok((await page.locator('.contributions tbody tr').count()) > 0);
  });

  test('a signal is explained: a waterfall to its score, what would have turned it, and how it is known', async () => {
    await page.waitForSelector('[data-explained]', { timeout: 20_000 });
    const explained = page.locator('[data-explained]').first();
    const bars = await explained
      .locator('.waterfall tbody tr td:last-child')
      .evaluateAll((cells) => cells.map((cell) => Number(cell.innerText.replace('\u2212', '-'))));
    const score = bars.pop();
    assert.ok(bars.length >= 5);
    const sum = bars.reduce((total, value) => total + value, 0);
    assert.ok(Math.abs(sum - score) < 0.0005 * (bars.length + 1), `${bars} do not sum to ${score}`);
    assert.match(await explained.innerText(), /Computed from the inputs of the decision/);
  });

  test('the versions that decide are listed with their records, and one is the champion', async () => {
    await page.goto(`${BASE_URL}/#/ai`);
    await page.waitForSelector('[data-version]');
    await page.waitForSelector('[data-model]');
    assert.equal(await page.locator('.status-champion').count(), 1);
    assert.match(await page.locator('[data-model]').innerText(), /by settings/);
    assert.deepEqual(await serious(await withAxe(page)), []);
    await page.screenshot({ path: `${SHOTS}/ai-1440.png` });
    const { context } = await phone();
    const small = await context.newPage();
    await small.goto(`${BASE_URL}/#/ai`);
    await small.waitForSelector('[data-model]');
    assert.ok(
      await small.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      'nothing sticks out on a phone',
    );
    await small.screenshot({ path: `${SHOTS}/ai-390.png`, fullPage: true });
    await context.close();
    await page.goto(`${BASE_URL}/#/`);
    await ready(page);
  });

  test('holdings, equity, health and log are filled', async () => {
    assert.ok((await page.locator('[data-panel="holdings"] .allocation li').count()) > 0);
    assert.ok((await number(page, '[data-chart="equity"]', 'data-points')) > 1);
    assert.ok((await number(page, '[data-panel="health"] table', 'data-count')) > 0);
    await until('log lines', () => number(page, '[data-panel="log"] .log-lines', 'data-count'));
  });

  test('the log can be narrowed to one service', async () => {
    const name = await page.locator('.log-lines b').last().innerText();
    await page.locator('[data-panel="log"] select').first().selectOption(name);
    const names = await page.locator('.log-lines b').allInnerTexts();
    assert.ok(names.length > 0 && names.every((each) => each === name));
    await page.locator('[data-panel="log"] select').first().selectOption('');
  });

  test('trades, fills and refusals share a panel with tabs', async () => {
    for (const tab of ['Fills', 'Refusals', 'Trades']) {
      await page.getByRole('tab', { name: tab }).click();
      assert.equal(
        await page.getByRole('tab', { name: tab }).getAttribute('aria-selected'),
        'true',
      );
      await page.waitForSelector('#activity-body table, #activity-body [data-state="empty"]');
    }
  });
});

describe('stopping', () => {
  test('Shift K opens the dialog and does nothing else', async () => {
    await page.locator('#main').focus();
    await page.keyboard.press('Shift+K');
    await page.waitForSelector('[data-dialog="kill"]');
    await page.waitForTimeout(500);
    assert.equal(await page.locator('[data-banner="kill"]').count(), 0);
    assert.match(await page.locator('[data-dialog="kill"]').innerText(), /No new entries/);
    await page.screenshot({ path: `${SHOTS}/kill-1440.png` });
  });

  test('Pause acts at once, is shown on the page, and can be undone', async () => {
    await page.locator('.kill-level.pause').click();
    await page.waitForSelector('[data-banner="kill"]');
    await page.locator('.toast button', { hasText: 'Undo' }).click();
    await until(
      'trading again',
      async () => (await page.locator('[data-banner="kill"]').count()) === 0,
    );
  });

  test('Flatten shows what it would do and asks once more', async () => {
    await page.locator('.kill-button').click();
    await page.locator('.kill-level.flatten').click();
    assert.match(await page.locator('[data-dialog="kill"]').innerText(), /closed at the market/);
    await page.keyboard.press('Escape');
    await until('closed', async () => (await page.locator('dialog[open]').count()) === 0);
    assert.equal(await page.locator('[data-banner="kill"]').count(), 0);
  });
});

describe('form', () => {
  for (const scheme of ['dark', 'light']) {
    test(`1440 px, ${scheme}: nothing serious for axe-core, no sideways scroll`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(`${BASE_URL}/#/`);
      await page.evaluate(() => window.scrollTo(0, 0));
      await until('no toast', async () => (await page.locator('.toast').count()) === 0);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= WIDE[0]);
      await page.screenshot({ path: `${SHOTS}/overview-1440-${scheme}.png`, fullPage: true });
      assert.deepEqual(await serious(await withAxe(page)), []);
    });
  }

  for (const name of ['trade', 'portfolio', 'system']) {
    test(`${name}: nothing serious for axe-core`, async () => {
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.goto(`${BASE_URL}/#/${name}`);
      await page.waitForSelector(`[data-page="${name}"] [data-panel]`);
      await page.screenshot({ path: `${SHOTS}/${name}-1440.png` });
      assert.deepEqual(await serious(await withAxe(page)), []);
    });
  }

  test('the dialogs: nothing serious for axe-core', async () => {
    for (const key of ['Shift+K', '?']) {
      await page.locator('#main').focus();
      await page.keyboard.press(key);
      await page.waitForSelector('dialog[open]');
      assert.deepEqual(await serious(await withAxe(page)), []);
      await page.keyboard.press('Escape');
      await until('closed', async () => (await page.locator('dialog[open]').count()) === 0);
    }
  });

  test('no width from 320 to 1920 px scrolls sideways', async () => {
    for (const width of [320, 360, 720, 1024, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      for (const name of ['', 'trade', 'portfolio', 'system']) {
        await page.goto(`${BASE_URL}/#/${name}`);
        await page.waitForSelector('[data-panel]');
        await page.waitForTimeout(150);
        const seen = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(seen <= width, `${name || 'overview'} needs ${seen} px of ${width}`);
      }
    }
    await page.goto(`${BASE_URL}/#/`);
    await page.screenshot({ path: `${SHOTS}/overview-1920.png` });
    await page.setViewportSize({ width: WIDE[0], height: WIDE[1] });
  });

  test('390 px: chart with one lower pane, nothing scrolls sideways, nothing serious for axe-core', async () => {
    const { context, seen } = await phone();
    const small = await context.newPage();
    await small.goto(`${BASE_URL}/`);
    await ready(small);
    assert.equal(await small.locator('.pane-caption').count(), 1);
    for (const name of ['', 'trade', 'portfolio', 'system']) {
      await small.goto(`${BASE_URL}/#/${name}`);
      await small.waitForSelector('[data-panel]');
      await small.waitForTimeout(500);
      const width = await small.evaluate(() =>
        Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
      );
      assert.ok(width <= PHONE[0], `${name || 'overview'} is ${width} px wide`);
      await small.screenshot({
        path: `${SHOTS}/${name || 'overview'}-390.png`,
        fullPage: name !== '',
      });
    }
    await small.goto(`${BASE_URL}/#/`);
    await ready(small);
    assert.deepEqual(await serious(await withAxe(small)), []);
    assert.deepEqual(seen, CLEAN);
    await context.close();
  });

  test('touch targets of the bar at the foot are 44 px or more', async () => {
    const { context } = await phone();
    const small = await context.newPage();
    await small.goto(`${BASE_URL}/`);
    await ready(small);
    const heights = await small
      .locator('.rail a')
      .evaluateAll((all) => all.map((each) => each.offsetHeight));
    assert.ok(
      heights.every((height) => height >= 44),
      String(heights),
    );
    await context.close();
  });
});

describe('when things go wrong', () => {
  const answer = (status, body) => (route) =>
    route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(body) });

  async function withRoute(pattern, handler, check) {
    const { context } = await openContext(browser, ...WIDE);
    await context.addCookies(cookies);
    const broken = await context.newPage();
    await broken.route(pattern, handler);
    await broken.goto(`${BASE_URL}/`);
    await until('bars on the chart', () => number(broken, CHART, 'data-bars'));
    await check(broken);
    await context.close();
  }

  test('a panel that cannot be had says why, and gets it when asked again', async () => {
    const error = {
      code: 'store_busy',
      message: 'The store did not answer',
      where: '',
      hint: 'wait',
    };
    await withRoute('**/api/v1/refusals*', answer(503, { error }), async (broken) => {
      await broken.getByRole('tab', { name: 'Refusals' }).click();
      const place = broken.locator('#activity-body [data-state="error"]');
      assert.match(await place.innerText(), /The store did not answer[^]*store_busy[^]*wait/);
      await broken.unroute('**/api/v1/refusals*');
      await place
        .getByRole('button')
        .click({ timeout: 3000 })
        .catch(() => undefined);
      await until('no error', async () => (await place.count()) === 0);
    });
  });

  test('what is unknown is a dash, never a zero', async () => {
    const nothing = { time: null, quote_asset: 'USDC', positions: [] };
    for (const name of ['total_value', 'available', 'invested', 'exposure', 'realised_pnl'])
      nothing[name] = null;
    for (const name of ['unrealised_pnl', 'fees', 'drawdown', 'peak']) nothing[name] = null;
    const quiet = (route) => route.abort();
    await withRoute('**/api/v1/stream', quiet, async (broken) => {
      await broken.route('**/api/v1/portfolio', answer(200, nothing));
      await broken.reload();
      const tile = (label) =>
        broken
          .locator('.tile')
          .filter({ has: broken.getByText(label, { exact: true }) })
          .locator('dd')
          .innerText();
      await until('dashes', async () => /^—/.test(await tile('Equity')));
      for (const label of ['Realised', 'Unrealised', 'Exposure', 'Drawdown', 'Fees paid']) {
        assert.match(await tile(label), /^—/);
      }
    });
  });

  test('one panel that cannot be drawn leaves the others alive', async () => {
    await withRoute('**/api/v1/services', answer(200, [null]), async (broken) => {
      await broken.waitForSelector('[data-panel="health"] [data-state="broken"]');
      await broken.waitForSelector('[data-panel="equity"] [data-points]');
      await broken.waitForSelector('[data-panel="log"] .log-lines');
    });
  });

  test('a lost stream is said on the page, with the next try, and found again', async () => {
    await withRoute(
      '**/api/v1/stream',
      (route) => route.abort(),
      async (broken) => {
        const banner = broken.locator('[data-banner="offline"]');
        await until('the banner', () => banner.count());
        assert.match(await banner.innerText(), /next try in \d/);
        await banner.getByRole('button').waitFor();
        await broken.unroute('**/api/v1/stream');
        // The page's own next try may come first and take the banner away: then there is no button.
        await broken.evaluate(() =>
          document.querySelector('[data-banner="offline"] button')?.click(),
        );
        await until('the stream', async () => (await banner.count()) === 0);
      },
    );
  });
});

test('from first to last: no request to the outside, no violation of the policy, no error', async () => {
  assert.deepEqual(wide.seen, CLEAN);
});
