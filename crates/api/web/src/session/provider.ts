import { CALLBACK, type Provider } from './callback';
import type { Renewal, Session } from './session';

/** Set when somebody signed out: the provider may still know them, and the next person at this screen isn't them. */
const SIGNED_OUT = 'signed-out';

/** Whether this page is that. */
export function isComingBack(): boolean {
  return location.pathname === CALLBACK;
}

/** Goes to the provider's page; the address stays in mind. */
export async function signInAt(provider: Provider): Promise<void> {
  const { goTo } = await import('./oidc');
  await goTo(provider, location.pathname + location.search, sessionStorage.getItem(SIGNED_OUT) !== null);
}

/** Ends what {@link signInAt} began. */
export async function comeBackFrom(provider: Provider, session: Session): Promise<void> {
  const { comeBack } = await import('./oidc');
  const { signedIn, returnTo } = await comeBack(provider);
  sessionStorage.removeItem(SIGNED_OUT);
  session.set(signedIn);
  history.replaceState(null, '', returnTo);
}

/** How sessions with this provider are renewed. */
export function renewalAt(provider: Provider): Renewal {
  return async () => (await import('./oidc')).renew(provider);
}

/** Signs out of this page. */
export function signOut(session: Session): void {
  sessionStorage.clear();
  sessionStorage.setItem(SIGNED_OUT, '1');
  session.set(null);
}
