#include "storage/reader_pool.h"

#include "base/status_macros.h"

namespace countersign::storage {

ReaderPool::Lease::~Lease() {
  if (db_ != nullptr) pool_.GiveBack(std::move(db_));
}

absl::StatusOr<ReaderPool::Lease> ReaderPool::Borrow() {
  {
    base::MutexLock lock(mutex_);
    while (idle_.empty() && unopened_ == 0) returned_.Wait(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Database> db = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(db));
    }
    --unopened_;
  }
  absl::StatusOr<std::unique_ptr<Database>> db = Open();
  if (!db.ok()) {
    base::MutexLock lock(mutex_);
    ++unopened_;
    returned_.Signal();
    return db.status();
  }
  return Lease(*this, *std::move(db));
}

absl::StatusOr<std::unique_ptr<Database>> ReaderPool::Open() const {
  ASSIGN_OR_RETURN(Database db,
                   Database::Open(path_, Database::Mode::kReadOnly));
  // KiB. SQLite empties the cache at the first read after each commit, so that
  // under load it serves one read only.
  RETURN_IF_ERROR(db.Execute("PRAGMA cache_size = -512"));
  return std::make_unique<Database>(std::move(db));
}

void ReaderPool::GiveBack(std::unique_ptr<Database> db) {
  base::MutexLock lock(mutex_);
  idle_.push_back(std::move(db));
  returned_.Signal();
}

}  // namespace countersign::storage
