#include "client/token/ambient_token.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace countersign::client {
namespace {

struct Hint {
  const char* variable;  // says that we run there
  const char* text;
};

constexpr Hint kHints[] = {
    {"GITHUB_ACTIONS",
     "this is GitHub Actions, and the job may not have a token: give it "
     "`permissions: id-token: write` (a workflow that a fork's pull request "
     "started gets none)"},
    {"GITLAB_CI",
     "this is GitLab CI: give the job `id_tokens: COUNTERSIGN_ID_TOKEN: aud: "
     "...`"},
    {"BUILDKITE",
     "this is Buildkite: `token_command: [buildkite-agent, oidc, "
     "request-token, --audience, ...]` in a context"},
    {"KUBERNETES_SERVICE_HOST",
     "this is a Kubernetes pod: project a service account token with an "
     "audience of its own to "},
};

std::string HintText(const Hint& hint, const std::string& projected) {
  std::string text = hint.text;
  if (text.back() == ' ') {
    absl::StrAppend(&text, projected,
                    "; the default token is not sent, since it speaks for the "
                    "pod at the API server");
  }
  return text;
}

}  // namespace

AmbientToken FindAmbientToken(const Environment& environment,
                              const std::string& projected) {
  AmbientToken found;
  if (!ValueOf(environment, "ACTIONS_ID_TOKEN_REQUEST_URL").empty() &&
      !ValueOf(environment, "ACTIONS_ID_TOKEN_REQUEST_TOKEN").empty()) {
    found.origin = JobToken{};
    return found;
  }
  if (!ValueOf(environment, "COUNTERSIGN_ID_TOKEN").empty()) {
    found.origin = TokenVariable{"COUNTERSIGN_ID_TOKEN"};
    return found;
  }
  if (access(projected.c_str(), F_OK) == 0) {
    found.origin = TokenFile{projected};
    return found;
  }
  found.looked_for.push_back(
      absl::StrCat("no CI system's token was found: looked for "
                   "ACTIONS_ID_TOKEN_REQUEST_URL, COUNTERSIGN_ID_TOKEN and ",
                   projected));
  for (const Hint& hint : kHints) {
    if (ValueOf(environment, hint.variable).empty()) continue;
    found.looked_for.push_back(HintText(hint, projected));
  }
  return found;
}

}  // namespace countersign::client
