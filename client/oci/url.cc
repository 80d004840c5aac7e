#include "client/oci/url.h"

#include <curl/curl.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace countersign::client {
namespace {

constexpr size_t kMaxUrl = 16384;

struct CurlUrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using CurlUrlPtr = std::unique_ptr<CURLU, CurlUrlDeleter>;

struct CurlDeleter {
  void operator()(char* text) const { curl_free(text); }
};

std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  const std::unique_ptr<char, CurlDeleter> owner(text);
  return text;
}

absl::Status Set(CURLU* url, absl::string_view text) {
  if (text.size() > kMaxUrl) {
    return absl::InvalidArgumentError("a URL is too long");
  }
  for (const char c : text) {
    if (!absl::ascii_isgraph(c)) {
      return absl::InvalidArgumentError("a URL has a character that none has");
    }
  }
  const CURLUcode code =
      curl_url_set(url, CURLUPART_URL, std::string(text).c_str(), 0);
  if (code == CURLUE_OK) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a URL is wrong: ", curl_url_strerror(code)));
}

absl::StatusOr<Url> Take(CURLU* url) {
  Url result;
  result.scheme = absl::AsciiStrToLower(Part(url, CURLUPART_SCHEME));
  if (result.scheme != "http" && result.scheme != "https") {
    return absl::InvalidArgumentError("a URL is neither http nor https");
  }
  if (!Part(url, CURLUPART_USER).empty() ||
      !Part(url, CURLUPART_PASSWORD).empty()) {
    return absl::InvalidArgumentError("a URL holds a user or password");
  }
  result.host = absl::AsciiStrToLower(Part(url, CURLUPART_HOST));
  if (result.host.empty()) {
    return absl::InvalidArgumentError("a URL has no host");
  }
  const std::string port = Part(url, CURLUPART_PORT);
  if (!port.empty() && port != (result.scheme == "https" ? "443" : "80")) {
    absl::StrAppend(&result.host, ":", port);
  }
  result.path = Part(url, CURLUPART_PATH);
  if (result.path.empty()) result.path = "/";
  result.query = Part(url, CURLUPART_QUERY);
  return result;
}

}  // namespace

std::string Url::Format() const {
  return absl::StrCat(Origin(), path, query.empty() ? "" : "?", query);
}

void Url::AddQuery(absl::string_view name, absl::string_view value) {
  absl::StrAppend(&query, query.empty() ? "" : "&", name, "=",
                  UrlEncode(value));
}

absl::StatusOr<Url> ParseUrl(absl::string_view text) {
  const CurlUrlPtr url(curl_url());
  if (!absl::StrContains(text, "://")) {
    return absl::InvalidArgumentError("a URL has no scheme");
  }
  RETURN_IF_ERROR(Set(url.get(), text));
  return Take(url.get());
}

absl::StatusOr<Url> ResolveUrl(const Url& base, absl::string_view location) {
  if (location.empty()) return absl::InvalidArgumentError("it says not where");
  const CurlUrlPtr url(curl_url());
  RETURN_IF_ERROR(Set(url.get(), base.Format()));
  RETURN_IF_ERROR(Set(url.get(), location));
  return Take(url.get());
}

std::string UrlEncode(absl::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    if (absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_' ||
        c == '~') {
      result += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    result += {'%', kDigits[octet >> 4], kDigits[octet & 15]};
  }
  return result;
}

}  // namespace countersign::client
