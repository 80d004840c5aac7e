#include "server/caller_credentials.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "auth/certificate_identity.h"
#include "auth/json_web_token.h"
#include "base/encoding.h"
#include "base/sha256.h"
#include "core/errors.h"
#include "grpc/grpc_security_constants.h"

namespace countersign::server {
namespace {

constexpr char kField[] = "authorization";
constexpr char kScheme[] = "Bearer";
// Of what somebody unknown claims, in a leaf.
constexpr size_t kMaxClaim = 256;

absl::Status Malformed(absl::string_view why) {
  return core::error::TokenRefused("TOKEN_MALFORMED", why);
}

// RFC 6750 2.1, b64token.
bool IsTokenText(absl::string_view text) {
  while (absl::ConsumeSuffix(&text, "=")) {
  }
  if (text.empty()) return false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(c) && !absl::StrContains("-._~+/", c)) {
      return false;
    }
  }
  return true;
}

// "ipv6:%5B::1%5D:4711" is how gRPC writes [::1]:4711.
std::string PeerAddress(absl::string_view peer) {
  if (!absl::ConsumePrefix(&peer, "ipv4:")) absl::ConsumePrefix(&peer, "ipv6:");
  return absl::StrReplaceAll(peer, {{"%5B", "["}, {"%5D", "]"}, {"%25", "%"}});
}

void AddClaim(const base::Json& claims, const char* claim, const char* member,
              base::Json::Object& details) {
  const base::Json* value = claims.Find(claim);
  if (value == nullptr || !value->is_string()) return;
  absl::string_view text = value->string();
  text = text.substr(0, kMaxClaim);
  details.emplace_back(member, text.substr(0, base::ValidUtf8Prefix(text)));
}

}  // namespace

void TakeAuthorization(const std::vector<absl::string_view>& fields,
                       CallerCredentials& credentials) {
  if (fields.empty()) return;
  if (fields.size() > 1) {
    credentials.malformed =
        Malformed("the call has more than one authorization field; send one");
    return;
  }
  const absl::string_view field = absl::StripAsciiWhitespace(fields[0]);
  const size_t blank = field.find(' ');
  const absl::string_view scheme = field.substr(0, blank);
  const absl::string_view token =
      blank == absl::string_view::npos
          ? ""
          : absl::StripLeadingAsciiWhitespace(field.substr(blank));
  if (!absl::EqualsIgnoreCase(scheme, kScheme)) {
    // Not shown: it may be a password.
    credentials.malformed =
        Malformed("authorization is of another scheme; send Bearer TOKEN");
  } else if (!IsTokenText(token)) {
    credentials.malformed =
        Malformed("after Bearer stands no token (RFC 6750 2.1)");
  } else {
    credentials.token = base::SecretBytes(token);
  }
}

CallerCredentials CredentialsOf(const grpc::ServerContext& context) {
  CallerCredentials credentials;
  credentials.peer = PeerAddress(context.peer());
  const std::vector<grpc::string_ref> leaves =
      context.auth_context()->FindPropertyValues(
          GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (leaves.size() == 1) {
    credentials.leaf_pem.assign(leaves[0].data(), leaves[0].size());
  }
  std::vector<absl::string_view> fields;
  const auto range = context.client_metadata().equal_range(kField);
  for (auto it = range.first; it != range.second; ++it) {
    fields.emplace_back(it->second.data(), it->second.size());
  }
  TakeAuthorization(fields, credentials);
  return credentials;
}

absl::string_view KindOf(const CallerCredentials& credentials) {
  const bool token = !credentials.token.empty() || !credentials.malformed.ok();
  if (credentials.leaf_pem.empty()) return token ? "token" : "none";
  return token ? "both" : "certificate";
}

base::Json::Object DescribeRefused(const CallerCredentials& credentials,
                                   absl::Time now) {
  base::Json::Object details;
  details.emplace_back("credentials", KindOf(credentials));
  if (!credentials.peer.empty()) details.emplace_back("peer", credentials.peer);
  const absl::string_view token = credentials.token.DangerouslyExpose();
  if (!token.empty()) {
    details.emplace_back("tokenSha256", base::Sha256Hex(token));
    const auto parsed = auth::ParseToken(token);
    if (parsed.ok()) {
      AddClaim(parsed->claims, "iss", "claimedIssuer", details);
      AddClaim(parsed->claims, "sub", "claimedSubject", details);
    }
  }
  if (!credentials.leaf_pem.empty()) {
    const auto identity = auth::IdentifyCertificate(credentials.leaf_pem, now);
    if (identity.ok()) {
      details.emplace_back("certificateSubject", identity->subject);
    }
  }
  return details;
}

}  // namespace countersign::server
