# The part of the demo in which other people's formats are signed: a tree of OCM
# component versions, a container image. Sourced by demo.sh.

component_tree() {
  title "8. A release of several component versions: one request, one decision"
  mkdir -p parts
  printf 'checkout-2.4.1, as far as this demo is concerned\n' >parts/server
  printf 'payment-1.7.0, as far as this demo is concerned\n' >parts/payment
  make_component_version release.ctf acme.org/shop/payment 1.7.0 parts/payment
  make_component_version release.ctf acme.org/shop/checkout 2.4.1 \
    parts/server acme.org/shop/payment:1.7.0
  finish_ctf release.ctf
  start_waiting "$STATE/tree.log" "countersign --context ci sign \
component-version release.ctf//acme.org/shop/checkout:2.4.1 --recursive \
-p checkout/component-signing --signature release"
  run "countersign --context alice request show $REQUEST"
  run "countersign --context alice approve $REQUEST --yes"
  finish_waiting "$STATE/tree.log" 0
  run "countersign --context ci key public checkout/component-signing \
-O release.pub.pem"
  run "countersign verify component-version \
release.ctf//acme.org/shop/checkout:2.4.1 --recursive --signature release \
--public-key release.pub.pem"
}

image() {
  title "9. A container image, signed as cosign signs"
  start_registry
  printf 'the layer of an image\n' >parts/layer
  IMAGE=127.0.0.1:$REGISTRY_PORT/shop/checkout@$(
    push_image shop/checkout 2.4.1 parts/layer)
  export IMAGE
  note "IMAGE is $IMAGE"
  run "countersign --context ci key public checkout/build-artefacts \
-O image.pub.pem"
  run "countersign --context ci sign image \$IMAGE \
-p checkout/build-artefacts -a build=1077"
  run "countersign verify image \$IMAGE --public-key image.pub.pem \
-a build=1077"
  stop_registry
}
