// The command groups, each of which puts itself into the tree: one file each in
// this folder. Called by app.cc only. `session` must outlive the tree.
#ifndef COUNTERSIGN_CLIENT_CLI_COMMANDS_COMMANDS_H_
#define COUNTERSIGN_CLIENT_CLI_COMMANDS_COMMANDS_H_

#include "client/cli/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace countersign::client {

void AddProductCommands(CLI::App& root, Session& session);
void AddKeyCommands(CLI::App& root, Session& session);
// Into the group `key`.
void AddKeyCertificates(CLI::App& keys, Session& session);
void AddKeyRenewal(CLI::App& keys, Session& session);
void AddKeyLife(CLI::App& keys, Session& session);
void AddAuthorityCommands(CLI::App& root, Session& session);
void AddSignCommands(CLI::App& root, Session& session);
// Into the group `sign`.
void AddSignDigest(CLI::App& sign, Session& session);
void AddSignBlob(CLI::App& sign, Session& session);
void AddSignDescriptor(CLI::App& sign, Session& session);
void AddSignComponentVersion(CLI::App& sign, Session& session);
void AddVerifyCommands(CLI::App& root, Session& session);
// Into the group `verify`.
void AddVerifyComponentVersion(CLI::App& verify, Session& session);
void AddHashCommands(CLI::App& root, Session& session);
// Into the group `hash`.
void AddHashComponentVersion(CLI::App& hash, Session& session);
void AddNormaliseCommands(CLI::App& root, Session& session);
void AddRequestCommands(CLI::App& root, Session& session);
void AddDecisionCommands(CLI::App& root, Session& session);
void AddAuditCommands(CLI::App& root, Session& session);
void AddLogin(CLI::App& root, Session& session);
void AddLogout(CLI::App& root, Session& session);
// whoami, context, version, completion.
void AddOtherCommands(CLI::App& root, Session& session);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_COMMANDS_COMMANDS_H_
