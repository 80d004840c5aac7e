// countersign login
#include "client/login/login.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/audit_client.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/login_options.h"
#include "client/cli/proto_json.h"
#include "client/cli/text_table.h"
#include "client/cli/time_text.h"
#include "client/login/open_browser.h"
#include "client/login/token_store.h"

namespace countersign::client {
namespace {

struct Flags {
  LoginOptions login;
  bool device = false;
  bool browser = false;
  bool no_browser = false;
};

// Not by Note(): a person has to see it, with -o json too (one line of JSON,
// for programs that show it in their own way).
void ShowTo(Session& session, const LoginPrompt& prompt) {
  std::ostream& err = session.console().err;
  if (session.json()) {
    base::Json::Object object = {{"url", prompt.url}};
    if (!prompt.user_code.empty()) {
      object.emplace_back("userCode", prompt.user_code);
    }
    if (!prompt.complete_url.empty()) {
      object.emplace_back("completeUrl", prompt.complete_url);
    }
    err << base::CompactJson(base::Json(std::move(object))) << "\n"
        << std::flush;
    return;
  }
  std::string text;
  if (prompt.user_code.empty()) {
    absl::StrAppend(&text,
                    prompt.opened ? "The browser was asked to open\n"
                                  : "Open in a browser of this machine\n",
                    "  ", EscapeLines(prompt.url), "\n");
  } else {
    absl::StrAppend(&text, "Open in any browser\n  ", EscapeLines(prompt.url),
                    "\nand enter the code\n  ", EscapeLines(prompt.user_code),
                    "\n");
    if (!prompt.complete_url.empty()) {
      absl::StrAppend(&text, "or open, with the code filled in\n  ",
                      EscapeLines(prompt.complete_url), "\n");
    }
  }
  absl::StrAppend(&text, "Waiting for ", DurationText(prompt.time_limit),
                  "; Ctrl-C ends it.\n");
  err << text << std::flush;
}

LoginManner MannerOf(Session& session, const Flags& flags) {
  LoginManner manner;
  if (flags.device) manner.way = LoginWay::kDevice;
  if (flags.browser) manner.way = LoginWay::kBrowser;
  manner.has_display = HasDisplay(session.console().environment);
  const bool start = manner.has_display && !flags.no_browser;
  manner.open = [start](const std::string& url) {
    return start && StartBrowser(url);
  };
  return manner;
}

// How the server sees us; nothing where none is configured or the login is not
// the one that the context uses.
absl::StatusOr<std::optional<v1::Caller>> AskServer(Session& session,
                                                    bool in_context) {
  if (!in_context) return std::optional<v1::Caller>();
  const absl::StatusOr<Settings> settings =
      ResolveSettings(session.flags, session.console().environment);
  if (base::GetReason(settings.status()) == "SETTINGS_MISSING") {
    return std::optional<v1::Caller>();
  }
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(v1::Caller caller, GetCaller(*connection));
  return std::optional<v1::Caller>(std::move(caller));
}

void PrintResult(Session& session, const StoredLogin& login,
                 const std::optional<v1::Caller>& caller) {
  const bool ends = login.expire_time != absl::InfiniteFuture();
  if (session.json()) {
    base::Json::Object object = {{"issuer", login.issuer},
                                 {"subject", login.subject},
                                 {"refreshable", !login.refresh_token.empty()}};
    if (ends) object.emplace_back("expireTime", TimeText(login.expire_time));
    if (caller.has_value()) object.emplace_back("caller", ProtoJson(*caller));
    session.PrintJson(base::Json(std::move(object)));
    return;
  }
  TextBlock block;
  block.Add("Logged in at", login.issuer);
  block.AddIf("Subject there", login.subject);
  if (caller.has_value()) {
    block.Add("Subject", caller->principal().subject());
    block.Add("Groups",
              caller->principal().groups().empty()
                  ? "none"
                  : absl::StrJoin(caller->principal().groups(), ", "));
  }
  if (ends) {
    block.Add(login.refresh_token.empty() ? "Until" : "Token until",
              TimeTextFrom(login.expire_time, session.now()));
  }
  block.Add("Refreshed", login.refresh_token.empty()
                             ? "no: the issuer gave no refresh token"
                             : "by itself");
  session.Print(block.Format());
}

absl::Status Login(Session& session, const Flags& flags) {
  ASSIGN_OR_RETURN(const ChosenLogin chosen, ChooseLogin(session, flags.login));
  const LoginWorld world = WorldOf(session.console());
  ASSIGN_OR_RETURN(
      const TokenStore store,
      TokenStore::Find(session.console().environment, chosen.settings));
  ASSIGN_OR_RETURN(const StoredLogin login,
                   LogIn(world, chosen.settings, MannerOf(session, flags),
                         [&session](const LoginPrompt& prompt) {
                           ShowTo(session, prompt);
                         }));
  {
    ASSIGN_OR_RETURN(const FileLock lock, store.Lock(world));
    RETURN_IF_ERROR(store.Save(login));
  }
  const absl::StatusOr<std::optional<v1::Caller>> caller =
      AskServer(session, chosen.in_context);
  PrintResult(session, login, caller.ok() ? *caller : std::nullopt);
  if (!chosen.in_context) {
    session.Note(
        "Other commands use this login where their context has a `login` "
        "block with these settings (docs/client.md).");
  }
  if (!caller.ok()) return base::Annotate(caller.status(), "the server");
  return absl::OkStatus();
}

}  // namespace

void AddLogin(CLI::App& root, Session& session) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& leaf = AddCommand(
      root, session, Needs::kServer, "login",
      "Log in as a person at the issuer of the context's `login`, with a "
      "browser on this machine or with a code in any browser",
      "countersign login\n"
      "countersign login --device --context release\n"
      "countersign login --issuer https://login.example.org --client-id "
      "countersign");
  AddLoginOptions(leaf, flags->login);
  CLI::Option* const device = leaf.add_flag(
      "--device", flags->device, "show a code to type in any browser");
  leaf.add_flag("--browser", flags->browser,
                "come back from a browser of this machine")
      ->excludes(device);
  leaf.add_flag("--no-browser", flags->no_browser,
                "start no browser, print its address only");
  SetAction(leaf, session,
            [&session, flags] { return Login(session, *flags); });
}

}  // namespace countersign::client
