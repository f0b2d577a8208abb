// An OpenID Connect provider on a loopback port, certified and not ours: any name and password are right.
// usage: node server.mjs PORT SITE_URL
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [port, site] = process.argv.slice(2);
const AUDIENCE = "https://videos.test/api";
const ACCESS_TOKEN_SECONDS = 90; // the page renews a token with a minute or less to live

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "vod-web",
      application_type: "native", // redirects to http and a port of the loopback address
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: [`${site}/signed-in`],
      token_endpoint_auth_method: "none",
    },
  ],
  clientBasedCORS: (_context, origin) => origin === site,
  cookies: { keys: ["for tests only"] },
  features: {
    resourceIndicators: {
      enabled: true,
      defaultResource: () => AUDIENCE,
      getResourceServerInfo: () => ({
        scope: "openid profile email offline_access",
        audience: AUDIENCE,
        accessTokenFormat: "jwt",
        accessTokenTTL: ACCESS_TOKEN_SECONDS,
        jwt: { sign: { alg: "RS256" } },
      }),
      useGrantedResource: () => true,
    },
  },
  extraTokenClaims: (_context, token) => ({
    groups: token.accountId === "chief" ? ["admin"] : [],
  }),
  // As providers do for an operator's own clients: nobody is asked for consent at each sign-in.
  issueRefreshToken: (_context, client) => client.grantTypeAllowed("refresh_token"),
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id }),
  }),
  ttl: { AccessToken: ACCESS_TOKEN_SECONDS },
});

createServer(provider.callback()).listen(Number(port), "127.0.0.1");
