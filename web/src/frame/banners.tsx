// SPDX-License-Identifier: Apache-2.0
// What concerns the whole page: trading is halted, the stream is lost, the feed is not what it
// should be.
import { dateMinute, duration } from '../format.ts';
import { announcement, now, program } from '../store.ts';
import { connect, connection, retryAt } from '../stream.ts';
import { CONDITIONS, toneOf } from '../panels/venue_panel.tsx';
import { askResume, killBusy } from './kill.ts';

const HALTED = {
  pause: 'Entries are paused',
  stop: 'Trading is stopped',
  flatten: 'Flattened: no trading',
};

function Halted() {
  const kill = program.value.value?.kill;
  if (!kill || kill.level === 'none') return null;
  const who = [
    kill.since && `since ${dateMinute(kill.since)} UTC`,
    kill.by && `by ${kill.by}`,
    kill.reason,
  ]
    .filter(Boolean)
    .join(' · ');
  return (
    <div class="banner danger" role="alert" data-banner="kill">
      <span>
        <b>{HALTED[kill.level]}</b> {who}
      </span>
      <button type="button" disabled={killBusy.value} onClick={askResume}>
        Resume
      </button>
    </div>
  );
}

/** The engine is gone; the kill switch is not. */
function Failed() {
  const why = program.value.value?.halted;
  if (!why) return null;
  return (
    <div class="banner danger" role="alert" data-banner="halted">
      <span>
        <b>HALTED: trading has failed.</b> {why}
      </span>
    </div>
  );
}

function Venue() {
  const state = program.value.value;
  const venue = state?.venue_state;
  if (!state?.account || !venue || venue.condition === 'ready' || state.halted) return null;
  const bad = toneOf(venue.condition) === 'bad';
  return (
    <div
      class={`banner ${bad ? 'danger' : 'warn'}`}
      role={bad ? 'alert' : 'status'}
      data-banner="venue"
    >
      <span>
        <b>{CONDITIONS[venue.condition]}.</b> {venue.text}
      </span>
    </div>
  );
}

function Lost() {
  if (connection.value !== 'down') return null;
  return (
    <div class="banner warn" data-banner="offline">
      <span role="alert">
        <b>The program does not answer.</b> What you see is the last that was known.
      </span>
      <span>next try in {duration(Math.max(0, retryAt.value - now.value))}</span>
      <button type="button" onClick={connect}>
        Try now
      </button>
    </div>
  );
}

const FEED = {
  stale: 'The market feed is silent: no entries until it speaks again.',
  gap: 'The market feed has a gap that is being filled: no entries until then.',
  refused: 'The market data host refuses this machine.',
  connecting: 'Connecting to the market feed.',
  backfill: 'Reading the history before the first decision.',
  ended: 'The recorded market has ended.',
};

function Feed() {
  const feed = program.value.value?.feed_state;
  if (!feed || feed.state === 'live' || connection.value === 'down') return null;
  const calm = feed.state === 'backfill' || feed.state === 'ended' || feed.state === 'connecting';
  return (
    <div class={`banner ${calm ? 'calm' : 'warn'}`} role="status" data-banner="feed">
      <span>
        <b>{FEED[feed.state]}</b> {feed.text}
      </span>
    </div>
  );
}

export function Banners() {
  return (
    <>
      <Failed />
      <Halted />
      <Venue />
      <Lost />
      <Feed />
      <p class="visually-hidden" aria-live="polite">
        {announcement.value}
      </p>
    </>
  );
}
