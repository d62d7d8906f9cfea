// SPDX-License-Identifier: Apache-2.0
// How events of the stream enter the lists on the page. Pure; every list has a limit, oldest out
// first, so that a page that stays open for weeks does not grow.

/** Adds what is new and replaces what has the same key; the list keeps the order of arrival. */
export function upsert<T>(
  list: readonly T[],
  items: readonly T[],
  key: (item: T) => string,
  limit: number,
): T[] {
  const next = list.slice();
  const places = new Map(next.map((item, index) => [key(item), index]));
  for (const item of items) {
    const name = key(item);
    const place = places.get(name);
    if (place === undefined) {
      places.set(name, next.length);
      next.push(item);
    } else {
      next[place] = item;
    }
  }
  return next.length > limit ? next.slice(next.length - limit) : next;
}

/**
 * Adds points of a time series whose last point is the moment now: it is replaced until it is a
 * step away from the one before, so that minutes of today do not take the room of days. The step
 * is the whole span over the count wanted.
 */
export function extend<T>(
  list: readonly T[],
  items: readonly T[],
  time: (item: T) => number,
  wanted: number,
): T[] {
  const next = list.slice();
  for (const item of items) {
    const first = next[0];
    const last = next.at(-1);
    const before = next.at(-2);
    if (last !== undefined && time(item) < time(last)) continue;
    const step = first !== undefined ? (time(item) - time(first)) / wanted : 0;
    const same = last !== undefined && time(item) === time(last);
    const close = last !== undefined && before !== undefined && time(last) - time(before) < step;
    if (same || close) next.pop();
    next.push(item);
  }
  return next;
}

/** Sorts a copy by time, oldest first; equal times keep their order. */
export function byTime<T>(list: readonly T[], time: (item: T) => string): T[] {
  return list.slice().sort((a, b) => (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0));
}

/**
 * One equity point for each moment of the screen: the last of each bucket, so that drawdowns at its
 * end are kept.
 */
export function thin<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return list.slice();
  const step = list.length / most;
  const kept: T[] = [];
  for (let index = 1; index <= most; index += 1) kept.push(list[Math.ceil(index * step) - 1]!);
  return kept;
}

/**
 * The wait before try number n (from 0): doubling from 1 s to 15 s, spread by a share of itself.
 */
export function backoff(attempt: number, chance: number): number {
  const wait = Math.min(15_000, 1000 * 2 ** Math.min(attempt, 10));
  return Math.round(wait * (0.8 + 0.4 * chance));
}
