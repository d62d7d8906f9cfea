// SPDX-License-Identifier: Apache-2.0
// The beginning: a code in the address opens the door, then everything is read and the stream
// begins.
import { render } from 'preact';
import './style/base.css';
import './style/frame.css';
import './style/panels.css';
import './style/lists.css';
import './style/moods.css';
import './style/models.css';
import './style/narrow.css';
import { App } from './app.tsx';
import { listenToKeys } from './frame/keys.ts';
import { loginFromAddress } from './pages/login.tsx';
import { start } from './store.ts';

listenToKeys();
render(<App />, document.getElementById('app')!);
void loginFromAddress().then(start);
