// SPDX-License-Identifier: Apache-2.0
// The model registry: every version of what decides with its record, two of them beside one
// another, and what was done with the one that is chosen.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { get } from '../api.ts';
import { count, dateMinute, fixed, share, UNKNOWN, words } from '../format.ts';
import { Empty, Live, LivePanel } from '../parts/panel.tsx';
import { resource } from '../resource.ts';
import type { ModelDetails, ModelVersion, VersionMetrics, VersionPoint } from '../types.ts';
import { wilson } from '../wilson.ts';

const REFRESH_MS = 60_000;

export const models = resource<ModelVersion[]>('models', REFRESH_MS, () => get('models'));

const RANK: Record<string, number> = { champion: 0, challenger: 1, registered: 2, retired: 3 };

function ranked(list: readonly ModelVersion[]): ModelVersion[] {
  const rank = (item: ModelVersion): number => RANK[item.status] ?? 2;
  return list
    .slice()
    .sort(
      (a, b) => rank(a) - rank(b) || b.registration_date.localeCompare(a.registration_date),
    );
}

function WinRate({ metrics }: { metrics: VersionMetrics }) {
  const range = wilson(
    metrics.successful_trades,
    metrics.total_trades,
    metrics.separate_trades,
  );
  if (metrics.win_rate === null) return <>{UNKNOWN}</>;
  if (!range) return <>{share(metrics.win_rate, 1)}</>;
  return (
    <span class="win-rate">
      {share(metrics.win_rate, 1)}
      <span class="range" aria-hidden="true">
        <i style={{ left: `${range.low * 100}%`, width: `${(range.high - range.low) * 100}%` }} />
        <b style={{ left: `${metrics.win_rate * 100}%` }} />
      </span>
      <small>
        {share(range.low, 0)} to {share(range.high, 0)}
      </small>
    </span>
  );
}

interface TableProps {
  list: readonly ModelVersion[];
  chosen: readonly string[];
  onChoose: (id: string) => void;
}

function VersionTable({ list, chosen, onChoose }: TableProps) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Versions">
      <table class="models" data-count={list.length}>
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">Status</th>
            <th scope="col">Scored</th>
            <th scope="col">Win rate, 95 %</th>
            <th scope="col">Accuracy</th>
            <th scope="col">Profit factor</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {list.map((item) => (
            <tr key={item.version_id} data-version={item.version_id}>
              <th scope="row">
                <button
                  type="button"
                  class="link"
                  aria-pressed={chosen.includes(item.version_id)}
                  onClick={() => onChoose(item.version_id)}
                >
                  {item.version_name}
                </button>
                <small>{words(item.model_type)}</small>
              </th>
              <td class={`status-${item.status}`}>{item.status}</td>
              <td>{count(item.performance_metrics.total_trades)}</td>
              <td>
                <WinRate metrics={item.performance_metrics} />
              </td>
              <td>{share(item.performance_metrics.accuracy, 1)}</td>
              <td>{fixed(item.performance_metrics.profit_factor, 2)}</td>
              <td>{dateMinute(item.registration_date)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function rowsOf(item: ModelVersion): [string, string][] {
  const live = item.performance_metrics;
  const before = item.out_of_sample;
  return [
    ['Status', item.status],
    ['Scored', count(live.total_trades)],
    ['Hits, misses', `${count(live.successful_trades)}, ${count(live.failed_trades)}`],
    ['Win rate', share(live.win_rate, 1)],
    ['Accuracy', share(live.accuracy, 1)],
    ['Profit factor', fixed(live.profit_factor, 2)],
    ['Mean confidence', share(live.avg_confidence, 1)],
    ['Out of sample', before.total_trades ? share(before.win_rate, 1) : UNKNOWN],
    ['Made from', item.parent_id ?? UNKNOWN],
    ['As of', `${dateMinute(item.last_updated)} UTC`],
  ];
}

/** Two versions, figure by figure. Whether one is better is for the registry's test to say. */
function Comparison({ pair }: { pair: readonly [ModelVersion, ModelVersion] }) {
  const [left, right] = [rowsOf(pair[0]), rowsOf(pair[1])];
  return (
    <table class="comparison">
      <caption>Two versions</caption>
      <thead>
        <tr>
          <th scope="col">Figure</th>
          <th scope="col">{pair[0].version_id}</th>
          <th scope="col">{pair[1].version_id}</th>
        </tr>
      </thead>
      <tbody>
        {left.map(([name, value], index) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{value}</td>
            <td>{right[index]![1]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Share of hits over time, between 0 and 1. */
function History({ points }: { points: readonly VersionPoint[] }) {
  const known = points.filter((point) => point.metrics.win_rate !== null);
  if (known.length < 2) return null;
  const path = known
    .map((point, index) => {
      const x = (index / (known.length - 1)) * 300;
      return `${index ? 'L' : 'M'}${x.toFixed(1)} ${(60 - point.metrics.win_rate! * 60).toFixed(1)}`;
    })
    .join('');
  const last = known.at(-1)!.metrics;
  return (
    <svg
      class="model-history"
      viewBox="0 0 300 60"
      preserveAspectRatio="none"
      role="img"
      aria-label={`Win rate over ${known.length} points, last ${share(last.win_rate, 1)}`}
    >
      <path d="M0 30H300" class="middle" />
      <path d={path} />
    </svg>
  );
}

function Details({ id }: { id: string }) {
  const item = useMemo(
    () => resource<ModelDetails>(`model ${id}`, null, () => get(`models/${encodeURIComponent(id)}`)),
    [id],
  );
  useEffect(() => void item.load(), [item]);
  return (
    <Live item={item} rows={4}>
      {(details) => (
        <div class="model-details" data-model={id}>
          <dl class="facts wide">
            {rowsOf(details.version).map(([name, text]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
          <History points={details.points} />
          <p class="model-config">
            <b>Config </b>
            <code>{details.version.config}</code>
          </p>
          <ul class="model-events">
            {details.events
              .slice(-20)
              .reverse()
              .map((event, index) => (
                <li key={index}>
                  <time dateTime={event.time}>{dateMinute(event.time)}</time>{' '}
                  <b>{words(event.action)}</b> by {event.by}: {event.text}
                </li>
              ))}
          </ul>
        </div>
      )}
    </Live>
  );
}

export function ModelsPanel() {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  useEffect(() => {
    void models.load();
    const timer = setInterval(() => void models.load(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const choose = (id: string): void =>
    setChosen(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id].slice(-2));
  const none = (
    <Empty title="No versions yet">
      What decides registers itself when it hears of its first symbol.
    </Empty>
  );
  return (
    <LivePanel
      id="models"
      title="Models"
      item={models}
      rows={6}
      isEmpty={(list) => list.length === 0}
      empty={none}
    >
      {(list) => {
        const order = ranked(list);
        const shown = chosen.length ? chosen : [order[0]!.version_id];
        const pair = shown.map((id) => order.find((item) => item.version_id === id)!);
        return (
          <>
            <VersionTable list={order} chosen={chosen} onChoose={choose} />
            <p class="hint">Choose one for its history, two to compare them.</p>
            {pair.length === 2 && pair[0] && pair[1] ? (
              <Comparison pair={[pair[0], pair[1]]} />
            ) : (
              <Details id={shown[0]!} />
            )}
          </>
        );
      }}
    </LivePanel>
  );
}
