// ComponentRepositoryContract over HTTP, on Debian's docker-registry.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "base/status_matchers.h"
#include "client/oci/docker_registry.h"
#include "client/oci/http_registry.h"
#include "client/ocm/component_repository_contract.h"
#include "client/ocm/open_components.h"
#include "client/ocm/sample_registry.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

// One process for all tests, ended with them.
const DockerRegistry* Process() {
  static const std::unique_ptr<DockerRegistry> process =
      DockerRegistry::Start();
  return process.get();
}

// A path of its own in the registry.
class HttpWorld final : public RepositoryWorld {
 public:
  HttpWorld(const std::vector<SampleVersion>& versions, const SampleForm& form)
      : registries_({}, {random_, [](absl::Duration) {}}) {
    static int made = 0;
    where_ = absl::StrCat("http://", Process()->host(), "/team/w", made++);
    FillRegistry(registries_, where_, versions, form);
  }

  absl::StatusOr<std::unique_ptr<ComponentRepository>> Open() override {
    auto reference = ParseComponentReference(absl::StrCat("oci::", where_));
    if (!reference.ok()) return reference.status();
    return OpenComponents(*reference, registries_);
  }

 private:
  base::FakeRandom random_;
  HttpRegistries registries_;
  std::string where_;
};

ComponentRepositoryContractParam Param(const std::string& name,
                                       const SampleForm& form) {
  ComponentRepositoryContractParam param;
  param.name = name;
  param.make = [form](const std::vector<SampleVersion>& versions)
      -> std::unique_ptr<RepositoryWorld> {
    if (Process() == nullptr) return nullptr;
    return std::make_unique<HttpWorld>(versions, form);
  };
  param.lists = false;
  return param;
}

INSTANTIATE_TEST_SUITE_P(
    DockerRegistry, ComponentRepositoryContract,
    testing::Values(Param("Wrapped", {kJsonLayer, kComponentConfig, true})),
    ComponentRepositoryContractName);

}  // namespace
}  // namespace countersign::client
