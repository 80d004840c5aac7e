// countersign-hsm key generate|delete
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/status_macros.h"
#include "hsm/ceremony/command_tree.h"
#include "hsm/ceremony/commands.h"
#include "hsm/ceremony/errors.h"
#include "hsm/ceremony/key_arguments.h"
#include "hsm/ceremony/text_table.h"
#include "hsm/key_pair.h"

namespace countersign::hsm {
namespace {

constexpr size_t kKeyIdSize = 16;
constexpr size_t kMaxLabel = 255;

// As a shell takes it; in single quotes where it would not take it bare.
std::string Quoted(absl::string_view text) {
  if (text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
                             "WXYZ0123456789._-/:@+") == text.npos) {
    return std::string(text);
  }
  return absl::StrCat(
      "'", absl::StrReplaceAll(base::EscapeForDisplay(text), {{"'", "'\\''"}}),
      "'");
}

// What has to be typed next.
std::string RegisterLine(const core::KeyRef& key) {
  return absl::StrCat("countersign key register PRODUCT/OPERATION --id ",
                      base::HexEncode(key.key_id), " --label ",
                      Quoted(key.label));
}

absl::StatusOr<core::KeyType> ParseType(const std::string& text) {
  const absl::StatusOr<core::KeyType> type = core::ParseKeyType(text);
  if (!type.ok()) return error::Usage(type.status().message());
  return type;
}

// Two keys of one label, or of one id, are one too many for whoever names them.
absl::Status CheckNew(Session& session, const core::KeyRef& key) {
  ASSIGN_OR_RETURN(const std::vector<KeySummary> keys, ListKeys(session));
  for (const KeySummary& other : keys) {
    if (other.label == key.label || other.id == key.key_id) {
      return error::KeyExists(other.label, base::HexEncode(other.id));
    }
  }
  return absl::OkStatus();
}

absl::Status ShowNew(Run& run, const TokenKey& key, absl::Duration took) {
  const std::string id = base::HexEncode(key.ref.key_id);
  const std::string type(core::ToString(key.ref.type));
  const std::string digest = base::HexEncode(base::Sha256(key.ref.spki));
  if (run.json()) {
    run.PrintJson(
        base::Json::Object{{"label", base::EscapeForDisplay(key.ref.label)},
                           {"keyId", id},
                           {"keyType", type},
                           {"spkiSha256", digest},
                           {"publicKeyPem", base::SpkiPem(key.ref.spki)},
                           {"register", RegisterLine(key.ref)}});
    return absl::OkStatus();
  }
  run.Print(absl::StrCat(
      FormatBlock({{"Key", key.ref.label},
                   {"Id", id},
                   {"Type", type},
                   {"SHA-256 of SPKI", digest},
                   {"Made in",
                    absl::StrFormat("%.1f s", absl::ToDoubleSeconds(took))}}),
      "\nThe server takes it with:\n  ", RegisterLine(key.ref), "\n"));
  return absl::OkStatus();
}

absl::Status Generate(Run& run, const KeyArguments& arguments,
                      const std::string& type) {
  ASSIGN_OR_RETURN(const KeyName name, arguments.Name());
  core::KeyRef ref;
  ASSIGN_OR_RETURN(ref.type, ParseType(type));
  if (name.label.empty() || name.label.size() > kMaxLabel) {
    return error::BadLabel(
        absl::StrCat("a key's label has 1 to ", kMaxLabel, " octets"));
  }
  ref.label = name.label;
  ref.key_id =
      name.id.empty() ? run.console().random.Bytes(kKeyIdSize) : name.id;
  ASSIGN_OR_RETURN(const std::unique_ptr<OpenToken> token,
                   OpenAndLogIn(run, Session::Mode::kReadWrite));
  RETURN_IF_ERROR(CheckNew(token->session(), ref));
  if (run.console().interactive && core::IsRsa(ref.type)) {
    run.Note(absl::StrCat("Making an ", core::ToString(ref.type),
                          " key in the token; this may take a minute ..."));
  }
  const absl::Duration begin = base::SteadyNow();
  RETURN_IF_ERROR(GenerateKeyPair(token->session(), ref).status());
  const absl::Duration took = base::SteadyNow() - begin;
  // Read back: what counts is what the next reader will find.
  ASSIGN_OR_RETURN(const TokenKey key,
                   LoadKey(token->session(), {ref.label, ref.key_id}));
  return ShowNew(run, key, took);
}

// All that has this id and label; halves, too: what is left of a key that broke
// must be removable.
absl::Status Destroy(Session& session, const KeySummary& key) {
  for (const auto* objects :
       {&key.private_keys, &key.public_keys, &key.certificates}) {
    for (const CK_OBJECT_HANDLE object : *objects) {
      RETURN_IF_ERROR(session.DestroyObject(object));
    }
  }
  return absl::OkStatus();
}

absl::Status Delete(Run& run, const KeyArguments& arguments) {
  ASSIGN_OR_RETURN(const KeyName name, arguments.Name());
  ASSIGN_OR_RETURN(const std::unique_ptr<OpenToken> token,
                   OpenAndLogIn(run, Session::Mode::kReadWrite));
  RETURN_IF_ERROR(run.CheckUndisturbed(token->info()));
  ASSIGN_OR_RETURN(const KeySummary key, FindKey(token->session(), name));
  const std::string id = base::HexEncode(key.id);
  const size_t objects = key.private_keys.size() + key.public_keys.size() +
                         key.certificates.size();
  RETURN_IF_ERROR(run.Confirm(
      absl::StrCat("This destroys the key \"",
                   base::EscapeForDisplay(key.label), "\" (id ", id, ", ",
                   key.type.empty() ? "no public key" : key.type, ", ", objects,
                   " objects). Nothing brings it back."),
      key.label));
  RETURN_IF_ERROR(Destroy(token->session(), key));
  if (run.json()) {
    run.PrintJson(base::Json::Object{
        {"label", base::EscapeForDisplay(key.label)},
        {"keyId", id},
        {"destroyedObjects", static_cast<uint64_t>(objects)}});
  } else {
    run.Print(absl::StrCat("Destroyed: ", base::EscapeForDisplay(key.label),
                           " (id ", id, ", ", objects, " objects)\n"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddKeyChangeCommands(CLI::App& group, Run& run) {
  CLI::App& generate = AddCommand(
      group, run, Needs::kLogin, "generate",
      "Make a key pair in the token, as the server would: sensitive, not "
      "extractable, for signing only",
      "countersign-hsm key generate firmware --type P-256 --token release");
  const auto made = AddKeyArguments(generate);
  const auto type = std::make_shared<std::string>();
  generate
      .add_option("--type", *type,
                  "RSA2048, RSA3072, RSA4096, P-256, P-384, P-521 or Ed25519")
      ->required()
      ->type_name("TYPE");
  SetAction(generate, run,
            [&run, made, type] { return Generate(run, *made, *type); });

  CLI::App& remove = AddCommand(
      group, run, Needs::kLogin, "delete",
      "Destroy a key with its certificates; refused while a server uses the "
      "token",
      "countersign-hsm key delete firmware --token release");
  const auto removed = AddKeyArguments(remove);
  AddConfirm(remove, run, "the key's label");
  AddForce(remove, run, "also while a server uses the token");
  SetAction(remove, run, [&run, removed] { return Delete(run, *removed); });
}

}  // namespace countersign::hsm
