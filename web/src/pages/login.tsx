// SPDX-License-Identifier: Apache-2.0
// The door: a one-time code from the terminal, typed here or brought by the address.
import { useState } from 'preact/hooks';
import { asError, post, session } from '../api.ts';
import { Logo } from '../parts/icons.tsx';

export async function login(code: string): Promise<string | null> {
  try {
    await post('login', { code });
    session.value = 'unknown';
    return null;
  } catch (reason) {
    const error = asError(reason);
    return error.status === 401 ? 'This code is not valid, or it was used already.' : error.message;
  }
}

/** A code in the address is used at once and never stays there. */
export async function loginFromAddress(): Promise<void> {
  const code = new URLSearchParams(location.search).get('code');
  if (!code) return;
  history.replaceState(null, '', location.pathname + location.hash);
  await login(code);
}

export function LoginPage({ onIn }: { onIn: () => void }) {
  const [code, setCode] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const why = await login(code.trim());
    setBusy(false);
    setProblem(why);
    if (why === null) onIn();
  }
  return (
    <main class="login" id="main">
      <form onSubmit={(event) => void submit(event)}>
        <div class="brand">
          <Logo />
          <span>trader</span>
        </div>
        <h1>Log in</h1>
        <p>
          The program printed a one-time code on its terminal. A new one comes from{' '}
          <code>trader token</code>.
        </p>
        <label class="field">
          One-time code
          <input
            name="code"
            autocomplete="one-time-code"
            autofocus
            required
            value={code}
            spellcheck={false}
            aria-describedby="login-problem"
            onInput={(event) => setCode(event.currentTarget.value)}
          />
        </label>
        <p id="login-problem" class="login-problem" role="alert">
          {problem}
        </p>
        <button type="submit" class="primary" disabled={busy}>
          Log in
        </button>
      </form>
    </main>
  );
}
