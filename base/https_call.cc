#include "base/https_call.h"

#include <curl/curl.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <memory>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/error.h"
#include "base/status_macros.h"

namespace countersign::base {
namespace {

constexpr size_t kMaxHeaders = 64 << 10;
constexpr int kAskMillis = 50;

template <auto kFree>
struct CurlDeleter {
  template <typename T>
  void operator()(T* p) const {
    kFree(p);
  }
};
using EasyPtr = std::unique_ptr<CURL, CurlDeleter<curl_easy_cleanup>>;
using MultiPtr = std::unique_ptr<CURLM, CurlDeleter<curl_multi_cleanup>>;
using ListPtr = std::unique_ptr<curl_slist, CurlDeleter<curl_slist_free_all>>;
using UrlPtr = std::unique_ptr<CURLU, CurlDeleter<curl_url_cleanup>>;
using TextPtr = std::unique_ptr<char, CurlDeleter<curl_free>>;

absl::Status WithReason(absl::StatusCode code, absl::string_view reason,
                        absl::string_view message) {
  ErrorDetails details;
  details.reason = std::string(reason);
  return MakeError(code, message, details);
}

// By its spelling alone: names are not resolved.
bool IsLoopback(absl::string_view host) {
  if (host == "[::1]" || absl::EqualsIgnoreCase(host, "localhost")) return true;
  const std::vector<std::string> parts = absl::StrSplit(host, '.');
  if (parts.size() != 4 || parts[0] != "127") return false;
  return std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    // No leading zero: "0177" is octal to some resolvers.
    int number = 256;
    return !part.empty() && part.size() <= 3 &&
           (part == "0" || part[0] != '0') &&
           part.find_first_not_of("0123456789") == part.npos &&
           absl::SimpleAtoi(part, &number) && number <= 255;
  });
}

std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  const TextPtr owner(text);
  return owner.get();
}

// A URL that may be called, in curl's form, so that what was checked and what
// is called cannot differ.
struct CheckedUrl {
  UrlPtr url;
  std::string origin;  // "https://login.example:8443"
  bool loopback = false;
};

absl::StatusOr<CheckedUrl> CheckUrl(absl::string_view text) {
  CheckedUrl checked;
  checked.url.reset(curl_url());
  if (checked.url == nullptr) return absl::ResourceExhaustedError("no memory");
  const bool octets = std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '\\';
  });
  if (!octets || curl_url_set(checked.url.get(), CURLUPART_URL,
                              std::string(text).c_str(), 0) != CURLUE_OK) {
    return absl::InvalidArgumentError("not a URL");
  }
  CURLU* url = checked.url.get();
  const std::string scheme = Part(url, CURLUPART_SCHEME);
  const std::string host = Part(url, CURLUPART_HOST);
  const std::string port = Part(url, CURLUPART_PORT);
  checked.origin = absl::StrCat(scheme, "://", host,
                                port.empty() ? "" : absl::StrCat(":", port));
  checked.loopback = IsLoopback(host);
  // After the origin an "@" is not a user's.
  if (!Part(url, CURLUPART_USER).empty() ||
      !Part(url, CURLUPART_PASSWORD).empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(checked.origin, ": a URL must not hold a user"));
  }
  if (absl::StrContains(text, "#")) {
    return absl::InvalidArgumentError(
        absl::StrCat(checked.origin, ": a URL must not hold a fragment"));
  }
  if (scheme != "https" && !(scheme == "http" && checked.loopback)) {
    return absl::InvalidArgumentError(
        absl::StrCat(checked.origin, ": must be https"));
  }
  return checked;
}

// What curl's callbacks of one exchange work on. None of them throws.
struct Exchange {
  size_t max_octets = 0;
  size_t header_octets = 0;
  bool too_long = false;
  HttpsAnswer answer;
};

size_t OnHeader(char* data, size_t, size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const absl::string_view line(data, size);
  exchange.header_octets += size;
  if (exchange.header_octets > kMaxHeaders) {
    exchange.too_long = true;
    return 0;
  }
  if (absl::StartsWith(line, "HTTP/")) {  // also after 100 Continue
    exchange.answer.headers.clear();
    return size;
  }
  const size_t colon = line.find(':');
  if (colon == line.npos) return size;
  std::string& value = exchange.answer.headers[absl::AsciiStrToLower(
      absl::StripAsciiWhitespace(line.substr(0, colon)))];
  absl::StrAppend(&value, value.empty() ? "" : ", ",
                  absl::StripAsciiWhitespace(line.substr(colon + 1)));
  return size;
}

size_t OnBody(char* data, size_t, size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (size > exchange.max_octets - exchange.answer.body.size()) {
    exchange.too_long = true;
    return 0;
  }
  exchange.answer.body.append(data, size);
  return size;
}

// Our own wire is TLS 1.3 only, by OpenSSL's configuration of the whole process
// (tls_policy.h). Issuers elsewhere may still speak 1.2; curl's minimum holds
// against anything older.
CURLcode OnSslContext(CURL*, void* context, void*) {
  SSL_CTX_clear_options(static_cast<SSL_CTX*>(context), SSL_OP_NO_TLSv1_2);
  return CURLE_OK;
}

// One exchange's handle and everything that must outlive its transfer.
class Transfer {
 public:
  Transfer(const HttpsCall& call, const CheckedUrl& url)
      : call_(call), url_(url), form_(FormEncode(call.form)) {
    exchange_.max_octets = call.max_octets;
  }

  absl::StatusOr<HttpsAnswer> Run();

 private:
  template <typename T>
  void Set(CURLoption option, T value) {
    const CURLcode code = curl_easy_setopt(easy_.get(), option, value);
    if (code != CURLE_OK && first_error_ == CURLE_OK) first_error_ = code;
  }
  absl::Status SetHeaders();
  void SetTransport();
  void SetBounds();
  absl::StatusOr<CURLcode> Perform(CURLM* multi);
  absl::Status WhyNoAnswer(CURLcode code) const;

  const HttpsCall& call_;
  const CheckedUrl& url_;
  const std::string form_;
  Exchange exchange_;
  ListPtr headers_;
  CURLcode first_error_ = CURLE_OK;
  char error_text_[CURL_ERROR_SIZE] = {};
  EasyPtr easy_;  // last: dies first
};

absl::Status Transfer::SetHeaders() {
  for (const auto& [name, value] : call_.headers) {
    const auto control = [](char c) { return absl::ascii_iscntrl(c); };
    if (std::any_of(name.begin(), name.end(), control) ||
        std::any_of(value.begin(), value.end(), control)) {
      return absl::InvalidArgumentError(
          absl::StrCat(url_.origin, ": a header has control characters"));
    }
    curl_slist* longer = curl_slist_append(
        headers_.get(), absl::StrCat(name, ": ", value).c_str());
    if (longer == nullptr) return absl::ResourceExhaustedError("no memory");
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  }
  Set(CURLOPT_HTTPHEADER, headers_.get());
  return absl::OkStatus();
}

void Transfer::SetTransport() {
  Set(CURLOPT_CURLU, url_.url.get());
  Set(CURLOPT_PROTOCOLS_STR, url_.loopback ? "http,https" : "https");
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(CURLOPT_SSL_CTX_FUNCTION, &OnSslContext);
  Set(CURLOPT_SSL_VERIFYPEER, 1L);
  Set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!call_.ca_pem.empty()) {
    curl_blob ca = {const_cast<char*>(call_.ca_pem.data()), call_.ca_pem.size(),
                    CURL_BLOB_COPY};
    Set(CURLOPT_CAINFO_BLOB, &ca);
    // Debian's curl has a folder of the system's CAs as well; own ones stand
    // alone.
    Set(CURLOPT_CAINFO, static_cast<char*>(nullptr));
    Set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  if (url_.loopback) Set(CURLOPT_PROXY, "");
  Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  Set(CURLOPT_USERAGENT, "countersign");
  if (!call_.form.empty()) {
    Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(form_.size()));
    Set(CURLOPT_POSTFIELDS, form_.c_str());
  }
}

void Transfer::SetBounds() {
  Set(CURLOPT_NOSIGNAL, 1L);
  // A name server that does not answer must not hold us beyond the timeout.
  Set(CURLOPT_QUICK_EXIT, 1L);
  Set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<int64_t>(
                              1, absl::ToInt64Milliseconds(call_.timeout))));
  Set(CURLOPT_ERRORBUFFER, error_text_);
  Set(CURLOPT_HEADERFUNCTION, &OnHeader);
  Set(CURLOPT_HEADERDATA, static_cast<void*>(&exchange_));
  Set(CURLOPT_WRITEFUNCTION, &OnBody);
  Set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange_));
}

// CANCELLED where the caller wants no more of it.
absl::StatusOr<CURLcode> Transfer::Perform(CURLM* multi) {
  if (curl_multi_add_handle(multi, easy_.get()) != CURLM_OK) {
    return CURLE_FAILED_INIT;
  }
  const absl::Cleanup remove = [&] {
    curl_multi_remove_handle(multi, easy_.get());
  };
  int running = 1;
  while (true) {
    if (call_.interrupted && call_.interrupted()) {
      return absl::CancelledError(
          absl::StrCat(url_.origin, ": not waited for any longer"));
    }
    if (curl_multi_perform(multi, &running) != CURLM_OK) {
      return CURLE_FAILED_INIT;
    }
    if (running == 0) break;
    curl_multi_poll(multi, nullptr, 0, kAskMillis, nullptr);
  }
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi, &left);
  return message != nullptr && message->msg == CURLMSG_DONE
             ? message->data.result
             : CURLE_FAILED_INIT;
}

absl::Status Transfer::WhyNoAnswer(CURLcode code) const {
  // curl's own texts name host, address and certificate, nothing of ours.
  const absl::string_view why =
      error_text_[0] == '\0' ? curl_easy_strerror(code) : error_text_;
  const std::string message = absl::StrCat(url_.origin, ": ", why);
  switch (code) {
    case CURLE_SSL_CACERT_BADFILE:
      return WithReason(
          absl::StatusCode::kInvalidArgument, "CA_FILE",
          absl::StrCat(url_.origin, ": the CA certificates cannot be used"));
    case CURLE_PEER_FAILED_VERIFICATION:
      return WithReason(absl::StatusCode::kUnavailable, "CERTIFICATE", message);
    case CURLE_OPERATION_TIMEDOUT:
      return WithReason(absl::StatusCode::kUnavailable, "TOO_SLOW", message);
    default:
      return WithReason(absl::StatusCode::kUnavailable, "NO_ANSWER", message);
  }
}

absl::StatusOr<HttpsAnswer> Transfer::Run() {
  const MultiPtr multi(curl_multi_init());
  easy_.reset(curl_easy_init());
  if (multi == nullptr || easy_ == nullptr) {
    return absl::ResourceExhaustedError("libcurl does not start");
  }
  const absl::Cleanup before_multi = [this] { easy_.reset(); };
  RETURN_IF_ERROR(SetHeaders());
  SetTransport();
  SetBounds();
  if (first_error_ != CURLE_OK) {
    return absl::InternalError(absl::StrCat("libcurl cannot do this: ",
                                            curl_easy_strerror(first_error_)));
  }
  ASSIGN_OR_RETURN(const CURLcode code, Perform(multi.get()));
  if (exchange_.too_long) {
    return WithReason(absl::StatusCode::kResourceExhausted, "ANSWER_TOO_LONG",
                      absl::StrCat(url_.origin, ": the answer has more than ",
                                   call_.max_octets, " octets"));
  }
  if (code != CURLE_OK) return WhyNoAnswer(code);
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  exchange_.answer.code = static_cast<int>(status);
  return std::move(exchange_.answer);
}

}  // namespace

absl::StatusOr<HttpsAnswer> CallHttps(const HttpsCall& call) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) return absl::InternalError("libcurl does not start");
  ASSIGN_OR_RETURN(const CheckedUrl url, CheckUrl(call.url));
  return Transfer(call, url).Run();
}

absl::Status CheckHttpsUrl(absl::string_view url) {
  return CheckUrl(url).status();
}

std::string FormEncode(
    const std::vector<std::pair<std::string, std::string>>& form) {
  std::string out;
  const auto append = [&out](absl::string_view text) {
    constexpr char kHex[] = "0123456789ABCDEF";
    for (const char c : text) {
      if (absl::ascii_isalnum(c) || absl::StrContains("-._~", c)) {
        out.push_back(c);
        continue;
      }
      const auto octet = static_cast<unsigned char>(c);
      out.append({'%', kHex[octet >> 4], kHex[octet & 15]});
    }
  };
  for (const auto& [name, value] : form) {
    if (!out.empty()) out.push_back('&');
    append(name);
    out.push_back('=');
    append(value);
  }
  return out;
}

}  // namespace countersign::base
