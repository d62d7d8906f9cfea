// SPDX-License-Identifier: Apache-2.0
// Everything at a glance: market, decisions, money, health, log.
import { ActivityPanel } from '../panels/activity_panel.tsx';
import { ChartPanel } from '../panels/chart_panel.tsx';
import { EquityPanel } from '../panels/equity_panel.tsx';
import { HealthPanel } from '../panels/health_panel.tsx';
import { HoldingsPanel } from '../panels/holdings_panel.tsx';
import { LogPanel } from '../panels/log_panel.tsx';
import { NewsPanel } from '../panels/news_panel.tsx';
import { SignalsPanel } from '../panels/signals_panel.tsx';
import { SocialPanel } from '../panels/social_panel.tsx';
import { Summary } from '../panels/summary.tsx';
import { Watchlist } from '../panels/watchlist.tsx';
import { Guard } from '../parts/guard.tsx';

export function OverviewPage() {
  return (
    <>
      <h1 class="visually-hidden">Overview</h1>
      <Guard name="watchlist">
        <Watchlist />
      </Guard>
      <Guard name="summary">
        <Summary />
      </Guard>
      <div class="grid overview">
        <ChartPanel />
        <SignalsPanel />
        <EquityPanel />
        <HoldingsPanel />
        <ActivityPanel />
        <SocialPanel />
        <NewsPanel />
        <HealthPanel />
        <LogPanel />
      </div>
    </>
  );
}
