// SPDX-License-Identifier: Apache-2.0
// The figures of the account in one row of tiles. A win rate of no trades is unknown, not zero.
import { count, drawdown, fixed, money, share } from '../format.ts';
import { Change, Tile } from '../parts/figures.tsx';
import { portfolio, program, trades } from '../store.ts';
import type { Trade } from '../types.ts';

function winRate(list: readonly Trade[]): number | null {
  if (!list.length) return null;
  return list.filter((trade) => trade.pnl > 0).length / list.length;
}

function profitFactor(list: readonly Trade[]): number | null {
  const won = list.reduce((sum, trade) => sum + Math.max(trade.pnl, 0), 0);
  const lost = list.reduce((sum, trade) => sum + Math.max(-trade.pnl, 0), 0);
  return lost > 0 ? won / lost : null;
}

export function Summary() {
  const value = portfolio.value.value;
  const list = trades.value.value;
  const asset = value?.quote_asset ?? program.value.value?.quote_asset ?? '';
  const closed = list ? `last ${count(list.length)} trades` : '';
  return (
    <dl class="tiles" aria-label="Account">
      <Tile label="Equity" note={asset}>
        {money(value?.total_value)}
      </Tile>
      <Tile label="Today">
        <Change value={program.value.value?.day_change_pct} />
      </Tile>
      <Tile label="Realised" note={asset}>
        <Change value={value?.realised_pnl} money />
      </Tile>
      <Tile label="Unrealised" note={asset}>
        <Change value={value?.unrealised_pnl} money />
      </Tile>
      <Tile label="Exposure">{share(value?.exposure, 1)}</Tile>
      <Tile label="Drawdown">{drawdown(value?.drawdown)}</Tile>
      <Tile label="Fees paid" note={asset}>
        {money(value?.fees)}
      </Tile>
      <Tile label="Won" note={closed}>
        {share(list ? winRate(list) : null)}
      </Tile>
      <Tile label="Profit factor" note={closed}>
        {fixed(list ? profitFactor(list) : null, 2)}
      </Tile>
    </dl>
  );
}
