// Fuzz target: what a registry or a file may hold where a signature should be.
// The first octet chooses the reader.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/sigstore/bundle.h"
#include "client/sigstore/dsse.h"
#include "client/sigstore/signature_manifest.h"
#include "client/sigstore/simple_signing.h"
#include "client/sigstore/statement.h"
#include "tests/fuzz/fuzz_target.h"

namespace countersign::client {
namespace {

void Hold(bool condition) {
  if (!condition) std::abort();
}

// What was read and written again reads the same.
void TryBundle(absl::string_view text) {
  const auto bundle = ParseBundle(text);
  if (!bundle.ok()) return;
  Hold(!bundle->signature().empty());
  if (bundle->media_type.empty() || bundle->certificates().size() > 1) return;
  const auto again = ParseBundle(FormatBundle(*bundle));
  Hold(again.ok() && again->signature() == bundle->signature());
  Hold(FormatBundle(*again) == FormatBundle(*bundle));
}

void TryManifest(absl::string_view text) {
  const size_t half = text.find('\n');
  const absl::string_view config =
      half == absl::string_view::npos ? "{}" : text.substr(half + 1);
  auto manifest = SignatureManifest::Parse(text.substr(0, half), config);
  if (!manifest.ok()) return;
  const size_t before = manifest->layers().size();
  const SignatureLayer layer{"sha256:fuzz", 1, "c2ln", "", ""};
  if (!manifest->Append(layer).ok()) return;
  Hold(manifest->layers().size() == before + 1);
  Hold(manifest->Holds(layer));
  const auto again =
      SignatureManifest::Parse(manifest->Manifest(), manifest->Config());
  Hold(again.ok() && again->layers().size() == before + 1);
}

void TryStatement(absl::string_view text) {
  const auto statement = ParseStatement(text);
  if (!statement.ok()) return;
  Hold(!statement->subjects.empty());
  const auto written = FormatStatement(*statement, "{}");
  Hold(written.ok());
  const auto again = ParseStatement(*written);
  Hold(again.ok() && again->predicate_type == statement->predicate_type &&
       again->subjects.size() == statement->subjects.size());
}

// A predicate stands in the statement and cannot leave it.
void TryPredicate(absl::string_view text) {
  const Statement statement{{{"n", {{"sha256", "aa"}}, {}}}, "t:p"};
  const auto written = FormatStatement(statement, text);
  if (!written.ok()) return;
  const auto again = ParseStatement(*written);
  Hold(again.ok() && again->subjects.size() == 1 &&
       again->subjects[0].digests.at("sha256") == "aa" &&
       again->predicate_type == "t:p");
}

void TryPayload(absl::string_view text) {
  const auto content = ParseSimpleSigning(text);
  if (!content.ok()) return;
  const auto written = FormatSimpleSigning(*content);
  if (!written.ok()) return;
  const auto again = ParseSimpleSigning(*written);
  Hold(again.ok() && again->manifest_digest == content->manifest_digest &&
       again->annotations == content->annotations);
}

}  // namespace
}  // namespace countersign::client

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace countersign::client;  // NOLINT
  if (size == 0) return 0;
  const absl::string_view text(reinterpret_cast<const char*>(data) + 1,
                               size - 1);
  switch (data[0] % 5) {
    case 0:
      TryBundle(text);
      break;
    case 1:
      TryManifest(text);
      break;
    case 2:
      TryStatement(text);
      break;
    case 3:
      TryPredicate(text);
      break;
    default:
      TryPayload(text);
      break;
  }
  return 0;
}

namespace countersign::fuzz {

std::vector<std::string> Seeds() {
  using namespace countersign::client;  // NOLINT
  SigstoreBundle message;
  message.content =
      MessageSignature{HashAlgorithm::kSha256, std::string(32, 'd'), "sig"};
  SigstoreBundle envelope;
  envelope.content = DsseEnvelope{"{}", kInTotoPayloadType, "sig"};
  SignatureManifest manifest;
  (void)manifest.Append({"sha256:aa", 1, "c2ln", "PEM", "PEM"});
  const std::string statement =
      FormatStatement({{{"n", {{"sha256", "aa"}}, {{"k", "v"}}}}, "t:p"},
                      "{\"a\":[1,{}]}")
          .value();
  const std::string payload =
      FormatSimpleSigning({"r/app", "sha256:aa", {{"k", "v"}}}).value();
  std::vector<std::string> seeds;
  int reader = 0;
  for (const std::vector<std::string>& texts :
       {std::vector<std::string>{FormatBundle(message), FormatBundle(envelope),
                                 "{\"base64Signature\":\"c2ln\"}"},
        {manifest.Manifest() + "\n" + manifest.Config()},
        {statement},
        {"{\"a\":[1,{}]}"},
        {payload}}) {
    for (const std::string& text : texts) {
      seeds.push_back(std::string(1, static_cast<char>(reader)) + text);
    }
    ++reader;
  }
  return seeds;
}

}  // namespace countersign::fuzz
