// verify_bundle.js PUBLIC_KEY BUNDLE [FILE]: does npm's @sigstore/verify take a
// bundle that was signed with this key?
const fs = require('fs');
const crypto = require('crypto');
const {bundleFromJSON} = require('@sigstore/bundle');
const {Verifier, toSignedEntity, toTrustMaterial} = require('@sigstore/verify');

const [keyFile, bundleFile, file] = process.argv.slice(2);
const publicKey = crypto.createPublicKey(fs.readFileSync(keyFile));
const trust = toTrustMaterial(
    {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [],
      ctlogs: [],
      timestampAuthorities: [],
      certificateAuthorities: [],
    },
    () => ({publicKey, validFor: () => true}));
const verifier = new Verifier(
    trust, {tlogThreshold: 0, ctlogThreshold: 0, tsaThreshold: 0,
            timestampThreshold: 0});
const bundle = bundleFromJSON(JSON.parse(fs.readFileSync(bundleFile)));
verifier.verify(toSignedEntity(
    bundle, file === undefined ? undefined : fs.readFileSync(file)));
console.log('verified');
