// SPDX-License-Identifier: Apache-2.0
// The rail at the left, which is the bar at the foot on a phone. Only pages that exist.
import { Icon } from '../parts/icons.tsx';
import { hrefOf, page, PAGES } from './route.ts';

export function Navigation() {
  return (
    <nav class="rail" aria-label="Pages">
      {PAGES.map((name) => (
        <a key={name} href={hrefOf(name)} aria-current={page.value === name ? 'page' : undefined}>
          <Icon name={name} />
          <span>{name === 'ai' ? 'AI' : name[0]!.toUpperCase() + name.slice(1)}</span>
        </a>
      ))}
    </nav>
  );
}
