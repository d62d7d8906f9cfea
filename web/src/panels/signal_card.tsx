// SPDX-License-Identifier: Apache-2.0
// One decision of the analyst: what, how sure and how well proven, why, and which factors pushed
// which way. A signal is never a recommendation, and the card says so.
import { useState } from 'preact/hooks';
import { count, duration, fixed, price, share, words } from '../format.ts';
import { When } from '../parts/figures.tsx';
import { decimalsOf } from '../store.ts';
import type { Contribution, Decision, Explanation, Signal } from '../types.ts';

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

export function Contributions({ parts, score }: { parts: readonly Contribution[]; score: number }) {
  const most = Math.max(0.0001, ...parts.map((part) => Math.abs(part.value)));
  const sorted = parts.slice().sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  return (
    <table class="contributions">
      <caption>Contributions to the score of {fixed(score, 3)}</caption>
      <thead class="visually-hidden">
        <tr>
          <th scope="col">Factor</th>
          <th scope="col">Bar</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((part) => (
          <tr key={part.factor} title={words(part.group)}>
            <th scope="row">{words(part.factor)}</th>
            <td class="contribution-bar">
              <span
                class={part.value < 0 ? 'down' : 'up'}
                aria-hidden="true"
                style={{
                  width: `${(Math.abs(part.value) / most) * 50}%`,
                  [part.value < 0 ? 'right' : 'left']: '50%',
                }}
              />
            </td>
            <td>
              {part.value > 0 ? '+' : ''}
              {fixed(part.value, 3)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Explained({ text }: { text: Explanation }) {
  const parts: [string, string][] = [
    ['', text.summary],
    ['Technical', text.technical_factors],
    ['Social', text.social_factors],
    ['Risk', text.risk_assessment],
  ];
  const given = parts.filter(([, words]) => words);
  if (!given.length) return null;
  return (
    <div class="explained">
      {given.map(([name, words]) => (
        <p key={name}>
          {name && <b>{name} </b>}
          {words}
        </p>
      ))}
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
      <Explained text={item.explanation} />
      <Contributions parts={item.contributions} score={item.score} />
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
      <p class="reasoning">{item.reasoning || '—'}</p>
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
