#include "base/error.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace countersign::base {
namespace {

constexpr char kTypeUrl[] = "countersign.dev/ErrorDetails";

// The payload is a run of netstrings ("5:octet"), because texts in errors may
// come from outside and need not be UTF-8; counts and times are decimal.
void AppendText(absl::string_view text, std::string& out) {
  absl::StrAppend(&out, text.size(), ":", text);
}

void AppendNumber(int64_t number, std::string& out) {
  AppendText(absl::StrCat(number), out);
}

std::string Serialize(const ErrorDetails& details) {
  std::string out;
  AppendText(details.reason, out);
  AppendNumber(details.metadata.size(), out);
  for (const auto& [key, value] : details.metadata) {
    AppendText(key, out);
    AppendText(value, out);
  }
  AppendNumber(details.field_violations.size(), out);
  for (const FieldViolation& violation : details.field_violations) {
    AppendText(violation.field, out);
    AppendText(violation.description, out);
  }
  AppendNumber(details.preconditions.size(), out);
  for (const auto& [type, description] : details.preconditions) {
    AppendText(type, out);
    AppendText(description, out);
  }
  // Nanoseconds; a delay over 292 years is cut to that.
  if (details.retry_delay.has_value()) {
    AppendNumber(absl::ToInt64Nanoseconds(*details.retry_delay), out);
  }
  return out;
}

// Reads what Serialize wrote. After the first mistake ok() is false and all
// further texts are empty.
class Reader {
 public:
  explicit Reader(absl::string_view rest) : rest_(rest) {}

  std::string Text() {
    const size_t colon = rest_.find(':');
    size_t size = 0;
    if (!ok_ || colon == absl::string_view::npos ||
        !absl::SimpleAtoi(rest_.substr(0, colon), &size) ||
        size > rest_.size() - colon - 1) {
      ok_ = false;
      return "";
    }
    std::string text(rest_.substr(colon + 1, size));
    rest_.remove_prefix(colon + 1 + size);
    return text;
  }

  int64_t Number() {
    int64_t number = 0;
    if (!absl::SimpleAtoi(Text(), &number)) ok_ = false;
    return ok_ ? number : 0;
  }

  // The texts of Number() pairs, each given to `add`.
  template <typename Add>
  void Pairs(Add add) {
    for (int64_t left = Number(); ok_ && left > 0; --left) {
      std::string first = Text();
      std::string second = Text();
      if (ok_) add(std::move(first), std::move(second));
    }
  }

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  absl::string_view rest_;
  bool ok_ = true;
};

}  // namespace

absl::Status MakeError(absl::StatusCode code, absl::string_view message,
                       const ErrorDetails& details) {
  // A caller's bug must not read as a success.
  if (code == absl::StatusCode::kOk) code = absl::StatusCode::kInternal;
  absl::Status status(code, message);
  status.SetPayload(kTypeUrl, absl::Cord(Serialize(details)));
  return status;
}

std::optional<ErrorDetails> GetErrorDetails(const absl::Status& status) {
  const auto payload = status.GetPayload(kTypeUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string octets(*payload);
  Reader reader(octets);
  ErrorDetails details;
  details.reason = reader.Text();
  reader.Pairs([&](std::string key, std::string value) {
    details.metadata.emplace(std::move(key), std::move(value));
  });
  reader.Pairs([&](std::string field, std::string description) {
    details.field_violations.push_back(
        {std::move(field), std::move(description)});
  });
  reader.Pairs([&](std::string type, std::string description) {
    details.preconditions.emplace_back(std::move(type), std::move(description));
  });
  if (!reader.at_end()) {
    details.retry_delay = absl::Nanoseconds(reader.Number());
  }
  if (!reader.ok() || !reader.at_end()) return std::nullopt;
  return details;
}

std::string GetReason(const absl::Status& status) {
  std::optional<ErrorDetails> details = GetErrorDetails(status);
  return details.has_value() ? std::move(details->reason) : "";
}

absl::Status Annotate(const absl::Status& status, absl::string_view context) {
  if (status.ok()) return status;
  absl::Status annotated(status.code(),
                         absl::StrCat(context, ": ", status.message()));
  status.ForEachPayload(
      [&annotated](absl::string_view type_url, const absl::Cord& payload) {
        annotated.SetPayload(type_url, payload);
      });
  return annotated;
}

}  // namespace countersign::base
