import { QueryClientProvider } from '@tanstack/react-query';
import { Link, Redirect, Route, Switch } from 'wouter';
import { AppContext, useSignedIn } from './app-context';
import type { PublicConfig } from './api/videos';
import type { Homes } from './homes';
import { Library } from './library/library';
import { signOut } from './session/provider';
import { userOf, type Session } from './session/session';
import { SignIn } from './session/sign-in';
import { ChooseFiles, DropZone } from './upload/drop-zone';
import { UploadPanel } from './upload/upload-panel';
import { Watch } from './watch/watch';

interface Props {
  config: PublicConfig;
  session: Session;
  homes: Homes;
}

/** The page, once it is known how people sign in. */
export function App({ config, session, homes }: Props) {
  const signedIn = useSignedIn(session);
  if (signedIn === null) return <SignIn session={session} config={config} />;
  const { app, queries } = homes.of(userOf(signedIn.accessToken));
  const leave = () => {
    homes.leave();
    signOut(session);
  };
  return (
    <AppContext value={app}>
      <QueryClientProvider client={queries}>
        <header className="site">
          <Link href="/" className="brand">
            <img src="/favicon.svg" alt="" width="28" height="28" /> Videos
          </Link>
          <ChooseFiles />
          {app.user.name !== null && <span className="user muted">{app.user.name}</span>}
          <button type="button" className="button" onClick={leave}>
            Sign out
          </button>
        </header>
        <Switch>
          <Route path="/">
            <Library />
          </Route>
          <Route path="/videos/:id">{({ id }) => <Watch id={id} />}</Route>
          <Route>
            <Redirect to="/" replace />
          </Route>
        </Switch>
        <UploadPanel />
        <DropZone />
      </QueryClientProvider>
    </AppContext>
  );
}
