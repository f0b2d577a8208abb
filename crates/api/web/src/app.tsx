import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, Redirect, Route, Switch } from 'wouter';
import { AppContext, useSignedIn, type App as AppParts } from './app-context';
import { Client } from './api/client';
import { ApiError } from './api/problem';
import { Videos, type PublicConfig } from './api/videos';
import { Library } from './library/library';
import { signOut } from './session/provider';
import type { Session } from './session/session';
import { SignIn } from './session/sign-in';
import { DropZone } from './upload/drop-zone';
import { memoryIn } from './upload/memory';
import { Uploads } from './upload/uploads';
import { Watch } from './watch/watch';

/** The page, once it is known how people sign in. */
export function App({ config, session }: { config: PublicConfig; session: Session }) {
  const signedIn = useSignedIn(session) !== null;
  if (!signedIn) return <SignIn session={session} config={config} />;
  return <Home config={config} session={session} />;
}

function Home({ config, session }: { config: PublicConfig; session: Session }) {
  const [{ app, queries }] = useState(() => assemble(config, session));
  return (
    <AppContext value={app}>
      <QueryClientProvider client={queries}>
        <header className="site">
          <Link href="/" className="brand">
            <img src="/favicon.svg" alt="" width="28" height="28" /> Videos
          </Link>
          <button type="button" className="button" onClick={() => signOut(session)}>
            Sign out
          </button>
        </header>
        <DropZone>
          <Switch>
            <Route path="/">
              <Library />
            </Route>
            <Route path="/videos/:id">{({ id }) => <Watch id={id} />}</Route>
            <Route>
              <Redirect to="/" replace />
            </Route>
          </Switch>
        </DropZone>
      </QueryClientProvider>
    </AppContext>
  );
}

function assemble(config: PublicConfig, session: Session): { app: AppParts; queries: QueryClient } {
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        // What the API refused it refuses again; what never arrived may arrive.
        retry: (failures, error) =>
          failures < 3 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
      },
    },
  });
  const videos = new Videos(new Client(session));
  const refresh = () => void queries.invalidateQueries({ queryKey: ['videos'] });
  const uploads = new Uploads(videos, memoryIn(localStorage), config.maxUploadBytes, refresh);
  return { app: { config, session, videos, uploads }, queries };
}
