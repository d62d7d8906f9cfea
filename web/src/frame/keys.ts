// SPDX-License-Identifier: Apache-2.0
// The keyboard, for the whole page. Never acts on trading: Shift K only opens the dialog.
import * as candles from '../candles.ts';
import { chooseInterval, chooseSymbol, program } from '../store.ts';
import { killOpen } from './kill.ts';
import { go, type PageName } from './route.ts';
import { settingsOpen } from './settings_dialog.tsx';

const TARGETS: Record<string, PageName> = {
  o: 'overview',
  t: 'trade',
  p: 'portfolio',
  s: 'system',
};
const CHORD_MS = 1200;
let chord = 0;

function stepSymbol(by: number): void {
  const names = program.value.value?.symbols ?? [];
  const index = names.indexOf(candles.symbol.value);
  const next = names[(index + by + names.length) % names.length];
  if (next) chooseSymbol(next);
}

function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.closest('input, select, textarea, dialog')) return;
  const { key } = event;
  const page = Date.now() - chord < CHORD_MS ? TARGETS[key] : undefined;
  const interval = /^[1-7]$/.test(key)
    ? program.value.value?.intervals[Number(key) - 1]
    : undefined;
  chord = key === 'g' ? Date.now() : 0;
  if (page) go(page);
  else if (key === '[') stepSymbol(-1);
  else if (key === ']') stepSymbol(1);
  else if (interval) chooseInterval(interval);
  else if (key === 'K') killOpen.value = true;
  else if (key === 'f') document.querySelector<HTMLElement>('[data-shortcut="full"]')?.click();
  else if (key === '?') settingsOpen.value = true;
  else if (key === '/') {
    const field = document.querySelector<HTMLInputElement>('[data-shortcut="filter"]');
    if (!field) return;
    field.focus();
    event.preventDefault();
  }
}

export function listenToKeys(): void {
  document.addEventListener('keydown', onKey);
}
