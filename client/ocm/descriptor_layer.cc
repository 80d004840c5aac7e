#include "client/ocm/descriptor_layer.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/ocm/archive_reader.h"
#include "client/ocm/archive_writer.h"

namespace countersign::client {
namespace {

constexpr char kMember[] = "component-descriptor.yaml";
constexpr size_t kMaxText = 16 << 20;
constexpr int kMaxDepth = 64;

enum class Packing { kTar, kYaml, kJson };

struct Row {
  absl::string_view media_type;
  Packing packing;
};
constexpr Row kRows[] = {
    {"application/vnd.ocm.software.component-descriptor.v2+yaml+tar",
     Packing::kTar},
    {"application/vnd.ocm.software.component-descriptor.v2+yaml",
     Packing::kYaml},
    {"application/vnd.ocm.software.component-descriptor.v2+json",
     Packing::kJson},
    {"application/vnd.gardener.cloud.cnudie.component-descriptor.v2+yaml+tar",
     Packing::kTar},
    {"application/vnd.gardener.cloud.cnudie.component-descriptor.v2+yaml",
     Packing::kYaml},
    {"application/vnd.gardener.cloud.cnudie.component-descriptor.v2+json",
     Packing::kJson},
    {"application/vnd.oci.gardener.cloud.cnudie.component-descriptor.config.v2"
     "+yaml+tar",
     Packing::kTar},
};

constexpr absl::string_view kConfigTypes[] = {
    "application/vnd.ocm.software.component.config.v1+json",
    "application/vnd.gardener.cloud.cnudie.component.config.v1+json",
    "application/vnd.oci.gardener.cloud.cnudie.component-descriptor-metadata."
    "config.v2+json",
};

std::optional<Packing> PackingOf(absl::string_view media_type) {
  for (const Row& row : kRows) {
    if (row.media_type == media_type) return row.packing;
  }
  return std::nullopt;
}

absl::Status Bad(absl::string_view what) {
  return BadInput("DESCRIPTOR_LAYER",
                  absl::StrCat("the layer of the component descriptor ", what));
}

// Of two members different tools would read different ones: only one may be
// there.
absl::StatusOr<std::string> OnlyMember(absl::string_view layer) {
  ArchiveLimits limits;
  limits.max_total_bytes = kMaxText;
  limits.max_entries = 1;
  limits.compressed = false;
  ASSIGN_OR_RETURN(const auto reader, ArchiveReader::OpenMemory(layer, limits));
  ASSIGN_OR_RETURN(const std::optional<ArchiveMember> member, reader->Next());
  if (!member.has_value() || member->is_directory || member->name != kMember) {
    return Bad(absl::StrCat("is a tar without ", kMember));
  }
  std::string text;
  RETURN_IF_ERROR(reader->Read([&text](absl::string_view piece) {
    absl::StrAppend(&text, piece);
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(const std::optional<ArchiveMember> more, reader->Next());
  if (more.has_value()) return Bad("is a tar with more than one member");
  return text;
}

}  // namespace

bool IsDescriptorLayerType(absl::string_view media_type) {
  return PackingOf(media_type).has_value();
}

bool IsComponentConfigType(absl::string_view media_type) {
  for (const absl::string_view type : kConfigTypes) {
    if (type == media_type) return true;
  }
  return false;
}

absl::StatusOr<std::string> UnpackDescriptor(absl::string_view media_type,
                                             absl::string_view layer) {
  const std::optional<Packing> packing = PackingOf(media_type);
  if (!packing.has_value()) {
    return Bad(absl::StrCat("has the media type ", Quoted(media_type),
                            ", which is none of a component descriptor"));
  }
  if (*packing != Packing::kTar) return std::string(layer);
  auto text = OnlyMember(layer);
  if (!text.ok() && base::GetReason(text.status()) != "DESCRIPTOR_LAYER") {
    return Bad(
        absl::StrCat("is no tar of one member: ", text.status().message()));
  }
  return text;
}

absl::StatusOr<std::string> PackDescriptor(absl::string_view media_type,
                                           absl::string_view text) {
  const std::optional<Packing> packing = PackingOf(media_type);
  if (!packing.has_value()) {
    return Bad(absl::StrCat("has the media type ", Quoted(media_type)));
  }
  if (text.size() > kMaxText) return Bad("would have more than 16 MiB");
  if (*packing == Packing::kTar) {
    return ArchiveWriter::OneMember(kMember, text);
  }
  if (*packing == Packing::kJson) {
    base::JsonLimits limits;
    limits.max_depth = kMaxDepth;
    const auto json = base::ParseJson(text, limits);
    if (!json.ok()) {
      return Bad(absl::StrCat("is ", media_type,
                              ", but what is to be written "
                              "is not JSON: ",
                              json.status().message()));
    }
  }
  return std::string(text);
}

}  // namespace countersign::client
