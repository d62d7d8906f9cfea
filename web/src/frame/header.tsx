// SPDX-License-Identifier: Apache-2.0
// The permanent frame: which money this is, whether the page is live, what there is, and the way to
// stop it.
import { useEffect, useState } from 'preact/hooks';
import { clock, dateMinute, duration, money } from '../format.ts';
import { Change } from '../parts/figures.tsx';
import { Icon, Logo } from '../parts/icons.tsx';
import { refresh, shownTheme, theme } from '../settings.ts';
import { marketTime, program } from '../store.ts';
import { CONDITIONS, toneOf } from '../panels/venue_panel.tsx';
import { connection, flush, lastMessage, waiting } from '../stream.ts';
import { killOpen } from './kill.ts';
import { settingsOpen } from './settings_dialog.tsx';

const MODES = {
  LIVE: 'Real orders with real money',
  TEST: 'Real orders at a venue without real money',
  PAPER: 'Live prices, simulated fills: no real money',
  REPLAY: 'Recorded prices, simulated fills: no real money',
  DEMO: 'Generated market, simulated fills: no real money',
};
const AGE_STEP_MS = 500;
const OLD_MS = 15_000;

function ModeBadge() {
  const mode = program.value.value?.mode;
  if (!mode) return <span class="mode">—</span>;
  return (
    <span class={`mode ${mode.toLowerCase()}`} title={MODES[mode]} data-mode={mode}>
      {mode}
    </span>
  );
}

/**
 * Connection and age of the last message; its own clock, so that nothing else is drawn twice a
 * second.
 */
function Pulse() {
  const [time, setTime] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setTime(Date.now()), AGE_STEP_MS);
    return () => window.clearInterval(timer);
  }, []);
  const feed = program.value.value?.feed_state;
  const state = connection.value;
  const age = lastMessage.value ? time - lastMessage.value : null;
  const well = state === 'open' && (age ?? Infinity) < OLD_MS;
  const word =
    state === 'open' ? (feed?.state ?? 'live') : state === 'down' ? 'offline' : 'connecting';
  const fine = well && (word === 'live' || word === 'backfill' || word === 'ended');
  return (
    <span
      class={`pulse ${fine ? 'fine' : state === 'down' ? 'lost' : 'warn'}`}
      data-connection={state}
      title={feed?.text || undefined}
    >
      <i aria-hidden="true" />
      <span>{word}</span> <span class="pulse-age">{age === null ? '—' : duration(age)}</span>
    </span>
  );
}

/** Whether entries may leave for the real venue; nothing on paper. */
function VenueWord() {
  const state = program.value.value;
  if (!state?.account || state.halted) return null;
  const condition = state.venue_state?.condition;
  return (
    <span
      class={`venue tone-${toneOf(condition)}`}
      data-venue={condition ?? 'unknown'}
      title={state.venue_state?.text || CONDITIONS.reconciling}
    >
      venue {condition ?? '—'}
    </span>
  );
}

function MarketClock() {
  const state = program.value.value;
  if (!state?.time) return null;
  const speed = state.speed && state.speed !== 1 ? ` · ${state.speed}×` : '';
  return (
    <span class="market-clock" title="Time of the market that the program lives in">
      {dateMinute(state.time).slice(0, 10)} <b>{clock(marketTime.value)}</b> UTC{speed}
    </span>
  );
}

function ThemeButton() {
  const next = shownTheme.value === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={`Switch to ${next} theme`}
      title={`Switch to ${next} theme`}
      onClick={() => (theme.value = next)}
    >
      <Icon name={next === 'light' ? 'sun' : 'moon'} />
    </button>
  );
}

export function Header() {
  const state = program.value.value;
  const level = state?.kill.level ?? 'none';
  return (
    <header class={`top ${state?.mode === 'LIVE' ? 'is-live' : ''}`}>
      <a class="brand" href="#/" aria-label="trader, overview">
        <Logo />
        <span>trader</span>
      </a>
      <ModeBadge />
      <Pulse />
      <VenueWord />
      <MarketClock />
      <span class="top-space" />
      <span class="top-equity" title="Equity and its change since 00:00 UTC">
        <small>Equity</small> <b data-equity>{money(state?.equity)}</b>{' '}
        <small>{state?.quote_asset}</small>
      </span>
      <span class="top-change">
        <Change value={state?.day_change_pct} /> <small>today</small>
      </span>
      <span class="top-tools">
        {refresh.value === 'manual' && (
          <button type="button" class="toggle" onClick={flush}>
            <Icon name="refresh" />
            {waiting.value || ''}
            <span class="visually-hidden"> events waiting, refresh</span>
          </button>
        )}
        <ThemeButton />
        <button
          type="button"
          class="icon-button"
          aria-label="Settings and keys"
          title="Settings and keys"
          onClick={() => (settingsOpen.value = true)}
        >
          <Icon name="settings" />
        </button>
        <button
          type="button"
          class={`kill-button ${level}`}
          aria-haspopup="dialog"
          title="Kill switch (Shift K)"
          aria-label={level === 'none' ? 'Kill switch' : `Kill switch: ${level}`}
          onClick={() => (killOpen.value = true)}
        >
          <Icon name="power" />
          <span>{level === 'none' ? 'Kill' : level}</span>
        </button>
      </span>
    </header>
  );
}
