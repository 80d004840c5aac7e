// The newest certificate revocation list of each of the site's own authorities,
// in memory: signed at start, at half of its validity, and after a revocation.
// The HTTPS door serves it, ListCertificateAuthorities shows it. What stands in
// it comes from the store each time; nothing is kept on the disk.
#ifndef COUNTERSIGN_SERVER_CRL_KEEPER_H_
#define COUNTERSIGN_SERVER_CRL_KEEPER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "auth/issue_certificate.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "core/flow.h"
#include "core/issuing_ca.h"
#include "core/signer.h"
#include "core/store.h"
#include "server/pipeline/pipeline.h"

namespace countersign::server {

struct SignedCrl {
  std::string der;
  int64_t number = 0;
  absl::Time this_update;
  absl::Time next_update;
};

// Thread-safe. What it is made of must outlive it and the flows that it starts.
class CrlKeeper {
 public:
  CrlKeeper(core::Store& store, core::Signer& signer, Pipeline& pipeline,
            Pipeline::PolicySource policy, const base::Clock& clock)
      : store_(store),
        signer_(signer),
        pipeline_(pipeline),
        policy_(std::move(policy)),
        clock_(clock),
        state_(std::make_shared<State>()) {}

  // Starts what is due and returns. Reads all products where something is;
  // blocks on the disk then, never on the signer. A token that is away is asked
  // again when it is back; what failed, after a pause of 1 s, doubling to a
  // minute.
  void Tick();

  // A certificate of that authority was revoked: the next list is due now.
  void Revoked(const std::string& authority);

  // nullptr: none has been signed yet.
  std::shared_ptr<const SignedCrl> Latest(const std::string& authority) const;
  // The same as octets, for the HTTPS door.
  std::optional<std::string> LatestDer(const std::string& authority) const;

 private:
  struct Authority {
    std::shared_ptr<const SignedCrl> newest;
    bool revoked = false;  // since `newest` was begun
    bool running = false;
    absl::Duration pause = absl::ZeroDuration();
    absl::Time next_try = absl::InfinitePast();
  };
  // Shared with the flows on their way.
  struct State {
    base::Mutex mutex;
    std::map<std::string, Authority> authorities ABSL_GUARDED_BY(mutex);
  };

  bool IsReady(const core::IssuingCa& ca) const;
  // True where the caller has to sign one now.
  bool Begin(const core::IssuingCa& ca, absl::Time now, int64_t* number);
  void Sign(const core::IssuingCa& ca, absl::Time now, int64_t number);
  absl::StatusOr<std::vector<auth::RevokedCertificate>> ReadRevoked(
      const std::string& authority) const;
  static void End(const std::shared_ptr<State>& state,
                  const std::string& authority, absl::Time now,
                  absl::StatusOr<SignedCrl> crl);

  core::Store& store_;
  core::Signer& signer_;
  Pipeline& pipeline_;
  const Pipeline::PolicySource policy_;
  const base::Clock& clock_;
  const std::shared_ptr<State> state_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_CRL_KEEPER_H_
