import type { Session } from './session';

/** Where the provider sends people back to. */
const CALLBACK = '/signed-in';
const RETURN_TO = 'return-to';

export interface Provider {
  authority: string;
  client_id: string;
}

/** Goes to the provider's page (authorization code with PKCE). */
export async function goToProvider(provider: Provider): Promise<void> {
  sessionStorage.setItem(RETURN_TO, location.pathname + location.search);
  await (await manager(provider)).signinRedirect();
}

/** Comes back from it; answers the page to go on with. */
export async function comeBack(session: Session, provider: Provider): Promise<string> {
  const user = await (await manager(provider)).signinRedirectCallback();
  session.set({
    accessToken: user.access_token,
    expiresAt: (user.expires_at ?? Math.floor(Date.now() / 1000) + 300) * 1000,
  });
  const page = sessionStorage.getItem(RETURN_TO) ?? '/';
  return page.startsWith('/') && !page.startsWith('//') ? page : '/';
}

/** Whether this page is where the provider sends people back to. */
export function isComingBack(): boolean {
  return location.pathname === CALLBACK;
}

async function manager({ authority, client_id }: Provider) {
  const { UserManager, WebStorageStateStore } = await import('oidc-client-ts');
  return new UserManager({
    authority,
    client_id,
    redirect_uri: location.origin + CALLBACK,
    scope: 'openid profile email',
    userStore: new WebStorageStateStore({ store: sessionStorage }),
  });
}
