// Read connections that threads borrow: each sees one snapshot per transaction
// and never waits for the writer.
#ifndef COUNTERSIGN_STORAGE_READER_POOL_H_
#define COUNTERSIGN_STORAGE_READER_POOL_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "storage/sqlite.h"

namespace countersign::storage {

// Thread-safe.
class ReaderPool {
 public:
  // Gives a connection back when it dies.
  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<Database> db)
        : pool_(pool), db_(std::move(db)) {}
    ~Lease();
    Lease(Lease&&) = default;
    Database& operator*() { return *db_; }
    Database* operator->() { return db_.get(); }

   private:
    ReaderPool& pool_;
    std::unique_ptr<Database> db_;
  };

  // At most `size` connections to the database at `path`, opened when they are
  // first needed.
  ReaderPool(std::string path, int size)
      : path_(std::move(path)), unopened_(size) {}

  // Waits while all are lent; a lease lasts for one read. INTERNAL where a
  // connection cannot be opened.
  absl::StatusOr<Lease> Borrow() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void GiveBack(std::unique_ptr<Database> db) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::unique_ptr<Database>> Open() const;

  const std::string path_;
  base::Mutex mutex_;
  base::CondVar returned_;
  std::vector<std::unique_ptr<Database>> idle_ ABSL_GUARDED_BY(mutex_);
  int unopened_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_READER_POOL_H_
