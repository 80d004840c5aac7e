#include "server/http/sign_order.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/encoding.h"
#include "base/error.h"
#include "core/algorithms.h"
#include "core/errors.h"
#include "server/http/digest_body.h"

namespace countersign::server {
namespace {

constexpr char kHashes[] = "SHA-256, SHA-384 or SHA-512";
constexpr char kParameters[] =
    "hashAlgorithm, description, label and context.KEY";
constexpr size_t kMaxShown = 100;

std::string Shown(absl::string_view text) {
  return base::EscapeForDisplay(text.substr(0, kMaxShown));
}

std::string Text(const absl::Status& status) {
  return std::string(status.message());
}

// Collects what is wrong while it fills the order in.
class Reader {
 public:
  explicit Reader(SignOrder& order) : order_(order) {}

  void ReadQuery(absl::string_view query) {
    for (const absl::string_view pair :
         absl::StrSplit(query, '&', absl::SkipEmpty())) {
      const size_t equals = pair.find('=');
      const absl::string_view rest = equals == absl::string_view::npos
                                         ? absl::string_view()
                                         : pair.substr(equals + 1);
      const auto name = PercentDecode(pair.substr(0, equals), true);
      const auto value = PercentDecode(rest, true);
      if (!name.ok() || !value.ok()) {
        Wrong("query", Text(name.ok() ? value.status() : name.status()));
      } else {
        Take(*name, *value);
      }
    }
    if (!hash_.has_value() && seen_.count("hashAlgorithm") == 0) {
      Wrong("hashAlgorithm",
            absl::StrCat("is missing from the query; add ?hashAlgorithm=, one "
                         "of ",
                         kHashes));
    }
  }

  void ReadAccept(const std::string& accept) {
    auto formats = ParseAccept(accept);
    if (formats.ok()) {
      order_.formats = *std::move(formats);
    } else {
      Absorb(formats.status());
    }
  }

  void ReadBody(const HttpRequest& request) {
    if (!hash_.has_value()) return;  // its length cannot be judged
    auto digest = ReadDigest(request, *hash_);
    if (digest.ok()) {
      order_.content.digests = {{label_, *std::move(digest)}};
    } else {
      Absorb(digest.status());
    }
  }

  absl::Status Finish() {
    if (!violations_.empty()) {
      return core::error::BadRequest(std::move(violations_));
    }
    return absl::OkStatus();
  }

 private:
  void Wrong(std::string field, std::string what) {
    violations_.push_back({std::move(field), std::move(what)});
  }

  void Absorb(const absl::Status& status) {
    const auto details = base::GetErrorDetails(status);
    if (!details.has_value() || details->field_violations.empty()) {
      return Wrong("request", Text(status));
    }
    for (const base::FieldViolation& violation : details->field_violations) {
      violations_.push_back(violation);
    }
  }

  void Take(const std::string& name, const std::string& value) {
    if (!seen_.insert(name).second) {
      return Wrong(Shown(name), "stands in the query twice; keep one");
    }
    absl::string_view key = name;
    if (name == "hashAlgorithm") {
      TakeHash(value);
    } else if (name == "description") {
      order_.content.description = value;
    } else if (name == "label") {
      label_ = value;
    } else if (absl::ConsumePrefix(&key, "context.")) {
      order_.content.context[std::string(key)] = value;
    } else {
      Wrong(Shown(name),
            absl::StrCat("is no parameter of the query; there are ",
                         kParameters));
    }
  }

  void TakeHash(const std::string& value) {
    const auto hash = core::ParseHashAlgorithm(value);
    if (!hash.ok() && base::GetReason(hash.status()) == "WEAK_HASH") {
      Wrong("hashAlgorithm", Text(hash.status()));
    } else if (!hash.ok() || core::DigestSize(*hash) == 0) {
      Wrong("hashAlgorithm", absl::StrCat("\"", Shown(value),
                                          "\" is not accepted; use ", kHashes));
    } else {
      hash_ = *hash;
      order_.content.hash = *hash;
    }
  }

  SignOrder& order_;
  std::vector<base::FieldViolation> violations_;
  std::set<std::string> seen_;
  std::optional<core::HashAlgorithm> hash_;
  std::string label_;
};

}  // namespace

absl::StatusOr<SignOrder> ReadOrder(const HttpRoute& route,
                                    const HttpRequest& request) {
  SignOrder order;
  order.content.operation = route.operation;
  order.content.algorithm = route.algorithm;
  Reader reader(order);
  reader.ReadQuery(route.query);
  reader.ReadAccept(request.accept);
  reader.ReadBody(request);
  const absl::Status status = reader.Finish();
  if (!status.ok()) return status;
  return order;
}

AnswerFormat ChooseFormat(const SignOrder& order,
                          const core::Operation& operation) {
  for (const AnswerFormat format : order.formats) {
    if (format != AnswerFormat::kPem ||
        operation.type == core::OperationType::kDetachedSignature) {
      return format;
    }
  }
  return order.formats.front();
}

}  // namespace countersign::server
