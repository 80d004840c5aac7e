#include "server/config/config_checks.h"

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "auth/authenticator.h"
#include "base/openssl.h"
#include "core/policy.h"
#include "hsm/token_options.h"
#include "server/config/bounds.h"
#include "server/config/config_files.h"
#include "server/config/host_port.h"
#include "server/config/hsm_checks.h"
#include "server/config/http_checks.h"
#include "server/config/identity_checks.h"
#include "server/config/issuing_checks.h"

namespace countersign::server {
namespace {

constexpr size_t kMaxOrigin = 255;

// Turns the message into checked values, section by section. Empty texts are
// passed over: the reader has complained where they are required.
class Checker {
 public:
  Checker(const ::config::v1::Config& config, const std::string& path,
          absl::Time now, Mistakes& mistakes)
      : config_(config), path_(path), now_(now), mistakes_(mistakes) {}

  ServerConfig Run() {
    ServerConfig out;
    if (config_.has_listen()) out.listen = Listen();
    if (config_.has_hsm()) {
      out.hsm = CheckHsm(config_.hsm(), path_, mistakes_);
    }
    if (config_.has_storage()) out.storage = Storage();
    if (config_.has_log()) out.log = Log();
    out.limits = Limits();
    if (config_.has_metrics()) {
      out.metrics.address = config_.metrics().address();
      CheckAddress("metrics.address", out.metrics.address);
    }
    if (config_.has_http()) {
      out.http = CheckHttp(config_.http(), path_, mistakes_);
    }
    auth::AccessSnapshot access;
    if (config_.has_identity()) {
      CheckedIdentity identity =
          CheckIdentity(config_.identity(), path_, now_, mistakes_);
      out.client_ca_file = Path(config_.identity().client_ca_file());
      out.client_ca_pem = std::move(identity.client_ca_pem);
      access = std::move(identity.access);
    }
    access.policy.issuing_cas =
        CheckIssuingCas(config_, out.hsm, path_, now_, mistakes_);
    Delays(access.policy);
    for (const hsm::TokenOptions& token : out.hsm.tokens) {
      access.policy.tokens.push_back(token.name);
    }
    access.policy.default_token = out.hsm.default_token;
    out.access =
        std::make_shared<const auth::AccessSnapshot>(std::move(access));
    return out;
  }

 private:
  void Add(const std::string& field, const absl::Status& status) {
    if (!status.ok()) mistakes_.Add(field, status.message());
  }

  std::string Path(const std::string& path) const {
    return ResolvePath(path_, path);
  }

  void CheckAddress(const std::string& field, const std::string& address) {
    if (!address.empty()) Add(field, CheckHostPort(address));
  }

  ServerConfig::Listen Listen() {
    const ::config::v1::Listen& in = config_.listen();
    ServerConfig::Listen out;
    out.address = in.address();
    CheckAddress("listen.address", in.address());
    out.certificate_file = Path(in.certificate_file());
    out.private_key_file = Path(in.private_key_file());
    out.port_file = Path(in.port_file());
    if (!out.port_file.empty()) {
      Add("listen.port_file", CheckFolderOf(out.port_file));
    }
    absl::StatusOr<CertificateFile> chain = absl::UnknownError("");
    if (!in.certificate_file().empty()) {
      chain = ReadCertificateFile(out.certificate_file);
      Add("listen.certificate_file", chain.status());
    }
    absl::StatusOr<base::EvpPkeyPtr> key = absl::UnknownError("");
    if (!in.private_key_file().empty()) {
      key = ReadPrivateKeyFile(out.private_key_file);
      Add("listen.private_key_file", key.status());
    }
    if (!chain.ok()) return out;
    CheckServerCertificate(chain->certificates[0].get(),
                           key.ok() ? key->get() : nullptr);
    out.certificate_pem = std::move(chain->pem);
    return out;
  }

  // `key` is null where it could not be read.
  void CheckServerCertificate(X509* leaf, EVP_PKEY* key) {
    if (key != nullptr && X509_check_private_key(leaf, key) != 1) {
      ERR_clear_error();
      mistakes_.Add("listen.private_key_file",
                    "is not the key of the first certificate in "
                    "certificate_file");
    }
    std::time_t now = absl::ToTimeT(now_);
    if (X509_cmp_time(X509_get0_notAfter(leaf), &now) < 0) {
      mistakes_.Add("listen.certificate_file",
                    "its first certificate is expired");
    }
    if (X509_cmp_time(X509_get0_notBefore(leaf), &now) > 0) {
      mistakes_.Add("listen.certificate_file",
                    "its first certificate is not valid yet");
    }
  }

  ServerConfig::Storage Storage() {
    ServerConfig::Storage out;
    if (!config_.storage().has_sqlite()) {
      mistakes_.Add("storage", "must have one backend: sqlite");
      return out;
    }
    out.sqlite_path = Path(config_.storage().sqlite().path());
    if (!out.sqlite_path.empty()) {
      Add("storage.sqlite.path", CheckFolderOf(out.sqlite_path));
    }
    return out;
  }

  ServerConfig::Log Log() {
    const ::config::v1::Log& in = config_.log();
    ServerConfig::Log out;
    out.origin = in.origin();
    CheckOrigin(in.origin());
    out.private_key_file = Path(in.private_key_file());
    if (!out.private_key_file.empty()) {
      absl::StatusOr<base::EvpPkeyPtr> key =
          ReadPrivateKeyFile(out.private_key_file);
      Add("log.private_key_file", key.status());
      if (key.ok() && EVP_PKEY_is_a(key->get(), "ED25519") != 1) {
        mistakes_.Add("log.private_key_file",
                      "must be an Ed25519 key; make one with: openssl genpkey "
                      "-algorithm ed25519");
      }
    }
    if (!in.integration_interval().empty()) {
      out.integration_interval =
          DurationWithin("log.integration_interval", in.integration_interval(),
                         absl::Milliseconds(10), absl::Minutes(1), mistakes_);
    }
    return out;
  }

  void CheckOrigin(const std::string& origin) {
    const bool visible = std::all_of(origin.begin(), origin.end(), [](char c) {
      return c > ' ' && c <= '~' && c != '+';
    });
    if (!visible || origin.size() > kMaxOrigin ||
        absl::StrContains(origin, "://")) {
      mistakes_.Add("log.origin",
                    "must be a URL without scheme, blanks and \"+\", at most "
                    "255 characters, as in \"signer.example/audit\"");
    }
  }

  ServerConfig::Limits Limits() {
    const ::config::v1::Limits& in = config_.limits();
    ServerConfig::Limits out;
    if (!in.sign_timeout().empty()) {
      out.sign_timeout =
          DurationWithin("limits.sign_timeout", in.sign_timeout(),
                         absl::Seconds(1), absl::Minutes(10), mistakes_);
    }
    if (in.has_max_in_flight()) {
      out.max_in_flight = NumberWithin(
          "limits.max_in_flight", in.max_in_flight(), 1, 1000000, mistakes_);
    }
    if (in.has_max_watches()) {
      out.max_watches = NumberWithin("limits.max_watches", in.max_watches(), 1,
                                     1000000, mistakes_);
    }
    return out;
  }

  void Delays(core::Policy& policy) {
    const ::config::v1::Limits& in = config_.limits();
    if (!in.max_request_expiry().empty()) {
      policy.max_request_expiry =
          DurationWithin("limits.max_request_expiry", in.max_request_expiry(),
                         absl::Minutes(1), absl::Hours(24 * 365), mistakes_);
    }
    if (!in.default_request_expiry().empty()) {
      policy.default_request_expiry = DurationWithin(
          "limits.default_request_expiry", in.default_request_expiry(),
          absl::Minutes(1), policy.max_request_expiry, mistakes_);
    } else {
      policy.default_request_expiry =
          std::min(policy.default_request_expiry, policy.max_request_expiry);
    }
    if (!in.key_destroy_delay().empty()) {
      policy.key_destroy_delay =
          DurationWithin("limits.key_destroy_delay", in.key_destroy_delay(),
                         absl::Minutes(1), absl::Hours(24 * 365), mistakes_);
    }
  }

  const ::config::v1::Config& config_;
  const std::string& path_;
  const absl::Time now_;
  Mistakes& mistakes_;
};

}  // namespace

ServerConfig CheckConfig(const ::config::v1::Config& config,
                         const std::string& path, absl::Time now,
                         Mistakes& mistakes) {
  return Checker(config, path, now, mistakes).Run();
}

}  // namespace countersign::server
