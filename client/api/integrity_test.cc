#include "client/api/integrity.h"

#include <string>

#include "base/crc32c.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

using base::HasReason;

v1::SigningRequest Signed(int count) {
  v1::SigningRequest request;
  request.set_name("products/p/operations/o/signingRequests/r");
  request.set_state(v1::SigningRequest::SIGNED);
  request.set_hash_algorithm(v1::SHA256);
  for (int i = 0; i < count; ++i) {
    request.add_digests()->set_value(std::string(32, static_cast<char>(i)));
    v1::Signature* signature = request.add_signatures();
    signature->set_value("signature " + std::to_string(i));
    signature->set_crc32c(base::Crc32c(signature->value()));
  }
  SetDigestChecksums(request);
  return request;
}

TEST(SetDigestChecksums, SetsThatOfEachDigest) {
  const v1::SigningRequest request = Signed(2);
  for (const v1::LabelledDigest& digest : request.digests()) {
    EXPECT_EQ(digest.crc32c(), base::Crc32c(digest.value()));
  }
}

TEST(CheckChecksums, AcceptsWhatIsWhole) {
  EXPECT_OK(CheckChecksums(Signed(3)));
}

TEST(CheckChecksums, RefusesADamagedDigest) {
  v1::SigningRequest request = Signed(2);
  request.mutable_digests(1)->mutable_value()->at(0) ^= 1;
  EXPECT_THAT(CheckChecksums(request), HasReason("DIGEST_DAMAGED"));
}

TEST(CheckChecksums, RefusesADamagedSignature) {
  v1::SigningRequest request = Signed(2);
  request.mutable_signatures(1)->mutable_value()->at(3) ^= 1;
  EXPECT_THAT(CheckChecksums(request), HasReason("SIGNATURE_DAMAGED"));
}

TEST(CheckChecksums, RefusesASignatureWithoutChecksum) {
  v1::SigningRequest request = Signed(1);
  request.mutable_signatures(0)->clear_crc32c();
  EXPECT_THAT(CheckChecksums(request), HasReason("SIGNATURE_DAMAGED"));
}

TEST(CheckChecksums, RefusesFewerSignaturesThanDigests) {
  v1::SigningRequest request = Signed(2);
  request.mutable_signatures()->RemoveLast();
  EXPECT_THAT(CheckChecksums(request), HasReason("SIGNATURE_MISSING"));
}

TEST(CheckChecksums, AsksForNoSignaturesBeforeTheEnd) {
  v1::SigningRequest request = Signed(2);
  request.clear_signatures();
  request.set_state(v1::SigningRequest::PENDING_APPROVAL);
  EXPECT_OK(CheckChecksums(request));
}

TEST(CheckSameDigests, AcceptsTheSame) {
  EXPECT_OK(CheckSameDigests(Signed(3), Signed(3)));
}

TEST(CheckSameDigests, RefusesAnotherDigestOrderCountOrHash) {
  v1::SigningRequest other = Signed(3);
  other.mutable_digests(0)->set_value(std::string(32, 'x'));
  EXPECT_THAT(CheckSameDigests(Signed(3), other), HasReason("DIGESTS_CHANGED"));
  other = Signed(3);
  other.mutable_digests()->SwapElements(0, 1);
  EXPECT_THAT(CheckSameDigests(Signed(3), other), HasReason("DIGESTS_CHANGED"));
  EXPECT_THAT(CheckSameDigests(Signed(3), Signed(2)),
              HasReason("DIGESTS_CHANGED"));
  other = Signed(3);
  other.set_hash_algorithm(v1::SHA512);
  EXPECT_THAT(CheckSameDigests(Signed(3), other), HasReason("DIGESTS_CHANGED"));
}

// The message of an UNHASHED request is what the checksum is of.
TEST(Checksums, AreOfMessagesToo) {
  v1::SigningRequest request;
  request.set_hash_algorithm(v1::UNHASHED);
  request.add_digests()->set_message("hello");
  SetDigestChecksums(request);
  EXPECT_EQ(request.digests(0).crc32c(), base::Crc32c("hello"));
  EXPECT_OK(CheckChecksums(request));
  v1::SigningRequest other = request;
  other.mutable_digests(0)->set_message("hellp");
  EXPECT_THAT(CheckChecksums(other), base::HasReason("DIGEST_DAMAGED"));
  EXPECT_OK(CheckSameDigests(request, request));
  EXPECT_THAT(CheckSameDigests(request, other),
              base::HasReason("DIGESTS_CHANGED"));
}

TEST(CheckSameDigests, RefusesAServerThatDoesNotKnowTheForm) {
  v1::SigningRequest asked;
  asked.set_ecdsa_form(v1::FIXED_WIDTH);
  v1::SigningRequest answer;
  EXPECT_THAT(CheckSameDigests(asked, answer), base::HasReason("FORM_CHANGED"));
  answer.set_ecdsa_form(v1::FIXED_WIDTH);
  EXPECT_OK(CheckSameDigests(asked, answer));
  EXPECT_OK(CheckSameDigests({}, answer));
}

}  // namespace
}  // namespace countersign::client
