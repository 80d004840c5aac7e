// A line on the terminal while a long file is hashed. Nothing where nobody
// looks, and nothing for files that are done in a moment.
#ifndef COUNTERSIGN_CLIENT_CLI_FILE_PROGRESS_H_
#define COUNTERSIGN_CLIENT_CLI_FILE_PROGRESS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "client/artifact/file_digest.h"
#include "client/cli/session.h"

namespace countersign::client {

class FileProgress {
 public:
  // `session` must outlive this.
  FileProgress(Session& session, std::string name);
  // Wipes the line where one was written.
  ~FileProgress();
  FileProgress(const FileProgress&) = delete;
  FileProgress& operator=(const FileProgress&) = delete;

  DigestProgress Callback();

 private:
  void Tell(uint64_t done, std::optional<uint64_t> total);

  Session& session_;
  const std::string name_;
  uint64_t told_ = 0;  // octets
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_CLI_FILE_PROGRESS_H_
