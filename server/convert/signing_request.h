// Signing requests between wire and domain, with the checksums of both ways.
// Pure.
#ifndef COUNTERSIGN_SERVER_CONVERT_SIGNING_REQUEST_H_
#define COUNTERSIGN_SERVER_CONVERT_SIGNING_REQUEST_H_

#include "absl/status/statusor.h"
#include "core/flows.h"
#include "core/product.h"
#include "core/signing_request.h"
#include "countersign/v1/resources.pb.h"
#include "countersign/v1/signing_service.pb.h"

namespace countersign::server {

// `product` is the request's product as it is now, for the certificate chain of
// a PEM signature; nullptr where there is none, and then PEM signatures are
// left out.
v1::SigningRequest ToWire(const core::SigningRequest& request,
                          const core::Product* product);

// Content, idempotency key and expiry; the caller and the new id are the
// handler's to fill in. INVALID_ARGUMENT BAD_REQUEST names every digest whose
// CRC-32C is missing or wrong or that stands in the wrong field, and every
// enumeration without a meaning; MALFORMED_NAME for the parent.
absl::StatusOr<core::CreateRequest> FromWire(
    const v1::CreateSigningRequestRequest& request);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONVERT_SIGNING_REQUEST_H_
