// Brings numbered leaves into the tree: reads those that are not yet in it,
// makes tiles, root and a signed checkpoint. It writes nothing: the driver
// commits what Next returns like any other change set. A checkpoint that was
// not committed must not be shown to anybody.
#ifndef COUNTERSIGN_AUDIT_INTEGRATOR_H_
#define COUNTERSIGN_AUDIT_INTEGRATOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "audit/signed_note.h"
#include "core/store.h"

namespace countersign::audit {

// Single-thread. Commits of trees come from this integrator alone.
class Integrator {
 public:
  // Leaves in one update at most: with them about 20 tiles of 8 KiB change.
  static constexpr int kMaxBatch = 4096;

  // `store` outlives this. The log's origin is the signer's name.
  Integrator(core::Store& store, NoteSigner signer)
      : store_(store), signer_(std::move(signer)) {}

  // The next update, of up to kMaxBatch leaves; nullopt where every leaf is in
  // the tree. Blocks on the store. Before it signs, it checks that the stored
  // checkpoint bears this key's signature, that the stored tiles have its root,
  // that the tree has not become smaller since the last call, and that no leaf
  // is missing. INTERNAL, reason TREE_DAMAGED, otherwise: nothing is signed.
  absl::StatusOr<std::optional<core::TreeUpdate>> Next();

  const NoteVerifier& verifier() const { return signer_.verifier(); }

 private:
  // The stored tree's size and edge tiles, checked.
  struct Stored {
    uint64_t leaves = 0;
    uint64_t size = 0;
    std::vector<core::Tile> edge;
  };
  absl::StatusOr<Stored> ReadChecked();
  absl::StatusOr<std::vector<std::string>> ReadLeafHashes(uint64_t first);

  core::Store& store_;
  NoteSigner signer_;
  // The largest tree that was seen in the store, and its checkpoint.
  uint64_t seen_size_ = 0;
  std::string seen_root_;
};

}  // namespace countersign::audit

#endif  // COUNTERSIGN_AUDIT_INTEGRATOR_H_
