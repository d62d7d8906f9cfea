// SPDX-License-Identifier: Apache-2.0
// Why a signal was said: the factors' shares as a waterfall from 0 to the score, what would have
// turned the decision, what was measured on a language model, and the texts. Asked for when the card
// is opened; until it is there, and for signals that were never explained, the signal's own shares
// stand in.
import { useEffect, useMemo } from 'preact/hooks';
import { address, get } from '../api.ts';
import { fixed, share, words } from '../format.ts';
import { resource } from '../resource.ts';
import type { Contribution, Counterfactual, ExplainedSignal, Explanation, FlipPoint } from '../types.ts';
import { waterfall, type Step } from '../waterfall.ts';

interface Share {
  factor: string;
  group: string;
  input?: number | null;
  value: number;
  stated?: boolean;
}

const signed = (value: number, decimals: number): string =>
  `${value > 0 ? '+' : ''}${fixed(value, decimals)}`;

/** Four digits that count. */
function amount(value: number): string {
  const size = Math.abs(value);
  return fixed(value, size >= 1000 ? 0 : size >= 10 || size === 0 ? 2 : size >= 0.01 ? 4 : 6);
}

function Bar({ step, zero }: { step: Step; zero: number }) {
  return (
    <td class="waterfall-bar">
      <i aria-hidden="true" style={{ left: `${zero * 100}%` }} />
      <span
        class={step.up ? 'up' : 'down'}
        aria-hidden="true"
        style={{ left: `${step.left * 100}%`, width: `max(2px, ${step.width * 100}%)` }}
      />
    </td>
  );
}

export function Waterfall({ parts, score }: { parts: readonly Share[]; score: number }) {
  const sorted = parts.slice().sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const picture = waterfall(
    sorted.map((part) => part.value),
    score,
  );
  return (
    <table class="contributions waterfall">
      <caption>Contributions to the score of {fixed(score, 3)}</caption>
      <thead class="visually-hidden">
        <tr>
          <th scope="col">Factor</th>
          <th scope="col">Bar</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((part, index) => (
          <tr key={part.factor} title={words(part.group)}>
            <th scope="row">
              {words(part.factor)}
              {part.stated && <small> stated</small>}
              {part.input != null && <small> {amount(part.input)}</small>}
            </th>
            <Bar step={picture.steps[index]!} zero={picture.zero} />
            <td>{signed(part.value, 3)}</td>
          </tr>
        ))}
        <tr class="waterfall-total">
          <th scope="row">Score</th>
          <Bar step={picture.total} zero={picture.zero} />
          <td>{signed(score, 3)}</td>
        </tr>
      </tbody>
    </table>
  );
}

function Flips({ list }: { list: readonly FlipPoint[] }) {
  if (list.length === 0) return null;
  return (
    <section class="flips">
      <h3>What would have turned it</h3>
      <ul>
        {list.slice(0, 4).map((flip, index) => (
          <li key={index}>
            <b>{flip.decision}</b> at {words(flip.factor)} {amount(flip.to)}{' '}
            <small>
              it was {amount(flip.from)}, {fixed(flip.steps, 1)} of its spreads away
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Measured({ list }: { list: readonly Counterfactual[] }) {
  if (list.length === 0) return null;
  return (
    <section class="flips">
      <h3>Measured on the model</h3>
      <ul>
        {list.map((answer) => (
          <li key={answer.changed}>
            without {words(answer.changed)}: <b>{answer.decision}</b> at {share(answer.confidence)}{' '}
            <small>effect {signed(answer.effect, 2)}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Texts({ text, how }: { text: Explanation; how: string }) {
  const parts: [string, string | null][] = [
    ['', text.summary],
    ['Technical', text.technical_factors],
    ['Social', text.social_factors],
    ['Lead and lag', text.social_lead_lag],
    ['Correlation', text.correlation_strength],
    ['Risk', text.risk_assessment],
  ];
  return (
    <div class="explained">
      {parts
        .filter(([, words]) => words)
        .map(([name, words]) => (
          <p key={name}>
            {name && <b>{name} </b>}
            {words}
          </p>
        ))}
      <p class="explained-how">{how}</p>
    </div>
  );
}

const COMPUTED = 'Computed from the inputs of the decision.';
const OWN = 'As the signal says itself; not computed anew.';

export interface ExplanationProps {
  id: string;
  score: number;
  /** The signal's own shares and words. */
  parts: readonly Contribution[];
  text: Explanation;
}

export function ExplanationView({ id, score, parts, text }: ExplanationProps) {
  const item = useMemo(
    () =>
      resource<ExplainedSignal>(`explanation ${id}`, null, async () => {
        const found = await get<ExplainedSignal[]>(address('explanations', { id, limit: 1 }));
        return found.at(-1) ?? null;
      }),
    [id],
  );
  useEffect(() => void item.load(), [item]);
  const explained = item.value.value;
  if (!explained)
    return (
      <div class="explanation">
        <Texts text={text} how={OWN} />
        <Waterfall parts={parts} score={score} />
      </div>
    );
  return (
    <div class="explanation" data-explained={id}>
      <Texts text={explained.explanation} how={explained.recomputed ? COMPUTED : OWN} />
      <Waterfall parts={explained.effects} score={explained.score} />
      <Flips list={explained.flips} />
      <Measured list={explained.counterfactuals} />
    </div>
  );
}
