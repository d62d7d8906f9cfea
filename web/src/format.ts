// SPDX-License-Identifier: Apache-2.0
// Every number and time on the page is written here, so that the same value never appears in two
// forms. Unknown is a dash, a minus is the true minus sign, thousands are grouped, times are UTC.

export const UNKNOWN = '—';
const MINUS = '\u2212';
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Unknown = null | undefined;

function known(value: number | Unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** A number with a fixed count of decimals; a value that rounds to nothing bears no minus. */
export function fixed(value: number | Unknown, decimals: number): string {
  if (!known(value)) return UNKNOWN;
  const text = Math.abs(value).toFixed(decimals);
  const [whole = '0', part] = text.split('.');
  const sign = value < 0 && /[1-9]/.test(text) ? MINUS : '';
  return sign + group(whole) + (part ? `.${part}` : '');
}

function withPlus(text: string, value: number): string {
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/**
 * A price in the steps of its symbol; without known steps, as many decimals as its size asks for.
 */
export function price(value: number | Unknown, decimals?: number | null): string {
  if (!known(value)) return UNKNOWN;
  return fixed(value, decimals ?? decimalsFor(value));
}

function decimalsFor(value: number): number {
  const size = Math.abs(value);
  if (size >= 100 || size === 0) return 2;
  if (size >= 1) return 4;
  return Math.min(8, 3 - Math.floor(Math.log10(size)));
}

/** Money: two decimals, or four significant digits below one. */
export function money(value: number | Unknown): string {
  if (!known(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size >= 1 || size === 0) return fixed(value, 2);
  return fixed(value, Math.min(8, 3 - Math.floor(Math.log10(size))));
}

/** Money that was won or lost: always with its sign, in cents. */
export function gain(value: number | Unknown): string {
  return known(value) ? withPlus(fixed(value, 2), value) : UNKNOWN;
}

/** A quantity without the zeros that say nothing. */
export function quantity(value: number | Unknown): string {
  if (!known(value)) return UNKNOWN;
  const [whole = '0', part = ''] = fixed(value, 8).split('.');
  const kept = part.replace(/0+$/, '');
  return kept ? `${whole}.${kept}` : whole;
}

/** A value that is already in percent. */
export function percent(value: number | Unknown, decimals = 2): string {
  return known(value) ? `${withPlus(fixed(value, decimals), value)} %` : UNKNOWN;
}

/** A share between 0 and 1, shown in percent without a sign of growth. */
export function share(value: number | Unknown, decimals = 0): string {
  return known(value) ? `${fixed(value * 100, decimals)} %` : UNKNOWN;
}

/** A drawdown is a loss whichever sign it came with. */
export function drawdown(value: number | Unknown): string {
  return known(value) ? `${fixed(-Math.abs(value) * 100, 2)} %` : UNKNOWN;
}

/** Large counts in short: 1.25 M. */
export function big(value: number | Unknown): string {
  if (!known(value)) return UNKNOWN;
  const size = Math.abs(value);
  for (const [unit, letter] of [
    [1e12, 'T'],
    [1e9, 'B'],
    [1e6, 'M'],
    [1e4, 'k'],
  ] as const) {
    if (size >= unit)
      return letter === 'k' ? `${fixed(value / 1e3, 1)} k` : `${fixed(value / unit, 2)} ${letter}`;
  }
  return fixed(value, size >= 100 || Number.isInteger(value) ? 0 : 2);
}

/** A count of events: a whole number, grouped. */
export function count(value: number | Unknown): string {
  return fixed(value, 0);
}

export type Direction = 'up' | 'down' | 'flat';

export function direction(value: number | Unknown): Direction {
  if (!known(value) || value === 0) return 'flat';
  return value > 0 ? 'up' : 'down';
}

/** The mark beside a coloured number: colour alone never carries the meaning. */
export function arrow(value: number | Unknown): string {
  return { up: '▲', down: '▼', flat: '' }[direction(value)];
}

/** How long ago or how long still, in the unit that fits. */
export function duration(milliseconds: number | Unknown): string {
  if (!known(milliseconds)) return UNKNOWN;
  const span = Math.max(0, milliseconds);
  if (span < 10 * SECOND) return `${(span / SECOND).toFixed(1)} s`;
  if (span < 2 * MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < 2 * HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < 2 * DAY) return `${Math.floor(span / HOUR)} h`;
  return `${Math.floor(span / DAY)} d`;
}

/** A duration of work, given in microseconds. */
export function micros(value: number | Unknown): string {
  if (!known(value)) return UNKNOWN;
  if (value < 1000) return `${fixed(value, value < 10 ? 1 : 0)} µs`;
  if (value < 1e6) return `${fixed(value / 1000, value < 1e4 ? 1 : 0)} ms`;
  return `${fixed(value / 1e6, 1)} s`;
}

export function parseTime(iso: string | Unknown): number | null {
  if (!iso) return null;
  const value = Date.parse(iso);
  return Number.isNaN(value) ? null : value;
}

function stamp(iso: string | number | Unknown): string | null {
  const value = typeof iso === 'number' ? iso : parseTime(iso);
  return value === null || !Number.isFinite(value) ? null : new Date(value).toISOString();
}

/** 21:33:45 */
export function clock(iso: string | number | Unknown): string {
  return stamp(iso)?.slice(11, 19) ?? UNKNOWN;
}

/** 21:33 */
export function minute(iso: string | number | Unknown): string {
  return stamp(iso)?.slice(11, 16) ?? UNKNOWN;
}

/** 24 Nov 21:33 */
export function dayMinute(iso: string | number | Unknown): string {
  const text = stamp(iso);
  if (!text) return UNKNOWN;
  const month = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')[
    Number(text.slice(5, 7)) - 1
  ];
  return `${Number(text.slice(8, 10))} ${month} ${text.slice(11, 16)}`;
}

/** 2024-11-24 21:33 */
export function dateMinute(iso: string | number | Unknown): string {
  return stamp(iso)?.slice(0, 16).replace('T', ' ') ?? UNKNOWN;
}

/** The full form, for titles and tables that are taken away. */
export function iso(value: string | number | Unknown): string {
  return stamp(value) ?? UNKNOWN;
}

/** take_profit, TAKE_PROFIT → take profit: names of the program, read by people. */
export function words(name: string | Unknown): string {
  return name ? name.replace(/_/g, ' ').toLowerCase() : UNKNOWN;
}
