// TLS of the gRPC port: mutual, with a certificate, key and client CAs that may
// change between two connections. gRPC's C++ surface makes credentials of fixed
// texts only, or of files that it polls and takes without a check; its C
// surface asks for each handshake, and that is what is used. app.cc calls it.
#ifndef COUNTERSIGN_SERVER_SERVER_CREDENTIALS_H_
#define COUNTERSIGN_SERVER_SERVER_CREDENTIALS_H_

#include <memory>

#include "grpcpp/security/server_credentials.h"
#include "server/tls_identity.h"

namespace countersign::server {

enum class ClientCertificates {
  kRequired,  // no connection without one
  // Asked for; who has none may connect and must show a token. One that is
  // shown is verified, or there is no connection.
  kOptional,
};

// Each handshake takes what `tls` holds at that time; it costs a lock and a
// comparison of pointers where nothing changed. Calls find the caller's
// certificate in the AuthContext as with grpc::SslServerCredentials. The caller
// keeps the result until the grpc::Server is destroyed: a server keeps no
// credentials itself (declare it before the server).
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    std::shared_ptr<const CurrentTls> tls, ClientCertificates certificates);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_SERVER_CREDENTIALS_H_
