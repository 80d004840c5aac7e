#include "client/ocm/artifact_set.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"

namespace countersign::client {
namespace {

using base::Json;

constexpr char kIndex[] = "index.json";
constexpr char kOlderIndex[] = "artifact-descriptor.json";
constexpr char kMain[] = "software.ocm/main";
constexpr char kTags[] = "software.ocm/tags";
constexpr char kRefName[] = "org.opencontainers.image.ref.name";

absl::Status Unreadable(absl::string_view why) {
  return BadInput("ARTIFACT_SET_UNREADABLE",
                  absl::StrCat("no artifact set: ", why));
}

// "sha256:<hex>" of "blobs/sha256.<hex>" or "blobs/sha256/<hex>"; else empty.
std::string DigestOfName(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, "blobs/")) return "";
  for (const char* hash : {"sha256", "sha512"}) {
    absl::string_view rest = name;
    if (absl::ConsumePrefix(&rest, hash) &&
        (absl::ConsumePrefix(&rest, ".") || absl::ConsumePrefix(&rest, "/"))) {
      return absl::StrCat(hash, ":", rest);
    }
  }
  return "";
}

std::string TextOf(const Json* object, absl::string_view key) {
  const Json* value = object == nullptr ? nullptr : object->Find(key);
  return value != nullptr && value->is_string() ? value->string() : "";
}

bool HasTag(const Json& manifest, absl::string_view tag) {
  const Json* annotations = manifest.Find("annotations");
  for (const absl::string_view one :
       absl::StrSplit(TextOf(annotations, kTags), ',')) {
    if (one == tag) return true;
  }
  return TextOf(annotations, kRefName) == tag;
}

// The entry of the index that is meant.
absl::StatusOr<std::string> MainDigest(const Json& index) {
  const Json* manifests = index.Find("manifests");
  if (manifests == nullptr || !manifests->is_array() ||
      manifests->array().empty()) {
    return Unreadable("its index lists no manifest");
  }
  const Json::Array& list = manifests->array();
  const std::string main = TextOf(index.Find("annotations"), kMain);
  if (main.empty()) {
    if (list.size() == 1) return TextOf(&list[0], "digest");
    return Unreadable(absl::StrCat("its index lists ", list.size(),
                                   " manifests and no annotation ", kMain));
  }
  for (const Json& manifest : list) {
    const std::string digest = TextOf(&manifest, "digest");
    if (digest == main || HasTag(manifest, main)) return digest;
  }
  return Unreadable(absl::StrCat("its index names ", Quoted(main),
                                 " as the main artifact and does not list it"));
}

}  // namespace

bool IsArtifactMediaType(absl::string_view media_type) {
  bool stripped = true;
  while (stripped) {
    stripped = false;
    for (const char* suffix : {"+json", "+yaml", "+tar", "+gzip"}) {
      stripped = absl::ConsumeSuffix(&media_type, suffix) || stripped;
    }
  }
  return media_type == "application/vnd.oci.image.manifest.v1" ||
         media_type == "application/vnd.oci.image.index.v1" ||
         media_type == "application/vnd.docker.distribution.manifest.v2" ||
         media_type == "application/vnd.docker.distribution.manifest.list.v2";
}

ArtifactSet::ArtifactSet()
    : tar_(*this),
      gunzip_([this](absl::string_view octets) { return tar_.Add(octets); }) {}

absl::Status ArtifactSet::Add(absl::string_view octets) {
  return gunzip_.Add(octets);
}

absl::Status ArtifactSet::Begin(const std::string& name, uint64_t size) {
  in_index_ = name == kIndex || name == kOlderIndex;
  if (in_index_) {
    if (size > kMaxIndexBytes) {
      return Unreadable(absl::StrCat("its index has ", size, " octets"));
    }
    if (name == kIndex && has_index_) return Unreadable("it has two indexes");
    has_index_ = has_index_ || name == kIndex;
    blob_ = name;
    return absl::OkStatus();
  }
  blob_ = DigestOfName(name);
  if (!blob_.empty()) {
    hash_.emplace(absl::StartsWith(blob_, "sha256") ? "SHA256" : "SHA512");
  }
  return absl::OkStatus();
}

absl::Status ArtifactSet::Data(absl::string_view octets) {
  if (in_index_) {
    absl::StrAppend(blob_ == kIndex ? &index_ : &other_index_, octets);
  } else if (hash_.has_value()) {
    hash_->Update(octets);
  }
  return absl::OkStatus();
}

absl::Status ArtifactSet::End() {
  if (!hash_.has_value()) return absl::OkStatus();
  const std::string got = absl::StrCat(absl::string_view(blob_).substr(0, 7),
                                       base::HexEncode(hash_->Finish()));
  hash_.reset();
  if (got != blob_) {
    return BadInput("DIGEST_MISMATCH",
                    absl::StrCat("its blob ", Quoted(blob_), " is ", got));
  }
  blobs_.insert(blob_);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ArtifactSet::Finish() {
  RETURN_IF_ERROR(gunzip_.Finish());
  RETURN_IF_ERROR(tar_.Finish());
  const std::string& text = has_index_ ? index_ : other_index_;
  if (text.empty()) {
    return Unreadable(
        absl::StrCat("it has neither ", kIndex, " nor ", kOlderIndex));
  }
  const absl::StatusOr<Json> index = base::ParseJson(text);
  if (!index.ok()) return Unreadable(index.status().message());
  ASSIGN_OR_RETURN(const std::string digest, MainDigest(*index));
  if (blobs_.count(digest) == 0) {
    return Unreadable(
        absl::StrCat("the manifest ", Quoted(digest), " is not in it"));
  }
  return digest;
}

}  // namespace countersign::client
