#include "server/http/http_server.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "server/http/http_connection.h"

namespace countersign::server {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Error = boost::system::error_code;

// After an accept that failed: the process has no file descriptor left.
constexpr absl::Duration kAcceptPause = absl::Seconds(1);

asio::const_buffer Buffer(absl::string_view text) {
  return asio::buffer(text.data(), text.size());
}

// As gRPC's credentials: the same chain, key and trust. A client may come
// without a certificate, for /healthz and /readyz; one that it shows is
// verified, or there is no connection.
absl::Status SetUpTls(absl::string_view certificate_pem,
                      const base::SecretBytes& key,
                      absl::string_view client_ca_pem,
                      asio::ssl::context& tls) {
  Error error;
  const auto failed = [&error](const char* what) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": ", error.message()));
  };
  if (tls.use_certificate_chain(Buffer(certificate_pem), error)) {
    return failed("listen.certificate_file");
  }
  if (tls.use_private_key(Buffer(key.DangerouslyExpose()),
                          asio::ssl::context::pem, error)) {
    return failed("listen.private_key_file");
  }
  if (tls.add_certificate_authority(Buffer(client_ca_pem), error)) {
    return failed("identity.client_ca_file");
  }
  if (tls.set_verify_mode(asio::ssl::verify_peer, error)) {
    return failed("TLS");
  }
  SSL_CTX* context = tls.native_handle();
  // No resumption: a session would outlive its certificate.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  // A waiting connection keeps no buffers.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  return absl::OkStatus();
}

std::shared_ptr<asio::ssl::context> NewContext() {
  return std::make_shared<asio::ssl::context>(
      asio::ssl::context::tlsv13_server);
}

// "host:port", as config/host_port.h takes it.
absl::Status Bind(const std::string& address, asio::io_context& io,
                  Tcp::acceptor& acceptor) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    return absl::UnavailableError("it has no port");
  }
  absl::string_view host = absl::string_view(address).substr(0, colon);
  absl::ConsumePrefix(&host, "[");
  absl::ConsumeSuffix(&host, "]");
  Error error;
  Tcp::resolver resolver(io);
  const auto found =
      resolver.resolve(std::string(host), address.substr(colon + 1),
                       Tcp::resolver::passive, error);
  if (error || found.empty()) return absl::UnavailableError(error.message());
  const Tcp::endpoint endpoint = found.begin()->endpoint();
  if (acceptor.open(endpoint.protocol(), error) ||
      acceptor.set_option(Tcp::acceptor::reuse_address(true), error) ||
      acceptor.bind(endpoint, error) ||
      acceptor.listen(asio::socket_base::max_listen_connections, error)) {
    return absl::UnavailableError(error.message());
  }
  return absl::OkStatus();
}

}  // namespace

struct HttpServer::Loop {
  Loop(const Options& options, const base::Clock& clock)
      : shared{options, clock, nullptr, false,
               [this](HttpConnection* closed) { OnClosed(closed); }} {}

  void Accept() {
    if (accepting || shared.stopping) return;
    // The rest waits in the system's queue.
    if (connections.size() >=
        static_cast<size_t>(shared.options.max_connections)) {
      return;
    }
    accepting = true;
    acceptor.async_accept([this](const Error& error, Tcp::socket socket) {
      accepting = false;
      if (shared.stopping) return;
      if (error) return Pause(error);
      auto connection =
          std::make_shared<HttpConnection>(std::move(socket), *tls, shared);
      connections.insert(connection.get());
      SetOpen();
      connection->Start();
      Accept();
    });
  }

  void Pause(const Error& error) {
    base::Log(base::Severity::kWarning, "http_accept_failed",
              {{"cause", error.message()}});
    pause.expires_after(absl::ToChronoMilliseconds(kAcceptPause));
    pause.async_wait([this](const Error& cancelled) {
      if (!cancelled) Accept();
    });
  }

  void OnClosed(HttpConnection* closed) {
    connections.erase(closed);
    SetOpen();
    Accept();
  }

  void SetOpen() ABSL_LOCKS_EXCLUDED(mutex) {
    base::MutexLock lock(mutex);
    open = connections.size();
    if (open == 0) idle.SignalAll();
  }

  void StopTaking() {
    shared.stopping = true;
    Error ignored;
    acceptor.close(ignored);
    pause.cancel();
    // A copy: connections may close while they are told.
    const std::set<HttpConnection*> all = connections;
    for (HttpConnection* connection : all) {
      if (connections.count(connection) > 0) connection->StopTaking();
    }
    SetStopped();
  }

  void SetStopped() ABSL_LOCKS_EXCLUDED(mutex) {
    base::MutexLock lock(mutex);
    stopped = true;
    idle.SignalAll();
  }

  // Told before the context goes, whose operations hold the connections.
  HttpConnection::Shared shared;
  std::set<HttpConnection*> connections;  // not closed
  bool accepting = false;

  base::Mutex mutex;
  base::CondVar idle;
  size_t open ABSL_GUARDED_BY(mutex) = 0;
  bool stopped ABSL_GUARDED_BY(mutex) = false;

  // Connections hold OpenSSL's context by themselves: this one may be swapped.
  std::shared_ptr<asio::ssl::context> tls;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{
      io.get_executor()};
  Tcp::acceptor acceptor{io};
  asio::steady_timer pause{io};
};

HttpServer::HttpServer(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
HttpServer::~HttpServer() = default;

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Listen(
    const Options& options, const base::SecretBytes& private_key_pem,
    const base::Clock& clock) {
  auto loop = std::make_unique<Loop>(options, clock);
  loop->tls = NewContext();
  RETURN_IF_ERROR(SetUpTls(options.certificate_pem, private_key_pem,
                           options.client_ca_pem, *loop->tls));
  const absl::Status bound = Bind(options.address, loop->io, loop->acceptor);
  if (!bound.ok()) {
    return absl::UnavailableError(
        absl::StrCat("http.address ", options.address, ": ", bound.message()));
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(loop)));
}

int HttpServer::port() const {
  Error error;
  return loop_->acceptor.local_endpoint(error).port();
}

absl::Status HttpServer::ReplaceTls(const TlsIdentity& identity) {
  auto tls = NewContext();
  RETURN_IF_ERROR(SetUpTls(identity.certificate_pem, identity.private_key_pem,
                           identity.client_ca_pem, *tls));
  Post([loop = loop_.get(), tls] { loop->tls = tls; });
  return absl::OkStatus();
}

void HttpServer::Post(std::function<void()> work) {
  asio::post(loop_->io, std::move(work));
}

void HttpServer::RunLoop(HttpHandler handler) {
  loop_->shared.handler = std::move(handler);
  loop_->Accept();
  loop_->io.run();
}

void HttpServer::StopTaking() {
  Post([loop = loop_.get()] { loop->StopTaking(); });
}

bool HttpServer::Drain(absl::Duration timeout) {
  const absl::Duration until = base::SteadyNow() + timeout;
  base::MutexLock lock(loop_->mutex);
  while (!loop_->stopped || loop_->open > 0) {
    const absl::Duration left = until - base::SteadyNow();
    if (left <= absl::ZeroDuration()) return false;
    loop_->idle.WaitFor(loop_->mutex, left);
  }
  return true;
}

void HttpServer::Stop() { loop_->io.stop(); }

}  // namespace countersign::server
