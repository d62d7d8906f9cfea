// SPDX-License-Identifier: Apache-2.0
// What decides: its versions and their records, and the newest decisions with their reasons.
import { ModelsPanel } from '../panels/models_panel.tsx';
import { SignalsPanel } from '../panels/signals_panel.tsx';

export function AiPage() {
  return (
    <>
      <h1 class="visually-hidden">AI</h1>
      <div class="grid ai">
        <ModelsPanel />
        <SignalsPanel />
      </div>
    </>
  );
}
