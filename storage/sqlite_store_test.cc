// The store's contract is core/store_contract.h; here stands what only a file
// can do: survive, be damaged, be locked, be somebody else's.
#include "storage/sqlite_store.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "audit/checkpoint.h"
#include "audit/integrator.h"
#include "audit/leaf.h"
#include "audit/merkle_tree.h"
#include "audit/note_vectors.h"
#include "audit/proof_service.h"
#include "audit/proofs.h"
#include "audit/signed_note.h"
#include "audit/verify_log.h"
#include "base/status_matchers.h"
#include "core/sample_values.h"
#include "core/store.h"
#include "core/store_contract.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/schema.h"
#include "storage/sqlite.h"

namespace countersign::storage {
namespace {

using base::HasCode;
using base::HasReason;
using core::ChangeSet;
using core::Committed;
using core::EventType;
using core::SampleEvent;
using core::SampleRequest;

std::string NewDirectory() {
  std::string pattern = absl::StrCat(std::getenv("TEST_TMPDIR"), "/XXXXXX");
  return mkdtemp(pattern.data());
}

std::string NewPath() { return NewDirectory() + "/store.db"; }

std::unique_ptr<SqliteStore> OpenOrDie(const std::string& path) {
  auto store = SqliteStore::Open(path);
  EXPECT_OK(store);
  return store.ok() ? *std::move(store) : nullptr;
}

ChangeSet Change(int number) {
  ChangeSet change;
  change.requests = {SampleRequest(number)};
  change.events = {
      SampleEvent(EventType::kRequestCreated, "a", absl::StrCat("r", number)),
      SampleEvent(EventType::kRequestApproved, "a", absl::StrCat("r", number))};
  return change;
}

absl::Status CommitOne(core::Store& store, const ChangeSet& change) {
  const auto outcomes = store.Commit({change});
  if (!outcomes.ok()) return outcomes.status();
  return std::holds_alternative<Committed>((*outcomes)[0])
             ? absl::OkStatus()
             : absl::AbortedError("lost race");
}

TEST(SqliteStore, KeepsWhatWasCommittedWhenItIsOpenedAgain) {
  const std::string path = NewPath();
  {
    const auto store = OpenOrDie(path);
    ASSERT_OK(CommitOne(*store, Change(1)));
    ChangeSet product;
    product.products = {core::SampleProduct()};
    product.tree = core::TreeUpdate{1, {{{0, 0}, "hashes"}}, "note"};
    ASSERT_OK(CommitOne(*store, product));
  }
  const auto store = OpenOrDie(path);
  ASSERT_OK_AND_ASSIGN(const auto request,
                       store->GetRequest(SampleRequest(1).name));
  EXPECT_EQ(request, SampleRequest(1));
  ASSERT_OK_AND_ASSIGN(const auto product,
                       store->GetProduct(core::SampleProduct().name));
  EXPECT_EQ(product, core::SampleProduct());
  ASSERT_OK_AND_ASSIGN(const auto tree, store->ReadTree({}));
  EXPECT_EQ(tree.leaves, 2u);
  EXPECT_EQ(tree.size, 1u);
  EXPECT_EQ(tree.checkpoint, "note");
  // Numbers go on where they were.
  const auto outcomes = store->Commit({Change(2)});
  ASSERT_OK(outcomes);
  EXPECT_EQ(std::get<Committed>((*outcomes)[0]).first_leaf, 2u);
}

TEST(SqliteStore, WritesTheLeafsFormat) {
  const auto store = OpenOrDie(NewPath());
  const core::Event event = SampleEvent(EventType::kCallDenied, "a", "r");
  ChangeSet change;
  change.events = {event};
  ASSERT_OK(CommitOne(*store, change));
  ASSERT_OK_AND_ASSIGN(const auto leaves, store->ReadLeaves({}));
  ASSERT_EQ(leaves.size(), 1u);
  EXPECT_EQ(leaves[0].bytes, audit::LeafBytes(event));
}

// A child process that commits until it is killed; every commit that it has
// reported must be there afterwards.
TEST(SqliteStore, LosesNothingThatWasReportedWhenItsProcessIsKilled) {
  const std::string path = NewPath();
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto store = SqliteStore::Open(path);
    for (int n = 1; store.ok() && n < 100000; ++n) {
      if (!CommitOne(**store, Change(n)).ok()) break;
      if (write(pipe_ends[1], "x", 1) != 1) break;
    }
    _exit(1);
  }
  int reported = 0;
  for (char c; reported < 20 && read(pipe_ends[0], &c, 1) == 1;) ++reported;
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  ASSERT_EQ(reported, 20);

  const auto store = OpenOrDie(path);
  ASSERT_OK_AND_ASSIGN(const auto tree, store->ReadTree({}));
  EXPECT_GE(tree.leaves, 40u);
  // Request and leaves came together or not at all.
  core::RequestQuery query;
  query.limit = 100000;
  ASSERT_OK_AND_ASSIGN(const auto requests, store->ListRequests(query));
  EXPECT_EQ(tree.leaves, 2 * requests.items.size());
}

TEST(SqliteStore, RefusesASecondOpener) {
  const std::string path = NewPath();
  auto store = OpenOrDie(path);
  const auto second = SqliteStore::Open(path);
  EXPECT_THAT(second, HasReason("DATABASE_IN_USE"));
  EXPECT_THAT(second, HasCode(absl::StatusCode::kFailedPrecondition));
  store.reset();
  EXPECT_OK(SqliteStore::Open(path));
}

TEST(SqliteStore, RefusesASecondProcess) {
  const std::string path = NewPath();
  const auto store = OpenOrDie(path);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto second = SqliteStore::Open(path);
    _exit(base::GetReason(second.status()) == "DATABASE_IN_USE" ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(SqliteStore, MakesItsFilesReadableByTheirOwnerAlone) {
  const std::string path = NewPath();
  const auto store = OpenOrDie(path);
  ASSERT_OK(CommitOne(*store, Change(1)));
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat info = {};
    ASSERT_EQ(stat((path + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << suffix;
  }
}

TEST(SqliteStore, NamesADirectoryThatIsNotThere) {
  const std::string path = NewDirectory() + "/missing/store.db";
  EXPECT_THAT(
      SqliteStore::Open(path),
      base::StatusIs(absl::StatusCode::kNotFound, testing::HasSubstr(path)));
}

TEST(SqliteStore, RefusesADirectoryInTheFilesPlace) {
  EXPECT_FALSE(SqliteStore::Open(NewDirectory()).ok());
}

TEST(SqliteStore, RefusesAReadOnlyDirectory) {
  std::string directory = NewDirectory();
  ASSERT_EQ(chmod(directory.c_str(), 0500), 0);
  // Root may write into that; nobody may make a file in sysfs.
  if (geteuid() == 0) directory = "/sys";
  EXPECT_THAT(SqliteStore::Open(directory + "/store.db"),
              HasCode(absl::StatusCode::kPermissionDenied));
}

TEST(SqliteStore, RefusesWhatIsNoDatabase) {
  const std::string path = NewPath();
  std::ofstream(path) << std::string(10000, 'x');
  const auto store = SqliteStore::Open(path);
  EXPECT_THAT(store, HasReason("DATABASE_FAILED"));
  EXPECT_EQ(SqliteCodeOf(store.status()), "SQLITE_NOTADB");
  EXPECT_THAT(std::string(store.status().message()), testing::HasSubstr(path));
}

TEST(SqliteStore, RefusesANewerSchema) {
  const std::string path = NewPath();
  OpenOrDie(path).reset();
  {
    auto db = Database::Open(path, Database::Mode::kReadWriteCreate);
    ASSERT_OK(db);
    ASSERT_OK(db->Execute(
        absl::StrCat("PRAGMA user_version = ", kSchemaVersion + 1)));
  }
  EXPECT_THAT(SqliteStore::Open(path), HasReason("NEWER_DATABASE"));
}

TEST(SqliteStore, RefusesAnotherProgramsDatabase) {
  const std::string path = NewPath();
  {
    auto db = Database::Open(path, Database::Mode::kReadWriteCreate);
    ASSERT_OK(db);
    ASSERT_OK(db->Execute("CREATE TABLE theirs (x)"));
  }
  EXPECT_THAT(SqliteStore::Open(path), HasReason("FOREIGN_DATABASE"));
}

// What a page of zeros in the middle of the file does to the store.
TEST(SqliteStore, ReportsADamagedFileAndStopsWriting) {
  const std::string path = NewPath();
  {
    const auto store = OpenOrDie(path);
    std::vector<ChangeSet> changes;
    for (int n = 1; n <= 300; ++n) changes.push_back(Change(n));
    ASSERT_OK(store->Commit(changes));
  }
  const auto size = std::filesystem::file_size(path);
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(size - 4096, '\xaa');
  }
  auto store = SqliteStore::Open(path);
  if (!store.ok()) return;  // found at once: also well
  EXPECT_THAT(CommitOne(**store, Change(1000)),
              HasCode(absl::StatusCode::kInternal));
  EXPECT_THAT(CommitOne(**store, Change(1000)), HasReason("STORE_FAILED"));
  EXPECT_THAT((*store)->GetRequest(SampleRequest(1).name),
              HasCode(absl::StatusCode::kInternal));
}

TEST(SqliteStore, ReportsADamagedValueAndLeavesTheRestAlone) {
  const std::string path = NewPath();
  {
    const auto store = OpenOrDie(path);
    ASSERT_OK(CommitOne(*store, Change(1)));
    ASSERT_OK(CommitOne(*store, Change(2)));
  }
  {
    auto db = Database::Open(path, Database::Mode::kReadWriteCreate);
    ASSERT_OK(db);
    ASSERT_OK(db->Execute(
        "UPDATE signing_requests SET value = x'0102' WHERE number = 1"));
  }
  const auto store = OpenOrDie(path);
  EXPECT_THAT(store->GetRequest(SampleRequest(1).name),
              HasReason("BAD_RECORD"));
  EXPECT_OK(store->GetRequest(SampleRequest(2).name));
  EXPECT_OK(CommitOne(*store, Change(3)));
}

TEST(SqliteStore, RollsBackWholeCommitWhereOneChangeFails) {
  const auto store = OpenOrDie(NewPath());
  ChangeSet impossible;
  impossible.tree = core::TreeUpdate{100, {}, "note"};
  EXPECT_THAT(store->Commit({Change(1), impossible}),
              HasReason("TREE_DAMAGED"));
  ASSERT_OK_AND_ASSIGN(const auto tree, store->ReadTree({}));
  EXPECT_EQ(tree.leaves, 0u);
  EXPECT_THAT(store->GetRequest(SampleRequest(1).name),
              HasCode(absl::StatusCode::kNotFound));
  // The numbers of its leaves are given again.
  for (const uint64_t first : {0, 2}) {
    const auto outcomes = store->Commit({Change(1 + static_cast<int>(first))});
    ASSERT_OK(outcomes);
    EXPECT_EQ(std::get<Committed>((*outcomes)[0]).first_leaf, first);
    EXPECT_FALSE(store->Commit({Change(100), impossible}).ok());
  }
}

TEST(SqliteStore, ReusesTheLogOfWritesAndNeverCutsIt) {
  const std::string path = NewPath();
  const auto store = OpenOrDie(path);
  const auto fill = [&](int from) {
    for (int n = from; n < from + 3000; n += 100) {
      std::vector<ChangeSet> changes;
      for (int i = n; i < n + 100; ++i) changes.push_back(Change(i));
      ASSERT_OK(store->Commit(changes));
    }
  };
  fill(1);
  const auto after_first = std::filesystem::file_size(path + "-wal");
  fill(3001);
  const auto after_second = std::filesystem::file_size(path + "-wal");
  EXPECT_GE(after_second, after_first);
  // SQLite's checkpoint comes at 1,000 pages; a commit may pass that by its own
  // size.
  EXPECT_LT(after_second, 3u * 1000 * 4096);
}

// In a process of its own, whose files may not grow: write(2) fails with EFBIG.
int CommitWithoutRoomToGrow(const std::string& path) {
  auto store = SqliteStore::Open(path);
  if (!store.ok() || !CommitOne(**store, Change(1)).ok()) return 2;
  std::signal(SIGXFSZ, SIG_IGN);
  const auto size = std::filesystem::file_size(path + "-wal");
  const rlimit small = {size + 4096, RLIM_INFINITY};
  if (setrlimit(RLIMIT_FSIZE, &small) != 0) return 3;
  std::vector<ChangeSet> many;
  for (int n = 2; n < 200; ++n) many.push_back(Change(n));
  const auto failed = (*store)->Commit(many);
  if (SqliteCodeOf(failed.status()) != "SQLITE_IOERR_WRITE") return 4;
  // Nothing of it is seen, and reading goes on.
  if (!(*store)->GetRequest(SampleRequest(1).name).ok()) return 5;
  if ((*store)->GetRequest(SampleRequest(2).name).ok()) return 6;
  // Even when there is room again, this store writes no more.
  const rlimit large = {RLIM_INFINITY, RLIM_INFINITY};
  if (setrlimit(RLIMIT_FSIZE, &large) != 0) return 7;
  const absl::Status refused = CommitOne(**store, Change(2));
  return base::GetReason(refused) == "STORE_FAILED" ? 0 : 8;
}

TEST(SqliteStore, StopsWritingAfterAFailedWriteUntilItIsOpenedAgain) {
  const std::string path = NewPath();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(CommitWithoutRoomToGrow(path));
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  ASSERT_EQ(WEXITSTATUS(status), 0);
  const auto store = OpenOrDie(path);
  EXPECT_OK(store->GetRequest(SampleRequest(1).name));
  EXPECT_THAT(store->GetRequest(SampleRequest(2).name),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_OK(CommitOne(*store, Change(2)));
}

TEST(SqliteStore, ReadsWhileItWrites) {
  const auto store = OpenOrDie(NewPath());
  ASSERT_OK(CommitOne(*store, Change(1)));
  std::atomic<bool> stop{false};
  std::atomic<int> reads{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 6; ++i) {
    readers.emplace_back([&] {
      uint64_t seen = 0;
      while (!stop) {
        EXPECT_OK(store->GetRequest(SampleRequest(1).name));
        EXPECT_OK(store->ListRequests({}));
        const auto tree = store->ReadTree({});
        ASSERT_OK(tree);
        EXPECT_GE(tree->leaves, seen);
        seen = tree->leaves;
        ++reads;
      }
    });
  }
  int n = 1;
  while (n < 200 || reads < 50) ASSERT_OK(CommitOne(*store, Change(++n)));
  stop = true;
  for (std::thread& reader : readers) reader.join();
  ASSERT_OK_AND_ASSIGN(const auto tree, store->ReadTree({}));
  EXPECT_EQ(tree.leaves, 2u * n);
}

// Leaves of a file become a log that an auditor can check.
TEST(SqliteStore, CarriesAVerifiableLog) {
  const std::string path = NewPath();
  std::string first_note;
  {
    const auto store = OpenOrDie(path);
    std::vector<ChangeSet> changes;
    for (int n = 1; n <= 200; ++n) changes.push_back(Change(n));
    ASSERT_OK(store->Commit(changes));
    audit::Integrator integrator(*store, audit::TestSigner());
    ASSERT_OK_AND_ASSIGN(auto update, integrator.Next());
    first_note = update->checkpoint;
    ChangeSet tree;
    tree.tree = *update;
    ASSERT_OK(CommitOne(*store, tree));
  }
  const auto store = OpenOrDie(path);
  ASSERT_OK(CommitOne(*store, Change(201)));
  audit::Integrator integrator(*store, audit::TestSigner());
  ASSERT_OK_AND_ASSIGN(auto update, integrator.Next());
  ChangeSet tree;
  tree.tree = *update;
  ASSERT_OK(CommitOne(*store, tree));

  core::LeafQuery all;
  all.limit = 1000;
  ASSERT_OK_AND_ASSIGN(const auto leaves, store->ReadLeaves(all));
  ASSERT_EQ(leaves.size(), 402u);
  ASSERT_OK_AND_ASSIGN(
      audit::LogVerifier verifier,
      audit::LogVerifier::Create(update->checkpoint, integrator.verifier()));
  for (const core::Leaf& leaf : leaves) verifier.Add(leaf.number, leaf.bytes);
  const audit::LogReport report = std::move(verifier).Finish();
  EXPECT_THAT(report.findings, testing::IsEmpty());

  ASSERT_OK_AND_ASSIGN(const auto proof,
                       audit::InclusionProof(*store, 77, 402));
  EXPECT_OK(audit::VerifyInclusion(audit::HashLeaf(leaves[77].bytes), 77, 402,
                                   proof, report.checkpoint.root));
  ASSERT_OK_AND_ASSIGN(
      const auto old, audit::OpenCheckpoint(first_note, integrator.verifier()));
  ASSERT_OK_AND_ASSIGN(const auto consistency,
                       audit::ConsistencyProof(*store, 400, 402));
  EXPECT_OK(audit::VerifyConsistency(400, old.root, 402, report.checkpoint.root,
                                     consistency));
}

std::shared_ptr<core::Store> MakeSqliteStore() { return OpenOrDie(NewPath()); }

}  // namespace
}  // namespace countersign::storage

// The contract's tests live in its namespace.
namespace countersign::core {
namespace {

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract,
                         testing::Values(StoreContractParam{
                             "SqliteStore", storage::MakeSqliteStore}),
                         StoreContractName);

}  // namespace
}  // namespace countersign::core
