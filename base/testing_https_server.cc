#include "base/testing_https_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/openssl.h"

namespace countersign::base {
namespace {

using SslCtxPtr = std::unique_ptr<SSL_CTX, SslDeleter<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, SslDeleter<SSL_free>>;

// Faults of the test's own machinery end its process.
void Must(bool ok) {
  if (!ok) std::abort();
}

X509Ptr SelfSigned(EVP_PKEY* key, const std::string& names) {
  X509Ptr certificate(X509_new());
  X509* c = certificate.get();
  Must(X509_set_version(c, X509_VERSION_3) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(c), 1);
  X509_gmtime_adj(X509_getm_notBefore(c), -3600);
  X509_gmtime_adj(X509_getm_notAfter(c), 24 * 3600);
  X509_NAME* name = X509_get_subject_name(c);
  const auto* text = reinterpret_cast<const unsigned char*>("testing");
  Must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) ==
       1);
  Must(X509_set_issuer_name(c, name) == 1 && X509_set_pubkey(c, key) == 1);
  const std::pair<int, const char*> extensions[] = {
      {NID_basic_constraints, "critical,CA:TRUE"},
      {NID_subject_alt_name, names.c_str()},
  };
  for (const auto& [id, value] : extensions) {
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
    Must(extension != nullptr && X509_add_ext(c, extension, -1) == 1);
    X509_EXTENSION_free(extension);
  }
  Must(X509_sign(c, key, EVP_sha256()) > 0);
  return certificate;
}

}  // namespace

class TestingHttpsServer::Tls {
 public:
  explicit Tls(const Options& options)
      : context_(SSL_CTX_new(TLS_server_method())) {
    const EvpPkeyPtr key(EVP_EC_gen("P-256"));
    const X509Ptr certificate = SelfSigned(key.get(), options.names);
    Must(SSL_CTX_use_certificate(context_.get(), certificate.get()) == 1 &&
         SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1);
    if (options.only_tls12) {
      // Also where the process says 1.3 only (tls_policy.h).
      SSL_CTX_clear_options(context_.get(), SSL_OP_NO_TLSv1_2);
      SSL_CTX_set_max_proto_version(context_.get(), TLS1_2_VERSION);
    }
    const BioPtr out(BIO_new(BIO_s_mem()));
    Must(PEM_write_bio_X509(out.get(), certificate.get()) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    pem_.assign(data, static_cast<size_t>(size));
  }

  SSL_CTX* context() const { return context_.get(); }
  const std::string& pem() const { return pem_; }

 private:
  SslCtxPtr context_;
  std::string pem_;
};

// A socket with or without TLS on it.
class TestingHttpsServer::Connection {
 public:
  Connection(int fd, SSL_CTX* context) : fd_(fd) {
    if (context == nullptr) return;
    ssl_.reset(SSL_new(context));
    Must(SSL_set_fd(ssl_.get(), fd) == 1);
  }

  bool Accept() { return ssl_ == nullptr || SSL_accept(ssl_.get()) == 1; }
  // 0 or less at the end.
  int Read(char* to, int size) {
    if (ssl_ != nullptr) return SSL_read(ssl_.get(), to, size);
    return static_cast<int>(recv(fd_, to, static_cast<size_t>(size), 0));
  }
  void WriteAll(absl::string_view text) {
    while (!text.empty()) {
      const int wrote = ssl_ != nullptr
                            ? SSL_write(ssl_.get(), text.data(),
                                        static_cast<int>(text.size()))
                            : static_cast<int>(send(fd_, text.data(),
                                                    text.size(), MSG_NOSIGNAL));
      if (wrote <= 0) return;
      text.remove_prefix(static_cast<size_t>(wrote));
    }
    if (ssl_ != nullptr) SSL_shutdown(ssl_.get());
  }

 private:
  const int fd_;
  SslPtr ssl_;
};

TestingHttpsServer::TestingHttpsServer(Handler handler)
    : TestingHttpsServer(std::move(handler), Options()) {}

TestingHttpsServer::TestingHttpsServer(Handler handler, const Options& options)
    : handler_(std::move(handler)),
      tls_(options.tls ? std::make_unique<Tls>(options) : nullptr) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  Must(bind(listener_, plain, size) == 0 && listen(listener_, 64) == 0 &&
       getsockname(listener_, plain, &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

TestingHttpsServer::~TestingHttpsServer() {
  {
    MutexLock lock(mutex_);
    stopped_ = true;
    shutdown(listener_, SHUT_RDWR);
    if (current_ >= 0) shutdown(current_, SHUT_RDWR);
  }
  thread_.join();
  close(listener_);
}

int TestingHttpsServer::port() const { return port_; }

std::string TestingHttpsServer::origin() const {
  return absl::StrCat(tls_ != nullptr ? "https" : "http",
                      "://127.0.0.1:", port_);
}

const std::string& TestingHttpsServer::ca_pem() const { return tls_->pem(); }

std::vector<TestingRequest> TestingHttpsServer::Requests() const {
  MutexLock lock(mutex_);
  return requests_;
}

void TestingHttpsServer::Serve() {
  // OpenSSL writes to a caller that is gone by a plain write().
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    {
      MutexLock lock(mutex_);
      if (stopped_) {
        if (fd >= 0) close(fd);
        return;
      }
      current_ = fd;
    }
    if (fd < 0) continue;
    {
      Connection connection(fd, tls_ != nullptr ? tls_->context() : nullptr);
      if (connection.Accept()) ServeOne(connection);
      ERR_clear_error();
    }
    MutexLock lock(mutex_);
    current_ = -1;
    close(fd);
  }
}

void TestingHttpsServer::ServeOne(Connection& connection) {
  std::string text;
  size_t end = text.npos;
  size_t length = 0;
  TestingRequest request;
  char piece[16384];
  while (end == text.npos || text.size() < end + 4 + length) {
    const int got = connection.Read(piece, sizeof piece);
    if (got <= 0) return;
    text.append(piece, static_cast<size_t>(got));
    if (end != text.npos) continue;
    end = text.find("\r\n\r\n");
    if (end == text.npos) continue;
    const std::vector<std::string> lines =
        absl::StrSplit(text.substr(0, end), "\r\n");
    const std::vector<std::string> first = absl::StrSplit(lines[0], ' ');
    if (first.size() != 3) return;
    request.method = first[0];
    request.target = first[1];
    for (size_t i = 1; i < lines.size(); ++i) {
      const size_t colon = lines[i].find(':');
      if (colon == text.npos) return;
      request.headers[absl::AsciiStrToLower(lines[i].substr(0, colon))] =
          std::string(absl::StripAsciiWhitespace(lines[i].substr(colon + 1)));
    }
    const auto found = request.headers.find("content-length");
    if (found != request.headers.end() &&
        !absl::SimpleAtoi(found->second, &length)) {
      return;
    }
  }
  request.body = text.substr(end + 4);
  {
    MutexLock lock(mutex_);
    requests_.push_back(request);
  }
  const TestingReply reply = handler_(request);
  if (reply.hang) {
    while (connection.Read(piece, sizeof piece) > 0) {
    }
    return;
  }
  std::string out = absl::StrCat("HTTP/1.1 ", reply.code, " x\r\n");
  for (const auto& [name, value] : reply.headers) {
    absl::StrAppend(&out, name, ": ", value, "\r\n");
  }
  absl::StrAppend(&out, "Content-Length: ", reply.body.size(),
                  "\r\nConnection: close\r\n\r\n", reply.body);
  connection.WriteAll(out);
}

}  // namespace countersign::base
