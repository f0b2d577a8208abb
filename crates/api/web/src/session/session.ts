import { callPublic, type Tokens } from '../api/client';
import { ApiError } from '../api/problem';
import type { components } from '../api/schema';

type SessionAnswer = components['schemas']['SessionAnswer'];
export type Challenge = components['schemas']['Challenge'];
type Refreshed = components['schemas']['RefreshedSession'];

/** Somebody who is signed in. */
export interface SignedIn {
  accessToken: string;
  refreshToken?: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** How an access token is got in the place of one that ends; fails with an {@link ApiError}. */
export type Renewal = (refreshToken: string) => Promise<SignedIn>;

/** A token is renewed when less of its time is left, milliseconds: a call may take that long to arrive. */
const RENEW_BEFORE = 60_000;

/**
 * Tokens live as long as the tab: in sessionStorage, so that a reload keeps them and closing the tab drops them. A page
 * can't hide a token from scripts of its own origin; the Content-Security-Policy lets no others run.
 */
const KEY = 'session';

/** Who is signed in, kept fresh. */
export class Session implements Tokens {
  private signedIn: SignedIn | null = read();
  private renewing: Promise<string | null> | null = null;
  private ended = false;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly renewal: Renewal) {}

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = () => this.signedIn;

  /** Whether somebody was signed in until the session came to its end by itself. */
  get hasEnded(): boolean {
    return this.ended;
  }

  async current(): Promise<string | null> {
    if (this.signedIn && isStale(this.signedIn, Date.now())) {
      return this.renew(this.signedIn.accessToken);
    }
    return this.signedIn?.accessToken ?? null;
  }

  /** Calls run side by side: the first that is refused renews, the others wait for it. */
  renew(refused: string): Promise<string | null> {
    if (this.signedIn && this.signedIn.accessToken !== refused) {
      return Promise.resolve(this.signedIn.accessToken);
    }
    this.renewing ??= this.refresh().finally(() => (this.renewing = null));
    return this.renewing;
  }

  set(signedIn: SignedIn | null): void {
    this.replace(signedIn, false);
  }

  private replace(signedIn: SignedIn | null, ended: boolean): void {
    this.signedIn = signedIn;
    this.ended = ended;
    if (signedIn) {
      sessionStorage.setItem(KEY, JSON.stringify(signedIn));
    } else {
      sessionStorage.removeItem(KEY);
    }
    this.listeners.forEach((listener) => listener());
  }

  private async refresh(): Promise<string | null> {
    const refreshToken = this.signedIn?.refreshToken;
    if (!refreshToken) {
      this.replace(null, this.signedIn !== null);
      return null;
    }
    try {
      const renewed = await this.renewal(refreshToken);
      this.set(renewed);
      return renewed.accessToken;
    } catch (error) {
      // Without a connection nobody is signed out; a refusal is the end of the session.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) {
        this.replace(null, true);
        return null;
      }
      throw error;
    }
  }
}

/** Signs in; answers a challenge where the password has to be changed first. */
export async function signIn(
  session: Session,
  path: '/api/session' | '/api/session/new-password',
  body: Record<string, string>,
): Promise<Challenge | null> {
  const answer = await callPublic<SessionAnswer>(path, { method: 'POST', body });
  if ('challenge' in answer) {
    return answer;
  }
  session.set({ refreshToken: answer.refreshToken, ...tokens(answer, Date.now()) });
  return null;
}

/** Renews the session of somebody who signed in with a password. */
export async function renewHere(refreshToken: string): Promise<SignedIn> {
  const body = { refreshToken };
  const fresh = await callPublic<Refreshed>('/api/session/refresh', { method: 'POST', body });
  return { refreshToken, ...tokens(fresh, Date.now()) };
}

/** Whether a token is about to end. */
export function isStale({ expiresAt }: SignedIn, now: number): boolean {
  return now + RENEW_BEFORE >= expiresAt;
}

/** Whose token it is. The API decides by the token itself; this only shows or hides. */
export interface User {
  id: string;
  /** What they signed in with, where the token tells. */
  name: string | null;
  isAdmin: boolean;
}

export function userOf(accessToken: string): User {
  const claims = claimsOf(accessToken);
  const groups = claims['cognito:groups'] ?? claims.groups;
  return {
    id: typeof claims.sub === 'string' ? claims.sub : '',
    name: typeof claims.username === 'string' ? claims.username : null,
    isAdmin: Array.isArray(groups) && groups.includes('admin'),
  };
}

function claimsOf(accessToken: string): Record<string, unknown> {
  try {
    const payload = (accessToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function tokens({ accessToken, expiresInSeconds }: Refreshed, now: number) {
  return { accessToken, expiresAt: now + expiresInSeconds * 1000 };
}

function read(): SignedIn | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as SignedIn | null;
  } catch {
    return null;
  }
}
