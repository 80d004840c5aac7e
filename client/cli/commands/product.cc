// countersign product create|approve|reject|get|list|enable|disable
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "client/api/client_error.h"
#include "client/api/product_client.h"
#include "client/cli/command_tree.h"
#include "client/cli/commands/commands.h"
#include "client/cli/product_file.h"
#include "client/cli/proto_json.h"
#include "client/cli/render_product.h"
#include "client/cli/resource_names.h"

namespace countersign::client {
namespace {

struct Options {
  std::string file;
  std::string name;
  std::string id;
  std::string reason;
  std::string etag;
  std::vector<std::string> variables;
  bool yes = false;
  bool dry_run = false;
};
using OptionsPtr = std::shared_ptr<Options>;

absl::Status Show(Session& session, const v1::Product& product) {
  if (session.json()) {
    session.PrintJson(ProtoJson(product));
  } else {
    session.Print(RenderProduct(product, session.now()));
  }
  return absl::OkStatus();
}

absl::Status Create(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string text, ReadInput(session, options.file));
  ASSIGN_OR_RETURN(const Variables variables, ReadVariables(options.variables));
  ASSIGN_OR_RETURN(const ProductFile file,
                   ReadProductFile(text, options.file, variables, options.id));
  if (options.dry_run) return Show(session, file.product);
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::Product product,
                   ProductClient(*connection).Create(file.product, file.id));
  if (product.state() == v1::Product::PENDING_APPROVAL) {
    session.Note(absl::StrCat("Another person has to approve it:\n",
                              "  countersign product approve ",
                              product.name()));
  }
  return Show(session, product);
}

absl::Status CheckEtag(const v1::Product& product, const std::string& etag) {
  if (etag.empty() || etag == product.etag()) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kAborted,
      absl::StrCat(product.name(), " was changed since --etag ", etag,
                   "; look at it again"),
      Because("STALE_ETAG"));
}

absl::Status Approve(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, ProductNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ProductClient client(*connection);
  ASSIGN_OR_RETURN(const v1::Product shown, client.Get(name));
  RETURN_IF_ERROR(CheckEtag(shown, options.etag));
  if (!options.yes) {
    if (!session.json()) session.Print(RenderProduct(shown, session.now()));
    RETURN_IF_ERROR(session.Confirm("Approve this product and make its keys?"));
  }
  ASSIGN_OR_RETURN(const v1::Product product,
                   client.Approve(name, shown.etag(), options.reason));
  return Show(session, product);
}

absl::Status Reject(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, ProductNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ProductClient client(*connection);
  ASSIGN_OR_RETURN(const v1::Product shown, client.Get(name));
  RETURN_IF_ERROR(CheckEtag(shown, options.etag));
  ASSIGN_OR_RETURN(const v1::Product product,
                   client.Reject(name, shown.etag(), options.reason));
  return Show(session, product);
}

absl::Status Get(Session& session, const Options& options) {
  ASSIGN_OR_RETURN(const std::string name, ProductNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const v1::Product product,
                   ProductClient(*connection).Get(name));
  return Show(session, product);
}

absl::Status List(Session& session) {
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::Product> products,
                   ProductClient(*connection).List());
  if (session.json()) {
    session.PrintJson(ProtoJsonList("products", products));
  } else {
    session.Print(RenderProductList(products, session.now()));
  }
  return absl::OkStatus();
}

absl::Status Switch(Session& session, const Options& options, bool on) {
  ASSIGN_OR_RETURN(const std::string name, ProductNameFrom(options.name));
  ASSIGN_OR_RETURN(Connection* const connection, session.Connect());
  ProductClient client(*connection);
  ASSIGN_OR_RETURN(const v1::Product product,
                   on ? client.Enable(name, options.reason)
                      : client.Disable(name, options.reason));
  return Show(session, product);
}

void AddName(CLI::App& leaf, Options& options) {
  leaf.add_option("name", options.name, "products/PRODUCT or PRODUCT")
      ->required()
      ->type_name("PRODUCT");
}

void AddCreate(CLI::App& group, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App& leaf = AddCommand(
      group, session, Needs::kServer, "create",
      "Create a product from a JSON file; another person approves it",
      "countersign product create product.json\n"
      "countersign product create product.json --set PRODUCTNAME=Router "
      "--set WRITERGROUP=ci --set APPROVERGROUP=release\n"
      "countersign product create product.json --dry-run");
  leaf.add_option("file", options->file,
                  "the product, JSON; - reads it from "
                  "standard input")
      ->required()
      ->type_name("FILE");
  leaf.add_option("--set", options->variables,
                  "value for a placeholder such as $PRODUCTNAME in the file")
      ->allow_extra_args(false)
      ->type_name("VAR=VALUE");
  leaf.add_option("--id", options->id, "id instead of one made from the name")
      ->type_name("ID");
  leaf.add_flag("--dry-run", options->dry_run,
                "read and show the file, create nothing");
  SetAction(leaf, session,
            [&session, options] { return Create(session, *options); });
}

void AddDecisions(CLI::App& group, Session& session) {
  const auto approval = std::make_shared<Options>();
  CLI::App& approve = AddCommand(
      group, session, Needs::kServer, "approve",
      "Show a product, ask, and approve it: its keys are made in the token",
      "countersign product approve router\n"
      "countersign product approve router --yes --etag 1");
  AddName(approve, *approval);
  approve.add_flag("--yes", approval->yes, "do not ask");
  approve.add_option("--etag", approval->etag,
                     "only if it is still as seen with this etag");
  approve.add_option("--reason", approval->reason, "for the record");
  SetAction(approve, session,
            [&session, approval] { return Approve(session, *approval); });

  const auto rejection = std::make_shared<Options>();
  CLI::App& reject =
      AddCommand(group, session, Needs::kServer, "reject", "Reject a product",
                 "countersign product reject router --reason \"no such team\"");
  AddName(reject, *rejection);
  reject.add_option("--etag", rejection->etag,
                    "only if it is still as seen with this etag");
  reject.add_option("--reason", rejection->reason, "why, for its author")
      ->required();
  SetAction(reject, session,
            [&session, rejection] { return Reject(session, *rejection); });
}

void AddReads(CLI::App& group, Session& session) {
  const auto options = std::make_shared<Options>();
  CLI::App& get =
      AddCommand(group, session, Needs::kServer, "get", "Show a product",
                 "countersign product get router\n"
                 "countersign product get products/router -o json");
  AddName(get, *options);
  SetAction(get, session,
            [&session, options] { return Get(session, *options); });

  CLI::App& list = AddCommand(group, session, Needs::kServer, "list",
                              "List products", "countersign product list");
  SetAction(list, session, [&session] { return List(session); });
}

void AddSwitch(CLI::App& group, Session& session, bool on) {
  const auto options = std::make_shared<Options>();
  const std::string verb = on ? "enable" : "disable";
  CLI::App& leaf = AddCommand(group, session, Needs::kServer, verb,
                              on ? "Let a disabled product sign again"
                                 : "Stop all signing for a product at once",
                              absl::StrCat("countersign product ", verb,
                                           " router --reason \"incident 42\""));
  AddName(leaf, *options);
  leaf.add_option("--reason", options->reason, "for the record");
  SetAction(leaf, session,
            [&session, options, on] { return Switch(session, *options, on); });
}

}  // namespace

void AddProductCommands(CLI::App& root, Session& session) {
  CLI::App& group = AddGroup(
      root, "product", "Products: what is released, and who may sign for it");
  AddCreate(group, session);
  AddDecisions(group, session);
  AddReads(group, session);
  AddSwitch(group, session, true);
  AddSwitch(group, session, false);
}

}  // namespace countersign::client
