// verify_bundle.js BUNDLE PUBLIC_KEY: npm's @sigstore/verify on a bundle whose
// material is a bare key. Prints "verified", or fails.
const fs = require('fs');
const crypto = require('crypto');
const { bundleFromJSON } = require('@sigstore/bundle');
const { Verifier, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');

const [bundlePath, keyPath] = process.argv.slice(2);
const bundle = bundleFromJSON(JSON.parse(fs.readFileSync(bundlePath, 'utf8')));
const key = crypto.createPublicKey(fs.readFileSync(keyPath));
const trust = toTrustMaterial(
  {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [], certificateAuthorities: [], ctlogs: [],
    timestampAuthorities: [],
  },
  () => ({ publicKey: key, validFor: () => true }));
const verifier = new Verifier(trust, {
  ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: 0,
});
verifier.verify(toSignedEntity(bundle));
console.log('verified');
