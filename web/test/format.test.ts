// SPDX-License-Identifier: Apache-2.0
// What every number and time looks like, case by case.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as format from '../src/format.ts';

test('unknown is a dash on every surface, never a zero', () => {
  const forms = [
    format.price,
    format.money,
    format.gain,
    format.quantity,
    format.percent,
    format.share,
    format.drawdown,
    format.big,
    format.count,
    format.duration,
    format.micros,
  ];
  for (const form of forms) {
    for (const value of [null, undefined, NaN, Infinity]) assert.equal(form(value), '—');
  }
  for (const form of [
    format.clock,
    format.minute,
    format.dayMinute,
    format.dateMinute,
    format.iso,
  ]) {
    assert.equal(form(null), '—');
    assert.equal(form('not a time'), '—');
  }
});

test('money has two decimals, or four significant digits below one', () => {
  assert.equal(format.money(10257.65), '10,257.65');
  assert.equal(format.money(-1234567.891), '−1,234,567.89');
  assert.equal(format.money(0.0123456), '0.01235');
  assert.equal(format.money(0), '0.00');
  assert.equal(format.gain(12.3), '+12.30');
  assert.equal(format.gain(-12.3), '−12.30');
  assert.equal(format.gain(0), '0.00');
});

test('a value that rounds to nothing bears no sign', () => {
  assert.equal(format.percent(-0.001), '0.00 %');
  assert.equal(format.percent(0.001), '0.00 %');
  assert.equal(format.gain(-0.004), '0.00');
});

test('prices follow the steps of their symbol', () => {
  assert.equal(format.price(42150.75, 2), '42,150.75');
  assert.equal(format.price(0.06123, 5), '0.06123');
  assert.equal(format.price(42150.75), '42,150.75');
  assert.equal(format.price(1.5), '1.5000');
  assert.equal(format.price(0.00001234), '0.00001234');
});

test('quantities drop the zeros that say nothing', () => {
  assert.equal(format.quantity(0.0119), '0.0119');
  assert.equal(format.quantity(1500), '1,500');
  assert.equal(format.quantity(0), '0');
  assert.equal(format.quantity(1e-8), '0.00000001');
});

test('percent, share and drawdown', () => {
  assert.equal(format.percent(1.236), '+1.24 %');
  assert.equal(format.percent(-0.38), '−0.38 %');
  assert.equal(format.share(0.85), '85 %');
  assert.equal(format.share(0.8512, 1), '85.1 %');
  assert.equal(format.drawdown(0.031), '−3.10 %');
  assert.equal(format.drawdown(-0.031), '−3.10 %');
  assert.equal(format.drawdown(0), '0.00 %');
});

test('large numbers in short', () => {
  assert.equal(format.big(1250000.25), '1.25 M');
  assert.equal(format.big(15000), '15.0 k');
  assert.equal(format.big(999), '999');
  assert.equal(format.big(12.345), '12.35');
});

test('durations take the unit that fits', () => {
  assert.equal(format.duration(400), '0.4 s');
  assert.equal(format.duration(12_000), '12 s');
  assert.equal(format.duration(180_000), '3 min');
  assert.equal(format.duration(3 * 3600_000), '3 h');
  assert.equal(format.duration(72 * 3600_000), '3 d');
  assert.equal(format.duration(-5), '0.0 s');
  assert.equal(format.micros(3.4), '3.4 µs');
  assert.equal(format.micros(850), '850 µs');
  assert.equal(format.micros(1900), '1.9 ms');
  assert.equal(format.micros(1_900_000), '1.9 s');
});

test('times are UTC', () => {
  const time = '2024-11-24T21:33:45.029Z';
  assert.equal(format.clock(time), '21:33:45');
  assert.equal(format.minute(time), '21:33');
  assert.equal(format.dayMinute(time), '24 Nov 21:33');
  assert.equal(format.dateMinute(time), '2024-11-24 21:33');
  assert.equal(format.iso(1732484025029), time);
});

test('direction and words', () => {
  assert.equal(format.arrow(2), '▲');
  assert.equal(format.arrow(-2), '▼');
  assert.equal(format.arrow(0), '');
  assert.equal(format.arrow(null), '');
  assert.equal(format.words('TAKE_PROFIT'), 'take profit');
});
