#include "client/ocm/test_artifact_set.h"

#include <zlib.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/encoding.h"
#include "base/openssl.h"

namespace countersign::client {

std::string TarEntry(const std::string& name, const std::string& content,
                     char type) {
  std::string header(512, '\0');
  const auto put = [&header](size_t at, absl::string_view text) {
    header.replace(at, text.size(), text.data(), text.size());
  };
  put(0, name);
  put(100, "0000644");
  put(124, absl::StrFormat("%011o", content.size()));
  put(136, "00000000000");
  put(148, "        ");
  header[156] = type;
  put(257, absl::string_view("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, absl::StrFormat("%06o", sum));
  header[154] = '\0';
  const size_t padding = (512 - content.size() % 512) % 512;
  return absl::StrCat(header, content, std::string(padding, '\0'));
}

std::string Tar(
    const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string tar;
  for (const auto& [name, content] : entries) {
    absl::StrAppend(&tar, TarEntry(name, content));
  }
  return tar + std::string(1024, '\0');
}

std::string Gzip(const std::string& octets) {
  z_stream zlib = {};
  deflateInit2(&zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
               Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&zlib, octets.size()) + 64, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
  zlib.avail_in = static_cast<uInt>(octets.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  deflate(&zlib, Z_FINISH);
  out.resize(zlib.total_out);
  deflateEnd(&zlib);
  return out;
}

std::string Sha256Digest(absl::string_view octets) {
  return absl::StrCat("sha256:", base::HexEncode(base::Sha256(octets)));
}

TestImage MakeTestImage(const std::string& layer,
                        const std::string& index_annotations) {
  const std::string config = "{}";
  const std::string manifest = absl::StrCat(
      R"({"schemaVersion":2,"config":{"digest":")", Sha256Digest(config),
      R"("},"layers":[{"digest":")", Sha256Digest(layer), R"("}]})");
  TestImage image;
  image.manifest_digest = Sha256Digest(manifest);
  const std::string index =
      absl::StrCat(R"({"schemaVersion":2,"annotations":)", index_annotations,
                   R"(,"manifests":[{"digest":")", image.manifest_digest,
                   R"(","annotations":{"software.ocm/tags":"1.0,latest"}}]})");
  const auto blob = [](const std::string& octets) {
    return absl::StrCat("blobs/sha256.", Sha256Digest(octets).substr(7));
  };
  image.set = Tar({{"oci-layout", R"({"imageLayoutVersion":"1.0.0"})"},
                   {"index.json", index},
                   {blob(config), config},
                   {blob(layer), layer},
                   {blob(manifest), manifest}});
  return image;
}

}  // namespace countersign::client
