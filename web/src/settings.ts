// SPDX-License-Identifier: Apache-2.0
// What the person at the screen chose. Kept in this browser only; anything unreadable falls back to
// the first choice.
import { effect, signal, type Signal } from '@preact/signals';

function choice<T extends string>(name: string, values: readonly T[]): Signal<T> {
  const key = `trader.${name}`;
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(key);
  } catch {
    // Storage may be forbidden; the page works without it.
  }
  const chosen = signal<T>(values.find((value) => value === stored) ?? values[0]!);
  effect(() => {
    const value = chosen.value;
    try {
      localStorage.setItem(key, value);
    } catch {
      // as above
    }
  });
  return chosen;
}

export const THEMES = ['system', 'dark', 'light'] as const;
export const COLOURS = ['blue-orange', 'teal-red', 'red-up'] as const;
export const REFRESH = ['program', '1 s', '5 s', '15 s', 'manual'] as const;
export const CANDLES = ['filled', 'hollow'] as const;

export const theme = choice('theme', THEMES);
export const colours = choice('colours', COLOURS);
export const refresh = choice('refresh', REFRESH);
export const candleStyle = choice('candles', CANDLES);

const light = matchMedia('(prefers-color-scheme: light)');
const narrowScreen = matchMedia('(max-width: 760px)');

/** The theme that is seen, after "system" has been asked. */
export const shownTheme = signal<'dark' | 'light'>('dark');
export const narrow = signal(narrowScreen.matches);

function apply(): void {
  shownTheme.value = theme.value === 'system' ? (light.matches ? 'light' : 'dark') : theme.value;
  document.documentElement.dataset['theme'] = shownTheme.value;
  document.documentElement.dataset['colours'] = colours.value;
}

effect(apply);
light.addEventListener('change', apply);
narrowScreen.addEventListener('change', () => (narrow.value = narrowScreen.matches));

/** Milliseconds between two updates of the screen; null: only when asked. */
export function refreshMs(fromProgram: number | undefined): number | null {
  if (refresh.value === 'manual') return null;
  if (refresh.value === 'program') return fromProgram && fromProgram > 0 ? fromProgram : 250;
  return Number.parseInt(refresh.value, 10) * 1000;
}
