// countersign-hsm token list|init|set-pin
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "hsm/ceremony/command_tree.h"
#include "hsm/ceremony/commands.h"
#include "hsm/ceremony/errors.h"
#include "hsm/ceremony/pin_entry.h"
#include "hsm/ceremony/text_table.h"
#include "hsm/ceremony/user_login.h"

namespace countersign::hsm {
namespace {

// PKCS#11 2.40 3.2, CK_TOKEN_INFO: 32 octets.
constexpr size_t kMaxLabel = 32;

std::string PinText(const PinState& pin) {
  if (!pin.set) return "not set";
  if (pin.locked) return "locked";
  if (pin.final_try) return "final try";
  if (pin.count_low) return "a wrong one was tried";
  if (pin.to_be_changed) return "to be changed";
  return "set";
}

base::Json ToJson(const SlotInfo& slot) {
  return base::Json::Object{
      {"slot", static_cast<uint64_t>(slot.id)},
      {"description", base::EscapeForDisplay(slot.description)},
      {"initialised", slot.initialised},
      {"label", base::EscapeForDisplay(slot.label)},
      {"serial", base::EscapeForDisplay(slot.serial)},
      {"manufacturer", base::EscapeForDisplay(slot.manufacturer)},
      {"model", base::EscapeForDisplay(slot.model)},
      {"userPin", PinText(slot.user_pin)},
      {"soPin", PinText(slot.so_pin)},
  };
}

absl::Status List(Run& run) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Libp11> libp11,
                   Libp11::Load(run.module.path, run.module.init_args));
  base::Json::Array tokens;
  std::vector<std::vector<std::string>> rows = {
      {"SLOT", "LABEL", "SERIAL", "MODEL", "USER PIN", "SO PIN"}};
  for (const SlotInfo& slot : libp11->Slots()) {
    if (!slot.has_token) continue;
    tokens.push_back(ToJson(slot));
    rows.push_back({absl::StrCat(slot.id),
                    slot.initialised ? slot.label : "(not initialised)",
                    slot.serial, slot.model, PinText(slot.user_pin),
                    PinText(slot.so_pin)});
  }
  if (run.json()) {
    run.PrintJson(base::Json::Object{{"tokens", std::move(tokens)}});
  } else {
    run.Print(FormatTable(rows));
  }
  return absl::OkStatus();
}

struct InitOptions {
  std::string label;
  bool erase = false;
};

// Where the new token goes. A label that is there is only reused with --erase:
// with two alike neither could be named.
absl::StatusOr<SlotInfo> ChooseSlot(const Run& run,
                                    const std::vector<SlotInfo>& slots,
                                    const InitOptions& options) {
  const bool chosen = run.token.slot.has_value() || !run.token.serial.empty();
  for (const SlotInfo& slot : slots) {
    if (!slot.initialised || slot.label != options.label) continue;
    if (!options.erase) return error::TokenInitialised(slot.label);
    if (!chosen) return slot;
  }
  ASSIGN_OR_RETURN(SlotInfo slot, ChooseFreeSlot(slots, run.token));
  if (slot.initialised && !options.erase) {
    return error::TokenInitialised(slot.label);
  }
  return slot;
}

// All that can be said before anything is destroyed.
absl::Status CheckErasable(Run& run, const SlotInfo& slot) {
  if (!slot.initialised) return absl::OkStatus();
  RETURN_IF_ERROR(run.CheckUndisturbed(slot));
  RETURN_IF_ERROR(CheckOfficerPin(slot));
  return run.Confirm(
      absl::StrCat("This destroys the token \"",
                   base::EscapeForDisplay(slot.label), "\" (serial ",
                   base::EscapeForDisplay(slot.serial),
                   ") with all its keys. Nothing brings them back."),
      slot.label);
}

absl::Status ShowNew(Run& run, Libp11& libp11, const std::string& label) {
  RETURN_IF_ERROR(libp11.Refresh());
  ASSIGN_OR_RETURN(const SlotInfo slot,
                   ChooseToken(libp11.Slots(), {label, "", std::nullopt}));
  // Without the slot: modules number it anew when they are started again.
  if (run.json()) {
    base::Json json = ToJson(slot);
    json.Erase("slot");
    json.Erase("description");
    run.PrintJson(json);
    return absl::OkStatus();
  }
  run.Print(FormatBlock({{"Token", slot.label},
                         {"Serial", slot.serial},
                         {"User PIN", PinText(slot.user_pin)}}));
  return absl::OkStatus();
}

absl::Status Init(Run& run, const InitOptions& options) {
  const std::string& label = options.label;
  if (label.empty() || label.size() > kMaxLabel) {
    return error::BadLabel(absl::StrCat("a token's label has 1 to ", kMaxLabel,
                                        " octets, not ", label.size()));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Libp11> libp11,
                   Libp11::Load(run.module.path, run.module.init_args));
  ASSIGN_OR_RETURN(const SlotInfo slot,
                   ChooseSlot(run, libp11->Slots(), options));
  RETURN_IF_ERROR(CheckErasable(run, slot));
  // A token that is there already has a security officer whose PIN it is.
  ASSIGN_OR_RETURN(
      const base::SecretBytes so_pin,
      slot.initialised
          ? ReadPin(run.console(), run.so_pin_file,
                    "Security officer's PIN (of the token as it is)",
                    "--so-pin-file")
          : ReadNewPin(run.console(), run.so_pin_file,
                       "New security officer's PIN", "--so-pin-file"));
  ASSIGN_OR_RETURN(
      const base::SecretBytes pin,
      ReadNewPin(run.console(), run.pin_file, "New user PIN", "--pin-file"));
  RETURN_IF_ERROR(
      OfficerRefusal(slot, libp11->InitToken(slot.id, so_pin, label)));
  RETURN_IF_ERROR(libp11->Refresh());
  ASSIGN_OR_RETURN(const SlotInfo made,
                   ChooseToken(libp11->Slots(), {label, "", std::nullopt}));
  RETURN_IF_ERROR(libp11->OpenSession(made.id, true));
  RETURN_IF_ERROR(
      libp11->LogIn(made.id, Libp11::Role::kSecurityOfficer, so_pin));
  RETURN_IF_ERROR(libp11->SetUserPin(made.id, pin));
  return ShowNew(run, *libp11, label);
}

// The officer sets a PIN that was lost or locked; a user changes one that is
// known.
absl::Status ChangePin(Run& run, Libp11& libp11, const SlotInfo& slot,
                       bool by_officer) {
  if (by_officer) {
    RETURN_IF_ERROR(CheckOfficerPin(slot));
    ASSIGN_OR_RETURN(const base::SecretBytes so_pin,
                     ReadPin(run.console(), run.so_pin_file,
                             "Security officer's PIN", "--so-pin-file"));
    ASSIGN_OR_RETURN(const base::SecretBytes pin,
                     ReadNewPin(run.console(), run.new_pin_file, "New user PIN",
                                "--new-pin-file"));
    RETURN_IF_ERROR(libp11.OpenSession(slot.id, true));
    RETURN_IF_ERROR(OfficerRefusal(
        slot, libp11.LogIn(slot.id, Libp11::Role::kSecurityOfficer, so_pin)));
    return libp11.SetUserPin(slot.id, pin);
  }
  // Asked for twice where it is typed: C_SetPIN wants it beside the login.
  ASSIGN_OR_RETURN(const base::SecretBytes pin,
                   ReadNewPin(run.console(), run.new_pin_file, "New user PIN",
                              "--new-pin-file"));
  RETURN_IF_ERROR(libp11.OpenSession(slot.id, true));
  ASSIGN_OR_RETURN(const base::SecretBytes old_pin,
                   LogInAndKeepPin(run, libp11, slot));
  return libp11.ChangePin(slot.id, old_pin, pin);
}

absl::Status SetPin(Run& run, bool by_officer) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Libp11> libp11,
                   Libp11::Load(run.module.path, run.module.init_args));
  ASSIGN_OR_RETURN(const SlotInfo slot,
                   ChooseToken(libp11->Slots(), run.token));
  RETURN_IF_ERROR(run.CheckUndisturbed(slot));
  RETURN_IF_ERROR(ChangePin(run, *libp11, slot, by_officer));
  if (run.json()) {
    run.PrintJson(base::Json::Object{
        {"token", base::EscapeForDisplay(slot.label)}, {"userPin", "set"}});
  } else {
    run.Print(absl::StrCat("The user PIN of \"",
                           base::EscapeForDisplay(slot.label),
                           "\" is set. Put it into the server's PIN file.\n"));
  }
  return absl::OkStatus();
}

void AddOfficerPin(CLI::App& leaf, Run& run) {
  leaf.add_option("--so-pin-file", run.so_pin_file,
                  "the security officer's PIN, as --pin-file")
      ->group("Token")
      ->type_name("FILE");
}

void AddInit(CLI::App& group, Run& run) {
  CLI::App& init = AddCommand(
      group, run, Needs::kModule, "init",
      "Make a token in a free slot, with new PINs (SoftHSM, and whatever HSM "
      "allows it)",
      "countersign-hsm token init release\n"
      "countersign-hsm token init release --so-pin-file so-pin --pin-file pin");
  const auto options = std::make_shared<InitOptions>();
  init.add_option("label", options->label, "of the new token")
      ->required()
      ->type_name("LABEL");
  init.add_option("--slot", run.token.slot, "this slot (default: a free one)")
      ->group("Token")
      ->type_name("NUMBER");
  init.add_option("--serial", run.token.serial, "the token that has it")
      ->group("Token")
      ->type_name("TEXT");
  init.add_option("--pin-file", run.pin_file,
                  "the new user PIN on its first line, mode 0600 (default: "
                  "asked at the terminal)")
      ->group("Token")
      ->type_name("FILE");
  AddOfficerPin(init, run);
  init.add_flag("--erase", options->erase,
                "destroy the token that is there, with all its keys");
  AddForce(init, run, "even while a server uses it");
  AddConfirm(init, run, "the label of the token that is destroyed");
  SetAction(init, run, [&run, options] { return Init(run, *options); });
}

void AddSetPin(CLI::App& group, Run& run) {
  CLI::App& leaf =
      AddCommand(group, run, Needs::kLogin, "set-pin",
                 "Change the user PIN, or set it anew as the security officer",
                 "countersign-hsm token set-pin --token release\n"
                 "countersign-hsm token set-pin --token release --by-so");
  AddOfficerPin(leaf, run);
  leaf.add_option("--new-pin-file", run.new_pin_file,
                  "the new user PIN, as --pin-file")
      ->group("Token")
      ->type_name("FILE");
  const auto by_officer = std::make_shared<bool>(false);
  leaf.add_flag("--by-so", *by_officer,
                "the security officer sets it: the old one is not needed");
  AddForce(leaf, run, "also while a server uses the token");
  SetAction(leaf, run, [&run, by_officer] { return SetPin(run, *by_officer); });
}

}  // namespace

void AddTokenCommands(CLI::App& root, Run& run) {
  CLI::App& group = AddGroup(root, "token", "Tokens of the module");
  CLI::App& list =
      AddCommand(group, run, Needs::kModule, "list",
                 "Tokens, and what they say of their PINs; nobody logs in",
                 "countersign-hsm token list\n"
                 "countersign-hsm token list --module /opt/hsm/libpkcs11.so");
  SetAction(list, run, [&run] { return List(run); });

  AddInit(group, run);
  AddSetPin(group, run);
}

}  // namespace countersign::hsm
