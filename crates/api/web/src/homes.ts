import { QueryClient } from '@tanstack/react-query';
import type { App } from './app-context';
import { Client } from './api/client';
import { ApiError } from './api/problem';
import { Videos, type PublicConfig } from './api/videos';
import { userOf, type Session, type User } from './session/session';
import { memoryIn } from './upload/memory';
import { Uploads } from './upload/uploads';

/** What one user has on this page. */
interface Home {
  app: App;
  queries: QueryClient;
}

/** The home of whoever is signed in. It outlives a session that ends: who signs in again finds the uploads going on. */
export class Homes {
  private home: Home | null = null;

  constructor(
    private readonly config: PublicConfig,
    private readonly session: Session,
  ) {
    let wasSignedIn = session.snapshot() !== null;
    session.subscribe(() => {
      const signedIn = session.snapshot();
      if (signedIn && !wasSignedIn && this.home?.app.user.id === userOf(signedIn.accessToken).id) {
        this.home.app.uploads.goOn();
      }
      wasSignedIn = signedIn !== null;
    });
  }

  /** The same for the same user; another user never sees what the one before left. */
  of(user: User): Home {
    if (this.home?.app.user.id === user.id) return this.home;
    this.leave();
    return (this.home = this.assemble(user));
  }

  /** Stops all that goes on for the user. */
  leave(): void {
    this.home?.app.uploads.stop();
    this.home = null;
  }

  private assemble(user: User): Home {
    const { config, session } = this;
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
    const uploads = new Uploads(videos, memoryIn(localStorage, user.id), config.maxUploadBytes, refresh);
    return { app: { config, user, videos, uploads }, queries };
  }
}
