#!/usr/bin/env bash
# Who may agree to what: products, requests, one of one and two of two; changes
# of mind, expiry, disabling, rotation. Every refusal is in the record.
# shellcheck source=lib.sh
source "$PWD/tests/e2e/lib.sh"

# Bob approves products; here he may also create them. Carol approves some, too.
configure() {
  sed -i -e 's|subjects: \["email:carol@[^]]*\]|subjects: ["email:carol@demo.example", "email:bob@demo.example"]|' \
    -e '/group: product-approvers/{n;s|\]|, "email:carol@demo.example"]|}' \
    "$STATE/countersignd.yaml"
}
denials() { as dave audit list --type CALL_DENIED | grep -c ' CALL_DENIED '; }
both() { as ci sign digest "$DIGEST" -p shop/both --no-wait "$@"; }

begin

title "Products"
want 3 'may not create products' as ci product create product.json \
  --set PRODUCTNAME=Second
want 8 'products/shop exists already; choose another name' \
  as carol product create product.json --set PRODUCTNAME=Shop
want 0 'PENDING_APPROVAL' as bob product create product.json \
  --set PRODUCTNAME=Second
want 3 'nobody decides on a product of their own' \
  as bob product approve second --yes
want 3 'nobody decides on a product of their own' \
  as bob product reject second --reason mine
want 3 'may not approve products' as alice product approve second --yes
want 8 'only an ACTIVE product signs' as ci sign digest "$DIGEST" \
  -p second/build
want 8 'was changed since --etag 77; look at it again' \
  as carol product approve second --yes --etag 77
want 2 'say --yes' as carol product approve second
want 0 'REJECTED' as carol product reject second --reason 'no such team'
want 8 'only a product in PENDING_APPROVAL can be decided' \
  as carol product approve second --yes
want 8 'only an ACTIVE product signs' as ci sign digest "$DIGEST" \
  -p second/build

title "One has to agree"
REQUEST=$(ask --description 'Release 1')
want 3 'may not approve this request' as ci approve "$REQUEST" --yes
want 3 'may not approve this request' as carol approve "$REQUEST" --yes
want 3 'may not approve this request' as dave approve "$REQUEST" --yes
want 3 'may not' as dave reject "$REQUEST" --reason no
want 3 'may not' as alice request cancel "$REQUEST"
want 2 'say --yes' as alice approve "$REQUEST"
want 8 'is not what was seen with --etag stale; look at it again' \
  as alice approve "$REQUEST" --yes --etag stale
equal "$(state_of "$REQUEST")" PENDING_APPROVAL
want 0 '' as alice approve "$REQUEST" --yes --reason planned
want 0 'SIGNED' as ci request wait "$REQUEST" --wait 10s
want 8 'is decided already: signed' as bob approve "$REQUEST" --yes
want 8 'is SIGNED; only a request in PENDING_APPROVAL' \
  as ci request cancel "$REQUEST"

title "Nobody decides on their own request"
OWN=$(as alice sign digest "$DIGEST" -p shop/release --no-wait)
want 3 'nobody decides on a request of their own' as alice approve "$OWN" --yes
want 3 'nobody decides on a request of their own' \
  as alice reject "$OWN" --reason mine
want 3 'may not' as ci request cancel "$OWN"
want 0 'CANCELLED' as alice request cancel "$OWN" --reason 'changed my mind'
want 8 'cancelled: changed my mind' as bob approve "$OWN" --yes
want 4 'cancelled: changed my mind' as alice request signature "$OWN"

title "Two have to agree"
REQUEST=$(both)
want 0 '1 of 2 agreed' as alice approve "$REQUEST" --yes
equal "$(state_of "$REQUEST")" PENDING_APPROVAL
want 8 'has decided' as alice approve "$REQUEST" --yes
equal "$(state_of "$REQUEST")" PENDING_APPROVAL
want 5 'is not signed yet' as ci request signature "$REQUEST"
want 0 '' as bob approve "$REQUEST" --yes
want 0 'SIGNED' as ci request wait "$REQUEST" --wait 10s
REQUEST=$(both)
want 0 '1 of 2 agreed' as alice approve "$REQUEST" --yes
want 0 'rejected by email:bob@demo.example: "not today"' \
  as bob reject "$REQUEST" --reason 'not today'
want 4 'not today' as ci request wait "$REQUEST"

title "Time"
want 4 'expired' as ci sign digest "$DIGEST" -p shop/release --expire-in 2s
REQUEST=$(as ci request list --state expired -o json | field name)
want 8 'is decided already: expired' as alice approve "$REQUEST" --yes
want 5 'the request stands' as ci sign digest "$DIGEST" -p shop/release --wait 1s

title "Disabling stops at once"
REQUEST=$(ask)
want 3 'may not disable products' as ci product disable shop
want 0 'DISABLED' as carol product disable shop --reason 'incident 42'
want 8 'only an ACTIVE product signs' as ci sign digest "$DIGEST" -p shop/build
want 8 'only an ACTIVE product signs' as alice approve "$REQUEST" --yes
equal "$(state_of "$REQUEST")" PENDING_APPROVAL
want 3 'may not enable products' as alice product enable shop
want 0 'ACTIVE' as carol product enable shop
want 0 '' as ci sign digest "$DIGEST" -p shop/build
want 0 '' as alice approve "$REQUEST" --yes
want 0 'SIGNED' as ci request wait "$REQUEST" --wait 10s

title "A new key version"
printf 'a' >blob
want 0 '' as ci sign blob blob -p shop/build -O old.sig
WAITING=$(ask)
want 3 'may not rotate keys' as ci key rotate shop/build --yes
want 0 'keyVersions/2' as carol key rotate shop/build --yes
want 0 'keyVersions/2' as carol key rotate shop/release --yes
want 0 '' as ci key public shop/build/1 -O old.pem
want 0 '' as ci key public shop/build -O new.pem
want 0 '' as ci sign blob blob -p shop/build -O new.sig
want 0 'good' as ci verify blob blob --signature old.sig --public-key old.pem
want 0 'good' as ci verify blob blob --signature new.sig --public-key new.pem
want 9 'does not match' as ci verify blob blob --signature old.sig \
  --public-key new.pem
want 0 '' openssl dgst -sha256 -verify old.pem -signature old.sig blob
want 0 '"keyVersion": "products/shop/operations/build/keyVersions/2"' \
  as ci sign blob blob -p shop/build -o json
# What was asked for with version 1 is signed by version 1.
want 0 '' as alice approve "$WAITING" --yes
want 0 'SIGNED' as ci request wait "$WAITING" --wait 10s
also 'release/keyVersions/1'
want 7 'keyVersions/3 is not there' as ci key public shop/build/3

title "Every denial is in the record"
before=$(denials)
want 3 'may not read the record' as ci audit list
want 3 'may not rotate keys' as alice key rotate shop/build --yes
want 7 'is not there' as ci product get none
REQUEST=$(as alice sign digest "$DIGEST" -p shop/release --no-wait)
want 3 'of their own' as alice approve "$REQUEST" --yes
equal "$(denials)" "$((before + 4))"
want 0 'email:alice@demo.example' as dave audit list --type CALL_DENIED \
  --resource "$REQUEST"
want 0 'email:alice@demo.example' as dave audit list \
  --subject email:alice@demo.example --since 1h
want 0 'no events' as dave audit list --until 1h
want 2 '--since' as dave audit list --since yesterday
finish
