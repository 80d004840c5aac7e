// What a signing request asks for: its shape and its digest
// (core/signing_request.h).
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/sha256.h"
#include "core/canonical_text.h"
#include "core/signing_request.h"

namespace countersign::core {
namespace {

constexpr size_t kMaxDigests = 1000;
constexpr size_t kMaxMessages = 16;  // where nothing is hashed
constexpr size_t kMaxLabel = 256;    // octets, as all below
constexpr size_t kMaxDescription = 4096;
constexpr size_t kMaxContextEntries = 32;
constexpr size_t kMaxContextKey = 64;
constexpr size_t kMaxContextValue = 1024;
// A thousand wrong digests need no thousand lines.
constexpr size_t kMaxViolations = 20;

class Violations {
 public:
  void Add(std::string field, std::string description) {
    if (++count_ > kMaxViolations) return;
    violations_.push_back(
        {"signing_request." + std::move(field), std::move(description)});
  }
  void CheckUtf8(const std::string& field, absl::string_view text) {
    const size_t valid = base::ValidUtf8Prefix(text);
    if (valid == text.size()) return;
    Add(field, absl::StrCat("is not UTF-8 from octet ", valid,
                            "; only UTF-8 is accepted"));
  }
  void CheckText(const std::string& field, absl::string_view text, size_t max) {
    if (text.size() > max) {
      Add(field, absl::StrCat("has ", text.size(), " octets; at most ", max,
                              " are possible"));
    }
    CheckUtf8(field, text);
  }
  std::vector<base::FieldViolation> Take() {
    if (count_ > kMaxViolations) {
      violations_.push_back(
          {"signing_request", absl::StrCat("and ", count_ - kMaxViolations,
                                           " more that are wrong")});
    }
    return std::move(violations_);
  }

 private:
  size_t count_ = 0;
  std::vector<base::FieldViolation> violations_;
};

void AddSize(HashAlgorithm hash, size_t i, size_t size,
             Violations& violations) {
  if (hash == HashAlgorithm::kUnhashed) {
    violations.Add(absl::StrCat("digests[", i, "].message"),
                   absl::StrCat("has ", size, " octets; at most ",
                                kMaxMessageSize, " are possible"));
    return;
  }
  violations.Add(absl::StrCat("digests[", i, "].value"),
                 absl::StrCat("has ", size, " octets; ", ToString(hash),
                              " needs ", DigestSize(hash)));
}

// Algorithm, hash, form and encoding go together.
void CheckAlgorithm(const RequestContent& content, Violations& violations) {
  if (!Fits(content.algorithm, content.hash)) {
    violations.Add(
        "hash_algorithm",
        absl::StrCat(ToString(content.hash), " does not go with ",
                     ToString(content.algorithm), "; ",
                     content.algorithm == SignatureAlgorithm::kEd25519
                         ? "ED25519 signs the message itself: UNHASHED"
                         : "UNHASHED is for ED25519 only"));
  }
  if (content.ecdsa_form != EcdsaForm::kFixedWidth) return;
  if (content.algorithm != SignatureAlgorithm::kEcdsa) {
    violations.Add("ecdsa_form",
                   absl::StrCat("is for ECDSA; ", ToString(content.algorithm),
                                " has one form only"));
  }
  if (content.encoding == SignatureEncoding::kPem) {
    violations.Add("ecdsa_form",
                   "FIXED_WIDTH goes with RAW encoding only; PEM holds DER");
  }
}

void CheckDigests(const RequestContent& content, Violations& violations) {
  const std::vector<LabelledDigest>& digests = content.digests;
  if (digests.empty()) {
    violations.Add("digests", absl::StrCat("is empty; 1 to ", kMaxDigests,
                                           " digests are needed"));
  }
  if (digests.size() > kMaxDigests) {
    violations.Add("digests",
                   absl::StrCat("has ", digests.size(), " digests; at most ",
                                kMaxDigests, " are possible in one request"));
  }
  if (content.hash == HashAlgorithm::kUnhashed &&
      digests.size() > kMaxMessages) {
    violations.Add("digests",
                   absl::StrCat("has ", digests.size(), " messages; at most ",
                                kMaxMessages, " are possible in one request"));
  }
  for (size_t i = 0; i < digests.size(); ++i) {
    const LabelledDigest& digest = digests[i];
    if (!DigestFits(content.hash, digest.value.size())) {
      AddSize(content.hash, i, digest.value.size(), violations);
    }
    // The common case costs no text for the field's name.
    if (digest.label.size() > kMaxLabel || !base::IsValidUtf8(digest.label)) {
      violations.CheckText(absl::StrCat("digests[", i, "].label"), digest.label,
                           kMaxLabel);
    }
  }
}

void CheckContext(const RequestContent& content, Violations& violations) {
  if (content.context.size() > kMaxContextEntries) {
    violations.Add(
        "context",
        absl::StrCat("has ", content.context.size(), " entries; at most ",
                     kMaxContextEntries, " are possible"));
  }
  for (const auto& [key, value] : content.context) {
    const std::string field = absl::StrCat(
        "context[\"", base::EscapeForDisplay(key.substr(0, kMaxContextKey)),
        "\"]");
    if (key.empty() || key.size() > kMaxContextKey) {
      violations.Add(field,
                     absl::StrCat("has a key of ", key.size(), " octets; 1 to ",
                                  kMaxContextKey, " are possible"));
    }
    violations.CheckUtf8(field, key);
    violations.CheckText(field, value, kMaxContextValue);
  }
}

}  // namespace

absl::string_view ToString(SignatureEncoding encoding) {
  switch (encoding) {
    case SignatureEncoding::kRaw:
      return "RAW";
    case SignatureEncoding::kPem:
      return "PEM";
  }
  return "";
}

bool RequestContent::operator==(const RequestContent& o) const {
  return operation == o.operation && hash == o.hash &&
         algorithm == o.algorithm && encoding == o.encoding &&
         ecdsa_form == o.ecdsa_form && digests == o.digests &&
         description == o.description && context == o.context;
}

std::string ContentDigest(const RequestContent& content) {
  std::string text;
  text.reserve(512 + content.digests.size() * 128);
  text.append(R"({"context":)");
  AppendMap(content.context, text);
  text.append(R"(,"description":)");
  AppendString(content.description, text);
  text.append(R"(,"digests":[)");
  for (const LabelledDigest& digest : content.digests) {
    if (text.back() != '[') text.push_back(',');
    text.append(R"({"label":)");
    AppendString(digest.label, text);
    if (content.hash == HashAlgorithm::kUnhashed) {
      absl::StrAppend(&text, R"(,"messageSha256":")",
                      base::Sha256Hex(digest.value), R"(","messageSize":)",
                      digest.value.size(), "}");
    } else {
      absl::StrAppend(&text, R"(,"value":")", base::HexEncode(digest.value),
                      R"("})");
    }
  }
  text.push_back(']');
  // DER is not said: what was asked for before there was a choice keeps its
  // digest.
  if (content.ecdsa_form != EcdsaForm::kDer) {
    absl::StrAppend(&text, R"(,"ecdsaForm":")", ToString(content.ecdsa_form),
                    R"(")");
  }
  absl::StrAppend(&text, R"(,"encoding":")", ToString(content.encoding),
                  R"(","hash":")", ToString(content.hash), R"(","operation":)");
  AppendString(content.operation.Format(), text);
  absl::StrAppend(&text, R"(,"signatureAlgorithm":")",
                  ToString(content.algorithm), R"("})");
  return base::Sha256Hex(text);
}

std::vector<base::FieldViolation> CheckContent(const RequestContent& content) {
  Violations violations;
  CheckAlgorithm(content, violations);
  CheckDigests(content, violations);
  violations.CheckText("description", content.description, kMaxDescription);
  CheckContext(content, violations);
  return violations.Take();
}

}  // namespace countersign::core
