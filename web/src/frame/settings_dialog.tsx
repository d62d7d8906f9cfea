// SPDX-License-Identifier: Apache-2.0
// Choices of the person at the screen, and the keys that the page listens to.
import { signal, type Signal } from '@preact/signals';
import { Dialog } from '../parts/dialog.tsx';
import { Choice } from '../parts/figures.tsx';
import {
  candleStyle,
  CANDLES,
  colours,
  COLOURS,
  refresh,
  REFRESH,
  theme,
  THEMES,
} from '../settings.ts';

export const settingsOpen = signal(false);

function Line<T extends string>({
  title,
  help,
  chosen,
  values,
}: {
  title: string;
  help: string;
  chosen: Signal<T>;
  values: readonly T[];
}) {
  return (
    <div class="setting">
      <div>
        <b>{title}</b>
        <small>{help}</small>
      </div>
      <Choice
        label={title}
        value={chosen.value}
        onChange={(value) => (chosen.value = value)}
        options={values.map((value) => ({ value, text: value }))}
      />
    </div>
  );
}

const KEYS: [string, string][] = [
  ['g then o t p s', 'Overview, Trade, Portfolio, System'],
  ['[ and ]', 'previous, next symbol'],
  ['1 to 7', 'interval'],
  ['f', 'chart on the full screen'],
  ['/', 'filter the log'],
  ['Shift K', 'kill switch (opens, never acts)'],
  ['?', 'this window'],
  ['← → Home End + −', 'on the chart: bar by bar, ends, zoom'],
];

export function SettingsDialog() {
  if (!settingsOpen.value) return null;
  return (
    <Dialog id="settings" title="Settings" onClose={() => (settingsOpen.value = false)}>
      <Line title="Theme" help="System follows your device" chosen={theme} values={THEMES} />
      <Line
        title="Up and down"
        help="Blue and orange are told apart by all eyes"
        chosen={colours}
        values={COLOURS}
      />
      <Line
        title="Candles"
        help="Hollow shows rising bars as outlines"
        chosen={candleStyle}
        values={CANDLES}
      />
      <Line
        title="Refresh"
        help="How often the screen follows the stream"
        chosen={refresh}
        values={REFRESH}
      />
      <h3>Keys</h3>
      <dl class="keys">
        {KEYS.map(([keys, text]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">Times are UTC. Choices are kept in this browser only.</p>
    </Dialog>
  );
}
