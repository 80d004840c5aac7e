// KeyService on the wire: public halves, certificate requests, chains,
// rotation.
#ifndef COUNTERSIGN_SERVER_HANDLERS_KEY_HANDLER_H_
#define COUNTERSIGN_SERVER_HANDLERS_KEY_HANDLER_H_

#include "absl/status/status.h"
#include "core/names.h"
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

  HandlerParts parts_;
};

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_HANDLERS_KEY_HANDLER_H_
