#include "client/cli/sign_options.h"

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/cli/algorithm_text.h"
#include "client/cli/proto_json.h"
#include "client/cli/resource_names.h"
#include "client/cli/text_table.h"
#include "client/cli/time_text.h"

namespace countersign::client {
namespace {

absl::Status AddContext(const std::vector<std::string>& entries,
                        v1::SigningRequest& request) {
  for (const std::string& entry : entries) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0) {
      return base::MakeError(
          absl::StatusCode::kInvalidArgument,
          absl::StrCat("--context \"", base::EscapeForDisplay(entry),
                       "\": here it is KEY=VALUE for the approvers. The "
                       "connection's context is chosen before the command "
                       "(countersign --context NAME sign ...) or by "
                       "COUNTERSIGN_CONTEXT"),
          Because("CONTEXT_MALFORMED"));
    }
    const std::string key = entry.substr(0, equals);
    if (!request.mutable_context()
             ->insert({key, entry.substr(equals + 1)})
             .second) {
      return base::MakeError(
          absl::StatusCode::kInvalidArgument,
          absl::StrCat("--context ", base::EscapeForDisplay(key),
                       " is given twice"),
          Because("CONTEXT_MALFORMED"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

void AddSignOptions(CLI::App& leaf, SignOptions& options) {
  leaf.add_option("-p,--operation", options.operation,
                  "PRODUCT/OPERATION or products/P/operations/O")
      ->required()
      ->type_name("OPERATION");
  leaf.add_option("--algorithm", options.algorithm,
                  "RSASSA-PKCS1-V1_5, RSASSA-PSS, ECDSA or ED25519; otherwise "
                  "the operation's first")
      ->type_name("NAME");
  leaf.add_option("--description", options.description,
                  "what approvers read first");
  leaf.add_option("--context", options.context, "a fact for the approvers")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
  CLI::Option* wait =
      leaf.add_option("--wait", options.wait,
                      "how long to wait; without it, until it ends")
          ->type_name("DURATION");
  leaf.add_flag("--no-wait", options.no_wait,
                "print the request's name and do not wait")
      ->excludes(wait);
  leaf.add_option("--expire-in", options.expire_in,
                  "how long it may wait for people, up to the rule's")
      ->type_name("DURATION");
  leaf.add_option("--request-id", options.request_id,
                  "the same id finds the same request again (best a UUID)")
      ->type_name("ID");
}

void AddEcdsaForm(CLI::App& leaf, std::string& form) {
  leaf.add_option("--ecdsa-form", form,
                  "der (default), or fixed-width: r and s side by side, as JWS "
                  "has them")
      ->type_name("der|fixed-width");
}

absl::Status SetEcdsaForm(const std::string& form,
                          v1::SigningRequest& request) {
  if (form.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::EcdsaForm wire, ReadEcdsaForm(form));
  const auto wrong = [](const char* why) {
    return base::MakeError(absl::StatusCode::kInvalidArgument,
                           absl::StrCat("--ecdsa-form: ", why),
                           Because("ECDSA_FORM_NOT_POSSIBLE"));
  };
  const v1::SignatureAlgorithm algorithm = request.signature_algorithm();
  if (algorithm != v1::SIGNATURE_ALGORITHM_UNSPECIFIED &&
      algorithm != v1::ECDSA) {
    return wrong("only ECDSA signatures have one");
  }
  if (wire == v1::FIXED_WIDTH && request.encoding() == v1::PEM) {
    return wrong("a signature in PEM is der");
  }
  request.set_ecdsa_form(wire);
  return absl::OkStatus();
}

absl::StatusOr<Ask> MakeAsk(const SignOptions& options) {
  Ask ask;
  ask.wait = !options.no_wait;
  v1::CreateSigningRequestRequest& request = ask.request;
  ASSIGN_OR_RETURN(const std::string parent,
                   OperationNameFrom(options.operation));
  request.set_parent(parent);
  request.set_request_id(options.request_id);
  v1::SigningRequest& content = *request.mutable_signing_request();
  content.set_description(options.description);
  content.set_encoding(v1::RAW);
  RETURN_IF_ERROR(AddContext(options.context, content));
  if (!options.algorithm.empty()) {
    ASSIGN_OR_RETURN(const v1::SignatureAlgorithm algorithm,
                     ReadAlgorithm(options.algorithm));
    content.set_signature_algorithm(algorithm);
  }
  if (!options.wait.empty()) {
    ASSIGN_OR_RETURN(ask.wait_for, ParseDuration("--wait", options.wait));
  }
  if (!options.expire_in.empty()) {
    ASSIGN_OR_RETURN(const absl::Duration expire_in,
                     ParseDuration("--expire-in", options.expire_in));
    request.mutable_expire_in()->set_seconds(absl::ToInt64Seconds(expire_in));
  }
  return ask;
}

void PrintName(Session& session, const v1::SigningRequest& request) {
  if (session.json()) {
    session.PrintJson(ProtoJson(request));
  } else {
    session.Print(absl::StrCat(EscapeLines(request.name()), "\n"));
  }
}

}  // namespace countersign::client
