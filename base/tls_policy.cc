#include "base/tls_policy.h"

#include <openssl/conf.h>
#include <openssl/ssl.h>

#include <memory>

#include "base/openssl.h"

namespace countersign::base {
namespace {

// Switching 1.2 off leaves 1.3: older versions are off in Debian's OpenSSL.
// Ciphers and the rest stay as Debian has them.
constexpr char kConfiguration[] =
    "openssl_conf = countersign\n"
    "[countersign]\n"
    "ssl_conf = ssl\n"
    "[ssl]\n"
    "system_default = tls13\n"
    "[tls13]\n"
    "Protocol = -TLSv1.2\n";

using ConfPtr = std::unique_ptr<CONF, SslDeleter<NCONF_free>>;

}  // namespace

absl::Status RequireTls13() {
  // First, so that the system's file cannot be loaded over ours later.
  OPENSSL_init_ssl(0, nullptr);
  const ConfPtr conf(NCONF_new(nullptr));
  const BioPtr text(BIO_new_mem_buf(kConfiguration, -1));
  long line = 0;
  if (conf == nullptr || text == nullptr ||
      NCONF_load_bio(conf.get(), text.get(), &line) <= 0 ||
      CONF_modules_load(conf.get(), nullptr, 0) <= 0) {
    return OpensslError(absl::StatusCode::kInternal, "cannot require TLS 1.3");
  }
  return absl::OkStatus();
}

}  // namespace countersign::base
