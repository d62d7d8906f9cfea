// SPDX-License-Identifier: Apache-2.0
// A waterfall: each factor's bar begins where those before it have led. Pure: shares of the width.
export interface Step {
  left: number; // from 0 to 1
  width: number;
  up: boolean;
}

export interface Waterfall {
  zero: number; // where the score is 0
  steps: Step[];
  total: Step;
}

export function waterfall(values: readonly number[], total: number): Waterfall {
  let low = Math.min(0, total);
  let high = Math.max(0, total);
  let sum = 0;
  for (const value of values) {
    sum += value;
    low = Math.min(low, sum);
    high = Math.max(high, sum);
  }
  const span = high - low > 1e-9 ? high - low : 1; // nothing weighs anything
  const step = (from: number, to: number): Step => ({
    left: (Math.min(from, to) - low) / span,
    width: Math.abs(to - from) / span,
    up: to >= from,
  });
  sum = 0;
  const steps = values.map((value) => {
    const from = sum;
    sum += value;
    return step(from, sum);
  });
  return { zero: (0 - low) / span, steps, total: step(0, total) };
}
