// SPDX-License-Identifier: Apache-2.0
// The newest decisions first: of all symbols or of the one on the chart, with or without those that
// say to wait.
import { useState } from 'preact/hooks';
import * as candles from '../candles.ts';
import { minute } from '../format.ts';
import { Choice } from '../parts/figures.tsx';
import { Empty, LivePanel } from '../parts/panel.tsx';
import { marketTime, program, signals } from '../store.ts';
import type { Signal } from '../types.ts';
import { SignalCard } from './signal_card.tsx';

const SHOWN = 30;
type Scope = 'all' | 'symbol';
type Kind = 'every' | 'acting';

export function nextDecision(): string {
  const due = program.value.value?.next_decision;
  return due
    ? `The next decision is due at ${minute(due)} UTC (market time now ${minute(marketTime.value)}).`
    : 'A decision comes when the next candle closes.';
}

function chosen(list: readonly Signal[], scope: Scope, kind: Kind): Signal[] {
  return list
    .filter(
      (item) =>
        (scope === 'all' || item.symbol === candles.symbol.value) &&
        (kind === 'every' || item.decision !== 'HOLD'),
    )
    .slice(-SHOWN)
    .reverse();
}

export function SignalsPanel({ start = 'all' }: { start?: Scope }) {
  const [scope, setScope] = useState<Scope>(start);
  const [kind, setKind] = useState<Kind>('every');
  const none = (
    <Empty title={kind === 'acting' ? 'No buy or sell signal yet' : 'No signals yet'}>
      {nextDecision()}
    </Empty>
  );
  const filters = (
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
      <Choice
        label="Decisions"
        value={kind}
        onChange={setKind}
        options={[
          { value: 'every', text: 'Every' },
          { value: 'acting', text: 'Buy / sell' },
        ]}
      />
    </div>
  );
  return (
    <LivePanel id="signals" title="Signals" item={signals} rows={8} class="signals-panel">
      {(list) => {
        const shown = chosen(list, scope, kind);
        return (
          <>
            {filters}
            {shown.length === 0 ? (
              none
            ) : (
              <div
                class="scroll signal-list"
                tabIndex={0}
                role="region"
                aria-label="Signals, newest first"
                data-count={shown.length}
              >
                {shown.map((item, index) => (
                  <SignalCard key={item.id} item={item} open={index === 0} />
                ))}
              </div>
            )}
          </>
        );
      }}
    </LivePanel>
  );
}
