// An issuer to log in at (npm's oidc-provider), and a person with a browser.
//   oidc_provider.js serve FOLDER   cert.pem and key.pem in it; writes `issuer`.
//                                   SIGHUP: new signing keys, the old ones go.
//   oidc_provider.js browse URL LOGIN   follows pages and fills in forms until
//                                   there is nothing left to do; prints the end
//   oidc_provider.js deny URL       the same, but refuses
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const https = require('https');
const { pathToFileURL } = require('url');

// A package of ES modules alone, which import() does not look for in NODE_PATH.
const load = () =>
  import(pathToFileURL(require.resolve('oidc-provider'))).then((m) => m.default);

function newKey() {
  const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    ...privateKey.export({ format: 'jwk' }),
    kid: crypto.randomUUID(), use: 'sig', alg: 'ES256',
  };
}

// What was given stays known when the keys change: one store for all providers.
const store = new Map();
class Adapter {
  constructor(model) { this.model = model; }
  key(id) { return `${this.model}:${id}`; }
  search(member, value) {
    for (const [key, payload] of store) {
      if (key.startsWith(`${this.model}:`) && payload[member] === value) return payload;
    }
    return undefined;
  }
  async upsert(id, payload) { store.set(this.key(id), payload); }
  async find(id) { return store.get(this.key(id)); }
  async findByUid(uid) { return this.search('uid', uid); }
  async findByUserCode(code) { return this.search('userCode', code); }
  async consume(id) { store.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { store.delete(this.key(id)); }
  async revokeByGrantId(grant) {
    for (const [key, payload] of store) {
      if (payload.grantId === grant) store.delete(key);
    }
  }
}

const lifetime = Number(process.env.TOKEN_SECONDS || 3600);

const configuration = () => ({
  adapter: Adapter,
  jwks: { keys: [newKey()] },
  clients: [{
    client_id: 'countersign',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['http://127.0.0.1/callback'],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token',
      'urn:ietf:params:oauth:grant-type:device_code'],
    id_token_signed_response_alg: 'ES256',
  }],
  enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
  scopes: ['openid', 'offline_access', 'groups'],
  claims: { openid: ['sub'], groups: ['groups'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['only for tests'] },
  rotateRefreshToken: true,
  ttl: { IdToken: lifetime, AccessToken: lifetime, Session: 3600, Grant: 3600,
    Interaction: 600, DeviceCode: 600, RefreshToken: 3600 },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, groups: ['builders'] }),
  }),
  extraTokenClaims: () => ({ groups: ['builders'] }),
  features: {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (ctx, resource) => ({
        scope: '', audience: resource, accessTokenFormat: 'jwt',
        accessTokenTTL: lifetime, jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});

async function serve(folder) {
  const Provider = await load();
  let answer;
  const server = https.createServer({
    cert: fs.readFileSync(`${folder}/cert.pem`),
    key: fs.readFileSync(`${folder}/key.pem`),
  }, (request, response) => answer(request, response));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `https://localhost:${server.address().port}`;
  const renew = () => {
    answer = new Provider(issuer, configuration()).callback();
  };
  process.on('SIGHUP', () => {
    renew();
    fs.writeFileSync(`${folder}/rotated`, 'yes');
  });
  renew();
  fs.writeFileSync(`${folder}/issuer.part`, issuer);
  fs.renameSync(`${folder}/issuer.part`, `${folder}/issuer`);
}

const unescapeHtml = (text) => text.replace(/&amp;/g, '&').replace(/&#39;/g, "'");

// The only form of a page, as name and value; undefined where there is none.
function formOf(page) {
  const form = /<form[^>]*action="([^"]*)"[^>]*>([^]*?)<\/form>/.exec(page);
  if (form === null) return undefined;
  const fields = new URLSearchParams();
  for (const [input] of form[2].matchAll(/<input[^]*?>/g)) {
    const name = /name="([^"]*)"/.exec(input);
    const value = /value="([^"]*)"/.exec(input);
    if (name) fields.set(name[1], value ? unescapeHtml(value[1]) : '');
  }
  return { action: unescapeHtml(form[1]), fields };
}

async function browse(start, login) {
  const cookies = new Map();
  let url = start;
  let body;
  let refused = false;
  for (let step = 0; step < 30; step++) {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      body,
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([k, v]) => `${k}=${v}`).join('; ') },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]*)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    body = undefined;
    if (response.headers.has('location')) {
      url = new URL(response.headers.get('location'), url).href;
      continue;
    }
    const page = await response.text();
    const form = formOf(page);
    if (form === undefined) {
      console.log(response.status, page.replace(/<style>[^]*?<\/style>/g, '')
        .replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim());
      return;
    }
    url = new URL(form.action, url).href;
    if (refused) {
      console.log(response.status, 'refused');
      return;
    }
    if (login === undefined && form.fields.get('confirm') === 'yes') {
      form.fields.set('abort', 'yes');
      refused = true;
    } else if (login === undefined && !form.fields.has('user_code')) {
      // The page's link "cancel".
      url += '/abort';
      continue;
    }
    if (form.fields.has('login')) {
      form.fields.set('login', login);
      form.fields.set('password', 'x');
    }
    body = form.fields;
  }
  throw new Error('there is no end of pages');
}

const [, , command, ...words] = process.argv;
const commands = {
  serve: () => serve(words[0]),
  browse: () => browse(words[0], words[1]),
  deny: () => browse(words[0], undefined),
};
commands[command]().catch((error) => {
  console.error(error);
  process.exit(1);
});
