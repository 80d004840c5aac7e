// Certificates for the two ends of a TLS connection, made in memory. Tests
// only.
#ifndef COUNTERSIGN_CLIENT_API_TEST_IDENTITIES_H_
#define COUNTERSIGN_CLIENT_API_TEST_IDENTITIES_H_

#include <string>

#include "absl/time/time.h"
#include "base/openssl.h"

namespace countersign::client {

struct Identity {
  std::string certificate_pem;
  std::string private_key_pem;
};

// P-256 throughout. Thread-compatible.
class TestCa {
 public:
  explicit TestCa(const std::string& name);

  const std::string& certificate_pem() const { return pem_; }
  // With "IP:127.0.0.1" as alternative name.
  Identity Issue(const std::string& common_name, absl::Time not_before,
                 absl::Time not_after) const;
  // Valid now.
  Identity Issue(const std::string& common_name) const;

 private:
  base::EvpPkeyPtr key_;
  base::X509Ptr certificate_;
  std::string pem_;
};

// The whole of `text` in a file of that name under TEST_TMPDIR; its path.
std::string WriteTestFile(const std::string& name, const std::string& text);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_TEST_IDENTITIES_H_
