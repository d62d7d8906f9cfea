// SPDX-License-Identifier: Apache-2.0
// The page as a whole: the door, the frame, and the page inside it.
import { useEffect } from 'preact/hooks';
import { session } from './api.ts';
import { Banners } from './frame/banners.tsx';
import { Footer } from './frame/footer.tsx';
import { Header } from './frame/header.tsx';
import { KillDialog } from './frame/kill_dialog.tsx';
import { Navigation } from './frame/navigation.tsx';
import { page } from './frame/route.ts';
import { SettingsDialog } from './frame/settings_dialog.tsx';
import { AiPage } from './pages/ai.tsx';
import { LoginPage } from './pages/login.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { PortfolioPage } from './pages/portfolio.tsx';
import { SystemPage } from './pages/system.tsx';
import { TradePage } from './pages/trade.tsx';
import { Problem } from './parts/panel.tsx';
import { Toast } from './parts/toast.tsx';
import { leave, program, start } from './store.ts';

const VIEWS = {
  overview: OverviewPage,
  trade: TradePage,
  portfolio: PortfolioPage,
  ai: AiPage,
  system: SystemPage,
};
const TITLES = {
  overview: 'Overview',
  trade: 'Trade',
  portfolio: 'Portfolio',
  ai: 'AI',
  system: 'System',
};

function Inside() {
  const View = VIEWS[page.value];
  const state = program.value.value;
  useEffect(() => {
    document.title = `${TITLES[page.value]} · trader${state?.mode ? ` ${state.mode}` : ''}`;
  }, [page.value, state?.mode]);
  if (!state && program.error.value) {
    return (
      <main class="login" id="main">
        <Problem error={program.error.value} retry={() => void start()} />
      </main>
    );
  }
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        Skip to content
      </a>
      <Header />
      <Navigation />
      <main id="main" tabIndex={-1} data-page={page.value}>
        <Banners />
        <View />
        <Footer />
      </main>
      <KillDialog />
      <SettingsDialog />
      <Toast />
    </>
  );
}

export function App() {
  if (session.value === 'out') {
    leave();
    return <LoginPage onIn={() => void start()} />;
  }
  return <Inside />;
}
