#include "tests/bench/target.h"

#include <grpcpp/grpcpp.h>

namespace countersign::bench {

std::shared_ptr<grpc::Channel> OpenChannel(const Target& target) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = target.ca_pem;
  options.pem_cert_chain = target.certificate_pem;
  options.pem_private_key = target.private_key_pem;
  grpc::ChannelArguments arguments;
  // Otherwise channels with equal arguments share one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // Its pings are load that nobody asked for.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  return grpc::CreateCustomChannel(target.server, grpc::SslCredentials(options),
                                   arguments);
}

}  // namespace countersign::bench
