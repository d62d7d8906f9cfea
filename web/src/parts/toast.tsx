// SPDX-License-Identifier: Apache-2.0
// One short message at the foot of the page, with at most one thing to do about it; it leaves by
// itself.
import { signal } from '@preact/signals';

const STAYS_MS = 5000;

interface Message {
  text: string;
  action?: { label: string; run: () => void };
  danger?: boolean;
}

const message = signal<Message | null>(null);
let timer = 0;

export function toast(next: Message): void {
  window.clearTimeout(timer);
  message.value = next;
  timer = window.setTimeout(() => (message.value = null), next.danger ? 2 * STAYS_MS : STAYS_MS);
}

export function Toast() {
  const shown = message.value;
  return (
    <div class="toast-place" role="status" aria-live="polite">
      {shown && (
        <div class={`toast ${shown.danger ? 'danger' : ''}`}>
          <span>{shown.text}</span>
          {shown.action && (
            <button
              type="button"
              onClick={() => {
                shown.action!.run();
                message.value = null;
              }}
            >
              {shown.action.label}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
