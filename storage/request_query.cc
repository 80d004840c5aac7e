#include "storage/request_query.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "base/crc32c.h"
#include "base/status_macros.h"
#include "core/errors.h"
#include "storage/record.h"
#include "storage/request_codec.h"

namespace countersign::storage {
namespace {

// The states of signing_requests_open: PENDING_APPROVAL and APPROVED.
constexpr uint64_t kOpenStates = 0b11;

uint64_t StateMask(const core::RequestQuery& query) {
  uint64_t mask = 0;
  for (const core::RequestState state : query.states) {
    mask |= uint64_t{1} << static_cast<int>(state);
  }
  return mask;
}

// Conditions with their parameters, in one order. There are few different
// texts, so each connection keeps them prepared.
class Conditions {
 public:
  explicit Conditions(const core::RequestQuery& query) {
    if (!query.product.empty()) AddText("product = ?", query.product);
    if (!query.operation.empty()) AddText("operation = ?", query.operation);
    const uint64_t states = StateMask(query);
    if (states != 0) AddNumber("(1 << state) & ?", states);
    if (states != 0 && (states & ~kOpenStates) == 0) Add("state < 2");
    if (query.expire_before.has_value()) {
      AddNumber("expire_time < ?", absl::ToUnixNanos(*query.expire_before));
    }
    if (!query.request_id.empty()) {
      // The first words make the partial index usable.
      AddText("request_id <> '' AND request_id = ?", query.request_id);
    }
    if (!query.requester_subject.empty()) {
      AddText("requester_subject = ?", query.requester_subject);
    }
    if (!query.requester_issuer.empty()) {
      AddText("requester_issuer = ?", query.requester_issuer);
    }
  }

  void AddNumber(absl::string_view condition, int64_t value) {
    Add(condition);
    parameters_.push_back({"", value, false});
  }

  // One row more than the page holds tells whether there is another page.
  void AddOrderAndLimit(const core::RequestQuery& query) {
    absl::StrAppend(&sql_, " ORDER BY number ",
                    query.oldest_first ? "ASC" : "DESC", " LIMIT ?");
    parameters_.push_back({"", int64_t{query.limit} + 1, false});
  }

  const std::string& sql() const { return sql_; }

  absl::Status BindTo(Statement& statement) const {
    int n = 0;
    for (const Parameter& p : parameters_) {
      ++n;
      RETURN_IF_ERROR(p.is_text ? statement.BindText(n, p.text)
                                : statement.Bind(n, p.number));
    }
    return absl::OkStatus();
  }

 private:
  struct Parameter {
    absl::string_view text;
    int64_t number;
    bool is_text;
  };

  void Add(absl::string_view condition) {
    absl::StrAppend(&sql_, sql_.empty() ? " WHERE " : " AND ", condition);
  }
  void AddText(absl::string_view condition, absl::string_view text) {
    Add(condition);
    parameters_.push_back({text, 0, true});
  }

  std::string sql_;
  std::vector<Parameter> parameters_;
};

// Which index leads to the rows in order. Without statistics SQLite would
// rather walk the whole table in order than an index of few rows.
absl::string_view From(const core::RequestQuery& query) {
  if (!query.request_id.empty()) {
    return " FROM signing_requests INDEXED BY signing_requests_by_request_id";
  }
  const uint64_t states = StateMask(query);
  if (states != 0 && (states & ~kOpenStates) == 0) {
    return " FROM signing_requests INDEXED BY signing_requests_open";
  }
  return " FROM signing_requests";
}

// What a cursor belongs to: everything but the page's size.
std::string Fingerprint(const core::RequestQuery& query) {
  RecordWriter out(1);
  out.Bool(query.oldest_first);
  out.Octets(query.product);
  out.Octets(query.operation);
  out.Unsigned(StateMask(query));
  out.Time(query.expire_before.value_or(absl::InfiniteFuture()));
  out.Octets(query.requester_subject);
  out.Octets(query.requester_issuer);
  out.Octets(query.request_id);
  return absl::StrCat(absl::Hex(base::Crc32c(std::move(out).Finish())));
}

// "<fingerprint>.<number of the last row>"
std::string MakeCursor(const core::RequestQuery& query, int64_t last) {
  return absl::StrCat(Fingerprint(query), ".", last);
}

absl::StatusOr<int64_t> ParseCursor(const core::RequestQuery& query) {
  absl::string_view cursor = query.cursor;
  int64_t last = 0;
  if (!absl::ConsumePrefix(&cursor, absl::StrCat(Fingerprint(query), ".")) ||
      !absl::SimpleAtoi(cursor, &last) || last < 1) {
    return core::error::BadPageToken();
  }
  return last;
}

}  // namespace

absl::StatusOr<core::Page<core::SigningRequest>> SelectRequests(
    Database& db, const core::RequestQuery& query) {
  Conditions conditions(query);
  if (!query.cursor.empty()) {
    ASSIGN_OR_RETURN(const int64_t last, ParseCursor(query));
    conditions.AddNumber(query.oldest_first ? "number > ?" : "number < ?",
                         last);
  }
  conditions.AddOrderAndLimit(query);
  ASSIGN_OR_RETURN(Statement select,
                   db.Prepare(absl::StrCat("SELECT number, value", From(query),
                                           conditions.sql())));
  RETURN_IF_ERROR(conditions.BindTo(select));
  core::Page<core::SigningRequest> page;
  int64_t last = 0;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return page;
    if (static_cast<int>(page.items.size()) == query.limit) break;
    last = select.Int64(0);
    ASSIGN_OR_RETURN(core::SigningRequest request,
                     DecodeRequest(select.Octets(1)));
    page.items.push_back(std::move(request));
  }
  page.next_cursor = MakeCursor(query, last);
  return page;
}

}  // namespace countersign::storage
