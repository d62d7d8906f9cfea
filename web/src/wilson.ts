// SPDX-License-Identifier: Apache-2.0
// Wilson's interval of a share at 95 % (1927), as the program's own (core/trade/version_score.h):
// as of the outcomes that lie apart in time; null where nothing was counted.
const Z = 1.959963984540054;

export function wilson(
  hits: number,
  count: number,
  separate: number,
): { low: number; high: number } | null {
  if (count <= 0 || separate <= 0) return null;
  const n = separate;
  const p = hits / count;
  const z2 = Z * Z;
  const middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
