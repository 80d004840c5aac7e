#include "client/plugins/payload_description.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/encoding.h"
#include "base/json.h"

namespace countersign::client {
namespace {

// Of the server, in octets.
constexpr size_t kMaxLabel = 256;
constexpr size_t kMaxKey = 64;
constexpr size_t kMaxValue = 1024;
// Less than the server's: callers put words of their own before it.
constexpr size_t kMaxDescription = 3000;
// Enough for people; the rest is counted.
constexpr size_t kMaxAnnotations = 12;
constexpr size_t kMaxSubjects = 8;
constexpr base::JsonLimits kLimits = {1 << 20, 32};
// What cosign 3 signs for an image.
constexpr char kImagePredicate[] = "https://sigstore.dev/cosign/sign/v1";

std::string Cut(absl::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  constexpr absl::string_view kMore = "...";
  text = text.substr(0, most - kMore.size());
  return absl::StrCat(text.substr(0, base::ValidUtf8Prefix(text)), kMore);
}

void Add(absl::string_view key, absl::string_view value,
         PayloadDescription& out) {
  if (value.empty() || key.size() > kMaxKey) return;
  out.context[std::string(key)] = Cut(value, kMaxValue);
}

void Conclude(absl::string_view text, PayloadDescription& out) {
  out.label = Cut(text, kMaxLabel);
  out.description = Cut(text, kMaxDescription);
}

// Text at a.b.c; empty where there is none.
std::string TextAt(const base::Json& root,
                   const std::vector<absl::string_view>& path) {
  const base::Json* at = &root;
  for (const absl::string_view member : path) {
    at = at->Find(member);
    if (at == nullptr) return "";
  }
  return at->is_string() ? at->string() : "";
}

void AddAnnotations(const base::Json* annotations, PayloadDescription& out) {
  if (annotations == nullptr || !annotations->is_object()) return;
  size_t count = 0;
  for (const auto& [key, value] : annotations->object()) {
    if (!value.is_string()) continue;
    if (++count > kMaxAnnotations) break;
    Add(absl::StrCat("annotation.", key), value.string(), out);
  }
}

std::optional<PayloadDescription> DescribeSimpleSigning(
    const base::Json& json) {
  const std::string digest =
      TextAt(json, {"critical", "image", "docker-manifest-digest"});
  if (digest.empty()) return std::nullopt;
  const std::string reference =
      TextAt(json, {"critical", "identity", "docker-reference"});
  PayloadDescription out;
  Add("artifact", "container image", out);
  Add("image.reference", reference, out);
  Add("image.digest", digest, out);
  AddAnnotations(json.Find("optional"), out);
  Conclude(absl::StrCat("container image ", reference,
                        reference.empty() ? "" : "@", digest),
           out);
  return out;
}

// "NAME@sha256:...", with the first digest of one subject.
std::string SubjectText(const base::Json& subject) {
  const base::Json* digests = subject.Find("digest");
  std::string text = Cut(TextAt(subject, {"name"}), kMaxValue / 2);
  if (digests == nullptr || !digests->is_object()) return text;
  for (const auto& [algorithm, value] : digests->object()) {
    if (!value.is_string()) continue;
    absl::StrAppend(&text, text.empty() ? "" : "@", algorithm, ":",
                    value.string());
    break;
  }
  return text;
}

std::optional<PayloadDescription> DescribeStatement(const base::Json& json) {
  const std::string predicate = TextAt(json, {"predicateType"});
  const base::Json* subjects = json.Find("subject");
  if (predicate.empty() || subjects == nullptr || !subjects->is_array()) {
    return std::nullopt;
  }
  const base::Json::Array& all = subjects->array();
  const bool image = predicate == kImagePredicate;
  PayloadDescription out;
  Add("artifact", image ? "container image" : "attestation", out);
  Add("predicate.type", predicate, out);
  Add("subjects", absl::StrCat(all.size()), out);
  std::string first;
  for (size_t i = 0; i < std::min(all.size(), kMaxSubjects); ++i) {
    const std::string text = SubjectText(all[i]);
    if (i == 0) first = Cut(text, kMaxValue);
    Add(absl::StrCat("subject.", i + 1), text, out);
  }
  if (!all.empty()) AddAnnotations(all[0].Find("annotations"), out);
  std::string text =
      image ? absl::StrCat("container image ", first)
            : absl::StrCat("attestation ", Cut(predicate, kMaxValue), " about ",
                           first);
  if (all.size() > 1) {
    absl::StrAppend(&text, " and ", all.size() - 1, " more");
  }
  Conclude(text, out);
  return out;
}

// "LEN SP octets" at the front of `rest` (DSSE protocol, PAE), with the blank
// before it.
bool TakeField(absl::string_view& rest, absl::string_view& field) {
  if (!absl::ConsumePrefix(&rest, " ")) return false;
  const size_t blank = rest.find(' ');
  uint64_t length = 0;
  if (blank == absl::string_view::npos || blank > 9 ||
      !absl::SimpleAtoi(rest.substr(0, blank), &length)) {
    return false;
  }
  rest.remove_prefix(blank + 1);
  if (length > rest.size()) return false;
  field = rest.substr(0, length);
  rest.remove_prefix(length);
  return true;
}

std::optional<PayloadDescription> DescribeDsse(absl::string_view payload) {
  absl::string_view type;
  absl::string_view body;
  if (!absl::ConsumePrefix(&payload, "DSSEv1") || !TakeField(payload, type) ||
      !TakeField(payload, body) || !payload.empty()) {
    return std::nullopt;
  }
  const absl::StatusOr<base::Json> json = base::ParseJson(body, kLimits);
  if (json.ok()) {
    std::optional<PayloadDescription> out = DescribeStatement(*json);
    if (out.has_value()) return out;
  }
  if (!base::IsValidUtf8(type)) return std::nullopt;
  PayloadDescription out;
  Add("artifact", "signed envelope", out);
  Add("payload.type", type, out);
  Conclude(absl::StrCat("envelope of ", Cut(type, kMaxValue), ", ", body.size(),
                        " octets"),
           out);
  return out;
}

std::optional<PayloadDescription> Understand(absl::string_view payload) {
  if (payload.empty()) return std::nullopt;
  if (payload[0] == 'D') return DescribeDsse(payload);
  if (payload[0] != '{') return std::nullopt;
  const absl::StatusOr<base::Json> json = base::ParseJson(payload, kLimits);
  if (!json.ok()) return std::nullopt;
  return DescribeSimpleSigning(*json);
}

}  // namespace

PayloadDescription DescribePayload(absl::string_view payload, uint64_t size) {
  PayloadDescription out;
  std::optional<PayloadDescription> understood = Understand(payload);
  if (understood.has_value()) {
    out = *std::move(understood);
  } else if (size == 0) {
    Conclude("a digest; what it is of was not shown", out);
  } else {
    Add("artifact", "blob", out);
    Conclude(absl::StrCat("blob of ", size, " octets"), out);
  }
  Add("size", absl::StrCat(size), out);
  return out;
}

}  // namespace countersign::client
