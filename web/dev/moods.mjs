// SPDX-License-Identifier: Apache-2.0
// Made-up social data and news for the development server. No number from here is part of the
// product.
const HOUR = 3600;
const TITLES = [
  ['Bitcoin climbs above resistance as buyers return', 0.84, ['BTCUSDC']],
  ['Ether slides to a three-month low in heavy selling', 0.12, ['ETHUSDC']],
  ['Central bank leaves rates unchanged', 0.5, ['*']],
  ['<b>Markup</b> & "quotes" stay text \u2014 a title that is rather long so that it has to be broken over two lines on a small screen', 0.41, ['*']],
  ['Solana back online after outage', 0.71, ['SOLUSDC']],
];
const iso = (seconds) => new Date(seconds * 1000).toISOString();
const none = { slope_1h: null, z_1h: null, slope_24h: null, z_24h: null, slope_7d: null, z_7d: null };

function sample(now, full) {
  const parts = [
    { source: 'rss', sentiment: 0.64, weight: full ? 0.25 : 0.63, age_seconds: 5400 },
    { source: 'fear_greed', sentiment: 0.44, weight: full ? 0.15 : 0.37, age_seconds: 1200 },
  ];
  if (full) parts.unshift({ source: 'lunarcrush', sentiment: 0.73, weight: 0.6, age_seconds: 240 });
  return {
    metrics: {
      social_volume: full ? 154647 : null,
      social_engagement: full ? 83998832 : null,
      social_contributors: full ? 90751 : null,
      social_sentiment: full ? 0.73 : 0.57,
      twitter_volume: full ? 202878 : null,
      reddit_volume: full ? 11298 : null,
      news_volume: 14,
    },
    weighted_sentiment: full ? 0.66 : 0.57,
    recent_news: [],
    timestamp: iso(now),
    fallback: false,
    quality: full ? 0.96 : 0.26,
    quality_flags: full
      ? null
      : 'news_only; missing: social_volume, social_engagement, social_contributors, twitter_volume, reddit_volume',
    news_impact: 0.21,
    parts,
    volume_trend: full ? { ...none, z_24h: 1.4 } : none,
    engagement_trend: full ? { ...none, z_24h: -0.6 } : none,
    sentiment_trend: none,
  };
}

export const social = (now) => [
  { symbol: 'BTCUSDC', data: sample(now, true) },
  { symbol: 'ETHUSDC', data: sample(now, false) },
];

export const points = (now, symbol) =>
  Array.from({ length: 168 }, (_, hour) => ({
    symbol,
    time: iso(now - (168 - hour) * HOUR),
    sentiment: 0.55 + 0.14 * Math.sin(hour / 17) + 0.05 * Math.sin(hour / 3),
    volume: 150000,
    engagement: 8e7,
    contributors: 90000,
    quality: 0.96,
  }));

export const accuracy = (now) => [{ symbol: '*', time: iso(now), hours: 164, matched: 86 }];

export const news = (now) =>
  TITLES.map(([title, sentiment, symbols], index) => ({
    id: `story-${index}`,
    title,
    source: 'example.org',
    link: index ? 'https://example.org/story' : null,
    published: iso(now - (6 - index) * HOUR),
    known: iso(now - (6 - index) * HOUR + 120),
    sentiment,
    engagement: null,
    symbols,
    relevance: 1,
    novelty: index === 3 ? 0.3 : 1,
    impact: Math.abs(sentiment - 0.5) * 2,
  }));
