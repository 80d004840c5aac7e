// raw_call: one unary call with any content, for what `countersign` refuses
// before it is sent. Called by tests/e2e/*.sh; nothing is installed.
//
//   raw_call SERVER CA_FILE CERTIFICATE_FILE KEY_FILE SERVICE/METHOD JSON
//            [--swap TEXT HEX]... [--metadata NAME VALUE]...
//
// An empty CERTIFICATE_FILE sends none. --swap puts octets in the place of TEXT
// after the message was serialised: as many, so that lengths stay right.
// --metadata is sent beside the message ("authorization", "Bearer ..."). JSON
// of "@FILE" is read from there. Prints the answer as JSON and exits 0, or
// prints the status with its details and exits with gRPC's code; 99 is a usage
// error.
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "countersign/v1/audit_service.pb.h"
#include "countersign/v1/identity_service.pb.h"
#include "countersign/v1/key_service.pb.h"
#include "countersign/v1/product_service.pb.h"
#include "countersign/v1/signing_service.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace {

namespace v1 = countersign::v1;
using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

[[noreturn]] void Usage(const std::string& why) {
  std::cerr << "raw_call: " << why << "\n";
  std::exit(99);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) Usage("cannot read " + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Generated descriptors are linked where something of their file is used.
const MethodDescriptor* FindMethod(std::string name) {
  v1::GetCheckpointRequest::descriptor();
  v1::GetCallerRequest::descriptor();
  v1::RotateKeyRequest::descriptor();
  v1::GetProductRequest::descriptor();
  v1::GetSigningRequestRequest::descriptor();
  for (char& c : name) {
    if (c == '/') c = '.';
  }
  const MethodDescriptor* method =
      DescriptorPool::generated_pool()->FindMethodByName("countersign.v1." +
                                                         name);
  if (method == nullptr) Usage("no method " + name);
  return method;
}

std::unique_ptr<Message> New(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(type)
          ->New());
}

std::string FromHex(const std::string& hex) {
  std::string octets;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    octets += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return octets;
}

std::string MakeRequest(const MethodDescriptor& method, std::string json,
                        const std::vector<std::string>& swaps) {
  if (swaps.size() % 3 != 0) Usage("an option takes two arguments");
  if (!json.empty() && json[0] == '@') json = ReadFile(json.substr(1));
  const std::unique_ptr<Message> request = New(method.input_type());
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(json, request.get());
  if (!parsed.ok()) Usage(parsed.ToString());
  std::string octets = request->SerializeAsString();
  for (size_t i = 0; i + 2 < swaps.size(); i += 3) {
    if (swaps[i] == "--metadata") continue;
    const std::string with = FromHex(swaps[i + 2]);
    const size_t at = octets.find(swaps[i + 1]);
    if (swaps[i] != "--swap" || with.size() != swaps[i + 1].size() ||
        at == std::string::npos) {
      Usage("cannot swap " + swaps[i + 1]);
    }
    octets.replace(at, with.size(), with);
  }
  return octets;
}

template <typename Detail>
void PrintDetail(const google::protobuf::Any& any) {
  Detail detail;
  if (any.UnpackTo(&detail)) {
    std::cout << Detail::descriptor()->name() << " {\n"
              << detail.DebugString() << "}\n";
  }
}

int PrintError(const grpc::Status& status) {
  std::cout << status.error_code() << ": " << status.error_message() << "\n";
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const google::protobuf::Any& any : details.details()) {
      PrintDetail<google::rpc::ErrorInfo>(any);
      PrintDetail<google::rpc::BadRequest>(any);
      PrintDetail<google::rpc::PreconditionFailure>(any);
      PrintDetail<google::rpc::ResourceInfo>(any);
      PrintDetail<google::rpc::RetryInfo>(any);
    }
  }
  return status.error_code();
}

grpc::Status Call(const std::shared_ptr<grpc::Channel>& channel,
                  const std::string& path, const std::string& octets,
                  const std::vector<std::string>& options,
                  std::string* answer) {
  grpc::ClientContext context;
  for (size_t i = 0; i + 2 < options.size(); i += 3) {
    if (options[i] == "--metadata") {
      context.AddMetadata(options[i + 1], options[i + 2]);
    }
  }
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(15));
  const grpc::Slice slice(octets);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::CompletionQueue queue;
  grpc::Status status;
  grpc::GenericStub stub(channel);
  const auto call = stub.PrepareUnaryCall(&context, path, request, &queue);
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  std::vector<grpc::Slice> slices;
  if (status.ok() && response.Dump(&slices).ok()) {
    for (const grpc::Slice& s : slices) {
      answer->append(reinterpret_cast<const char*>(s.begin()), s.size());
    }
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 6) Usage("six arguments are needed");
  const MethodDescriptor* method = FindMethod(arguments[4]);
  const std::vector<std::string> options(arguments.begin() + 6,
                                         arguments.end());
  const std::string octets = MakeRequest(*method, arguments[5], options);
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = ReadFile(arguments[1]);
  if (!arguments[2].empty()) {
    tls.pem_cert_chain = ReadFile(arguments[2]);
    tls.pem_private_key = ReadFile(arguments[3]);
  }
  std::string answer;
  const grpc::Status status =
      Call(grpc::CreateChannel(arguments[0], grpc::SslCredentials(tls)),
           "/" + method->service()->full_name() + "/" + method->name(), octets,
           options, &answer);
  if (!status.ok()) return PrintError(status);
  const std::unique_ptr<Message> response = New(method->output_type());
  if (!response->ParseFromString(answer)) Usage("the answer cannot be read");
  std::string json;
  google::protobuf::util::JsonPrintOptions print;
  print.add_whitespace = true;
  if (!google::protobuf::util::MessageToJsonString(*response, &json, print)
           .ok()) {
    Usage("the answer is not JSON");
  }
  std::cout << json;
  return 0;
}
