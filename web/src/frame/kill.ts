// SPDX-License-Identifier: Apache-2.0
// The kill switch: what each level does, and the asking. Showing the effect and acting are kept
// apart.
import { signal } from '@preact/signals';
import { asError, post } from '../api.ts';
import { toast } from '../parts/toast.tsx';
import { portfolio, program } from '../store.ts';
import type { KillLevel } from '../types.ts';

export type Stopping = Exclude<KillLevel, 'none'>;

export const killOpen = signal(false);
/** What the dialog asks about; null: which of them. */
export const killAsked = signal<Stopping | 'resume' | null>(null);
export const killBusy = signal(false);

/** With real money a word has to be typed again for what sells, and for what trades on. */
export const needsWord = (what: Stopping | 'resume'): boolean =>
  program.value.value?.mode === 'LIVE' && (what === 'flatten' || what === 'resume');

export const EFFECTS: Record<Stopping, string> = {
  pause: 'No new entries. Open positions stay, with their stops and targets.',
  stop:
    'No new entries, and every open order is cancelled. ' +
    'Open positions stay, with their stops and targets.',
  flatten:
    'No new entries, every open order is cancelled, and every position is closed at the market.',
};

async function act(path: string, body: object, done: () => void): Promise<void> {
  killBusy.value = true;
  try {
    await post(path, body);
    done();
    await Promise.all([program.load(), portfolio.load()]);
  } catch (reason) {
    const error = asError(reason);
    toast({
      text: `Not done: ${error.message}${error.hint ? ` (${error.hint})` : ''}`,
      danger: true,
    });
  } finally {
    killBusy.value = false;
  }
}

export function resume(word = ''): Promise<void> {
  return act('resume', { word }, () => {
    killOpen.value = false;
    killAsked.value = null;
    toast({ text: 'Trading resumed' });
  });
}

/** At once, or by way of the dialog where a word is needed. */
export function askResume(): void {
  if (!needsWord('resume')) {
    void resume();
    return;
  }
  killAsked.value = 'resume';
  killOpen.value = true;
}

export function kill(level: Stopping, reason: string, word = ''): Promise<void> {
  const names = { pause: 'Entries paused', stop: 'Stopped', flatten: 'Closing every position' };
  return act('kill', { level, reason: reason || 'no reason given', word }, () => {
    killOpen.value = false;
    killAsked.value = null;
    if (level === 'pause')
      toast({ text: names.pause, action: { label: 'Undo', run: () => void resume() } });
    else toast({ text: names[level] });
  });
}
