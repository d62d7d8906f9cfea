// SPDX-License-Identifier: Apache-2.0
// Puts the notice of the libraries at the head of the script, and a brotli and a gzip form beside
// each built file: the server in the program does not compress by itself. Fails over the budget of
// 110 KB (brotli) for all scripts and styles together.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const FOLDER = new URL('dist/', import.meta.url);
// The licences of what is bundled ask for their notice in every copy; the texts stand in
// LICENSES.txt.
const NOTICE =
  '/*! TradingView Lightweight Charts(tm), (c) 2025 TradingView, Inc., Apache-2.0. ' +
  'Preact, (c) 2015-present Jason Miller, MIT. Signals, (c) 2022-present Preact Team, MIT. ' +
  'fancy-canvas, MIT. Texts: LICENSES.txt */\n';
const BUDGET = 110 * 1024;

const script = new URL('app.js', FOLDER);
writeFileSync(script, NOTICE + readFileSync(script, 'utf8'));

let total = 0;
for (const name of readdirSync(FOLDER).sort()) {
  if (/\.(br|gz)$/.test(name)) continue;
  const plain = readFileSync(new URL(name, FOLDER));
  const brotli = brotliCompressSync(plain, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
    },
  });
  writeFileSync(new URL(`${name}.br`, FOLDER), brotli);
  writeFileSync(new URL(`${name}.gz`, FOLDER), gzipSync(plain, { level: 9 }));
  if (/\.(js|css)$/.test(name)) total += brotli.length;
  console.log(`${name}: ${plain.length} bytes, brotli ${brotli.length}`);
}
console.log(`scripts and styles: ${total} of ${BUDGET} bytes (brotli)`);
if (total > BUDGET) {
  console.error('over budget: the page must stay small');
  process.exit(1);
}
