#include "tests/bench/bare.h"

#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "hsm/pkcs11_signer.h"
#include "hsm/token_options.h"

namespace countersign::bench {

absl::StatusOr<Bare> Bare::Create(const std::string& module,
                                  const std::string& site, core::KeyType type,
                                  core::SignatureAlgorithm algorithm) {
  hsm::BarePkcs11Options bare;
  bare.token.name = "main";
  bare.token.module_path = module;
  bare.token.token_label = "demo";
  bare.token.pin_file = site + "/pin";
  bare.algorithm = algorithm;
  bare.key.key_id = base::SystemRandom().Bytes(16);
  bare.key.label = "bench";
  bare.key.type = type;
  hsm::Pkcs11SignerOptions options;
  options.tokens = {bare.token};
  const base::SystemClock clock;
  ASSIGN_OR_RETURN(const auto signer,
                   hsm::Pkcs11Signer::Create(options, clock));
  ASSIGN_OR_RETURN(const core::KeyReport report, signer->MakeKey(bare.key));
  bare.key.spki = report.spki;
  return Bare(std::move(bare));
}

absl::StatusOr<hsm::BarePkcs11Rate> Bare::Measure(
    int sessions, absl::Duration duration) const {
  hsm::BarePkcs11Options options = options_;
  options.sessions = sessions;
  options.duration = duration;
  return hsm::MeasureBarePkcs11(options);
}

}  // namespace countersign::bench
