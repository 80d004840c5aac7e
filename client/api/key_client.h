// Calls of KeyService. A name may be that of a key version or of an operation
// (its signing key version), unless a method says otherwise. Borrows a
// connection; every method blocks.
#ifndef COUNTERSIGN_CLIENT_API_KEY_CLIENT_H_
#define COUNTERSIGN_CLIENT_API_KEY_CLIENT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/api/connection.h"
#include "countersign/v1/key_service.pb.h"
#include "countersign/v1/resources.pb.h"

namespace countersign::client {

class KeyClient {
 public:
  // `connection` must outlive this.
  explicit KeyClient(Connection& connection) : connection_(connection) {}

  absl::StatusOr<v1::KeyVersion> Get(const std::string& name);
  absl::StatusOr<std::vector<v1::KeyVersion>> List(
      const std::string& operation);
  // Empty `subject`: what the product's file says.
  absl::StatusOr<v1::CertificateSigningRequest> CreateCsr(
      const std::string& name, const std::string& subject);
  absl::StatusOr<v1::KeyVersion> SetChain(const std::string& name,
                                          const std::string& chain_pem);
  // Makes a key in the token, which signs from `start_time` on (nullopt: now).
  // Allowed two minutes, as Register is.
  absl::StatusOr<v1::KeyVersion> Rotate(const std::string& operation,
                                        std::optional<absl::Time> start_time);
  // As Rotate, with a key that is in the token already.
  absl::StatusOr<v1::KeyVersion> Register(const std::string& operation,
                                          const v1::ExistingKey& key,
                                          std::optional<absl::Time> start_time);
  // These four take the name of a key version only.
  absl::StatusOr<v1::KeyVersion> Disable(const std::string& key_version,
                                         const std::string& reason);
  absl::StatusOr<v1::KeyVersion> Enable(const std::string& key_version,
                                        const std::string& reason);
  absl::StatusOr<v1::KeyVersion> Destroy(const std::string& key_version,
                                         const std::string& reason);
  absl::StatusOr<v1::KeyVersion> Restore(const std::string& key_version,
                                         const std::string& reason);
  // The site's own authorities, with their chains and CRLs.
  absl::StatusOr<std::vector<v1::CertificateAuthority>> ListAuthorities();
  // A new certificate of the site's own authority: asked for by one person,
  // agreed to by another. The agreement is answered when it is issued.
  absl::StatusOr<v1::KeyVersion> RequestRenewal(const std::string& name);
  absl::StatusOr<v1::KeyVersion> ApproveRenewal(const std::string& name,
                                                const std::string& reason);
  // `request`: a key version only.
  absl::StatusOr<v1::KeyVersion> RevokeCertificate(
      const v1::RevokeCertificateRequest& request);

 private:
  Connection& connection_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_API_KEY_CLIENT_H_
