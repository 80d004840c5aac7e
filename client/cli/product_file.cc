#include "client/cli/product_file.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/json.h"
#include "client/api/client_error.h"
#include "client/cli/json_lines.h"
#include "client/cli/json_object.h"
#include "client/cli/product_certificates.h"
#include "client/cli/product_operation.h"

namespace countersign::client {
namespace {

// "OCI container signing" -> "oci-container-signing", as the server does it.
std::string IdFromName(absl::string_view name) {
  std::string id;
  for (const char c : name) {
    if (absl::ascii_isalnum(c)) {
      id += absl::ascii_tolower(c);
    } else if (!id.empty() && id.back() != '-') {
      id += '-';
    }
  }
  id.resize(std::min<size_t>(id.size(), 63));
  while (!id.empty() && id.back() == '-') id.pop_back();
  return id;
}

// The name of an operation with an id of its own holds the product's id, which
// therefore has to be known.
void AddOperation(OperationEntry& entry, ProductFile& file) {
  v1::Operation& added = *file.product.add_operations();
  added = std::move(entry.operation);
  if (entry.id.empty()) return;
  if (file.id.empty()) file.id = IdFromName(file.product.display_name());
  added.set_name(absl::StrCat("products/", file.id, "/operations/", entry.id));
}

void ReadProduct(const base::Json& root, const std::string& id,
                 ProductFile& file, Violations& violations) {
  JsonObject object(root, "",
                    {"name", "id", "description", "productType", "enabled",
                     "token", "caInfo", "rndKeys", "productOperations"},
                    violations);
  v1::Product& product = file.product;
  product.set_display_name(object.NeededText("name"));
  product.set_description(object.Text("description"));
  product.set_product_type(object.Text("productType"));
  product.set_token(object.Text("token"));
  product.set_start_disabled(!object.Bool("enabled", true));
  file.id = object.Text("id");
  if (!id.empty()) file.id = id;
  if (!object.Array("rndKeys").empty()) {
    object.Wrong("rndKeys",
                 "must be empty: keys for research and development are not "
                 "made here; use a product of its own for them");
  }
  std::vector<CertificateEntry> certificates =
      ReadCertificates(object.Array("caInfo"), violations);
  std::vector<OperationEntry> operations;
  const base::Json::Array& list = object.Array("productOperations");
  if (list.empty()) {
    object.Wrong("productOperations", "at least one operation is needed");
  }
  for (size_t i = 0; i < list.size(); ++i) {
    operations.push_back(ReadOperation(
        list[i], absl::StrCat("productOperations[", i, "]"), violations));
  }
  AssignCertificates(certificates, operations, violations);
  for (OperationEntry& operation : operations) AddOperation(operation, file);
}

// The line of the nearest value around `path` that stands in the file.
int LineOf(const std::map<std::string, int>& lines, std::string path) {
  while (!path.empty()) {
    const auto found = lines.find(path);
    if (found != lines.end()) return found->second;
    const size_t cut = path.find_last_of(".[");
    path = cut == std::string::npos ? "" : path.substr(0, cut);
  }
  return lines.at("");
}

absl::Status Malformed(const std::string& file, absl::string_view text,
                       Violations violations) {
  const std::map<std::string, int> lines = JsonLines(text);
  for (base::FieldViolation& violation : violations) {
    violation.description = absl::StrCat(
        "line ", LineOf(lines, violation.field), ": ", violation.description);
  }
  // Before `violations` moves away: arguments have no order.
  const std::string message =
      absl::StrCat(file, " has ", violations.size(),
                   violations.size() == 1 ? " mistake" : " mistakes");
  return base::MakeError(
      absl::StatusCode::kInvalidArgument, message,
      Because("PRODUCT_FILE_MALFORMED", {}, std::move(violations)));
}

}  // namespace

absl::StatusOr<ProductFile> ReadProductFile(absl::string_view text,
                                            const std::string& file,
                                            const Variables& variables,
                                            const std::string& id) {
  absl::StatusOr<base::Json> root = base::ParseJson(text);
  if (!root.ok()) return base::Annotate(root.status(), file);
  Violations violations;
  Substitute(variables, "", *root, violations);
  ProductFile out;
  ReadProduct(*root, id, out, violations);
  if (!violations.empty()) return Malformed(file, text, violations);
  return out;
}

}  // namespace countersign::client
