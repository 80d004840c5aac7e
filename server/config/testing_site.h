// A site on disk for tests: a folder with a CA, a server's certificate, keys,
// a PIN and a configuration that names them, all good until a test breaks one.
#ifndef COUNTERSIGN_SERVER_CONFIG_TESTING_SITE_H_
#define COUNTERSIGN_SERVER_CONFIG_TESTING_SITE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "auth/testing_ca.h"

namespace countersign::server {

class TestingSite {
 public:
  // Makes all files in a fresh folder under the test's temporary folder.
  TestingSite();

  std::string Path(absl::string_view name) const;
  std::string config_path() const { return Path("countersignd.yaml"); }
  const auth::TestingCertificate& ca() const { return ca_; }

  void Write(absl::string_view name, absl::string_view contents,
             int mode = 0600) const;
  // Replaces `old_text`, which must be there, in the configuration.
  void Replace(absl::string_view old_text, absl::string_view new_text) const;

  // What the constructor wrote.
  static std::string Yaml();

 private:
  std::string folder_;
  auth::TestingCertificate ca_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CONFIG_TESTING_SITE_H_
