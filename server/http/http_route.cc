#include "server/http/http_route.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/encoding.h"

namespace countersign::server {
namespace {

constexpr char kPaths[] =
    "[/products/PRODUCT/operations/OPERATION]/sign/rsassa-pkcs1-v1_5, "
    "[...]/sign/rsassa-pss, /crl/AUTHORITY.crl, /healthz or /readyz";
// Of what a caller made up, in an answer.
constexpr size_t kMaxShown = 200;

std::string Shown(absl::string_view text) {
  return base::EscapeForDisplay(text.substr(0, kMaxShown));
}

HttpRoute Refused(HttpRoute route, HttpAnswer answer) {
  route.refusal = std::move(answer);
  return route;
}

HttpRoute Probe(HttpKind kind, absl::string_view method,
                absl::string_view path) {
  HttpRoute route;
  route.kind = kind;
  if (method == "GET" || method == "HEAD") return route;
  HttpAnswer answer = ErrorAnswer(
      405, absl::StrCat("method not allowed: ", path, " answers GET and HEAD"));
  answer.allow = "GET, HEAD";
  return Refused(std::move(route), std::move(answer));
}

// /crl/NAME.crl; names as the configuration takes them.
HttpRoute Crl(absl::string_view method, absl::string_view path) {
  HttpRoute route = Probe(HttpKind::kCrl, method, path);
  absl::string_view name = path;
  const bool formed =
      absl::ConsumePrefix(&name, "/crl/") && absl::ConsumeSuffix(&name, ".crl");
  if (formed && !name.empty() &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
          absl::string_view::npos) {
    route.authority = std::string(name);
    return route;
  }
  return Refused(std::move(route),
                 ErrorAnswer(404, absl::StrCat("not found: \"", Shown(path),
                                               "\" is no /crl/AUTHORITY.crl")));
}

// The scheme that a path ends with, and what stands before it.
std::optional<core::SignatureAlgorithm> TakeScheme(absl::string_view* path) {
  if (absl::ConsumeSuffix(path, "/sign/rsassa-pkcs1-v1_5")) {
    return core::SignatureAlgorithm::kRsassaPkcs1V15;
  }
  if (absl::ConsumeSuffix(path, "/sign/rsassa-pss")) {
    return core::SignatureAlgorithm::kRsassaPss;
  }
  return std::nullopt;
}

HttpAnswer NoSuchBase(absl::string_view base, const HttpPaths& paths) {
  std::string line =
      absl::StrCat("not found: no path \"", Shown(base), "\" before /sign/");
  if (!paths.aliases.empty()) {
    absl::StrAppend(&line, "; http.paths has ",
                    absl::StrJoin(paths.aliases, ", ",
                                  [](std::string* out, const auto& alias) {
                                    out->append(alias.first);
                                  }));
  }
  return ErrorAnswer(
      404, absl::StrCat(line,
                        "; use /products/PRODUCT/operations/OPERATION, or ask "
                        "the server's administrator for an http.paths entry"));
}

// Which operation `base`, the path before /sign/, stands for.
HttpRoute WithOperation(HttpRoute route, absl::string_view base,
                        const HttpPaths& paths) {
  if (base.empty()) {
    if (paths.default_operation.has_value()) {
      route.operation = *paths.default_operation;
      return route;
    }
    return Refused(
        std::move(route),
        ErrorAnswer(404,
                    "not found: this server has no http.default_operation; "
                    "write the operation into the URL: "
                    "https://HOST/products/PRODUCT/operations/OPERATION"));
  }
  const auto alias = paths.aliases.find(std::string(base));
  if (alias != paths.aliases.end()) {
    route.operation = alias->second;
    return route;
  }
  if (!absl::StartsWith(base, "/products/")) {
    return Refused(std::move(route), NoSuchBase(base, paths));
  }
  auto operation = core::OperationName::Parse(base.substr(1));
  if (!operation.ok()) {
    return Refused(
        std::move(route),
        ErrorAnswer(404, absl::StrCat("not found: ",
                                      Shown(operation.status().message()))));
  }
  route.operation = *std::move(operation);
  return route;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = absl::ascii_tolower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

absl::string_view ToString(HttpKind kind) {
  switch (kind) {
    case HttpKind::kSign:
      return "sign";
    case HttpKind::kHealth:
      return "healthz";
    case HttpKind::kReady:
      return "readyz";
    case HttpKind::kCrl:
      return "crl";
    case HttpKind::kOther:
      return "other";
  }
  return "other";
}

HttpRoute FindRoute(absl::string_view method, absl::string_view target,
                    const HttpPaths& paths) {
  HttpRoute route;
  const size_t mark = target.find('?');
  absl::string_view raw = target.substr(0, mark);
  if (mark != absl::string_view::npos) {
    route.query = std::string(target.substr(mark + 1));
  }
  const absl::StatusOr<std::string> decoded = PercentDecode(raw, false);
  if (!decoded.ok()) {
    return Refused(
        std::move(route),
        ErrorAnswer(400, absl::StrCat("bad path: ",
                                      Shown(decoded.status().message()))));
  }
  if (*decoded == "/healthz") return Probe(HttpKind::kHealth, method, *decoded);
  if (*decoded == "/readyz") return Probe(HttpKind::kReady, method, *decoded);
  if (absl::StartsWith(*decoded, "/crl/")) return Crl(method, *decoded);
  absl::string_view base = *decoded;
  const auto scheme = TakeScheme(&base);
  if (!scheme.has_value()) {
    return Refused(
        std::move(route),
        ErrorAnswer(404, absl::StrCat("not found: \"", Shown(*decoded),
                                      "\"; what is here: ", kPaths)));
  }
  route.kind = HttpKind::kSign;
  route.algorithm = *scheme;
  if (method != "POST") {
    HttpAnswer answer =
        ErrorAnswer(405,
                    "method not allowed: sign with POST, the digest as "
                    "the body");
    answer.allow = "POST";
    return Refused(std::move(route), std::move(answer));
  }
  return WithOperation(std::move(route), base, paths);
}

absl::StatusOr<std::string> PercentDecode(absl::string_view text,
                                          bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      const int high = i + 1 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return absl::InvalidArgumentError(absl::StrCat(
            "\"", text.substr(i, 3),
            "\" is no escape: write % and two hexadecimal digits"));
      }
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return out;
}

absl::Status CheckAliasPath(absl::string_view path) {
  if (path.size() < 2 || path.size() > 200 || path.front() != '/' ||
      path.back() == '/') {
    return absl::InvalidArgumentError(
        "must begin with \"/\", not end with it, and have 2 to 200 "
        "characters, as in \"/k/release\"");
  }
  for (const char c : path) {
    if (!absl::ascii_isalnum(c) && !absl::StrContains("/-._~", c)) {
      return absl::InvalidArgumentError(
          "may hold letters, digits and \"/\", \"-\", \".\", \"_\", \"~\"");
    }
  }
  for (const char* taken :
       {"/sign", "/products", "/crl", "/healthz", "/readyz"}) {
    if (path == taken || absl::StartsWith(path, absl::StrCat(taken, "/"))) {
      return absl::InvalidArgumentError(
          absl::StrCat("begins with ", taken, ", which has a meaning already"));
    }
  }
  return absl::OkStatus();
}

}  // namespace countersign::server
