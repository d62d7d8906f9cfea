// SPDX-License-Identifier: Apache-2.0
// Headlines as they became known, newest first: what they say, about what, how much they weigh.
// Titles are foreign text and are only ever set as text; an address is followed by people alone.
import { useState } from 'preact/hooks';
import * as candles from '../candles.ts';
import { fixed, share } from '../format.ts';
import { Choice, When } from '../parts/figures.tsx';
import { Empty, LivePanel } from '../parts/panel.tsx';
import { news } from '../store.ts';
import type { Headline } from '../types.ts';
import { moodOf } from './social_panel.tsx';

const SHOWN = 40;
const MARKET = '*';
type Scope = 'all' | 'symbol';

function chosen(list: readonly Headline[], scope: Scope): Headline[] {
  const symbol = candles.symbol.value;
  return list
    .filter(
      (item) =>
        scope === 'all' || item.symbols.includes(symbol) || item.symbols.includes(MARKET),
    )
    .slice(-SHOWN)
    .reverse();
}

const about = (symbol: string): string => (symbol === MARKET ? 'whole market' : symbol);

function Story({ item }: { item: Headline }) {
  const mood = moodOf(item.sentiment);
  const link = item.link && /^https?:\/\//.test(item.link) ? item.link : null;
  return (
    <li class="story" data-news={item.id}>
      <span class={`story-mood ${mood ?? ''}`} title="Sentiment: 0 bad, 0.5 neutral, 1 good">
        {item.sentiment === null ? '—' : fixed(item.sentiment, 2)} <small>{mood ?? 'no data'}</small>
      </span>
      <p class="story-title">
        {link ? (
          <a href={link} target="_blank" rel="noopener noreferrer nofollow">
            {item.title}
          </a>
        ) : (
          item.title
        )}
      </p>
      <p class="story-facts">
        {item.source} · known <When time={item.known} withDay /> · impact {share(item.impact)}
        {item.novelty < 0.5 && ' · told before'} · {item.symbols.map(about).join(', ')}
      </p>
    </li>
  );
}

export function NewsPanel({ start = 'all' }: { start?: Scope }) {
  const [scope, setScope] = useState<Scope>(start);
  return (
    <LivePanel
      id="news"
      title="News"
      item={news}
      rows={6}
      isEmpty={(list) => list.length === 0}
      empty={
        <Empty title="No news yet">
          Headlines come from the feeds of the setting news.feeds, on a live feed.
        </Empty>
      }
    >
      {(list) => {
        const shown = chosen(list, scope);
        return (
          <>
            <div class="filters">
              <Choice
                label="Symbols"
                value={scope}
                onChange={setScope}
                options={[
                  { value: 'all', text: 'All' },
                  { value: 'symbol', text: candles.symbol.value || 'This' },
                ]}
              />
            </div>
            {shown.length === 0 ? (
              <Empty title={`No news about ${candles.symbol.value}`} />
            ) : (
              <div class="scroll story-scroll" tabIndex={0} role="region" aria-label="News, newest first">
                <ul class="stories" data-count={shown.length}>
                  {shown.map((item) => (
                    <Story key={item.id} item={item} />
                  ))}
                </ul>
              </div>
            )}
          </>
        );
      }}
    </LivePanel>
  );
}
