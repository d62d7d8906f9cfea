// SPDX-License-Identifier: Apache-2.0
// What must be said on every page: what this is not, and whose chart library it is.
import { program } from '../store.ts';

const SHORT =
  'Experimental software for education and research. Not financial or investment advice; ' +
  'signals are not recommendations. Trading crypto involves substantial risk of loss.';

export function Footer() {
  const state = program.value.value;
  return (
    <footer class="foot">
      <p>{state?.disclaimer || SHORT}</p>
      <p>
        trader {state?.version ?? ''} · Apache-2.0 · Charts: TradingView Lightweight Charts™,
        Copyright (с) 2025 TradingView, Inc.{' '}
        <a href="https://www.tradingview.com/" rel="noopener noreferrer" target="_blank">
          https://www.tradingview.com/
        </a>
      </p>
    </footer>
  );
}
