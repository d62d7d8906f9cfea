// SPDX-License-Identifier: Apache-2.0
// Every service of the program: is it alive, when did it last speak, how much and how fast does it
// work.
import { big, duration, micros, words } from '../format.ts';
import { Empty, LivePanel } from '../parts/panel.tsx';
import { chosenService } from './log_panel.tsx';
import { services } from '../store.ts';
import type { ServiceHealth } from '../types.ts';

function Row({ each }: { each: ServiceHealth }) {
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          class="link"
          onClick={() => (chosenService.value = each.service)}
          title={`Show the log of ${each.service}`}
        >
          {words(each.service)}
        </button>
      </th>
      <td class="left">
        <span class={`state ${each.state}`}>{each.state}</span>
      </td>
      <td>{duration(each.age_ms)}</td>
      <td>{big(each.in)}</td>
      <td>{big(each.out)}</td>
      <td class={each.errors ? 'danger' : ''}>{big(each.errors)}</td>
      <td>{micros(each.p95_us)}</td>
    </tr>
  );
}

export function HealthPanel() {
  const list = services.value.value;
  const well = list?.filter((each) => each.state === 'ok' || each.state === 'idle').length;
  const summary = list?.length ? (
    <span class={`badge ${well === list.length ? 'fine' : 'warn'}`}>
      {well} of {list.length} well
    </span>
  ) : null;
  return (
    <LivePanel
      id="health"
      title="Service health"
      item={services}
      rows={7}
      actions={summary}
      isEmpty={(all) => all.length === 0}
      empty={
        <Empty title="No service has reported yet">
          The table fills within a second of the start.
        </Empty>
      }
    >
      {(all) => (
        <div class="scroll health-table" tabIndex={0} role="region" aria-label="Services">
          <table data-count={all.length}>
            <thead>
              <tr>
                <th scope="col">Service</th>
                <th scope="col" class="left">
                  State
                </th>
                <th scope="col">Last</th>
                <th scope="col">In</th>
                <th scope="col">Out</th>
                <th scope="col">Errors</th>
                <th scope="col">p95</th>
              </tr>
            </thead>
            <tbody>
              {all.map((each) => (
                <Row key={each.service} each={each} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </LivePanel>
  );
}
