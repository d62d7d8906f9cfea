// SPDX-License-Identifier: Apache-2.0
// The tail of the logs: newest at the foot, following unless held, filtered by service, level and
// text.
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { clock, iso, words } from '../format.ts';
import { Empty, LivePanel } from '../parts/panel.tsx';
import { logs, services } from '../store.ts';
import type { LogLine } from '../types.ts';

const SHOWN = 300;
const LEVELS = ['any level', 'warnings', 'errors'] as const;
type Level = (typeof LEVELS)[number];

/** The service whose lines are shown; empty for all. Set by the health table too. */
export const chosenService = signal('');

/**
 * Lines bear no number of their own; the list needs one that stays, or every line is drawn again.
 */
const numbers = new WeakMap<LogLine, number>();
let nextNumber = 0;

function numberOf(line: LogLine): number {
  const known = numbers.get(line) ?? nextNumber++;
  numbers.set(line, known);
  return known;
}

const severe = (line: LogLine): boolean => line.level === 'ERROR';
const warned = (line: LogLine): boolean => severe(line) || line.level === 'WARNING';

function filtered(
  lines: readonly LogLine[],
  service: string,
  level: Level,
  text: string,
): LogLine[] {
  const needle = text.toLowerCase();
  return lines
    .filter(
      (line) =>
        (!service || line.service === service) &&
        (level === 'any level' || (level === 'errors' ? severe(line) : warned(line))) &&
        (!needle || line.text.toLowerCase().includes(needle)),
    )
    .slice(-SHOWN);
}

function Lines({ lines, follow }: { lines: readonly LogLine[]; follow: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (follow && place.current) place.current.scrollTop = place.current.scrollHeight;
  }, [lines, follow]);
  return (
    <div
      ref={place}
      class="scroll log-lines"
      tabIndex={0}
      role="region"
      aria-label="Log lines"
      data-count={lines.length}
    >
      {lines.map((line) => (
        <p key={numberOf(line)} class={severe(line) ? 'error' : warned(line) ? 'warning' : ''}>
          <time dateTime={iso(line.time)} title={iso(line.time)}>
            {clock(line.time)}
          </time>
          <b>{line.service}</b>
          <span class="level">{line.level}</span>
          <span class="log-text">{line.text}</span>
        </p>
      ))}
    </div>
  );
}

function ServiceFilter() {
  const names = [
    ...new Set([
      ...(services.value.value ?? []).map((each) => each.service),
      ...(logs.value.value ?? []).map((line) => line.service),
    ]),
  ].sort();
  return (
    <label>
      <span class="visually-hidden">Service</span>
      <select
        value={chosenService.value}
        onChange={(event) => (chosenService.value = event.currentTarget.value)}
      >
        <option value="">all services</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {words(name)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function LogPanel() {
  const [level, setLevel] = useState<Level>('any level');
  const [text, setText] = useState('');
  const [held, setHeld] = useState<readonly LogLine[] | null>(null);
  const filters = (
    <div class="filters">
      <ServiceFilter />
      <label>
        <span class="visually-hidden">Level</span>
        <select value={level} onChange={(event) => setLevel(event.currentTarget.value as Level)}>
          {LEVELS.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <label class="grow">
        <span class="visually-hidden">Text</span>
        <input
          type="search"
          placeholder="filter text"
          data-shortcut="filter"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button
        type="button"
        class="toggle"
        aria-pressed={held !== null}
        onClick={() => setHeld(held ? null : (logs.value.value ?? []))}
      >
        {held ? 'Follow' : 'Hold'}
      </button>
    </div>
  );
  return (
    <LivePanel
      id="log"
      title="Log"
      item={logs}
      rows={8}
      class="log-panel"
      actions={filters}
      isEmpty={(lines) => lines.length === 0}
      empty={
        <Empty title="No log lines yet">
          Services write here as they work; files stand in the logs folder.
        </Empty>
      }
    >
      {(lines) => {
        const shown = filtered(held ?? lines, chosenService.value, level, text);
        return shown.length ? (
          <Lines lines={shown} follow={held === null} />
        ) : (
          <Empty title="No line matches">
            Choose all services and any level, or clear the text.
          </Empty>
        );
      }}
    </LivePanel>
  );
}
