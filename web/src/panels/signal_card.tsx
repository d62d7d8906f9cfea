// SPDX-License-Identifier: Apache-2.0
// One decision of the analyst: what, how sure and how well proven, why, and which factors pushed
// which way. A signal is never a recommendation, and the card says so.
import { useState } from 'preact/hooks';
import { count, duration, price, share, words } from '../format.ts';
import { When } from '../parts/figures.tsx';
import { decimalsOf } from '../store.ts';
import type { Decision, Signal } from '../types.ts';
import { ExplanationView } from './explanation.tsx';

const PROVEN_FROM = 30; // outcomes; below it the program itself calls a confidence unproven
const MARKS: Record<Decision, string> = { BUY: '▲', SELL: '▼', HOLD: '●' };

function Confidence({ item }: { item: Signal }) {
  const wide = Math.round(item.confidence * 100);
  const outcomes = ` · n = ${count(item.outcomes)}`;
  return (
    <div class={`confidence ${item.unproven ? 'unproven' : ''}`}>
      <span class="confidence-bar" aria-hidden="true">
        <span style={{ width: `${wide}%` }} />
      </span>
      <span class="confidence-text">
        {share(item.confidence)} confidence
        {item.unproven ? (
          <b title={`Measured over fewer than ${PROVEN_FROM} outcomes`}>
            {' '}
            unproven{outcomes} of {PROVEN_FROM}
          </b>
        ) : (
          outcomes
        )}
      </span>
    </div>
  );
}

function Details({ item }: { item: Signal }) {
  const facts: [name: string, text: string, wide?: boolean][] = [
    ['Risk', words(item.risk_level)],
    ['Horizon', item.horizon_minutes ? duration(item.horizon_minutes * 60_000) : '—'],
    ['Price', price(item.price, decimalsOf.value.get(item.symbol))],
    ['Signal', item.id],
    ['Social', item.social_impact || '—', true],
    ['Model', item.model_version || item.model_id || '—', true],
  ];
  return (
    <div class="signal-details">
      <ExplanationView
        id={item.id}
        score={item.score}
        parts={item.contributions}
        text={item.explanation}
      />
      <dl class="facts">
        {facts.map(([name, text, wide]) => (
          <div key={name} class={wide ? 'whole' : ''}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

export function SignalCard({ item, open = false }: { item: Signal; open?: boolean }) {
  const [shown, setShown] = useState<boolean | null>(null);
  const unfolded = shown ?? open;
  const { decision } = item;
  return (
    <article class={`signal ${decision.toLowerCase()}`} data-signal={item.id}>
      <header>
        <span class={`decision ${decision.toLowerCase()}`}>
          {MARKS[decision]} {decision}
        </span>
        <b>{item.symbol}</b>
        <span class="signal-when">
          <When time={item.market_timestamp} withDay />
        </span>
      </header>
      <Confidence item={item} />
      <p class="reasoning">
        {item.fallback && (
          <b title="A language model should have judged and did not">
            Said by the local analyst in the model’s place.{' '}
          </b>
        )}
        {item.reasoning || '—'}
      </p>
      {item.key_indicators.length > 0 && (
        <ul class="chips">
          {item.key_indicators.map((text, index) => (
            <li key={index}>{text}</li>
          ))}
        </ul>
      )}
      {unfolded && <Details item={item} />}
      <footer>
        <button
          type="button"
          class="link"
          aria-expanded={unfolded}
          onClick={() => setShown(!unfolded)}
        >
          {unfolded ? 'Less' : 'Why'}
          <span class="visually-hidden">
            {' '}
            {decision} {item.symbol}
          </span>
        </button>
        <small>not a recommendation</small>
      </footer>
    </article>
  );
}
