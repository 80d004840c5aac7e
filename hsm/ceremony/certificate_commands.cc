// countersign-hsm certificate list|read|store
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/pem.h"
#include "base/status_macros.h"
#include "hsm/ceremony/command_tree.h"
#include "hsm/ceremony/commands.h"
#include "hsm/ceremony/errors.h"
#include "hsm/ceremony/key_arguments.h"
#include "hsm/ceremony/text_table.h"

namespace countersign::hsm {
namespace {

constexpr size_t kMaxFile = 1 << 20;

// RFC 4514, as `openssl x509 -nameopt RFC2253` has it.
std::string SubjectOf(X509* certificate) {
  const base::BioPtr out(BIO_new(BIO_s_mem()));
  if (out == nullptr ||
      X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0,
                         XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) {
    return "";
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

// "2027-01-02"; empty where it cannot be read.
std::string ExpiryOf(X509* certificate) {
  tm time = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) != 1) return "";
  return absl::StrFormat("%04d-%02d-%02d", time.tm_year + 1900, time.tm_mon + 1,
                         time.tm_mday);
}

std::string Pem(const std::string& der) {
  return base::FormatPem({"CERTIFICATE", {}, der});
}

absl::Status List(Run& run) {
  ASSIGN_OR_RETURN(const std::unique_ptr<OpenToken> token,
                   OpenAndLogIn(run, Session::Mode::kReadOnly));
  ASSIGN_OR_RETURN(const std::vector<Libp11Object> found,
                   token->libp11().Certificates(token->info().id));
  base::Json::Array list;
  std::vector<std::vector<std::string>> rows = {
      {"LABEL", "ID", "SUBJECT", "EXPIRES"}};
  for (const Libp11Object& one : found) {
    ASSIGN_OR_RETURN(const base::X509Ptr x509,
                     base::ParseCertificateDer(one.der));
    const std::string id = base::HexEncode(one.id);
    const std::string subject = SubjectOf(x509.get());
    const std::string expiry = ExpiryOf(x509.get());
    rows.push_back({one.label, id, subject, expiry});
    list.push_back(
        base::Json::Object{{"label", base::EscapeForDisplay(one.label)},
                           {"keyId", id},
                           {"subject", base::EscapeForDisplay(subject)},
                           {"expires", expiry},
                           {"certificatePem", Pem(one.der)}});
  }
  if (run.json()) {
    run.PrintJson(base::Json::Object{{"certificates", std::move(list)}});
  } else {
    run.Print(FormatTable(rows));
  }
  return absl::OkStatus();
}

absl::Status Read(Run& run, const KeyArguments& arguments) {
  ASSIGN_OR_RETURN(const KeyName name, arguments.Name());
  ASSIGN_OR_RETURN(const std::unique_ptr<OpenToken> token,
                   OpenAndLogIn(run, Session::Mode::kReadOnly));
  ASSIGN_OR_RETURN(const KeySummary key, FindKey(token->session(), name));
  ASSIGN_OR_RETURN(const std::vector<Libp11Object> all,
                   token->libp11().Certificates(token->info().id));
  std::string pem;
  for (const Libp11Object& one : all) {
    if (one.id == key.id) absl::StrAppend(&pem, Pem(one.der));
  }
  if (pem.empty()) return error::NoCertificate(key.label);
  if (run.json()) {
    run.PrintJson(
        base::Json::Object{{"label", base::EscapeForDisplay(key.label)},
                           {"keyId", base::HexEncode(key.id)},
                           {"certificatePem", pem}});
    if (arguments.output.empty()) return absl::OkStatus();
  }
  return run.WriteResult(arguments.output, pem);
}

// The first certificate of the file: its issuers are the server's affair.
absl::StatusOr<std::string> ReadCertificate(const std::string& file) {
  const absl::StatusOr<std::string> text = base::ReadFile(file, kMaxFile);
  if (!text.ok()) return error::BadFile(text.status());
  const auto blocks = base::ParsePem(*text);
  if (!blocks.ok()) {
    return error::BadCertificate(
        absl::StrCat(file, ": ", blocks.status().message()));
  }
  for (const base::PemBlock& block : *blocks) {
    if (block.label == "CERTIFICATE") return block.contents;
  }
  return error::BadCertificate(absl::StrCat(file, " holds no certificate"));
}

absl::Status CheckOfKey(const std::string& der, const core::KeyRef& key) {
  const auto x509 = base::ParseCertificateDer(der);
  if (!x509.ok()) return error::BadCertificate(x509.status().message());
  ASSIGN_OR_RETURN(const std::string spki,
                   base::SpkiDer(X509_get0_pubkey(x509->get())));
  return spki == key.spki ? absl::OkStatus()
                          : error::CertificateOfOtherKey(key.label);
}

absl::Status Store(Run& run, const KeyArguments& arguments,
                   const std::string& file, bool replace) {
  ASSIGN_OR_RETURN(const KeyName name, arguments.Name());
  ASSIGN_OR_RETURN(const std::string der, ReadCertificate(file));
  ASSIGN_OR_RETURN(const std::unique_ptr<OpenToken> token,
                   OpenAndLogIn(run, Session::Mode::kReadWrite));
  ASSIGN_OR_RETURN(const TokenKey key, LoadKey(token->session(), name));
  RETURN_IF_ERROR(CheckOfKey(der, key.ref));
  if (!key.certificates.empty() && !replace) {
    return error::CertificateExists(key.ref.label);
  }
  // The new one first: a failure leaves the old one.
  RETURN_IF_ERROR(token->libp11().StoreCertificate(
      token->info().id, der, key.ref.key_id, key.ref.label));
  for (const CK_OBJECT_HANDLE old : key.certificates) {
    RETURN_IF_ERROR(token->session().DestroyObject(old));
  }
  if (run.json()) {
    run.PrintJson(base::Json::Object{
        {"label", base::EscapeForDisplay(key.ref.label)},
        {"keyId", base::HexEncode(key.ref.key_id)},
        {"certificateSha256", base::HexEncode(base::Sha256(der))}});
  } else {
    run.Print(absl::StrCat("Stored for ", base::EscapeForDisplay(key.ref.label),
                           ": certificate with SHA-256 ",
                           base::HexEncode(base::Sha256(der)), "\n"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddCertificateCommands(CLI::App& root, Run& run) {
  CLI::App& group =
      AddGroup(root, "certificate", "Certificates beside the keys of a token");
  CLI::App& list =
      AddCommand(group, run, Needs::kLogin, "list", "Certificates of the token",
                 "countersign-hsm certificate list");
  SetAction(list, run, [&run] { return List(run); });

  CLI::App& read = AddCommand(
      group, run, Needs::kLogin, "read", "The certificate of a key, PEM",
      "countersign-hsm certificate read firmware -O firmware.pem");
  const auto wanted = AddKeyArguments(read);
  AddOutput(read, wanted->output);
  SetAction(read, run, [&run, wanted] { return Read(run, *wanted); });

  CLI::App& store = AddCommand(
      group, run, Needs::kLogin, "store",
      "Store the certificate of a key; one of another key is refused",
      "countersign-hsm certificate store firmware firmware.pem");
  const auto stored = AddKeyArguments(store);
  const auto file = std::make_shared<std::string>();
  const auto replace = std::make_shared<bool>(false);
  store.add_option("file", *file, "PEM; the first certificate is taken")
      ->required()
      ->type_name("FILE");
  store.add_flag("--replace", *replace, "take away the one that is there");
  SetAction(store, run, [&run, stored, file, replace] {
    return Store(run, *stored, *file, *replace);
  });
}

}  // namespace countersign::hsm
