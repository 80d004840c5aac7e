#include "client/cli/product_certificates.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/subject_name.h"
#include "client/cli/algorithm_text.h"

namespace countersign::client {
namespace {

// The field's text; a violation where it is there and not `only`.
std::string OneWord(JsonObject& object, const char* field, const char* only,
                    const char* why) {
  const std::string text = object.Text(field);
  if (!text.empty() && !absl::EqualsIgnoreCase(text, only)) {
    object.Wrong(field, absl::StrCat("\"", text, "\" is not possible: ", why,
                                     "; right is ", only));
  }
  return text;
}

CertificateEntry ReadCertificate(const base::Json& value,
                                 const std::string& path,
                                 Violations& violations) {
  CertificateEntry entry;
  entry.path = path;
  JsonObject object(value, path,
                    {"CN", "description", "externalRoot", "useCase", "keyType",
                     "certificateType", "profileID", "subject"},
                    violations);
  if (!value.is_object()) return entry;
  v1::CertificateInfo& info = entry.info;
  info.set_common_name(object.NeededText("CN"));
  info.set_description(object.Text("description"));
  info.set_profile_id(object.Text("profileID"));
  info.set_external_root(object.Bool("externalRoot", true));
  info.set_subject(object.Text("subject"));
  if (!info.subject().empty()) {
    const auto name = base::ParseSubject(absl::StrCat("CN=a,", info.subject()));
    if (!name.ok()) {
      object.Wrong("subject",
                   absl::StrCat("must be what stands beside the CN, as in "
                                "\"OU=Firmware,O=Example\": ",
                                name.status().message()));
    }
  }
  info.set_use_case(OneWord(object, "useCase", "CodeSigning",
                            "these keys sign code and nothing else"));
  info.set_certificate_type(OneWord(object, "certificateType", "ENDENTITY",
                                    "no CA keys are kept here"));
  const std::string type_text = object.NeededText("keyType");
  if (!type_text.empty()) {
    const auto type = ReadKeyType(type_text);
    if (type.ok()) {
      entry.key_type = *type;
    } else {
      object.Wrong("keyType", type.status().message());
    }
  }
  return entry;
}

bool NeedsCertificate(const OperationEntry& entry) {
  return entry.operation.type() == v1::Operation::DETACHED_SIGNATURE;
}

void Assign(const CertificateEntry& certificate, OperationEntry& entry,
            Violations& violations) {
  v1::Operation& operation = entry.operation;
  *operation.mutable_certificate() = certificate.info;
  if (operation.key_type() != v1::KEY_TYPE_UNSPECIFIED &&
      operation.key_type() != certificate.key_type) {
    violations.push_back(
        {entry.path + ".token.keyType",
         absl::StrCat("differs from ", certificate.path, ".keyType (",
                      Format(certificate.key_type), "); leave it out here")});
  }
  operation.set_key_type(certificate.key_type);
}

}  // namespace

std::vector<CertificateEntry> ReadCertificates(const base::Json::Array& list,
                                               Violations& violations) {
  std::vector<CertificateEntry> entries;
  for (size_t i = 0; i < list.size(); ++i) {
    entries.push_back(
        ReadCertificate(list[i], absl::StrCat("caInfo[", i, "]"), violations));
  }
  return entries;
}

void AssignCertificates(const std::vector<CertificateEntry>& certificates,
                        std::vector<OperationEntry>& operations,
                        Violations& violations) {
  std::vector<bool> used(certificates.size(), false);
  std::vector<OperationEntry*> open;
  for (OperationEntry& entry : operations) {
    if (!NeedsCertificate(entry)) continue;
    if (entry.ca_info.empty()) {
      open.push_back(&entry);
      continue;
    }
    bool found = false;
    for (size_t i = 0; i < certificates.size() && !found; ++i) {
      if (certificates[i].info.common_name() != entry.ca_info) continue;
      Assign(certificates[i], entry, violations);
      found = used[i] = true;
    }
    if (!found) {
      violations.push_back({entry.path + ".caInfo",
                            absl::StrCat("no entry of caInfo has the CN \"",
                                         entry.ca_info, "\"")});
    }
  }
  std::vector<const CertificateEntry*> rest;
  for (size_t i = 0; i < certificates.size(); ++i) {
    if (!used[i]) rest.push_back(&certificates[i]);
  }
  if (open.size() == rest.size()) {
    for (size_t i = 0; i < open.size(); ++i) {
      Assign(*rest[i], *open[i], violations);
    }
    return;
  }
  if (open.empty()) {
    for (const CertificateEntry* entry : rest) {
      violations.push_back(
          {entry->path, "no DetachedSignature operation uses it"});
    }
    return;
  }
  violations.push_back(
      {"caInfo",
       absl::StrCat(open.size(), " DetachedSignature operations and ",
                    rest.size(),
                    " entries of caInfo that none of them names: "
                    "which is whose is ambiguous. Give one entry for "
                    "each operation, or name its CN in the operation: "
                    "\"caInfo\": \"<CN>\"")});
}

}  // namespace countersign::client
