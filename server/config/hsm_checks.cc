#include "server/config/hsm_checks.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/secret_bytes.h"
#include "hsm/token_options.h"
#include "server/config/bounds.h"
#include "server/config/config_files.h"
#include "server/config/site_name.h"

namespace countersign::server {
namespace {

constexpr int kMaxTokens = 16;
constexpr size_t kMaxTokenLabel = 32;  // PKCS#11 2.40 3.3, CK_TOKEN_INFO
// Each costs a thread.
constexpr int kMaxSessions = 64;
constexpr int kMaxStuckCalls = 64;
// The least is the largest request; the most, about 100 MB.
constexpr int kMinQueuedDigests = 1000;
constexpr int kMaxQueuedDigests = 1000000;
constexpr absl::string_view kAcceptable = "CKA_LOCAL";

class HsmChecker {
 public:
  HsmChecker(const ::config::v1::Hsm& hsm, const std::string& path,
             Mistakes& mistakes)
      : hsm_(hsm), path_(path), mistakes_(mistakes) {}

  ServerConfig::Hsm Run() {
    ServerConfig::Hsm out;
    for (int i = 0; i < hsm_.tokens_size(); ++i) {
      out.tokens.push_back(Token(hsm_.tokens(i), Field(i)));
    }
    if (hsm_.tokens_size() > kMaxTokens) {
      mistakes_.Add("hsm.tokens",
                    absl::StrCat("has ", hsm_.tokens_size(),
                                 " entries; must have 1 to ", kMaxTokens));
    }
    Shared(out.tokens);
    Compare(out.tokens);
    if (!out.tokens.empty()) out.default_token = DefaultToken(out.tokens);
    return out;
  }

 private:
  static std::string Field(size_t i, const char* name = "") {
    return absl::StrCat("hsm.tokens[", i, "]", name);
  }

  void Add(const std::string& field, const absl::Status& status) {
    if (!status.ok()) mistakes_.Add(field, status.message());
  }

  hsm::TokenOptions Token(const ::config::v1::Token& in,
                          const std::string& field) {
    hsm::TokenOptions out;
    out.name = in.name();
    CheckSiteName(field + ".name", in.name(), mistakes_);
    out.module_path = AbsolutePath(ResolvePath(path_, in.module()));
    if (!in.module().empty()) {
      Add(field + ".module", CheckReadableFile(out.module_path));
    }
    out.token_label = in.token_label();
    if (in.token_label().size() > kMaxTokenLabel) {
      mistakes_.Add(field + ".token_label", "must have at most 32 octets");
    }
    out.init_args = in.init_args();
    PinAndLatch(in, field, out);
    Numbers(in, field, out);
    for (int i = 0; i < in.accept_attributes_size(); ++i) {
      if (in.accept_attributes(i) == kAcceptable) continue;
      mistakes_.Add(absl::StrCat(field, ".accept_attributes[", i, "]"),
                    absl::StrCat("only ", kAcceptable,
                                 " may be accepted; all else would make a key "
                                 "unsafe"));
    }
    out.accept_attributes = {in.accept_attributes().begin(),
                             in.accept_attributes().end()};
    return out;
  }

  void PinAndLatch(const ::config::v1::Token& in, const std::string& field,
                   hsm::TokenOptions& out) {
    if (in.pin_file().empty()) return;
    out.pin_file = ResolvePath(path_, in.pin_file());
    const absl::Status pin = base::ReadSecretFile(out.pin_file).status();
    Add(field + ".pin_file", pin);
    out.latch_file = in.latch_file().empty()
                         ? out.pin_file + ".latch"
                         : ResolvePath(path_, in.latch_file());
    // Where the PIN's folder is not there either, that has been said.
    if (in.latch_file().empty() && !pin.ok()) return;
    const absl::Status folder = CheckFolderOf(out.latch_file);
    if (folder.ok()) return;
    mistakes_.Add(field + ".latch_file",
                  absl::StrCat(folder.message(),
                               "; name a file in a folder that the server may "
                               "write: a refused PIN is remembered there"));
  }

  void Numbers(const ::config::v1::Token& in, const std::string& field,
               hsm::TokenOptions& out) {
    if (in.has_sessions()) {
      out.sessions = NumberWithin(field + ".sessions", in.sessions(), 1,
                                  kMaxSessions, mistakes_);
    }
    if (in.has_max_stuck_calls()) {
      out.max_stuck_calls =
          NumberWithin(field + ".max_stuck_calls", in.max_stuck_calls(), 1,
                       kMaxStuckCalls, mistakes_);
    }
    Time(field + ".call_timeout", in.call_timeout(), absl::Milliseconds(100),
         absl::Minutes(10), out.call_timeout);
    Time(field + ".keep_alive_interval", in.keep_alive_interval(),
         absl::Seconds(1), absl::Hours(1), out.keep_alive_interval);
    Time(field + ".reconnect_interval", in.reconnect_interval(),
         absl::Milliseconds(10), absl::Minutes(10), out.reconnect_interval);
  }

  // `out` keeps its default where `text` is empty.
  void Time(const std::string& field, const std::string& text,
            absl::Duration min, absl::Duration max, absl::Duration& out) {
    if (!text.empty()) out = DurationWithin(field, text, min, max, mistakes_);
  }

  // What stands once and holds for each token.
  void Shared(std::vector<hsm::TokenOptions>& tokens) {
    hsm::TokenOptions shared;
    Time("hsm.max_queue_time", hsm_.max_queue_time(), absl::Milliseconds(10),
         absl::Minutes(10), shared.max_queue_time);
    if (hsm_.has_max_queued_digests()) {
      shared.max_queued_digests = static_cast<size_t>(
          NumberWithin("hsm.max_queued_digests", hsm_.max_queued_digests(),
                       kMinQueuedDigests, kMaxQueuedDigests, mistakes_));
    }
    if (hsm_.has_verify_ec()) shared.verify_ec = hsm_.verify_ec();
    for (hsm::TokenOptions& token : tokens) {
      token.max_queue_time = shared.max_queue_time;
      token.max_queued_digests = shared.max_queued_digests;
      token.verify_ec = shared.verify_ec;
    }
  }

  // Each token with those before it. A module that is named in two ways (a
  // link, "..") is one module, initialised once: by its first name.
  void Compare(std::vector<hsm::TokenOptions>& tokens) {
    std::map<std::string, size_t> names;
    std::map<std::string, size_t> latches;
    std::map<std::string, size_t> modules;  // by the file that it is
    std::map<std::pair<std::string, std::string>, size_t> labels;
    for (size_t i = 0; i < tokens.size(); ++i) {
      hsm::TokenOptions& token = tokens[i];
      Distinct(names, token.name, i, ".name",
               "give each its own: products and the record name it for ever");
      Distinct(latches, token.latch_file, i, ".latch_file",
               "give each token its own: a PIN that one refuses says nothing "
               "of the other's");
      if (token.module_path.empty()) continue;
      const auto [first, is_new] =
          modules.emplace(RealPath(token.module_path), i);
      if (!is_new) {
        const hsm::TokenOptions& other = tokens[first->second];
        token.module_path = other.module_path;
        if (token.init_args != other.init_args) {
          mistakes_.Add(
              Field(i, ".init_args"),
              absl::StrCat("must be as in ", Field(first->second),
                           ": they have one module, which is initialised "
                           "once"));
        }
      }
      if (token.token_label.empty()) continue;
      const auto [same, is_other] =
          labels.emplace(std::pair(token.module_path, token.token_label), i);
      if (!is_other) {
        mistakes_.Add(Field(i, ".token_label"),
                      absl::StrCat("is the token of ", Field(same->second),
                                   " (same module, same label); keep one"));
      }
    }
  }

  void Distinct(std::map<std::string, size_t>& seen, const std::string& value,
                size_t i, const char* name, absl::string_view why) {
    if (value.empty()) return;
    const auto [first, is_new] = seen.emplace(value, i);
    if (is_new) return;
    mistakes_.Add(
        Field(i, name),
        absl::StrCat("is also that of ", Field(first->second), "; ", why));
  }

  std::string DefaultToken(const std::vector<hsm::TokenOptions>& tokens) {
    if (hsm_.default_token().empty()) return tokens[0].name;
    std::vector<std::string> names;
    for (const hsm::TokenOptions& token : tokens) names.push_back(token.name);
    if (std::find(names.begin(), names.end(), hsm_.default_token()) ==
        names.end()) {
      mistakes_.Add("hsm.default_token",
                    absl::StrCat("no token is named \"", hsm_.default_token(),
                                 "\"; there are ", absl::StrJoin(names, ", ")));
    }
    return hsm_.default_token();
  }

  const ::config::v1::Hsm& hsm_;
  const std::string& path_;
  Mistakes& mistakes_;
};

}  // namespace

ServerConfig::Hsm CheckHsm(const ::config::v1::Hsm& hsm,
                           const std::string& path, Mistakes& mistakes) {
  return HsmChecker(hsm, path, mistakes).Run();
}

}  // namespace countersign::server
