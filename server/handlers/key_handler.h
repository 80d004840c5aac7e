// KeyService on the wire: public halves, certificate requests and chains
// (key_handler.cc), the life of key versions (key_life.cc), and certificates of
// the site's own authorities (key_certificates.cc).
#ifndef COUNTERSIGN_SERVER_HANDLERS_KEY_HANDLER_H_
#define COUNTERSIGN_SERVER_HANDLERS_KEY_HANDLER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/error.h"
#include "core/flows.h"
#include "core/names.h"
#include "core/product.h"
#include "countersign/v1/key_service.grpc.pb.h"
#include "server/handlers/parts.h"

namespace countersign::server {

// Thread-safe. What `parts` refers to must outlive it.
class KeyHandler final : public v1::KeyService::Service {
 public:
  explicit KeyHandler(HandlerParts parts) : parts_(parts) {}

  grpc::Status GetKeyVersion(grpc::ServerContext* context,
                             const v1::GetKeyVersionRequest* request,
                             v1::KeyVersion* response) override;
  grpc::Status ListKeyVersions(grpc::ServerContext* context,
                               const v1::ListKeyVersionsRequest* request,
                               v1::ListKeyVersionsResponse* response) override;
  grpc::Status CreateCertificateSigningRequest(
      grpc::ServerContext* context,
      const v1::CreateCertificateSigningRequestRequest* request,
      v1::CertificateSigningRequest* response) override;
  grpc::Status SetCertificateChain(
      grpc::ServerContext* context,
      const v1::SetCertificateChainRequest* request,
      v1::KeyVersion* response) override;
  grpc::Status RotateKey(grpc::ServerContext* context,
                         const v1::RotateKeyRequest* request,
                         v1::KeyVersion* response) override;
  grpc::Status RegisterKeyVersion(grpc::ServerContext* context,
                                  const v1::RegisterKeyVersionRequest* request,
                                  v1::KeyVersion* response) override;
  grpc::Status DisableKeyVersion(grpc::ServerContext* context,
                                 const v1::DisableKeyVersionRequest* request,
                                 v1::KeyVersion* response) override;
  grpc::Status EnableKeyVersion(grpc::ServerContext* context,
                                const v1::EnableKeyVersionRequest* request,
                                v1::KeyVersion* response) override;
  grpc::Status DestroyKeyVersion(grpc::ServerContext* context,
                                 const v1::DestroyKeyVersionRequest* request,
                                 v1::KeyVersion* response) override;
  grpc::Status RestoreKeyVersion(grpc::ServerContext* context,
                                 const v1::RestoreKeyVersionRequest* request,
                                 v1::KeyVersion* response) override;
  grpc::Status ListCertificateAuthorities(
      grpc::ServerContext* context,
      const v1::ListCertificateAuthoritiesRequest* request,
      v1::ListCertificateAuthoritiesResponse* response) override;
  grpc::Status RequestCertificateRenewal(
      grpc::ServerContext* context,
      const v1::RequestCertificateRenewalRequest* request,
      v1::KeyVersion* response) override;
  grpc::Status ApproveCertificateRenewal(
      grpc::ServerContext* context,
      const v1::ApproveCertificateRenewalRequest* request,
      v1::KeyVersion* response) override;
  grpc::Status RevokeCertificate(grpc::ServerContext* context,
                                 const v1::RevokeCertificateRequest* request,
                                 v1::KeyVersion* response) override;

 private:
  absl::Status List(const Call& call, const v1::ListKeyVersionsRequest& request,
                    v1::ListKeyVersionsResponse* response);
  absl::Status CreateCsr(
      const Call& call,
      const v1::CreateCertificateSigningRequestRequest& request,
      v1::CertificateSigningRequest* response);
  absl::Status SetChain(const Call& call,
                        const v1::SetCertificateChainRequest& request,
                        v1::KeyVersion* response);

  absl::Status Rotate(const Call& call, const v1::RotateKeyRequest& request,
                      v1::KeyVersion* response);
  absl::Status Register(const Call& call,
                        const v1::RegisterKeyVersionRequest& request,
                        v1::KeyVersion* response);
  absl::Status Decide(const Call& call, core::KeyVerb verb,
                      const std::string& name, const std::string& reason,
                      v1::KeyVersion* response);
  // The violations as an error, for an administrator; who is none hears that
  // first, and it is recorded.
  absl::Status RefuseFields(const Call& call, const core::OperationName& name,
                            absl::string_view action,
                            std::vector<base::FieldViolation> violations);
  // Runs a flow that adds a version to the operation, and shows that version,
  // with its certificate where it is issued inside.
  absl::Status AddVersion(const Call& call, core::FlowPtr flow,
                          const core::OperationName& name,
                          v1::KeyVersion* response);

  absl::Status ListAuthorities(
      const Call& call, v1::ListCertificateAuthoritiesResponse* response);
  absl::Status RequestRenewal(const Call& call, const std::string& name,
                              v1::KeyVersion* response);
  absl::Status ApproveRenewal(
      const Call& call, const v1::ApproveCertificateRenewalRequest& request,
      v1::KeyVersion* response);
  absl::Status Revoke(const Call& call,
                      const v1::RevokeCertificateRequest& request,
                      v1::KeyVersion* response);
  // That version of `product`.
  absl::Status ShowIn(const core::Product& product,
                      const core::KeyVersionName& name,
                      v1::KeyVersion* response);
  // `key` with its signatures as they are counted now: no snapshot has them.
  absl::Status Show(const core::KeyVersion& key, v1::KeyVersion* response);

  HandlerParts parts_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HANDLERS_KEY_HANDLER_H_
