// SPDX-License-Identifier: Apache-2.0
// Lists keep their order, their limit and one row for each thing.
import assert from 'node:assert/strict';
import test from 'node:test';
import { backoff, byTime, extend, thin, upsert } from '../src/reduce.ts';

const key = (item: { id: string }) => item.id;

test('upsert replaces in place, appends the new, drops the oldest', () => {
  const list = upsert(
    [
      { id: 'a', n: 1 },
      { id: 'b', n: 1 },
    ],
    [
      { id: 'a', n: 2 },
      { id: 'c', n: 1 },
    ],
    key,
    3,
  );
  assert.deepEqual(
    list.map((item) => `${item.id}${item.n}`),
    ['a2', 'b1', 'c1'],
  );
  assert.deepEqual(upsert(list, [{ id: 'd', n: 1 }], key, 3).map(key), ['b', 'c', 'd']);
});

test('upsert leaves the list that it was given alone', () => {
  const list = [{ id: 'a', n: 1 }];
  upsert(list, [{ id: 'a', n: 2 }], key, 10);
  assert.equal(list[0]!.n, 1);
});

test('a series grows at its end, in even steps; late points are dropped', () => {
  const time = (n: number) => n;
  assert.deepEqual(extend([0, 100, 200], [150, 200], time, 3), [0, 100, 200]);
  assert.deepEqual(extend([0, 100, 200], [210, 220], time, 1000), [0, 100, 200, 210, 220]);
  const grown = extend([0, 100, 200], [210, 220, 230], time, 3);
  assert.deepEqual(grown, [0, 100, 200, 230]);
  assert.deepEqual(extend(grown, [300], time, 3), [0, 100, 200, 300]);
  assert.deepEqual(extend([], [5], time, 3), [5]);
});

test('byTime sorts, equal times keep their order', () => {
  const list = [
    { t: '2', n: 1 },
    { t: '1', n: 2 },
    { t: '2', n: 3 },
  ];
  assert.deepEqual(
    byTime(list, (item) => item.t).map((item) => item.n),
    [2, 1, 3],
  );
});

test('thinning keeps the newest and the count', () => {
  const list = Array.from({ length: 1000 }, (_, index) => index);
  const kept = thin(list, 90);
  assert.equal(kept.length, 90);
  assert.equal(kept.at(-1), 999);
  assert.deepEqual(thin([1, 2], 90), [1, 2]);
});

test('retries wait longer and longer, up to a limit', () => {
  assert.equal(backoff(0, 0.5), 1000);
  assert.equal(backoff(2, 0.5), 4000);
  assert.equal(backoff(50, 1), 18_000);
  assert.equal(backoff(50, 0), 12_000);
});
