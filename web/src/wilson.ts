// SPDX-License-Identifier: Apache-2.0
// Wilson's interval of a share at 95 % (1927), as the program's own (core/trade/version_score.h);
// null where nothing was counted.
const Z = 1.959963984540054;

export function wilson(hits: number, n: number): { low: number; high: number } | null {
  if (n <= 0) return null;
  const p = hits / n;
  const z2 = Z * Z;
  const middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
