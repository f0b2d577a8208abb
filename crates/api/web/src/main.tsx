import './styles/main.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { callPublic } from './api/client';
import type { PublicConfig } from './api/videos';
import { App } from './app';
import { Homes } from './homes';
import { comeBackFrom, isComingBack, renewalAt } from './session/provider';
import { renewHere, Session } from './session/session';
import { Notice } from './ui/notice';

async function start(): Promise<void> {
  const element = document.getElementById('root');
  if (!element) return;
  const root = createRoot(element);
  try {
    const config = await callPublic<PublicConfig>('/api/config');
    const provider = config.signIn.kind === 'oidc' ? config.signIn : null;
    const session = new Session(provider ? renewalAt(provider) : renewHere);
    const homes = new Homes(config, session);
    if (provider && isComingBack()) await comeBackFrom(provider, session);
    root.render(
      <StrictMode>
        <App config={config} session={session} homes={homes} />
      </StrictMode>,
    );
  } catch (error) {
    root.render(
      <main className="sign-in">
        <Notice error={error} onRetry={() => location.assign(isComingBack() ? '/' : location.href)} />
      </main>,
    );
  }
}

void start();
