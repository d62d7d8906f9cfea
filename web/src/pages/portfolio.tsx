// SPDX-License-Identifier: Apache-2.0
// The money: figures, curve, holdings, and every closed trade.
import { ActivityPanel } from '../panels/activity_panel.tsx';
import { EquityPanel } from '../panels/equity_panel.tsx';
import { HoldingsPanel } from '../panels/holdings_panel.tsx';
import { Summary } from '../panels/summary.tsx';
import { VenuePanel } from '../panels/venue_panel.tsx';
import { Guard } from '../parts/guard.tsx';

export function PortfolioPage() {
  return (
    <>
      <h1 class="visually-hidden">Portfolio</h1>
      <Guard name="summary">
        <Summary />
      </Guard>
      <div class="grid portfolio">
        <EquityPanel />
        <HoldingsPanel />
        <Guard name="venue">
          <VenuePanel />
        </Guard>
        <ActivityPanel />
      </div>
    </>
  );
}
