// SPDX-License-Identifier: Apache-2.0
// The frame of every panel and its four states: loading (a skeleton of the final height, so that
// nothing jumps), empty (what would be here, why not, what to do), stale (kept, with its age),
// error (short reason, code, retry).
import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api.ts';
import { duration } from '../format.ts';
import type { Resource } from '../resource.ts';
import { now } from '../store.ts';
import { Guard } from './guard.tsx';
import { connection, lastMessage } from '../stream.ts';

export interface PanelProps {
  id: string;
  title: string;
  note?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}

export function Panel({ id, title, note, actions, children, ...rest }: PanelProps) {
  return (
    <section class={`panel ${rest.class ?? ''}`} data-panel={id} aria-labelledby={`${id}-title`}>
      <header class="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {note}
        <div class="panel-actions">{actions}</div>
      </header>
      <div class="panel-body">
        <Guard name={id}>{children}</Guard>
      </div>
    </section>
  );
}

export function Skeleton({ rows }: { rows: number }) {
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty" data-state="empty">
      <p class="empty-title">{title}</p>
      {children && <p>{children}</p>}
    </div>
  );
}

export function Problem({ error, retry }: { error: ApiError; retry: () => void }) {
  return (
    <div class="problem" data-state="error" role="alert">
      <p class="problem-title">{error.message}</p>
      <p>
        <code>{error.code}</code>
        {error.hint && <> · {error.hint}</>}
      </p>
      <button type="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

export type Aging = Pick<Resource<unknown>, 'rate' | 'updated'>;

/** How old what is shown is, once that is more than it should be. */
function ageOf(item: Aging): { age: number; hard: boolean } | null {
  if (!item.updated.value) return null;
  const lost = connection.value === 'down';
  const since = item.rate === null ? lastMessage.value : item.updated.value;
  const age = now.value - Math.max(since, item.rate === null ? item.updated.value : 0);
  const rate = item.rate ?? 10_000;
  if (item.rate === null && !lost) return null;
  return age > 2 * rate || (lost && age > 5000) ? { age, hard: age > 10 * rate } : null;
}

export function Age({ item }: { item: Aging }) {
  const old = ageOf(item);
  if (!old) return null;
  return (
    <span class={`age ${old.hard ? 'hard' : ''}`} data-state="stale">
      {duration(old.age)} old
    </span>
  );
}

export interface LivePanelProps<T> {
  id: string;
  title: string;
  item: Resource<T>;
  /** Rows of the skeleton: the height that the panel will have. */
  rows: number;
  isEmpty?: (value: T) => boolean;
  empty?: ComponentChildren;
  actions?: ComponentChildren;
  class?: string;
  children: (value: T) => ComponentChildren;
}

export function LivePanel<T>(props: LivePanelProps<T>) {
  const { item } = props;
  return (
    <Panel
      id={props.id}
      title={props.title}
      actions={props.actions}
      class={props.class ?? ''}
      note={<Age item={item} />}
    >
      <Live {...props} />
    </Panel>
  );
}

/** The body alone, for panels that hold several resources behind tabs. */
export function Live<T>({
  item,
  rows,
  isEmpty,
  empty,
  children,
}: Omit<LivePanelProps<T>, 'id' | 'title'>) {
  const value = item.value.value;
  const error = item.error.value;
  if (value === null && error) return <Problem error={error} retry={() => void item.load()} />;
  if (value === null && item.updated.value === 0) return <Skeleton rows={rows} />;
  if (value === null) return <>{empty ?? <Empty title="Nothing here yet" />}</>;
  return (
    <>
      {error && connection.value !== 'down' && (
        <Problem error={error} retry={() => void item.load()} />
      )}
      {isEmpty?.(value) ? empty : children(value)}
    </>
  );
}
