// Enumerations of the wire and of the domain, value by value. nullopt is what
// the domain has no word for: UNSPECIFIED, or a number from the future. Pure.
#ifndef COUNTERSIGN_SERVER_CONVERT_ENUMS_H_
#define COUNTERSIGN_SERVER_CONVERT_ENUMS_H_

#include <optional>

#include "core/algorithms.h"
#include "core/product.h"
#include "core/signing_request.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::server {

std::optional<core::HashAlgorithm> FromWire(v1::HashAlgorithm value);
std::optional<core::SignatureAlgorithm> FromWire(v1::SignatureAlgorithm value);
std::optional<core::KeyType> FromWire(v1::KeyType value);
// UNSPECIFIED is RAW here (AIP-126: a default is documented).
std::optional<core::SignatureEncoding> FromWire(v1::SignatureEncoding value);
// UNSPECIFIED is DER.
std::optional<core::EcdsaForm> FromWire(v1::EcdsaForm value);
std::optional<core::OperationType> FromWire(v1::Operation::Type value);
std::optional<core::RequestState> FromWire(v1::SigningRequest::State value);
// UNSPECIFIED is a reason here: none said (RFC 5280 5.3.1).
std::optional<core::RevocationReason> FromWire(v1::Revocation::Reason value);

v1::HashAlgorithm ToWire(core::HashAlgorithm value);
v1::SignatureAlgorithm ToWire(core::SignatureAlgorithm value);
v1::KeyType ToWire(core::KeyType value);
v1::SignatureEncoding ToWire(core::SignatureEncoding value);
v1::EcdsaForm ToWire(core::EcdsaForm value);
v1::Operation::Type ToWire(core::OperationType value);
v1::Product::State ToWire(core::ProductState value);
v1::KeyVersion::State ToWire(core::KeyState value);
v1::SigningRequest::State ToWire(core::RequestState value);
v1::Decision::Kind ToWire(core::DecisionKind value);
v1::Revocation::Reason ToWire(core::RevocationReason value);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONVERT_ENUMS_H_
