#include "client/oci/http_registry.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/oci/checked_source.h"
#include "client/oci/link_header.h"
#include "client/oci/manifest_answer.h"
#include "client/oci/media_types.h"
#include "client/oci/oci_digest.h"
#include "client/oci/oci_json.h"
#include "client/oci/registry_answer.h"
#include "client/oci/registry_error.h"

namespace countersign::client {
namespace {

constexpr int kMaxPages = 100;
constexpr size_t kMaxReferrers = 10000;

class HttpRepository final : public OciRepository {
 public:
  HttpRepository(std::string where, std::string path,
                 std::unique_ptr<RegistrySession> session,
                 std::function<void(const BlobTransfer&)> progress)
      : where_(std::move(where)),
        path_(std::move(path)),
        session_(std::move(session)),
        progress_(std::move(progress)) {}

  absl::StatusOr<OciManifest> GetManifest(
      const std::string& tag_or_digest) override;
  absl::StatusOr<PutResult> PutManifest(const std::string& tag_or_digest,
                                        const std::string& media_type,
                                        const std::string& bytes) override;
  absl::Status ReadBlob(const std::string& digest,
                        const BlobSink& sink) override;
  absl::StatusOr<std::string> GetBlob(const std::string& digest,
                                      size_t max_bytes) override;
  absl::StatusOr<bool> HasBlob(const std::string& digest) override;
  absl::Status PutBlob(const std::string& digest, uint64_t size,
                       const BlobSource& source) override;
  absl::StatusOr<std::vector<OciDescriptor>> ListReferrers(
      const std::string& digest) override;

 private:
  RegistryRequest Request(const char* method, absl::string_view kind,
                          absl::string_view name, RegistryAccess access) const;
  // Where to send the octets: the Location of a new upload.
  absl::StatusOr<std::string> BeginUpload();
  absl::Status AddPage(const std::string& body,
                       std::vector<OciDescriptor>& all) const;
  void Tell(const BlobTransfer& transfer) const {
    if (progress_) progress_(transfer);
  }

  const std::string where_;  // HOST/REPOSITORY
  const std::string path_;   // "/v2/REPOSITORY"
  const std::unique_ptr<RegistrySession> session_;
  const std::function<void(const BlobTransfer&)> progress_;
};

// `location` as seen from the path that sent it (RFC 3986 5.2.3), where it is
// neither a whole URL nor a whole path.
std::string Beside(absl::string_view target, absl::string_view location) {
  if (absl::StartsWith(location, "/") || absl::StrContains(location, "://")) {
    return std::string(location);
  }
  const absl::string_view path = target.substr(0, target.find('?'));
  if (absl::StartsWith(location, "?")) return absl::StrCat(path, location);
  return absl::StrCat(path.substr(0, path.rfind('/') + 1), location);
}

absl::Status CheckDigest(const std::string& digest) {
  if (IsOciDigest(digest)) return absl::OkStatus();
  return ReferenceInvalid(digest, "a digest was needed");
}

absl::Status CheckName(const std::string& tag_or_digest) {
  if (IsOciDigest(tag_or_digest) || IsOciTag(tag_or_digest)) {
    return absl::OkStatus();
  }
  return ReferenceInvalid(tag_or_digest, "it is neither tag nor digest");
}

RegistryRequest HttpRepository::Request(const char* method,
                                        absl::string_view kind,
                                        absl::string_view name,
                                        RegistryAccess access) const {
  RegistryRequest request;
  request.http.method = method;
  request.target = absl::StrCat(path_, "/", kind, "/", name);
  request.access = access;
  return request;
}

absl::StatusOr<OciManifest> HttpRepository::GetManifest(
    const std::string& tag_or_digest) {
  RETURN_IF_ERROR(CheckName(tag_or_digest));
  RegistryRequest request =
      Request("GET", "manifests", tag_or_digest, RegistryAccess::kPull);
  // One header: some registries look at the first one alone.
  request.http.headers = {absl::StrCat("Accept: ", kOciManifestType, ", ",
                                       kOciIndexType, ", ", kDockerManifestType,
                                       ", ", kDockerIndexType)};
  request.http.max_body = kMaxManifestBytes;
  ASSIGN_OR_RETURN(HttpResponse response, session_->Send(request));
  return ReadManifestAnswer(where_, tag_or_digest, response);
}

absl::StatusOr<OciRepository::PutResult> HttpRepository::PutManifest(
    const std::string& tag_or_digest, const std::string& media_type,
    const std::string& bytes) {
  RETURN_IF_ERROR(CheckName(tag_or_digest));
  PutResult result;
  result.digest =
      IsOciDigest(tag_or_digest) ? tag_or_digest : OciDigestOf(bytes);
  if (!HasOciDigest(bytes, result.digest)) {
    return DigestMismatch(where_, tag_or_digest, OciDigestOf(bytes));
  }
  if (!IsMediaType(media_type)) {
    return RegistryRefused(where_,
                           absl::StrCat("\"", media_type, "\" is no type"));
  }
  RegistryRequest request =
      Request("PUT", "manifests", tag_or_digest, RegistryAccess::kPush);
  request.http.headers = {absl::StrCat("Content-Type: ", media_type)};
  request.http.body = bytes;
  ASSIGN_OR_RETURN(const HttpResponse response, session_->Send(request));
  if (!response.ok()) return AnswerError(where_, response);
  const std::string said = response.Header("docker-content-digest");
  if (IsOciDigest(said) && !HasOciDigest(bytes, said)) {
    return DigestMismatch(where_, result.digest, said);
  }
  result.keeps_referrers = !response.Header("oci-subject").empty();
  return result;
}

absl::Status HttpRepository::ReadBlob(const std::string& digest,
                                      const BlobSink& sink) {
  RETURN_IF_ERROR(CheckDigest(digest));
  RegistryRequest request =
      Request("GET", "blobs", digest, RegistryAccess::kPull);
  request.may_leave = true;
  DigestStream hash(digest);
  BlobTransfer transfer;
  transfer.digest = digest;
  request.http.sink = [&](absl::string_view octets) -> absl::Status {
    hash.Update(octets);
    transfer.done += octets.size();
    RETURN_IF_ERROR(sink(octets));
    Tell(transfer);
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const HttpResponse response, session_->Send(request));
  if (response.status == 404) return BlobUnknown(where_, digest);
  if (response.status != 200) return AnswerError(where_, response);
  const std::string got = hash.Finish();
  if (got != digest) return DigestMismatch(where_, digest, got);
  return absl::OkStatus();
}

absl::StatusOr<std::string> HttpRepository::GetBlob(const std::string& digest,
                                                    size_t max_bytes) {
  std::string octets;
  RETURN_IF_ERROR(ReadBlob(digest, [&](absl::string_view piece) {
    if (piece.size() > max_bytes - octets.size()) {
      return BlobTooLarge(where_, digest, max_bytes);
    }
    octets.append(piece.data(), piece.size());
    return absl::OkStatus();
  }));
  return octets;
}

absl::StatusOr<bool> HttpRepository::HasBlob(const std::string& digest) {
  RETURN_IF_ERROR(CheckDigest(digest));
  RegistryRequest request =
      Request("HEAD", "blobs", digest, RegistryAccess::kPull);
  request.may_leave = true;
  ASSIGN_OR_RETURN(const HttpResponse response, session_->Send(request));
  if (response.status == 404) return false;
  if (!response.ok()) return AnswerError(where_, response);
  return true;
}

absl::StatusOr<std::string> HttpRepository::BeginUpload() {
  const RegistryRequest request =
      Request("POST", "blobs/uploads", "", RegistryAccess::kPush);
  ASSIGN_OR_RETURN(const HttpResponse response, session_->Send(request));
  if (!response.ok()) return AnswerError(where_, response);
  const std::string location = response.Header("location");
  if (response.status != 202 || location.empty()) {
    return RegistryAnswer(where_,
                          absl::StrCat("HTTP ", response.status,
                                       " without a place to upload to"));
  }
  return Beside(request.target, location);
}

absl::Status HttpRepository::PutBlob(const std::string& digest, uint64_t size,
                                     const BlobSource& source) {
  ASSIGN_OR_RETURN(const bool there, HasBlob(digest));
  if (there) return absl::OkStatus();
  CheckedSource checked(where_, digest, size, source);
  if (size == 0) RETURN_IF_ERROR(checked.CheckEnd());
  ASSIGN_OR_RETURN(const std::string location, BeginUpload());
  RegistryRequest request;
  request.http.method = "PUT";
  request.access = RegistryAccess::kPush;
  request.target =
      absl::StrCat(location, absl::StrContains(location, '?') ? "&" : "?",
                   "digest=", UrlEncode(digest));
  request.http.headers = {"Content-Type: application/octet-stream"};
  BlobTransfer transfer;
  transfer.upload = true;
  transfer.digest = digest;
  transfer.total = size;
  if (size > 0) {
    request.http.source_size = size;
    request.http.source = [&](size_t room) {
      absl::StatusOr<std::string> piece = checked.Next(room);
      transfer.done = checked.done();
      if (piece.ok()) Tell(transfer);
      return piece;
    };
  }
  ASSIGN_OR_RETURN(const HttpResponse response, session_->Send(request));
  if (!response.ok()) return AnswerError(where_, response);
  return absl::OkStatus();
}

absl::Status HttpRepository::AddPage(const std::string& body,
                                     std::vector<OciDescriptor>& all) const {
  auto page = ParseIndex(body);
  if (!page.ok()) {
    return RegistryAnswer(where_, absl::StrCat("its list of referrers: ",
                                               page.status().message()));
  }
  for (OciDescriptor& descriptor : *page) {
    all.push_back(std::move(descriptor));
  }
  if (all.size() > kMaxReferrers) {
    return RegistryAnswer(where_, "its list of referrers has no end");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<OciDescriptor>> HttpRepository::ListReferrers(
    const std::string& digest) {
  RETURN_IF_ERROR(CheckDigest(digest));
  RegistryRequest request =
      Request("GET", "referrers", digest, RegistryAccess::kPull);
  request.http.headers = {absl::StrCat("Accept: ", kOciIndexType)};
  request.http.max_body = kMaxManifestBytes;
  std::vector<OciDescriptor> all;
  for (int page = 0; page < kMaxPages; ++page) {
    ASSIGN_OR_RETURN(const HttpResponse response, session_->Send(request));
    const int status = response.status;
    const bool is_index =
        MediaTypeOf(response.Header("content-type")) == kOciIndexType;
    // A registry without the list knows no such path, or takes it for another.
    if (page == 0 &&
        (status == 400 || status == 404 || status == 405 || status == 406 ||
         status == 501 || (response.ok() && !is_index))) {
      return ReferrersUnsupported(where_);
    }
    if (status != 200) return AnswerError(where_, response);
    RETURN_IF_ERROR(AddPage(response.body, all));
    const std::string next = NextLink(response.Header("link"));
    if (next.empty()) return all;
    request.target = Beside(request.target, next);
  }
  return RegistryAnswer(where_, "its list of referrers has no end");
}

}  // namespace

HttpRegistries::HttpRegistries(HttpRegistryOptions options, RetryPause pause)
    : options_(std::move(options)), pause_(std::move(pause)) {}

absl::StatusOr<std::unique_ptr<OciRepository>> HttpRegistries::Open(
    const ImageReference& reference) {
  ASSIGN_OR_RETURN(
      std::unique_ptr<RegistrySession> session,
      RegistrySession::Create(options_.session, reference, pause_));
  return std::make_unique<HttpRepository>(
      reference.Name(), absl::StrCat("/v2/", reference.repository),
      std::move(session), options_.progress);
}

}  // namespace countersign::client
