// SPDX-License-Identifier: Apache-2.0
// The colours of the charts are those of the style sheet: one place, two themes, three choices of
// up and down.

export const FONT =
  'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif';

export interface Palette {
  panel: string;
  text: string;
  muted: string;
  line: string;
  up: string;
  down: string;
  danger: string;
  accent: string;
  second: string;
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    panel: read('panel'),
    text: read('text'),
    muted: read('muted'),
    line: read('line'),
    up: read('up'),
    down: read('down'),
    danger: read('danger'),
    accent: read('accent'),
    second: read('second'),
  };
}

/** A colour of the palette (#rrggbb) with less weight. */
export function faint(colour: string, opacity: number): string {
  const number = Number.parseInt(colour.slice(1), 16);
  return `rgba(${number >> 16}, ${(number >> 8) & 255}, ${number & 255}, ${opacity})`;
}
