// Fuzz target: what a registry, a token server or a file of credentials may
// say. The first octet chooses the reader.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/oci/auth_challenge.h"
#include "client/oci/docker_config.h"
#include "client/oci/http_connection.h"
#include "client/oci/image_reference.h"
#include "client/oci/link_header.h"
#include "client/oci/manifest_answer.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/oci/oci_json.h"
#include "client/oci/registry_answer.h"
#include "client/oci/url.h"
#include "tests/fuzz/fuzz_target.h"

namespace countersign::client {
namespace {

void Hold(bool condition) {
  if (!condition) std::abort();
}

bool HasControl(absl::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  return false;
}

HttpResponse Answer(int status, absl::string_view text) {
  HttpResponse response;
  response.status = status;
  response.headers = {{"retry-after", std::string(text)},
                      {"ratelimit-limit", std::string(text)},
                      {"content-type", std::string(text.substr(0, 200))}};
  response.body = std::string(text);
  return response;
}

void TryManifest(absl::string_view text) {
  const auto got = ReadManifestAnswer("r.example/a", "1.0", Answer(200, text));
  if (!got.ok()) {
    Hold(!HasControl(got.status().message()));
    return;
  }
  Hold(IsMediaType(got->media_type));
  Hold(got->digest == OciDigestOf(text));
}

void TryIndex(absl::string_view text) {
  const auto index = ParseIndex(text);
  if (!index.ok()) return;
  for (const OciDescriptor& entry : *index) {
    Hold(IsOciDigest(entry.digest));
    const auto again = ParseOciDescriptor(OciDescriptorJson(entry));
    Hold(again.ok() && again->digest == entry.digest &&
         again->size == entry.size && again->annotations == entry.annotations);
  }
}

void TryError(absl::string_view text) {
  for (const int status : {200, 302, 400, 401, 403, 404, 429, 500}) {
    const absl::Status error = AnswerError("r.example/a", Answer(status, text));
    Hold(!error.ok());
    Hold(!HasControl(error.message()));
    Hold(error.message().size() < 8000);
  }
}

void TryChallenge(absl::string_view text) {
  for (const AuthChallenge& challenge : ParseAuthChallenges(text)) {
    Hold(!challenge.scheme.empty());
    static_cast<void>(ParseUrl(challenge.Get("realm")));
  }
}

void TryConfig(absl::string_view text) {
  const auto config = ParseDockerConfig("config.json", text);
  if (!config.ok()) {
    Hold(!HasControl(config.status().message()));
    return;
  }
  const auto none = [](const std::string&, const std::string&)
      -> absl::StatusOr<std::optional<std::string>> { return std::nullopt; };
  for (const char* host : {"r.example", "index.docker.io"}) {
    Hold(FindCredential(*config, host, "team/app", none).ok());
  }
}

void TryUrl(absl::string_view text) {
  const auto base = ParseUrl("https://r.example/v2/");
  Hold(base.ok());
  for (const auto& url : {ParseUrl(text), ResolveUrl(*base, text),
                          ResolveUrl(*base, NextLink(text))}) {
    if (!url.ok()) continue;
    Hold(url->scheme == "http" || url->scheme == "https");
    Hold(!url->host.empty() && !HasControl(url->Format()));
    const auto again = ParseUrl(url->Format());
    Hold(again.ok() && again->Origin() == url->Origin());
  }
}

void TryReference(absl::string_view text) {
  const auto reference = ParseImageReference(text);
  if (!reference.ok()) {
    Hold(!HasControl(reference.status().message()));
    return;
  }
  const auto again = ParseImageReference(reference->Format());
  Hold(again.ok() && again->host == reference->host &&
       again->repository == reference->repository);
}

constexpr std::pair<char, void (*)(absl::string_view)> kReaders[] = {
    {'m', TryManifest},  {'i', TryIndex},  {'e', TryError},
    {'w', TryChallenge}, {'c', TryConfig}, {'u', TryUrl},
    {'r', TryReference}};

}  // namespace
}  // namespace countersign::client

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& [name, reader] : countersign::client::kReaders) {
    if (text[0] == name) reader(text.substr(1));
  }
  return 0;
}

namespace countersign::fuzz {

std::vector<std::string> Seeds() {
  const std::string digest = "sha256:" + std::string(64, '1');
  const std::string entry = absl::StrCat(
      R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")",
      digest, R"(","size":17,"artifactType":"a/b","annotations":{"k":"v"}})");
  return {
      absl::StrCat("m", R"({"schemaVersion":2,"mediaType":"a/b","config":)",
                   entry, R"(,"layers":[)", entry, "]}"),
      absl::StrCat("i", R"({"schemaVersion":2,"manifests":[)", entry, ",",
                   entry, "]}"),
      "e"
      R"({"errors":[{"code":"DENIED","message":"why","detail":{"x":[1]}}]})",
      "e3600",
      "w"
      R"(Bearer realm="https://auth.example/t",service="s",scope="a:b:c")",
      "w"
      R"(Negotiate, Basic realm="a \" b", charset=UTF-8)",
      "c"
      R"({"auths":{"https://index.docker.io/v1/":{"auth":"dTpw"},)"
      R"("r.example/a":{"identitytoken":"t","username":"u","password":"p"}},)"
      R"("credHelpers":{"r.example":"x"},"credsStore":"y"})",
      "uhttps://r.example:5000/v2/a/blobs/uploads/1?_state=x#y",
      "u</v2/a?n=1>; rel=\"next\"",
      "rhttps://r.example:5000/team/app:1.0@" + digest,
      "r[::1]:5000/a__b/c--d",
  };
}

}  // namespace countersign::fuzz
