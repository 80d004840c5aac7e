#include "client/ocm/sample_ctf.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/sha256.h"

namespace countersign::client {
namespace {

constexpr char kManifest[] = "application/vnd.oci.image.manifest.v1+json";
constexpr char kIndex[] = "application/vnd.oci.image.index.v1+json";
constexpr size_t kTarBlock = 512;

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "sample_ctf: %s\n", what.c_str());
  std::abort();
}

std::string Part(absl::string_view type, absl::string_view octets,
                 absl::string_view more = "") {
  return absl::StrCat("{\"mediaType\":\"", type, "\",\"digest\":\"",
                      Sha256Reference(octets), "\",\"size\":", octets.size(),
                      more, "}");
}

std::string BlobFile(absl::string_view octets) {
  return absl::StrCat("blobs/sha256.", base::Sha256Hex(octets));
}

void Field(std::string& header, size_t at, size_t width,
           absl::string_view text) {
  header.replace(at, std::min(width, text.size()),
                 std::string(text.substr(0, width)));
}

// POSIX.1-2001 pax, "ustar Header Block".
std::string TarHeader(const TarMember& member) {
  std::string header(kTarBlock, '\0');
  const uint64_t size =
      member.said_size == UINT64_MAX ? member.octets.size() : member.said_size;
  Field(header, 0, 100, member.name);
  Field(header, 100, 8, "0000644");
  Field(header, 108, 8, "0000000");
  Field(header, 116, 8, "0000000");
  Field(header, 124, 12, absl::StrFormat("%011o", size));
  Field(header, 136, 12, "14163714600");
  Field(header, 148, 8, "        ");
  header[156] = member.type;
  Field(header, 157, 100, member.link);
  Field(header, 257, 8, absl::string_view("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  Field(header, 148, 8, absl::StrFormat("%06o", sum) + std::string(1, '\0'));
  return header;
}

}  // namespace

std::string SampleText(const ComponentId& id, absl::string_view provider) {
  return absl::StrCat(
      "{\"meta\":{\"schemaVersion\":\"v2\"},\"component\":{\"name\":\"",
      id.name, "\",\"version\":\"", id.version, "\",\"provider\":\"", provider,
      "\",\"repositoryContexts\":[],\"sources\":[],\"resources\":[],",
      "\"componentReferences\":[]}}");
}

std::vector<SampleVersion> SampleVersions() {
  const ComponentId app{"acme.org/test/app", "1.0.0"};
  const ComponentId built{"acme.org/test/app", "1.1.0+build.3"};
  const ComponentId lib{"acme.org/test/lib", "v2"};
  return {{lib, SampleText(lib, "lib"), {}},
          {built, SampleText(built, "built"), {"other"}},
          {app, SampleText(app, "app"), {"hello", std::string(3 << 20, 'x')}}};
}

std::string Sha256Reference(absl::string_view octets) {
  return absl::StrCat("sha256:", base::Sha256Hex(octets));
}

SampleParts MakeSampleParts(const SampleVersion& version,
                            const SampleForm& form) {
  SampleParts parts;
  const bool tar = form.layer_type.find("+tar") != std::string::npos;
  const std::string layer =
      tar ? MakeTar(std::vector<TarMember>{
                {"component-descriptor.yaml", version.text}})
          : version.text;
  const std::string config = absl::StrCat(
      "{\"componentDescriptorLayer\":", Part(form.layer_type, layer),
      ",\"future\":true}");
  std::vector<std::string> layers = {Part(form.layer_type, layer)};
  parts.blobs = {layer, config};
  for (const std::string& blob : version.blobs) {
    layers.push_back(Part("application/octet-stream", blob,
                          ",\"annotations\":{\"software.ocm.artifact\":"
                          "\"[{\\\"kind\\\":\\\"resource\\\"}]\"}"));
    parts.blobs.push_back(blob);
  }
  const std::string manifest = absl::StrCat(
      "{\"schemaVersion\":2,\"mediaType\":\"", kManifest,
      "\",\"artifactType\":\"application/vnd.ocm.software.component-"
      "descriptor.v2\",\"config\":",
      Part(form.config_type, config), ",\"layers\":[",
      absl::StrJoin(layers, ","),
      "],\"annotations\":{\"software.ocm.componentversion\":\"",
      version.id.Format(), "\"},\"future\":[1,{\"a\":null}]}");
  parts.top = manifest;
  parts.top_type = kManifest;
  if (!form.wrapped) return parts;
  const std::string image = absl::StrCat(
      "{\"schemaVersion\":2,\"mediaType\":\"", kManifest, "\",\"config\":",
      Part("application/vnd.oci.image.config.v1+json", config),
      ",\"layers\":[]}");
  parts.manifests = {manifest, image};
  parts.top = absl::StrCat("{\"schemaVersion\":2,\"mediaType\":\"", kIndex,
                           "\",\"manifests\":[", Part(kManifest, manifest), ",",
                           Part(kManifest, image,
                                ",\"platform\":{\"os\":"
                                "\"linux\"}"),
                           "],\"annotations\":{\"a\":\"b\"}}");
  parts.top_type = kIndex;
  return parts;
}

CtfFiles MakeSampleCtf(const std::vector<SampleVersion>& versions,
                       const SampleForm& form) {
  std::vector<std::string> entries;
  CtfFiles blobs;
  for (const SampleVersion& version : versions) {
    const SampleParts parts = MakeSampleParts(version, form);
    for (const auto* list : {&parts.blobs, &parts.manifests}) {
      for (const std::string& octets : *list) {
        blobs.emplace_back(BlobFile(octets), octets);
      }
    }
    blobs.emplace_back(BlobFile(parts.top), parts.top);
    entries.push_back(absl::StrCat(
        "{\"repository\":\"component-descriptors/", version.id.name,
        "\",\"tag\":\"",
        absl::StrReplaceAll(version.id.version, {{"+", ".build-"}}),
        "\",\"digest\":\"", Sha256Reference(parts.top), "\",\"mediaType\":\"",
        parts.top_type, "\"}"));
  }
  CtfFiles files = {{"artifact-index.json",
                     absl::StrCat("{\"schemaVersion\":1,\"artifacts\":[",
                                  absl::StrJoin(entries, ","), "]}")}};
  for (auto& blob : blobs) {
    bool known = false;
    for (const auto& [name, octets] : files) known |= name == blob.first;
    if (!known) files.push_back(std::move(blob));
  }
  return files;
}

std::string& FileOf(CtfFiles& files, absl::string_view name) {
  for (auto& [other, octets] : files) {
    if (other == name) return octets;
  }
  Die(absl::StrCat("no file ", name));
}

void WriteFiles(const std::string& folder, const CtfFiles& files) {
  mkdir(folder.c_str(), 0755);
  mkdir((folder + "/blobs").c_str(), 0755);
  for (const auto& [name, octets] : files) {
    std::ofstream out(folder + "/" + name, std::ios::binary);
    if (!(out << octets)) Die("cannot write " + folder + "/" + name);
  }
}

std::string MakeTar(const std::vector<TarMember>& members) {
  std::string tar;
  for (const TarMember& member : members) {
    absl::StrAppend(&tar, TarHeader(member), member.octets);
    tar.resize((tar.size() + kTarBlock - 1) / kTarBlock * kTarBlock, '\0');
  }
  tar.append(2 * kTarBlock, '\0');
  return tar;
}

std::string MakeTar(const CtfFiles& files) {
  std::vector<TarMember> members;
  for (const auto& [name, octets] : files) {
    members.push_back({name, octets});
    if (members.size() == 1) members.push_back({"blobs/", "", '5'});
  }
  return MakeTar(members);
}

std::string MakeGzip(absl::string_view octets) {
  std::string out(octets.size() + (1 << 20), '\0');
  size_t used = 0;
  archive* const gzip = archive_write_new();
  archive_entry* const entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_set_format_raw(gzip);
  archive_write_add_filter_gzip(gzip);
  archive_write_set_bytes_in_last_block(gzip, 1);
  if (archive_write_open_memory(gzip, out.data(), out.size(), &used) != 0 ||
      archive_write_header(gzip, entry) != 0 ||
      archive_write_data(gzip, octets.data(), octets.size()) !=
          static_cast<la_ssize_t>(octets.size()) ||
      archive_write_close(gzip) != 0) {
    Die("cannot compress");
  }
  archive_entry_free(entry);
  archive_write_free(gzip);
  out.resize(used);
  return out;
}

}  // namespace countersign::client
