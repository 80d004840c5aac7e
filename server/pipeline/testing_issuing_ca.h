// An issuing authority for tests, its key in a FakeSigner.
#ifndef COUNTERSIGN_SERVER_PIPELINE_TESTING_ISSUING_CA_H_
#define COUNTERSIGN_SERVER_PIPELINE_TESTING_ISSUING_CA_H_

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "auth/issue_certificate.h"
#include "auth/testing_ca.h"
#include "base/status_matchers.h"
#include "core/fake_signer.h"
#include "core/issuing_ca.h"
#include "gtest/gtest.h"

namespace countersign::server {

// "site", below a root, with the one profile "profile-1" of 90 days that is due
// 30 days before its end.
inline core::IssuingCa MakeIssuingCa(core::FakeSigner& signer, absl::Time now) {
  core::KeyRef ref{"ca id", "ca key", core::KeyType::kEcP256, "", {"main"}};
  const auto key = signer.MakeKey(ref);
  EXPECT_OK(key);
  const auto root =
      auth::TestingCertificate::SelfSigned(auth::CaSpec("Site root"));
  auth::CertificateSpec spec = auth::CaSpec("Site issuing");
  spec.path_length = 0;
  auto ca =
      auth::ReadIssuingCa(root.IssueFor(key->spki, spec) + root.pem(), now);
  EXPECT_OK(ca);
  ca->name = "site";
  ca->key.key_id = ref.key_id;
  ca->key.label = ref.label;
  ca->key.tokens = ref.tokens;
  ca->crl_url = "http://signer.example.test/crl/site.crl";
  core::CertificateProfile profile;
  profile.id = "profile-1";
  profile.subject = "CN={common_name},O=Example";
  profile.validity = absl::Hours(24 * 90);
  profile.renew_before = absl::Hours(24 * 30);
  ca->profiles = {profile};
  return *std::move(ca);
}

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_PIPELINE_TESTING_ISSUING_CA_H_
