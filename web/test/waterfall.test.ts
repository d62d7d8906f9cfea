// SPDX-License-Identifier: Apache-2.0
// Where the bars of a waterfall stand, and the interval of a share.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waterfall } from '../src/waterfall.ts';
import { wilson } from '../src/wilson.ts';

const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

test('each bar begins where those before it have led', () => {
  const picture = waterfall([0.4, -0.2, 0.1], 0.3);
  near(picture.zero, 0);
  near(picture.steps[0]!.width, 1);
  near(picture.steps[1]!.left, 0.5);
  near(picture.steps[1]!.width, 0.5);
  assert.equal(picture.steps[1]!.up, false);
  near(picture.steps[2]!.left, 0.5);
  near(picture.steps[2]!.width, 0.25);
  near(picture.total.width, 0.75);
});

test('what leads below zero has room there', () => {
  const picture = waterfall([-0.5, 0.25], -0.25);
  near(picture.zero, 1);
  near(picture.steps[0]!.left, 0);
  near(picture.total.left, 0.5);
  assert.equal(picture.total.up, false);
});

test('nothing weighs anything: no bar, and no division by zero', () => {
  const picture = waterfall([0, 0], 0);
  assert.ok(picture.steps.every((step) => step.width === 0 && Number.isFinite(step.left)));
  assert.deepEqual(waterfall([], 0).steps, []);
});

test("Wilson's interval has its published values", () => {
  assert.equal(wilson(0, 0, 0), null);
  const range = wilson(81, 263, 263)!; // Newcombe 1998, table I
  assert.ok(Math.abs(range.low - 0.2553) < 5e-5 && Math.abs(range.high - 0.3662) < 5e-5);
  const wide = wilson(81, 263, 40)!; // most of them overlap
  assert.ok(wide.low < range.low && wide.high > range.high);
});
