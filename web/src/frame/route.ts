// SPDX-License-Identifier: Apache-2.0
// Which page is shown: the part of the address after the hash, so that back and forward work
// without the server.
import { signal } from '@preact/signals';

export const PAGES = ['overview', 'trade', 'portfolio', 'ai', 'system'] as const;
export type PageName = (typeof PAGES)[number];

function fromHash(): PageName {
  const name = location.hash.replace(/^#\/?/, '');
  return PAGES.find((page) => page === name) ?? 'overview';
}

export const page = signal<PageName>(fromHash());

export const hrefOf = (name: PageName): string => (name === 'overview' ? '#/' : `#/${name}`);

export function go(name: PageName): void {
  location.hash = hrefOf(name);
}

window.addEventListener('hashchange', () => {
  page.value = fromHash();
  window.scrollTo(0, 0);
});
