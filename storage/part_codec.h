// Stored form of what products and requests have in common: names, principals,
// rules. Called by product_codec and request_codec. Pure.
#ifndef COUNTERSIGN_STORAGE_PART_CODEC_H_
#define COUNTERSIGN_STORAGE_PART_CODEC_H_

#include <set>
#include <string>
#include <vector>

#include "core/approval_rule.h"
#include "core/names.h"
#include "core/principal.h"
#include "storage/record.h"

namespace countersign::storage {

void WriteStrings(const std::set<std::string>& strings, RecordWriter& out);
std::set<std::string> ReadStrings(RecordReader& in);

// In their order.
void WriteList(const std::vector<std::string>& strings, RecordWriter& out);
std::vector<std::string> ReadList(RecordReader& in);

void WriteOperationName(const core::OperationName& name, RecordWriter& out);
core::OperationName ReadOperationName(RecordReader& in);

void WritePrincipal(const core::Principal& principal, RecordWriter& out);
core::Principal ReadPrincipal(RecordReader& in);

void WriteRule(const core::ApprovalRule& rule, RecordWriter& out);
core::ApprovalRule ReadRule(RecordReader& in);

}  // namespace countersign::storage

#endif  // COUNTERSIGN_STORAGE_PART_CODEC_H_
