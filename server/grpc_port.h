// How the gRPC port is tuned, whatever is served on it: sizes, threads and
// liveness of connections, each with its reason. app.cc calls it.
#ifndef COUNTERSIGN_SERVER_GRPC_PORT_H_
#define COUNTERSIGN_SERVER_GRPC_PORT_H_

#include "grpcpp/server_builder.h"

namespace countersign::server {

void TunePort(grpc::ServerBuilder& builder);

}  // namespace countersign::server

#endif  // COUNTERSIGN_SERVER_GRPC_PORT_H_
