#include "client/api/integrity.h"

#include "absl/strings/str_cat.h"
#include "base/crc32c.h"
#include "base/error.h"
#include "client/api/client_error.h"

namespace countersign::client {
namespace {

absl::Status Damaged(const char* reason, const std::string& text) {
  return base::MakeError(absl::StatusCode::kDataLoss, text, Because(reason));
}

// What is signed: a digest, or with UNHASHED the message itself.
const std::string& Signed(const v1::LabelledDigest& digest) {
  return digest.message().empty() ? digest.value() : digest.message();
}

}  // namespace

void SetDigestChecksums(v1::SigningRequest& request) {
  for (v1::LabelledDigest& digest : *request.mutable_digests()) {
    digest.set_crc32c(base::Crc32c(Signed(digest)));
  }
}

absl::Status CheckChecksums(const v1::SigningRequest& request) {
  for (int i = 0; i < request.digests_size(); ++i) {
    const v1::LabelledDigest& digest = request.digests(i);
    if (digest.has_crc32c() &&
        digest.crc32c() != base::Crc32c(Signed(digest))) {
      return Damaged("DIGEST_DAMAGED",
                     absl::StrCat("digest ", i, " of ", request.name(),
                                  " was damaged on its way: its CRC-32C does "
                                  "not fit"));
    }
  }
  if (request.state() != v1::SigningRequest::SIGNED) return absl::OkStatus();
  if (request.signatures_size() != request.digests_size()) {
    return Damaged(
        "SIGNATURE_MISSING",
        absl::StrCat(request.name(), " has ", request.signatures_size(),
                     " signatures for ", request.digests_size(), " digests"));
  }
  for (int i = 0; i < request.signatures_size(); ++i) {
    const v1::Signature& signature = request.signatures(i);
    if (signature.crc32c() != base::Crc32c(signature.value())) {
      return Damaged("SIGNATURE_DAMAGED",
                     absl::StrCat("signature ", i, " of ", request.name(),
                                  " was damaged on its way: its CRC-32C does "
                                  "not fit"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSameDigests(const v1::SigningRequest& asked,
                              const v1::SigningRequest& answer) {
  bool same = asked.digests_size() == answer.digests_size() &&
              asked.hash_algorithm() == answer.hash_algorithm();
  for (int i = 0; same && i < asked.digests_size(); ++i) {
    same = asked.digests(i).value() == answer.digests(i).value() &&
           asked.digests(i).message() == answer.digests(i).message();
  }
  if (!same) {
    return Damaged("DIGESTS_CHANGED",
                   absl::StrCat("the server answers about other digests than "
                                "were sent: ",
                                answer.name()));
  }
  // A server that does not know the field would hand out DER.
  if (asked.ecdsa_form() == v1::FIXED_WIDTH &&
      answer.ecdsa_form() != v1::FIXED_WIDTH) {
    return Damaged("FORM_CHANGED",
                   absl::StrCat("the server does not answer in the form that "
                                "was asked for (fixed width): ",
                                answer.name()));
  }
  return absl::OkStatus();
}

}  // namespace countersign::client
