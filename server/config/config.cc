#include "server/config/config.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "config/v1/config.pb.h"
#include "server/config/config_checks.h"
#include "server/config/config_files.h"
#include "server/config/mistakes.h"
#include "server/config/yaml_document.h"
#include "server/config/yaml_to_proto.h"

namespace countersign::server {
namespace {

constexpr size_t kMaxFileOctets = 1 << 20;

}  // namespace

absl::StatusOr<ServerConfig> LoadConfig(const std::string& path,
                                        absl::Time now) {
  RETURN_IF_ERROR(CheckReadableFile(path));
  ASSIGN_OR_RETURN(const std::string text,
                   base::ReadFile(path, kMaxFileOctets));
  absl::StatusOr<YamlNode> root = ParseYaml(text);
  if (!root.ok()) {
    base::ErrorDetails details;
    details.reason = "BAD_CONFIG";
    return base::MakeError(absl::StatusCode::kInvalidArgument,
                           absl::StrCat("1 mistake in the configuration\n",
                                        path, ":", root.status().message()),
                           details);
  }
  Mistakes mistakes;
  const ::config::v1::Config config = ConfigFromYaml(*root, mistakes);
  ServerConfig out = CheckConfig(config, path, now, mistakes);
  RETURN_IF_ERROR(mistakes.ToStatus(path));
  return out;
}

}  // namespace countersign::server
