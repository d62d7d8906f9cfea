// SPDX-License-Identifier: Apache-2.0
// Pause acts at once and can be undone; Stop asks again; Flatten with real money wants the mode
// typed. What would happen is shown before anything happens.
import { useState } from 'preact/hooks';
import { gain, money } from '../format.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icons.tsx';
import { portfolio, program } from '../store.ts';
import {
  askResume,
  EFFECTS,
  kill,
  killAsked,
  killBusy,
  killOpen,
  needsWord,
  resume,
  type Stopping,
} from './kill.ts';

const REASON_MAX = 150; // bytes that the record keeps, with room for letters of two bytes
const TITLES = { pause: 'Pause?', stop: 'Stop?', flatten: 'Flatten?', resume: 'Resume trading?' };
const ACTS = { pause: 'Pause now', stop: 'Stop now', flatten: 'Flatten now', resume: 'Resume now' };

function Effect({ level }: { level: Stopping | 'resume' }) {
  const value = portfolio.value.value;
  if (level === 'resume') return <p class="effect">Entries are allowed again.</p>;
  if (level !== 'flatten') return <p class="effect">{EFFECTS[level]}</p>;
  const positions = value?.positions ?? [];
  const worth = positions.reduce((sum, held) => sum + held.value, 0);
  return (
    <>
      <p class="effect">{EFFECTS.flatten}</p>
      <p class="effect-now">
        {value === null ? (
          'Positions: —'
        ) : positions.length === 0 ? (
          'No position is open now.'
        ) : (
          <>
            Now: {positions.map((held) => held.symbol).join(', ')}, worth {money(worth)}{' '}
            {value.quote_asset}, unrealised {gain(value.unrealised_pnl)}. Market orders pay spread
            and fees.
          </>
        )}
      </p>
    </>
  );
}

function Confirm({ level, back }: { level: Stopping | 'resume'; back: () => void }) {
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const mode = program.value.value?.mode ?? '';
  const severe = needsWord(level);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void (level === 'resume' ? resume(typed) : kill(level, reason, typed));
      }}
    >
      <Effect level={level} />
      {level !== 'resume' && (
        <label class="field">
          Reason (kept in the record)
          <input
            value={reason}
            maxLength={REASON_MAX}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
      )}
      {severe && (
        <label class="field">
          Real money: type {mode} to confirm
          <input
            value={typed}
            autocomplete="off"
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
      )}
      <div class="dialog-actions">
        <button type="button" onClick={back}>
          Back
        </button>
        <button
          type="submit"
          class="danger-button"
          disabled={killBusy.value || (severe && typed !== mode)}
        >
          {ACTS[level]}
        </button>
      </div>
    </form>
  );
}

const LEVELS: { level: Stopping; title: string }[] = [
  { level: 'pause', title: 'Pause' },
  { level: 'stop', title: 'Stop' },
  { level: 'flatten', title: 'Flatten' },
];

export function KillDialog() {
  if (!killOpen.value) return null;
  const asked = killAsked.value;
  const setAsked = (what: Stopping | null) => (killAsked.value = what);
  const close = () => {
    setAsked(null);
    killOpen.value = false;
  };
  const level = program.value.value?.kill.level ?? 'none';
  return (
    <Dialog
      id="kill"
      title={asked ? TITLES[asked] : 'Kill switch'}
      onClose={close}
    >
      {asked ? (
        <Confirm level={asked} back={() => setAsked(null)} />
      ) : (
        <div class="kill-levels">
          {LEVELS.map((each) => (
            <button
              type="button"
              key={each.level}
              class={`kill-level ${each.level}`}
              disabled={killBusy.value}
              onClick={() =>
                each.level === 'pause' ? void kill('pause', '') : setAsked(each.level)
              }
            >
              <Icon name={each.level} />
              <span>
                <b>{each.title}</b>
                {EFFECTS[each.level]}
                <small>
                  {each.level === 'pause' ? 'Acts at once, can be undone' : 'Asks once more'}
                </small>
              </span>
            </button>
          ))}
          {level !== 'none' && (
            <button
              type="button"
              class="primary"
              onClick={() => {
                close();
                askResume();
              }}
            >
              Resume trading
            </button>
          )}
          <p class="muted">
            The same on the terminal: <code>trader kill --level pause</code>,{' '}
            <code>trader resume</code>. The state survives a restart.
          </p>
        </div>
      )}
    </Dialog>
  );
}
