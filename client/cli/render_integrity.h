// The report of `verify component-version`: each version of the tree with its
// content, its references and its signatures, for people and for programs.
// Pure.
#ifndef COUNTERSIGN_CLIENT_CLI_RENDER_INTEGRITY_H_
#define COUNTERSIGN_CLIENT_CLI_RENDER_INTEGRITY_H_

#include <string>

#include "base/json.h"
#include "client/ocm/component_tree.h"
#include "client/ocm/verify_tree.h"

namespace countersign::client {

// Lines, safe to show; the roots come first.
std::string RenderIntegrity(const ComponentTree& tree,
                            const TreeReport& report);

// {"verified": bool, "componentVersions": [...]}, the roots first.
base::Json IntegrityJson(const ComponentTree& tree, const TreeReport& report);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_RENDER_INTEGRITY_H_
