#include "client/oci/http_connection.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/oci/loopback.h"

namespace countersign::client {
namespace {

constexpr size_t kMaxHeaders = 64 << 10;
constexpr long kBuffer = 256 << 10;
constexpr long kStallOctets = 1024;

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using EasyPtr = std::unique_ptr<CURL, EasyDeleter>;
using ListPtr = std::unique_ptr<curl_slist, ListDeleter>;

absl::Status WithReason(absl::StatusCode code, absl::string_view reason,
                        absl::string_view message) {
  base::ErrorDetails details;
  details.reason = std::string(reason);
  return base::MakeError(code, message, details);
}

// What curl's callbacks of one exchange work on. None of them throws.
struct Exchange {
  explicit Exchange(const HttpRequest& r) : request(r) {}

  const HttpRequest& request;
  HttpResponse response;
  absl::Status error;   // of source, sink or a bound: ends the transfer
  bool enough = false;  // of an error's body
  size_t header_octets = 0;
  uint64_t sent = 0;
  std::string piece;  // of the source, not handed over yet
  size_t piece_used = 0;
};

size_t OnHeader(char* data, size_t, size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const absl::string_view line(data, size);
  exchange.header_octets += size;
  if (exchange.header_octets > kMaxHeaders) {
    exchange.error = WithReason(absl::StatusCode::kInvalidArgument,
                                "BODY_TOO_LARGE", "its headers have no end");
    return 0;
  }
  if (absl::StartsWith(line, "HTTP/")) {  // also after 100 Continue
    exchange.response.headers.clear();
    const size_t blank = line.find(' ');
    exchange.response.status = 0;
    for (size_t i = blank;
         i != line.npos && i + 1 < line.size() && i < blank + 3; ++i) {
      if (!absl::ascii_isdigit(line[i + 1])) break;
      exchange.response.status =
          exchange.response.status * 10 + (line[i + 1] - '0');
    }
    return size;
  }
  const size_t colon = line.find(':');
  if (colon == line.npos) return size;
  exchange.response.headers.emplace_back(
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(line.substr(0, colon))),
      std::string(absl::StripAsciiWhitespace(line.substr(colon + 1))));
  return size;
}

size_t OnBody(char* data, size_t, size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  HttpResponse& response = exchange.response;
  if (response.ok() && exchange.request.sink) {
    exchange.error = exchange.request.sink(absl::string_view(data, size));
    return exchange.error.ok() ? size : 0;
  }
  const size_t bound =
      response.ok() ? exchange.request.max_body : kMaxErrorBody;
  const size_t room = bound - response.body.size();
  response.body.append(data, std::min(room, size));
  if (size <= room) return size;
  if (response.ok()) {
    exchange.error = WithReason(
        absl::StatusCode::kInvalidArgument, "BODY_TOO_LARGE",
        absl::StrCat("it has more than the ", bound, " octets allowed"));
  }
  exchange.enough = true;
  return 0;
}

size_t OnRead(char* buffer, size_t, size_t room, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const uint64_t left = exchange.request.source_size - exchange.sent;
  if (left == 0) return 0;
  if (exchange.piece_used == exchange.piece.size()) {
    auto piece = exchange.request.source(
        static_cast<size_t>(std::min<uint64_t>(room, left)));
    if (piece.ok() && (piece->empty() || piece->size() > left)) {
      piece = WithReason(absl::StatusCode::kDataLoss, "DIGEST_MISMATCH",
                         "the source has not the size that was said");
    }
    if (!piece.ok()) {
      exchange.error = piece.status();
      return CURL_READFUNC_ABORT;
    }
    exchange.piece = *std::move(piece);
    exchange.piece_used = 0;
  }
  const size_t size =
      std::min(room, exchange.piece.size() - exchange.piece_used);
  std::memcpy(buffer, exchange.piece.data() + exchange.piece_used, size);
  exchange.piece_used += size;
  exchange.sent += size;
  return size;
}

// A source cannot be read twice: curl must not begin again.
int OnSeek(void*, curl_off_t, int) { return CURL_SEEKFUNC_FAIL; }

}  // namespace

class HttpConnection::Handle {
 public:
  Handle(HttpConnectionOptions options, EasyPtr handle)
      : options_(std::move(options)), handle_(std::move(handle)) {}

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request);

 private:
  template <typename T>
  void Set(CURLoption option, T value) {
    const CURLcode code = curl_easy_setopt(handle_.get(), option, value);
    if (code != CURLE_OK && first_error_ == CURLE_OK) first_error_ = code;
  }
  void SetTransport(const HttpRequest& request);
  void SetMethod(const HttpRequest& request, Exchange& exchange);
  absl::Status WhyNoAnswer(CURLcode code) const;

  const HttpConnectionOptions options_;
  EasyPtr handle_;
  CURLcode first_error_ = CURLE_OK;
  char error_text_[CURL_ERROR_SIZE] = {};
};

void HttpConnection::Handle::SetTransport(const HttpRequest& request) {
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_ERRORBUFFER, error_text_);
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(CURLOPT_SSL_VERIFYPEER, 1L);
  Set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options_.ca_file.empty()) {
    Set(CURLOPT_CAINFO, options_.ca_file.c_str());
  }
  Set(CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(absl::ToInt64Milliseconds(options_.connect_timeout)));
  Set(CURLOPT_LOW_SPEED_LIMIT, kStallOctets);
  Set(CURLOPT_LOW_SPEED_TIME,
      static_cast<long>(absl::ToInt64Seconds(options_.stall_timeout)));
  if (!request.source && !request.sink) {
    Set(CURLOPT_TIMEOUT_MS,
        static_cast<long>(absl::ToInt64Milliseconds(options_.answer_timeout)));
  }
  Set(CURLOPT_BUFFERSIZE, kBuffer);
  Set(CURLOPT_UPLOAD_BUFFERSIZE, kBuffer);
  Set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  if (IsLoopbackHost(request.url.host)) Set(CURLOPT_PROXY, "");
}

void HttpConnection::Handle::SetMethod(const HttpRequest& request,
                                       Exchange& exchange) {
  if (request.method == "HEAD") {
    Set(CURLOPT_NOBODY, 1L);
  } else if (request.source) {
    Set(CURLOPT_UPLOAD, 1L);
    Set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.source_size));
    Set(CURLOPT_READFUNCTION, &OnRead);
    Set(CURLOPT_READDATA, static_cast<void*>(&exchange));
    Set(CURLOPT_SEEKFUNCTION, &OnSeek);
  } else if (request.method != "GET") {
    Set(CURLOPT_POSTFIELDSIZE_LARGE,
        static_cast<curl_off_t>(request.body.size()));
    Set(CURLOPT_POSTFIELDS, request.body.c_str());
  }
  if (request.method == "PUT" || request.method == "POST") {
    Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  Set(CURLOPT_HEADERFUNCTION, &OnHeader);
  Set(CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
  Set(CURLOPT_WRITEFUNCTION, &OnBody);
  Set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
}

absl::Status HttpConnection::Handle::WhyNoAnswer(CURLcode code) const {
  const std::string why =
      absl::StrCat(curl_easy_strerror(code), error_text_[0] == '\0' ? "" : ": ",
                   error_text_);
  switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
      return WithReason(absl::StatusCode::kUnavailable, "TLS_NOT_SPOKEN", why);
    case CURLE_SSL_CACERT_BADFILE:
      return WithReason(absl::StatusCode::kInvalidArgument, "CA_FILE",
                        absl::StrCat("the file of CA certificates ",
                                     options_.ca_file, " cannot be used"));
    case CURLE_PEER_FAILED_VERIFICATION:
      return WithReason(absl::StatusCode::kUnavailable, "CERTIFICATE", why);
    case CURLE_OPERATION_TIMEDOUT:
      return WithReason(absl::StatusCode::kUnavailable, "TOO_SLOW", why);
    default:
      return WithReason(absl::StatusCode::kUnavailable, "NO_ANSWER", why);
  }
}

absl::StatusOr<HttpResponse> HttpConnection::Handle::Send(
    const HttpRequest& request) {
  // Keeps connections, forgets everything else of the last exchange.
  curl_easy_reset(handle_.get());
  first_error_ = CURLE_OK;
  error_text_[0] = '\0';
  Exchange exchange(request);
  SetTransport(request);
  SetMethod(request, exchange);
  const std::string url = request.url.Format();
  Set(CURLOPT_URL, url.c_str());
  ListPtr headers;
  for (const std::string& header : request.headers) {
    curl_slist* longer = curl_slist_append(headers.get(), header.c_str());
    if (longer == nullptr) return absl::ResourceExhaustedError("no memory");
    static_cast<void>(headers.release());
    headers.reset(longer);
  }
  Set(CURLOPT_HTTPHEADER, headers.get());
  if (first_error_ != CURLE_OK) {
    return absl::InvalidArgumentError(absl::StrCat(
        "libcurl cannot do this: ", curl_easy_strerror(first_error_)));
  }
  const CURLcode code = curl_easy_perform(handle_.get());
  // The list dies before the handle is used again.
  curl_easy_setopt(handle_.get(), CURLOPT_HTTPHEADER, nullptr);
  if (!exchange.error.ok()) return exchange.error;
  if (code != CURLE_OK && !exchange.enough) return WhyNoAnswer(code);
  return std::move(exchange.response);
}

std::string HttpResponse::Header(absl::string_view name) const {
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (header->first == name) return header->second;
  }
  return "";
}

absl::StatusOr<std::unique_ptr<HttpConnection>> HttpConnection::Create(
    const HttpConnectionOptions& options) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  EasyPtr handle(started == CURLE_OK ? curl_easy_init() : nullptr);
  if (handle == nullptr) {
    return absl::InvalidArgumentError("libcurl does not start");
  }
  return std::unique_ptr<HttpConnection>(
      new HttpConnection(std::make_unique<Handle>(options, std::move(handle))));
}

HttpConnection::HttpConnection(std::unique_ptr<Handle> handle)
    : handle_(std::move(handle)) {}

HttpConnection::~HttpConnection() = default;

absl::StatusOr<HttpResponse> HttpConnection::Send(const HttpRequest& request) {
  return handle_->Send(request);
}

}  // namespace countersign::client
