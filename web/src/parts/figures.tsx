// SPDX-License-Identifier: Apache-2.0
// Small pieces of text that repeat: a change with its arrow, a time with its full form, a tile with
// one figure.
import type { ComponentChildren } from 'preact';
import { arrow, clock, dayMinute, direction, gain, iso, percent } from '../format.ts';

export function Change({
  value,
  money = false,
}: {
  value: number | null | undefined;
  money?: boolean;
}) {
  const text = money ? gain(value) : percent(value);
  const shown = /[1-9]/.test(text) ? value : 0; // what reads as nothing has no direction
  const mark = arrow(shown);
  return (
    <span class={`change ${direction(shown)}`}>
      {mark && <span class="mark">{mark}</span>}
      {text}
    </span>
  );
}

export function When({
  time,
  withDay = false,
}: {
  time: string | null | undefined;
  withDay?: boolean;
}) {
  if (!time) return <span>—</span>;
  return (
    <time dateTime={iso(time)} title={iso(time)}>
      {withDay ? dayMinute(time) : clock(time)}
    </time>
  );
}

export interface TileProps {
  label: string;
  children: ComponentChildren;
  note?: ComponentChildren;
}

export function Tile({ label, children, note }: TileProps) {
  return (
    <div class="tile">
      <dt>{label}</dt>
      <dd>
        {children}
        {note && <small>{note}</small>}
      </dd>
    </div>
  );
}

export interface ChoiceProps<T extends string> {
  label: string;
  options: readonly { value: T; text: string }[];
  value: T;
  onChange: (value: T) => void;
  class?: string;
}

/** A row of buttons of which one is pressed. */
export function Choice<T extends string>({
  label,
  options,
  value,
  onChange,
  ...rest
}: ChoiceProps<T>) {
  return (
    <div class={`choice ${rest.class ?? ''}`} role="group" aria-label={label}>
      {options.map((option) => (
        <button
          type="button"
          key={option.value}
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.text}
        </button>
      ))}
    </div>
  );
}
