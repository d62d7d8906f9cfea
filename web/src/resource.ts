// SPDX-License-Identifier: Apache-2.0
// A resource is one thing that the program knows and a panel shows: its value, when it was last
// heard of, and why it could not be had. Panels read their four states from it: loading, empty,
// stale, error. The program answers null where it has nothing yet. A value that was there once stays
// when a later request fails.
import { signal, type Signal } from '@preact/signals';
import { ApiError, asError } from './api.ts';

export interface Resource<T> {
  readonly name: string;
  /** How often news is expected, in ms; null for things that only happen now and then. */
  readonly rate: number | null;
  readonly value: Signal<T | null>;
  readonly error: Signal<ApiError | null>;
  readonly updated: Signal<number>;
  load(): Promise<void>;
  set(value: T | null): void;
}

export function resource<T>(
  name: string,
  rate: number | null,
  fetcher: () => Promise<T | null>,
): Resource<T> {
  const value = signal<T | null>(null);
  const error = signal<ApiError | null>(null);
  const updated = signal(0);
  let asked = 0;

  function set(next: T | null): void {
    value.value = next;
    error.value = null;
    updated.value = Date.now();
  }

  async function load(): Promise<void> {
    const ticket = ++asked;
    try {
      const next = await fetcher();
      if (ticket === asked) set(next);
    } catch (reason) {
      if (ticket === asked) error.value = asError(reason);
    }
  }

  return { name, rate, value, error, updated, load, set };
}
