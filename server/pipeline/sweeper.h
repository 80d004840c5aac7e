// What time and crashes leave behind: requests that nobody decided in time,
// APPROVED requests that no flow has on its way, products whose approval is
// recorded but whose keys are not made, keys that are due to be destroyed,
// certificates that are missing or near their end. Each tick it starts the
// flows that finish them, as far as a token of theirs can take them; the first
// tick is recovery. It decides nothing and starts no thread.
#ifndef COUNTERSIGN_SERVER_PIPELINE_SWEEPER_H_
#define COUNTERSIGN_SERVER_PIPELINE_SWEEPER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "core/signer.h"
#include "core/store.h"
#include "server/pipeline/certificate_issuer.h"
#include "server/pipeline/pipeline.h"
#include "server/pipeline/product_cache.h"

namespace countersign::server {

// Tick is called from one thread; everything in the constructor must outlive
// it.
class Sweeper {
 public:
  struct Options {
    // The token of what names none.
    std::string default_token;
    // It starts nothing while so many flows are on their way: the rest of what
    // the pipeline admits is for callers.
    int64_t max_in_flight = 2048;
    // Of the site's own authorities; nullptr: there are none.
    CertificateIssuer* certificates = nullptr;
  };

  Sweeper(core::Store& store, core::Signer& signer, const base::Clock& clock,
          Pipeline& pipeline, ProductCache& products, Options options)
      : store_(store),
        signer_(signer),
        clock_(clock),
        pipeline_(pipeline),
        products_(products),
        options_(std::move(options)),
        attempts_(std::make_shared<Attempts>()) {}

  // Blocks on the disk, not on the flows that it starts. A token that was away
  // at the last tick and is back has what waited for it tried again at once.
  void Tick();

 private:
  // When to try a resource again: 1 s, doubling to a minute, so that a token
  // that keeps failing does not fill the record with attempts; 1 s again when a
  // token is back.
  class Attempts {
   public:
    // False while a try is under way or its pause is not over.
    bool Begin(const std::string& name, absl::Time now)
        ABSL_LOCKS_EXCLUDED(mutex_);
    void End(const std::string& name, bool ok, absl::Time now)
        ABSL_LOCKS_EXCLUDED(mutex_);
    void ShortenPauses() ABSL_LOCKS_EXCLUDED(mutex_);

   private:
    struct State {
      bool running = false;
      absl::Duration pause = absl::ZeroDuration();
      absl::Time next;
    };
    base::Mutex mutex_;
    absl::flat_hash_map<std::string, State> states_ ABSL_GUARDED_BY(mutex_);
  };

  // The tokens as this tick finds them.
  void LookAtTokens();
  bool IsReady(const std::vector<std::string>& tokens) const;
  bool HasRoomForFlows() const;

  void Expire();
  void ResumeRequests();
  // True where a flow was started.
  bool ResumeRequest(const core::SigningRequest& listed);
  void SweepProducts();
  void ResumeProduct(const core::Product& product);
  void DestroyDueKeys(const core::Product& product);
  void IssueCertificates(const core::Product& product);
  void IssueCertificate(const core::KeyVersionName& name);
  void RequestRenewals(const core::Product& product);
  // `held` is let go of when the flow has answered.
  void Start(const std::string& name, core::FlowPtr flow,
             std::shared_ptr<void> held = nullptr);

  core::Store& store_;
  core::Signer& signer_;
  const base::Clock& clock_;
  Pipeline& pipeline_;
  ProductCache& products_;
  const Options options_;
  const std::shared_ptr<Attempts> attempts_;

  bool any_ready_ = false;
  std::set<std::string> known_tokens_;
  std::set<std::string> ready_tokens_;
  // Where the next tick goes on: what waits for a token that is away must not
  // hide what could be signed.
  std::string resume_cursor_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_PIPELINE_SWEEPER_H_
