#include "client/plugins/test_plugin_server.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/crc32c.h"
#include "base/sha256.h"
#include "client/artifact/certificate_chain.h"
#include "client/artifact/detached_signature.h"
#include "client/artifact/test_certificates.h"

namespace countersign::client {
namespace {

constexpr char kOperation[] = "products/shop/operations/release";
constexpr char kVersion[] = "products/shop/operations/release/keyVersions/1";

HashAlgorithm HashOf(const v1::SigningRequest& request) {
  switch (request.hash_algorithm()) {
    case v1::SHA384:
      return HashAlgorithm::kSha384;
    case v1::SHA512:
      return HashAlgorithm::kSha512;
    default:
      return HashAlgorithm::kSha256;
  }
}

base::SignatureScheme SchemeOf(const v1::SigningRequest& request) {
  switch (request.signature_algorithm()) {
    case v1::ECDSA:
      return base::SignatureScheme::kEcdsa;
    case v1::RSASSA_PSS:
      return base::SignatureScheme::kRsaPss;
    default:
      return base::SignatureScheme::kRsaPkcs1;
  }
}

}  // namespace

TestPluginServer::TestPluginServer(base::EvpPkeyPtr key, v1::KeyType type)
    : key_(std::move(key)),
      type_(type),
      spki_(base::SpkiDer(key_.get()).value()) {
  server_.answers().get_key = [this](const v1::GetKeyVersionRequest& get,
                                     v1::KeyVersion* answer) {
    return GetKey(get, answer);
  };
  server_.answers().list_keys = [this](const v1::ListKeyVersionsRequest&,
                                       v1::ListKeyVersionsResponse* answer) {
    v1::GetKeyVersionRequest get;
    get.set_name(kVersion);
    GetKey(get, answer->add_key_versions());
    if (other_key_pem.empty()) return grpc::Status::OK;
    v1::KeyVersion* other = answer->add_key_versions();
    other->set_name(absl::StrCat(kOperation, "/keyVersions/2"));
    other->set_public_key_pem(other_key_pem);
    other->set_state(other_key_enabled ? v1::KeyVersion::ENABLED
                                       : v1::KeyVersion::DISABLED);
    return grpc::Status::OK;
  };
  server_.answers().create =
      [this](const v1::CreateSigningRequestRequest& creation,
             v1::SigningRequest* answer) { return Create(creation, answer); };
  server_.answers().get = [this](const v1::GetSigningRequestRequest& get,
                                 v1::SigningRequest* answer) {
    for (const auto& [id, request] : requests_) {
      if (request.name() == get.name()) *answer = request;
    }
    return grpc::Status::OK;
  };
  server_.answers().watch = [this](const v1::WatchSigningRequestRequest& watch,
                                   grpc::ServerWriter<v1::SigningRequest>* out,
                                   const std::function<bool()>& cancelled) {
    for (const auto& [id, request] : requests_) {
      if (request.name() != watch.name()) continue;
      out->Write(request);
      if (request.state() == v1::SigningRequest::SIGNED) {
        return grpc::Status::OK;
      }
    }
    while (!cancelled()) base::SleepFor(absl::Milliseconds(5));
    return grpc::Status::CANCELLED;
  };
}

std::string TestPluginServer::public_key_pem() const {
  return base::SpkiPem(spki_);
}

PluginWorld TestPluginServer::World() {
  PluginWorld world{
      [this](const std::string& name) -> std::optional<std::string> {
        if (name == "COUNTERSIGN_WAIT") return wait;
        if (name == "COUNTERSIGN_DESCRIPTION") return description;
        // Complete settings, with a certificate; what stands in the files is
        // not read.
        if (name == "COUNTERSIGN_TOKEN_FILE") return std::nullopt;
        if (absl::StartsWith(name, "COUNTERSIGN_") &&
            (absl::EndsWith(name, "_FILE") ||
             absl::EndsWith(name, "_SERVER"))) {
          return "given:1";
        }
        return std::nullopt;
      },
      clock_, random_};
  world.interrupted = [this] { return interrupted; };
  world.note = [this](absl::string_view line) { notes.emplace_back(line); };
  world.connect =
      [this](const Settings&) -> absl::StatusOr<std::unique_ptr<Connection>> {
    ConnectionOptions options;
    options.interrupted = [this] { return interrupted; };
    return std::make_unique<Connection>(server_.Channel(), options, clock_,
                                        random_);
  };
  return world;
}

grpc::Status TestPluginServer::GetKey(const v1::GetKeyVersionRequest& get,
                                      v1::KeyVersion* answer) {
  if (get.name() != kOperation && get.name() != kVersion) {
    return WireError(absl::NotFoundError(absl::StrCat("no ", get.name())));
  }
  answer->set_name(kVersion);
  answer->set_state(v1::KeyVersion::ENABLED);
  answer->set_key_type(type_);
  answer->set_public_key_pem(public_key_pem());
  answer->set_spki_sha256(base::Sha256Hex(spki_));
  answer->set_certificate_chain_pem(chain_pem);
  return grpc::Status::OK;
}

grpc::Status TestPluginServer::Create(
    const v1::CreateSigningRequestRequest& creation,
    v1::SigningRequest* answer) {
  const auto [at, is_new] = requests_.try_emplace(creation.request_id());
  v1::SigningRequest& request = at->second;
  if (is_new) {
    asked.push_back(creation);
    request = creation.signing_request();
    request.set_name(
        absl::StrCat(kOperation, "/signingRequests/r", requests_.size()));
    request.set_state(v1::SigningRequest::PENDING_APPROVAL);
    request.set_key_version(kVersion);
    request.mutable_approval_rule()->add_approval_groups("people");
    if (signs_at_once) Sign(request);
  }
  *answer = request;
  return grpc::Status::OK;
}

void TestPluginServer::SignNewest() {
  Sign(requests_.at(asked.back().request_id()));
}

void TestPluginServer::Sign(v1::SigningRequest& request) {
  request.set_state(v1::SigningRequest::SIGNED);
  request.mutable_update_time()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
  for (const v1::LabelledDigest& digest : request.digests()) {
    std::string value = SignDigest(key_.get(), SchemeOf(request),
                                   HashOf(request), digest.value());
    if (lies) value.back() ^= 1;
    if (request.encoding() == v1::PEM) {
      value = FormatDetachedSignature(
          {SchemeOf(request), value, ReadCertificates(chain_pem).value()});
    }
    v1::Signature* signature = request.add_signatures();
    signature->set_value(value);
    signature->set_crc32c(base::Crc32c(value));
  }
}

}  // namespace countersign::client
