import { ErrorResponse, UserManager, WebStorageStateStore, type User } from 'oidc-client-ts';
import { ApiError, NO_CONNECTION, SESSION_ENDED } from '../api/problem';
import { CALLBACK, type Provider } from './callback';
import type { SignedIn } from './session';

/** Lifetime of a token whose provider doesn't tell, milliseconds. */
const UNTOLD_LIFETIME = 300_000;

const OFFLINE = 'offline_access';

/** Goes to the provider's page (authorization code with PKCE), which leads back to `returnTo`. */
export async function goTo(provider: Provider, returnTo: string, askAgain: boolean): Promise<void> {
  const manager = managerOf(provider);
  try {
    // Some providers refuse what they don't know; with it they hand out a refresh token, so that a long upload isn't cut.
    const offline = (await manager.metadataService.getMetadata()).scopes_supported?.includes(OFFLINE);
    await manager.signinRedirect({
      scope: offline ? `openid ${OFFLINE}` : 'openid',
      state: returnTo,
      ...(askAgain && { prompt: 'login' }),
    });
  } catch (error) {
    console.warn(error);
    throw new ApiError('The sign-in page could not be reached. Check your connection and try again.', 0);
  }
}

/** Comes back from it; answers who signed in, and the page to go on with. */
export async function comeBack(provider: Provider): Promise<{ signedIn: SignedIn; returnTo: string }> {
  const user = await managerOf(provider)
    .signinRedirectCallback()
    .catch((error: unknown) => {
      console.warn(error);
      throw new ApiError('You were not signed in. Try again.', 401);
    });
  const page = typeof user.state === 'string' ? user.state : '/';
  return { signedIn: signedIn(user), returnTo: /^\/(?!\/)/.test(page) ? page : '/' };
}

/** Renews the session of somebody who signed in there. */
export async function renew(provider: Provider): Promise<SignedIn> {
  try {
    const user = await managerOf(provider).signinSilent();
    if (user) return signedIn(user);
  } catch (error) {
    if (!(error instanceof ErrorResponse)) throw new ApiError(NO_CONNECTION, 0);
  }
  throw new ApiError(SESSION_ENDED, 401);
}

function signedIn(user: User): SignedIn {
  return {
    accessToken: user.access_token,
    refreshToken: user.refresh_token,
    expiresAt: user.expires_at === undefined ? Date.now() + UNTOLD_LIFETIME : user.expires_at * 1000,
  };
}

function managerOf({ authority, clientId, audience }: Provider): UserManager {
  return new UserManager({
    authority,
    client_id: clientId,
    redirect_uri: location.origin + CALLBACK,
    extraQueryParams: audience === undefined ? {} : { audience },
    userStore: new WebStorageStateStore({ store: sessionStorage }),
  });
}
