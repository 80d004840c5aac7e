#include "server/convert/enums.h"

#include <cstddef>
#include <cstdlib>
#include <utility>

namespace countersign::server {
namespace {

// One row for each value: domain, wire.
template <typename Domain, typename Wire, size_t kRows>
using Table = std::pair<Domain, Wire>[kRows];

constexpr Table<core::HashAlgorithm, v1::HashAlgorithm, 4> kHashAlgorithmRows =
    {
        {core::HashAlgorithm::kSha256, v1::SHA256},
        {core::HashAlgorithm::kSha384, v1::SHA384},
        {core::HashAlgorithm::kSha512, v1::SHA512},
        {core::HashAlgorithm::kUnhashed, v1::UNHASHED},
};

constexpr Table<core::SignatureAlgorithm, v1::SignatureAlgorithm, 4>
    kSignatureAlgorithmRows = {
        {core::SignatureAlgorithm::kRsassaPkcs1V15, v1::RSASSA_PKCS1_V1_5},
        {core::SignatureAlgorithm::kRsassaPss, v1::RSASSA_PSS},
        {core::SignatureAlgorithm::kEcdsa, v1::ECDSA},
        {core::SignatureAlgorithm::kEd25519, v1::ED25519},
};

constexpr Table<core::KeyType, v1::KeyType, 7> kKeyTypeRows = {
    {core::KeyType::kRsa2048, v1::RSA2048},
    {core::KeyType::kRsa3072, v1::RSA3072},
    {core::KeyType::kRsa4096, v1::RSA4096},
    {core::KeyType::kEcP256, v1::EC_P256},
    {core::KeyType::kEcP384, v1::EC_P384},
    {core::KeyType::kEcP521, v1::EC_P521},
    {core::KeyType::kEd25519, v1::EC_EDWARDS25519},
};

constexpr Table<core::SignatureEncoding, v1::SignatureEncoding, 2>
    kSignatureEncodingRows = {
        {core::SignatureEncoding::kRaw, v1::RAW},
        {core::SignatureEncoding::kPem, v1::PEM},
};

constexpr Table<core::EcdsaForm, v1::EcdsaForm, 2> kEcdsaFormRows = {
    {core::EcdsaForm::kDer, v1::DER},
    {core::EcdsaForm::kFixedWidth, v1::FIXED_WIDTH},
};

constexpr Table<core::OperationType, v1::Operation::Type, 2>
    kOperationTypeRows = {
        {core::OperationType::kDigestSigning, v1::Operation::DIGEST_SIGNING},
        {core::OperationType::kDetachedSignature,
         v1::Operation::DETACHED_SIGNATURE},
};

constexpr Table<core::RequestState, v1::SigningRequest::State, 7>
    kRequestStateRows = {
        {core::RequestState::kPendingApproval,
         v1::SigningRequest::PENDING_APPROVAL},
        {core::RequestState::kApproved, v1::SigningRequest::APPROVED},
        {core::RequestState::kSigned, v1::SigningRequest::SIGNED},
        {core::RequestState::kRejected, v1::SigningRequest::REJECTED},
        {core::RequestState::kExpired, v1::SigningRequest::EXPIRED},
        {core::RequestState::kCancelled, v1::SigningRequest::CANCELLED},
        {core::RequestState::kFailed, v1::SigningRequest::FAILED},
};

constexpr Table<core::ProductState, v1::Product::State, 4> kProductStateRows = {
    {core::ProductState::kPendingApproval, v1::Product::PENDING_APPROVAL},
    {core::ProductState::kActive, v1::Product::ACTIVE},
    {core::ProductState::kDisabled, v1::Product::DISABLED},
    {core::ProductState::kRejected, v1::Product::REJECTED},
};

constexpr Table<core::KeyState, v1::KeyVersion::State, 5> kKeyStateRows = {
    {core::KeyState::kGenerating, v1::KeyVersion::GENERATING},
    {core::KeyState::kEnabled, v1::KeyVersion::ENABLED},
    {core::KeyState::kDisabled, v1::KeyVersion::DISABLED},
    {core::KeyState::kDestroyScheduled, v1::KeyVersion::DESTROY_SCHEDULED},
    {core::KeyState::kDestroyed, v1::KeyVersion::DESTROYED},
};

constexpr Table<core::DecisionKind, v1::Decision::Kind, 2> kDecisionKindRows = {
    {core::DecisionKind::kApproval, v1::Decision::APPROVAL},
    {core::DecisionKind::kRejection, v1::Decision::REJECTION},
};

constexpr Table<core::RevocationReason, v1::Revocation::Reason, 5>
    kRevocationReasonRows = {
        {core::RevocationReason::kUnspecified,
         v1::Revocation::REASON_UNSPECIFIED},
        {core::RevocationReason::kKeyCompromise,
         v1::Revocation::KEY_COMPROMISE},
        {core::RevocationReason::kAffiliationChanged,
         v1::Revocation::AFFILIATION_CHANGED},
        {core::RevocationReason::kSuperseded, v1::Revocation::SUPERSEDED},
        {core::RevocationReason::kCessationOfOperation,
         v1::Revocation::CESSATION_OF_OPERATION},
};

template <typename Domain, typename Wire, size_t kRows>
std::optional<Domain> Find(const std::pair<Domain, Wire> (&rows)[kRows],
                           Wire value) {
  for (const auto& row : rows) {
    if (row.second == value) return row.first;
  }
  return std::nullopt;
}

// Every value of the domain has a row: a table test walks them.
template <typename Domain, typename Wire, size_t kRows>
Wire Find(const std::pair<Domain, Wire> (&rows)[kRows], Domain value) {
  for (const auto& row : rows) {
    if (row.first == value) return row.second;
  }
  std::abort();
}

}  // namespace

std::optional<core::HashAlgorithm> FromWire(v1::HashAlgorithm value) {
  return Find(kHashAlgorithmRows, value);
}
std::optional<core::SignatureAlgorithm> FromWire(v1::SignatureAlgorithm value) {
  return Find(kSignatureAlgorithmRows, value);
}
std::optional<core::KeyType> FromWire(v1::KeyType value) {
  return Find(kKeyTypeRows, value);
}
std::optional<core::SignatureEncoding> FromWire(v1::SignatureEncoding value) {
  if (value == v1::SIGNATURE_ENCODING_UNSPECIFIED) {
    return core::SignatureEncoding::kRaw;
  }
  return Find(kSignatureEncodingRows, value);
}
std::optional<core::EcdsaForm> FromWire(v1::EcdsaForm value) {
  if (value == v1::ECDSA_FORM_UNSPECIFIED) return core::EcdsaForm::kDer;
  return Find(kEcdsaFormRows, value);
}
std::optional<core::OperationType> FromWire(v1::Operation::Type value) {
  return Find(kOperationTypeRows, value);
}
std::optional<core::RequestState> FromWire(v1::SigningRequest::State value) {
  return Find(kRequestStateRows, value);
}
std::optional<core::RevocationReason> FromWire(v1::Revocation::Reason value) {
  return Find(kRevocationReasonRows, value);
}

v1::HashAlgorithm ToWire(core::HashAlgorithm value) {
  return Find(kHashAlgorithmRows, value);
}
v1::SignatureAlgorithm ToWire(core::SignatureAlgorithm value) {
  return Find(kSignatureAlgorithmRows, value);
}
v1::KeyType ToWire(core::KeyType value) { return Find(kKeyTypeRows, value); }
v1::SignatureEncoding ToWire(core::SignatureEncoding value) {
  return Find(kSignatureEncodingRows, value);
}
v1::EcdsaForm ToWire(core::EcdsaForm value) {
  return Find(kEcdsaFormRows, value);
}
v1::Operation::Type ToWire(core::OperationType value) {
  return Find(kOperationTypeRows, value);
}
v1::SigningRequest::State ToWire(core::RequestState value) {
  return Find(kRequestStateRows, value);
}
v1::Product::State ToWire(core::ProductState value) {
  return Find(kProductStateRows, value);
}
v1::KeyVersion::State ToWire(core::KeyState value) {
  return Find(kKeyStateRows, value);
}
v1::Decision::Kind ToWire(core::DecisionKind value) {
  return Find(kDecisionKindRows, value);
}
v1::Revocation::Reason ToWire(core::RevocationReason value) {
  return Find(kRevocationReasonRows, value);
}

}  // namespace countersign::server
