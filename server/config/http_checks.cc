#include "server/config/http_checks.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/config/bounds.h"
#include "server/config/config_files.h"
#include "server/config/host_port.h"
#include "server/http/http_route.h"

namespace countersign::server {
namespace {

void Add(Mistakes& mistakes, const std::string& field,
         const absl::Status& status) {
  if (!status.ok()) mistakes.Add(field, status.message());
}

// Nothing where it is no name; the mistake is told.
std::optional<core::OperationName> Operation(const std::string& field,
                                             const std::string& name,
                                             Mistakes& mistakes) {
  if (name.empty()) return std::nullopt;
  auto parsed = core::OperationName::Parse(name);
  Add(mistakes, field, parsed.status());
  if (!parsed.ok()) return std::nullopt;
  return *std::move(parsed);
}

void CheckPaths(const ::config::v1::Http& in, ServerConfig::Http& out,
                Mistakes& mistakes) {
  for (int i = 0; i < in.paths_size(); ++i) {
    const std::string field = absl::StrCat("http.paths[", i, "]");
    const ::config::v1::HttpPath& path = in.paths(i);
    auto operation = Operation(absl::StrCat(field, ".operation"),
                               path.operation(), mistakes);
    if (path.path().empty()) continue;
    Add(mistakes, absl::StrCat(field, ".path"), CheckAliasPath(path.path()));
    if (!operation.has_value()) continue;
    if (!out.paths.emplace(path.path(), *std::move(operation)).second) {
      mistakes.Add(absl::StrCat(field, ".path"),
                   "stands in the list twice; keep one");
    }
  }
}

}  // namespace

ServerConfig::Http CheckHttp(const ::config::v1::Http& in,
                             const std::string& path, Mistakes& mistakes) {
  ServerConfig::Http out;
  out.address = in.address();
  if (!out.address.empty()) {
    Add(mistakes, "http.address", CheckHostPort(out.address));
  }
  out.port_file = ResolvePath(path, in.port_file());
  if (!out.port_file.empty()) {
    Add(mistakes, "http.port_file", CheckFolderOf(out.port_file));
  }
  out.default_operation =
      Operation("http.default_operation", in.default_operation(), mistakes);
  CheckPaths(in, out, mistakes);
  if (!in.max_wait().empty()) {
    out.max_wait = DurationWithin("http.max_wait", in.max_wait(),
                                  absl::Seconds(1), absl::Hours(24), mistakes);
  }
  if (!in.answer_window().empty()) {
    out.answer_window =
        DurationWithin("http.answer_window", in.answer_window(),
                       absl::ZeroDuration(), absl::Hours(720), mistakes);
  }
  if (in.has_max_waiting_calls()) {
    out.max_waiting_calls = NumberWithin(
        "http.max_waiting_calls", in.max_waiting_calls(), 1, 100000, mistakes);
  }
  if (in.has_max_connections()) {
    out.max_connections = NumberWithin(
        "http.max_connections", in.max_connections(), 1, 100000, mistakes);
  }
  return out;
}

}  // namespace countersign::server
