#include "tests/bench/target.h"

#include <grpcpp/grpcpp.h>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status_macros.h"

namespace countersign::bench {
namespace {

absl::StatusOr<int> ReadNumber(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path));
  int number = 0;
  if (!absl::SimpleAtoi(text, &number)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " holds no number"));
  }
  return number;
}

}  // namespace

absl::StatusOr<Target> ReadTarget(const std::string& site) {
  Target target;
  target.site = site;
  ASSIGN_OR_RETURN(const int port, ReadNumber(site + "/port"));
  target.server = absl::StrCat("127.0.0.1:", port);
  ASSIGN_OR_RETURN(target.server_pid, ReadNumber(site + "/server.pid"));
  ASSIGN_OR_RETURN(target.ca_pem, base::ReadFile(site + "/pki/ca.pem"));
  ASSIGN_OR_RETURN(target.certificate_pem,
                   base::ReadFile(site + "/pki/ci.pem"));
  ASSIGN_OR_RETURN(target.private_key_pem,
                   base::ReadFile(site + "/pki/ci.key"));
  return target;
}

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
