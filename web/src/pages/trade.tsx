// SPDX-License-Identifier: Apache-2.0
// One symbol, large: its chart, its decisions and what came of them.
import { ActivityPanel } from '../panels/activity_panel.tsx';
import { ChartPanel } from '../panels/chart_panel.tsx';
import { HoldingsPanel } from '../panels/holdings_panel.tsx';
import { NewsPanel } from '../panels/news_panel.tsx';
import { SignalsPanel } from '../panels/signals_panel.tsx';
import { SocialPanel } from '../panels/social_panel.tsx';
import { Watchlist } from '../panels/watchlist.tsx';
import { Guard } from '../parts/guard.tsx';

export function TradePage() {
  return (
    <>
      <h1 class="visually-hidden">Trade</h1>
      <Guard name="watchlist">
        <Watchlist />
      </Guard>
      <div class="grid trade">
        <ChartPanel wheel />
        <SignalsPanel start="symbol" />
        <HoldingsPanel />
        <ActivityPanel first="fills" />
        <SocialPanel />
        <NewsPanel start="symbol" />
      </div>
    </>
  );
}
