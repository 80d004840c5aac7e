// A line on the terminal while a big blob goes to a registry. Nothing where
// nobody looks, and nothing for blobs that are there in a moment. Downloads are
// told by who reads them (file_progress.h).
#ifndef COUNTERSIGN_CLIENT_CLI_UPLOAD_PROGRESS_H_
#define COUNTERSIGN_CLIENT_CLI_UPLOAD_PROGRESS_H_

#include <functional>

#include "client/cli/session.h"
#include "client/oci/http_registry.h"

namespace countersign::client {

// For HttpRegistryOptions; `session` must outlive it. Empty where nobody looks.
std::function<void(const BlobTransfer&)> UploadProgress(Session& session);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_UPLOAD_PROGRESS_H_
