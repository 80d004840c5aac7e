#!/usr/bin/env bash
# Files that are wrong: product files, component descriptors and what signatures
# are checked with. Line and column are named, and nothing is made of them.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"

create() { as carol product create "$@" --set PRODUCTNAME=Other; }
cd_hash() { as ci hash component-descriptor "$1"; }
# changed NAME 's/sed/script/': the product file with a change, as NAME.json.
changed() {
  sed -E "$2" product.json >"$1.json"
  ! cmp -s product.json "$1.json" || broken "$2 changes nothing"
}

begin

title "Product files"
want 2 'absent.json' create absent.json
printf '{"name": "Other",\n  "description": nope}' >broken.json
want 2 'line 2, column 18' create broken.json
printf '{"name": "Other"' >cut.json
want 2 'line 1, column 17' create cut.json
: >empty.json
want 2 'line 1' create empty.json
printf '{"name": "a", "name": "b"}' >twice.json
want 2 'twice.json' create twice.json
also 'name'
printf '{"name": "\xff"}' >octets.json
want 2 'UTF-8' create octets.json
{ printf '[%.0s' {1..5000}; printf ']%.0s' {1..5000}; } >deep.json
want 2 'line 1, column' create deep.json
head -c 20000000 /dev/zero | tr '\0' ' ' >large.json
want 2 'large.json' create large.json
want 2 'is a placeholder: give it a value with --set PRODUCTNAME' \
  as carol product create product.json
want 2 'NAME=VALUE is needed' as carol product create product.json --set x
changed hash 's/"keyType": "EC_P256"/"keyType": "RSA1024"/'
want 2 'line ' create hash.json
also 'RSA1024'
changed type 's/"DetachedSignature"/"Stamp"/'
want 2 '"Stamp" is unknown; right is DigestSigning or DetachedSignature' \
  create type.json
changed member 's/"productType"/"productTyp"/'
want 2 'productTyp' create member.json
changed several 's/"Stamp"|"DigestSigning"/"Stamp"/; s/RSA2048/RSA1/;
  s/"requiredApprovals": 2/"requiredApprovals": -2/'
want 2 'mistakes' create several.json
also 'RSA1' 'Stamp' 'requiredApprovals'
changed group 's/"release-approvers"/"release-aprovers"/'
want 2 'release-aprovers' create group.json
changed many 's/"requiredApprovals": 2/"requiredApprovals": 17/'
want 2 'required_approvals' create many.json
printf '{"name":"Other","productOperations":[]}' >none.json
want 2 'at least one operation is needed' create none.json
want 0 '"products"' as carol product list -o json
equal "$(grep -c '"displayName": "Shop"' <<<"$OUTPUT")" 1
not 'products/other'

title "Component descriptors"
good() { cp "$E2E/../demo/component-descriptor.yaml" "$1"; chmod u+w "$1"; }
good cd.yaml
want 0 '' cd_hash cd.yaml
want 2 'none.yaml' cd_hash none.yaml
printf 'meta:\n  schemaVersion: v2\ncomponent:\n  name: [a\n' >broken.yaml
want 2 'line ' cd_hash broken.yaml
also 'column'
printf '{"meta": {"schemaVersion": "v2"},\n "component": nope' >broken-cd.json
want 2 'line 2' cd_hash broken-cd.json
{
  printf 'a0: &a0 [x]\n'
  for ((i = 1; i < 40; i++)); do
    printf 'a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n' "$i" "$i" \
      $((i-1)) $((i-1)) $((i-1)) $((i-1)) $((i-1)) $((i-1)) $((i-1)) $((i-1))
  done
} >bomb.yaml
want 2 'bomb.yaml' timeout 5 "$COUNTERSIGN" hash component-descriptor bomb.yaml
{ printf '{"a":%.0s' {1..5000}; printf '1'; printf '}%.0s' {1..5000}; } >deep.yaml
want 2 'deep.yaml' timeout 5 "$COUNTERSIGN" hash component-descriptor deep.yaml
{ printf '[%.0s' {1..100000}; } >deeper.yaml
want 2 'deeper.yaml' timeout 5 "$COUNTERSIGN" hash component-descriptor \
  deeper.yaml
good twice.yaml
sed -i 's/^  version: 2.4.1/&\n&/' twice.yaml
want 2 'line 7, column 3' cd_hash twice.yaml
also 'version'
good octets.yaml
printf '# \xff\n' >>octets.yaml
want 2 'UTF-8' cd_hash octets.yaml
good other.yaml
sed -i 's/schemaVersion: v2/schemaVersion: v9/' other.yaml
want 2 'v9' cd_hash other.yaml
want 2 'jsonNormalisation/v9' as ci hash component-descriptor cd.yaml \
  --normalisation jsonNormalisation/v9
for bad in broken.yaml bomb.yaml twice.yaml octets.yaml other.yaml none.yaml; do
  want 2 "$bad" timeout 5 "$COUNTERSIGN" --context ci sign \
    component-descriptor "$bad" -p shop/release --signature release
done
before=$(sha256sum <cd.yaml)
want 7 'products/shop/operations/none' as ci sign component-descriptor cd.yaml \
  -p shop/none --signature release
equal "$(sha256sum <cd.yaml)" "$before"

title "Files to sign and to verify"
want 2 'none' as ci sign blob none -p shop/build
want 2 'work' as ci sign blob "$WORK" -p shop/build
printf 'blob' >blob
want 0 '' as ci sign blob blob -p shop/build -O blob.sig
want 0 '' as ci key public shop/build -O key.pem
want 0 '' as ci verify blob blob --signature blob.sig --public-key key.pem
printf 'x' >>blob
want 9 '' as ci verify blob blob --signature blob.sig --public-key key.pem
: >nothing
want 9 '' as ci verify blob blob --signature nothing --public-key key.pem
want 2 'nothing: no PUBLIC KEY' as ci verify blob blob --signature blob.sig \
  --public-key nothing
want 2 'none' as ci verify blob blob --signature none --public-key key.pem
want 2 '--public-key' as ci verify blob blob --signature blob.sig
head -c 200 /dev/urandom >noise
want 9 '' as ci verify blob blob --signature noise --public-key key.pem
want 2 'noise: no PUBLIC KEY' as ci verify blob blob --signature blob.sig --public-key noise
want 0 '"signingRequests"' as dave request list -o json
equal "$(grep -c '"state": "SIGNED"' <<<"$OUTPUT")" 1
finish
