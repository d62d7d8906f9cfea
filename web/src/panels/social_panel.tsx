// SPDX-License-Identifier: Apache-2.0
// What people say about the symbol on the chart: the sentiment and where it comes from, how it went
// over the last week, posts, engagement and contributors, and how good these data are. What nobody
// told is "no data", never a zero.
import * as candles from '../candles.ts';
import { big, count, duration, fixed, share, words } from '../format.ts';
import { When } from '../parts/figures.tsx';
import { Empty, LivePanel } from '../parts/panel.tsx';
import { social, socialAccuracy, socialPoints } from '../store.ts';
import type { SocialPart, SocialPoint, SocialSample, SocialTrend } from '../types.ts';

const NEUTRAL = 0.03; // nearer to 0.5 than this reads as neutral
const PROVEN_FROM = 30; // hours; below it the program itself says nothing of its accuracy
const WIDTH = 300;
const HEIGHT = 64;

export type Mood = 'good' | 'bad' | 'neutral';

export function moodOf(sentiment: number | null): Mood | null {
  if (sentiment === null) return null;
  if (Math.abs(sentiment - 0.5) < NEUTRAL) return 'neutral';
  return sentiment > 0.5 ? 'good' : 'bad';
}

function Gauge({ sample }: { sample: SocialSample }) {
  const value = sample.weighted_sentiment;
  const mood = moodOf(value);
  return (
    <div class={`mood ${mood ?? 'none'}`} data-sentiment={value ?? 'none'}>
      <p class="mood-figure">
        <b>{value === null ? 'no data' : fixed(value, 2)}</b>
        <span>{mood ?? 'taken as neutral'}</span>
      </p>
      <div class="mood-scale" aria-hidden="true">
        {value !== null && <i style={{ left: `${value * 100}%` }} />}
      </div>
      <p class="mood-ends" aria-hidden="true">
        <span>0 bad</span>
        <span>0.5 neutral</span>
        <span>1 good</span>
      </p>
    </div>
  );
}

/** Sentiment on its fixed scale from 0 to 1, with neutral in the middle; gaps where none was known. */
function MoodLine({ points }: { points: readonly SocialPoint[] }) {
  const known = points.filter((point) => point.sentiment !== null);
  if (known.length < 2) return null;
  const first = Date.parse(known[0]!.time);
  const span = Date.parse(known.at(-1)!.time) - first || 1;
  const line = known
    .map((point) => {
      const x = ((Date.parse(point.time) - first) / span) * WIDTH;
      return `${x.toFixed(1)},${((1 - point.sentiment!) * HEIGHT).toFixed(1)}`;
    })
    .join(' ');
  const low = Math.min(...known.map((point) => point.sentiment!));
  const high = Math.max(...known.map((point) => point.sentiment!));
  return (
    <figure class="mood-line">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Sentiment over ${duration(span)}: between ${fixed(low, 2)} and ${fixed(high, 2)}`}
      >
        <line x1="0" x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} class="middle" />
        <polyline points={line} fill="none" vector-effect="non-scaling-stroke" />
      </svg>
      <figcaption>
        Sentiment over {duration(span)}, {fixed(low, 2)} to {fixed(high, 2)}
      </figcaption>
    </figure>
  );
}

function unusual(trend: SocialTrend | null): string {
  const z = trend?.z_24h ?? null;
  return z === null ? '' : `${z > 0 ? '+' : '−'}${Math.abs(z).toFixed(1)} σ / 24 h`;
}

function Numbers({ sample }: { sample: SocialSample }) {
  const { metrics } = sample;
  const rows: [name: string, value: number | null, note: string][] = [
    ['Posts', metrics.social_volume, metrics.social_volume === null ? '' : unusual(sample.volume_trend)],
    ['Engagement', metrics.social_engagement, unusual(sample.engagement_trend)],
    ['Contributors', metrics.social_contributors, ''],
    ['Twitter/X', metrics.twitter_volume, ''],
    ['Reddit', metrics.reddit_volume, ''],
    ['News', metrics.news_volume, ''],
  ];
  return (
    <dl class="facts mood-facts">
      {rows.map(([name, value, note]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class={value === null ? 'unknown' : ''}>
            {value === null ? 'no data' : big(value)}
            {note && <small class="under">{note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const NAMES: Record<string, string> = {
  lunarcrush: 'LunarCrush',
  rss: 'News',
  fear_greed: 'Fear & Greed',
  file: 'History',
};

function Part({ part }: { part: SocialPart }) {
  return (
    <tr>
      <th scope="row">{NAMES[part.source] ?? words(part.source)}</th>
      <td class="part-bar">
        <span class={moodOf(part.sentiment) ?? ''} style={{ width: `${part.weight * 100}%` }} aria-hidden="true" />
      </td>
      <td>{share(part.weight)}</td>
      <td>{part.sentiment === null ? '—' : fixed(part.sentiment, 2)}</td>
      <td>{duration(part.age_seconds * 1000)}</td>
    </tr>
  );
}

function Parts({ sample }: { sample: SocialSample }) {
  if (!sample.parts.length) return null;
  return (
    <table class="mood-parts">
      <thead>
        <tr>
          <th scope="col">Source</th>
          <th scope="col">
            <span class="visually-hidden">Bar</span>
          </th>
          <th scope="col">Weight</th>
          <th scope="col">Says</th>
          <th scope="col">Age</th>
        </tr>
      </thead>
      <tbody>
        {sample.parts.map((part) => (
          <Part key={part.source} part={part} />
        ))}
      </tbody>
    </table>
  );
}

function Accuracy() {
  const all = socialAccuracy.value.value?.find((each) => each.symbol === '*');
  if (!all || all.hours < PROVEN_FROM) return null;
  return (
    <p class="mood-accuracy">
      Its sign matched the next hour's return in {share(all.matched / all.hours)} of {count(all.hours)}{' '}
      hours.
    </p>
  );
}

export function SocialPanel() {
  const symbol = candles.symbol.value;
  const mine = social.value.value?.find((each) => each.symbol === symbol)?.data;
  const quality = mine ? (
    <span class={`badge ${mine.quality >= 0.5 ? 'fine' : 'warn'}`}>quality {share(mine.quality)}</span>
  ) : null;
  return (
    <LivePanel
      id="social"
      title={symbol ? `Social · ${symbol}` : 'Social'}
      item={social}
      rows={7}
      actions={quality}
      isEmpty={() => !mine}
      empty={
        <Empty title="No data">
          No social source has said anything about {symbol || 'this symbol'} yet. Headlines and the
          Fear &amp; Greed index need no key; LunarCrush needs LUNARCRUSH_API_KEY.
        </Empty>
      }
    >
      {() =>
        mine && (
          <>
            <Gauge sample={mine} />
            <MoodLine points={(socialPoints.value.value ?? []).filter((each) => each.symbol === symbol)} />
            <Numbers sample={mine} />
            <Parts sample={mine} />
            {mine.quality_flags && <p class="mood-flags">{mine.quality_flags}</p>}
            <Accuracy />
            <p class="mood-when">
              as of <When time={mine.timestamp} withDay /> UTC
            </p>
          </>
        )
      }
    </LivePanel>
  );
}
