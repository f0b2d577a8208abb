import type { PublicConfig } from '../api/videos';

/** An OpenID Connect provider, as the API names it. */
export type Provider = Extract<PublicConfig['signIn'], { kind: 'oidc' }>;

/** Where the provider sends people back to. */
export const CALLBACK = '/signed-in';
