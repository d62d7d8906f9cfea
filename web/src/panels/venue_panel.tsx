// SPDX-License-Identifier: Apache-2.0
// How the real venue stands: whether entries may leave, what rests there, and what is not known.
import { count, dateMinute, duration, micros } from '../format.ts';
import { LivePanel } from '../parts/panel.tsx';
import { now, program } from '../store.ts';
import type { ProgramState, VenueCondition } from '../types.ts';

export const CONDITIONS: Record<VenueCondition, string> = {
  offline: 'The venue does not answer',
  reconciling: 'Comparing orders, trades and balances',
  ready: 'Ready: entries may leave',
  frozen: 'Frozen: no entries',
  banned: 'The venue asks for silence',
  refused: 'The venue refuses the key',
};

export type Tone = 'good' | 'warn' | 'bad';

export function toneOf(condition: VenueCondition | undefined): Tone {
  if (condition === 'ready') return 'good';
  return condition === 'frozen' || condition === 'refused' || condition === 'banned'
    ? 'bad'
    : 'warn';
}

const ago = (time: string | null): string =>
  time ? `${duration(Math.max(0, now.value - Date.parse(time)))} ago` : 'not yet';

export function capEnds(state: ProgramState): string | null {
  return state.first_day_until && Date.parse(state.first_day_until) > now.value
    ? `${dateMinute(state.first_day_until)} UTC`
    : null;
}

function factsOf(state: ProgramState): [string, string, (Tone | undefined)?][] {
  const venue = state.venue_state;
  const unknown = venue?.unknown_orders ?? null;
  const facts: [string, string, (Tone | undefined)?][] = [
    ['Condition', venue ? CONDITIONS[venue.condition] : 'Not asked yet', toneOf(venue?.condition)],
    ['Orders of unknown fate', count(unknown), unknown ? 'bad' : undefined],
    ['Orders that rest', count(venue?.open_orders)],
    ['Orders of others', venue ? `${count(venue.foreign_orders)}, left alone` : '—'],
    ['Last reconciled', venue ? ago(venue.reconciled) : '—'],
    ['Clock known to', venue ? micros(venue.uncertainty_us) : '—'],
    ['Account', state.account ?? '—'],
    ['Armed since', state.armed_since ? `${dateMinute(state.armed_since)} UTC` : '—'],
  ];
  const cap = capEnds(state);
  if (cap) facts.push(['First-day cap until', cap, 'warn']);
  if (venue?.silent_until) facts.push(['Silent until', `${dateMinute(venue.silent_until)} UTC`]);
  return facts;
}

export function VenuePanel() {
  const state = program.value.value;
  if (!state?.account) return null;
  return (
    <LivePanel id="venue" title="Venue" item={program} rows={6}>
      {(value) => (
        <dl class="facts wide">
          <div class="whole">
            <dt>In words</dt>
            <dd>{value.venue_state?.text || '—'}</dd>
          </div>
          {factsOf(value).map(([name, text, tone]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd class={tone ? `tone-${tone}` : undefined}>{text}</dd>
            </div>
          ))}
        </dl>
      )}
    </LivePanel>
  );
}
