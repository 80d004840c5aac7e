// The tables and how a database file becomes one of ours. SQL of the schema is
// in schema.cc and nowhere else.
#ifndef COUNTERSIGN_STORAGE_SCHEMA_H_
#define COUNTERSIGN_STORAGE_SCHEMA_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/sqlite.h"

namespace countersign::storage {

// PRAGMA application_id: "CSGN".
inline constexpr int kApplicationId = 0x4353474e;
// PRAGMA user_version.
inline constexpr int kSchemaVersion = 2;

// Makes the tables in an empty file, or brings those of an older version up to
// date, in one transaction. FAILED_PRECONDITION: FOREIGN_DATABASE where the
// file belongs to another program, NEWER_DATABASE where a newer version of this
// one wrote it.
absl::Status MigrateSchema(Database& db);

// Its version, 0 for an empty file; the same errors. Writes nothing.
absl::StatusOr<int64_t> SchemaVersionOf(Database& db);

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_SCHEMA_H_
