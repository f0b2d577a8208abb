import './styles/main.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { callPublic } from './api/client';
import type { PublicConfig } from './api/videos';
import { App } from './app';
import { comeBack, isComingBack } from './session/oidc';
import { Session } from './session/session';
import { Notice } from './ui/notice';

async function start(): Promise<void> {
  const element = document.getElementById('root');
  if (!element) return;
  const root = createRoot(element);
  try {
    const config = await callPublic<PublicConfig>('/api/config');
    const session = new Session();
    if (isComingBack() && config.signIn.kind === 'oidc') {
      history.replaceState(null, '', await comeBack(session, config.signIn));
    }
    root.render(
      <StrictMode>
        <App config={config} session={session} />
      </StrictMode>,
    );
  } catch (error) {
    root.render(
      <main className="sign-in">
        <Notice error={error} onRetry={() => location.reload()} />
      </main>,
    );
  }
}

void start();
