// A pipeline on fakes, for the tests of this folder: the stages run on threads
// of the test as app.cc would run them.
#ifndef COUNTERSIGN_SERVER_PIPELINE_PIPELINE_FIXTURE_H_
#define COUNTERSIGN_SERVER_PIPELINE_PIPELINE_FIXTURE_H_

#include <memory>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "base/fake_clock.h"
#include "core/fake_signer.h"
#include "core/fake_store.h"
#include "core/policy.h"
#include "core/sample_values.h"
#include "gtest/gtest.h"
#include "server/pipeline/pipeline.h"
#include "server/pipeline/product_cache.h"
#include "server/pipeline/watch_hub.h"

namespace countersign::server {

class PipelineFixture : public testing::Test {
 protected:
  // Until StartLoops every change set waits, as for a slow commit.
  explicit PipelineFixture(const Pipeline::Options& options = {})
      : clock_(core::SampleTime() + absl::Hours(1)),
        signer_(clock_),
        products_(store_),
        watches_(10),
        policy_(std::make_shared<const core::Policy>(core::SamplePolicy())),
        pipeline_(std::make_unique<Pipeline>(
            Pipeline::Parts{store_, signer_, clock_, products_, watches_,
                            [this] { return policy_; }, nullptr},
            options)) {}
  ~PipelineFixture() override { End(); }

  void StartLoops() {
    threads_.emplace_back([this] { pipeline_->RunWriter(); });
    threads_.emplace_back([this] { pipeline_->RunFinisher(); });
    threads_.emplace_back([this] { pipeline_->RunKeyMaker(); });
  }
  // Also where a test has ended the pipeline's life. May be repeated.
  void End() {
    if (pipeline_ != nullptr) pipeline_->Stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  base::FakeClock clock_;
  core::FakeStore store_;
  core::FakeSigner signer_;
  ProductCache products_;
  WatchHub watches_;
  std::shared_ptr<const core::Policy> policy_;
  std::unique_ptr<Pipeline> pipeline_;
  std::vector<std::thread> threads_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_PIPELINE_PIPELINE_FIXTURE_H_
