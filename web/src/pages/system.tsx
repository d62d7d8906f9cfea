// SPDX-License-Identifier: Apache-2.0
// The machine: services, the world it runs in, refusals, log.
import { RefusalsBody } from '../panels/activity_panel.tsx';
import { HealthPanel } from '../panels/health_panel.tsx';
import { LogPanel } from '../panels/log_panel.tsx';
import { VenuePanel } from '../panels/venue_panel.tsx';
import { dateMinute, words } from '../format.ts';
import { Guard } from '../parts/guard.tsx';
import { LivePanel, Panel } from '../parts/panel.tsx';
import { program } from '../store.ts';
import type { ProgramState } from '../types.ts';

function factsOf(state: ProgramState): [string, string][] {
  return [
    ['Mode', state.mode ?? '—'],
    ['World', words(state.world)],
    ['Feed', words(state.feed)],
    ['Feed says', state.feed_state?.text || '—'],
    ['Venue', words(state.venue)],
    ['Version', state.version ?? '—'],
    ['Speed', state.speed ? `${state.speed}×` : '—'],
    ['Market time', `${dateMinute(state.time)} UTC`],
    ['History until', state.history_until ? `${dateMinute(state.history_until)} UTC` : '—'],
    ['Started', state.started ? `${dateMinute(state.started)} UTC` : '—'],
    ['Next decision', state.next_decision ? `${dateMinute(state.next_decision)} UTC` : '—'],
    [
      'Kill switch',
      state.kill.level === 'none' ? 'off' : `${state.kill.level}, ${state.kill.reason ?? ''}`,
    ],
  ];
}

export function SystemPage() {
  return (
    <>
      <h1 class="visually-hidden">System</h1>
      <div class="grid system">
        <HealthPanel />
        <LivePanel id="program" title="Program" item={program} rows={8}>
          {(state) => (
            <dl class="facts wide">
              {factsOf(state).map(([name, text]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          )}
        </LivePanel>
        <Guard name="venue">
          <VenuePanel />
        </Guard>
        <Panel id="refusals" title="Refusals">
          <RefusalsBody />
        </Panel>
        <LogPanel />
      </div>
    </>
  );
}
