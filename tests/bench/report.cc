#include "tests/bench/report.h"

#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace countersign::bench {
namespace {

double Mebibytes(int64_t kib) { return static_cast<double>(kib) / 1024; }

void PrintGoals(const std::vector<Goal>& goals) {
  for (const Goal& goal : goals) std::cout << "  " << Describe(goal) << "\n";
  std::cout << std::flush;
}

std::string GoalsJson(const std::vector<Goal>& goals) {
  return absl::StrCat("[",
                      absl::StrJoin(goals, ", ",
                                    [](std::string* out, const Goal& goal) {
                                      absl::StrAppend(out, ToJson(goal));
                                    }),
                      "]");
}

std::string CpuJson(const SignResult& result) {
  return absl::StrCat("{",
                      absl::StrJoin(result.cpu_us, ", ",
                                    [](std::string* out, const auto& part) {
                                      absl::StrAppendFormat(out, "\"%s\": %.1f",
                                                            part.first,
                                                            part.second);
                                    }),
                      "}");
}

std::string RowJson(const Row& row) {
  const SignResult& result = row.result;
  return absl::StrFormat(
      "{\"name\": \"%s\", \"per_second\": %.1f, \"ceiling_per_second\": %.1f, "
      "\"ratio\": %.3f, \"hsm_share\": %.3f, \"p50_ms\": %.3f, "
      "\"p99_ms\": %.3f, \"refusals_per_second\": %.1f, \"threads\": %d, "
      "\"rss_mib\": %.1f, \"cpu_us\": %s, \"goals\": %s}",
      row.name, result.signatures_per_second, row.ceiling_per_second, row.ratio,
      result.hsm_share, result.p50_ms, result.p99_ms,
      result.refusals_per_second, result.threads, Mebibytes(result.rss_kib),
      CpuJson(result), GoalsJson(row.goals));
}

std::string HeldJson(const HeldRow& row) {
  return absl::StrFormat(
      "{\"name\": \"%s\", \"threads_before\": %d, \"threads\": %d, "
      "\"rss_mib_before\": %.1f, \"rss_mib\": %.1f, \"goals\": %s}",
      row.name, row.result.before.threads, row.result.open.threads,
      Mebibytes(row.result.before.rss_kib), Mebibytes(row.result.open.rss_kib),
      GoalsJson(row.goals));
}

}  // namespace

void PrintHeader() {
  std::cout << absl::StrFormat("%-28s %8s %8s %6s %6s %8s %8s %8s\n", "",
                               "per s", "bare", "ratio", "share", "p50 ms",
                               "p99 ms", "RSS MiB");
}

void Print(const Row& row) {
  const SignResult& result = row.result;
  std::cout << absl::StrFormat(
      "%-28s %8.0f %8.0f %6.2f %6.2f %8.2f %8.2f %8.1f\n", row.name,
      result.signatures_per_second, row.ceiling_per_second, row.ratio,
      result.hsm_share, result.p50_ms, result.p99_ms,
      Mebibytes(result.rss_kib));
  std::cout << absl::StrFormat("  %d threads; CPU us each:", result.threads);
  const char* separator = " ";
  for (const auto& [name, us] : result.cpu_us) {
    if (us < 0.5) continue;
    std::cout << absl::StrFormat("%s%s %.0f", separator, name, us);
    separator = ", ";
  }
  std::cout << "\n";
  if (result.refusals_per_second > 0) {
    std::cout << absl::StrFormat("  %.0f refusals per s\n",
                                 result.refusals_per_second);
  }
  PrintGoals(row.goals);
}

void Print(const HeldRow& row) {
  std::cout << absl::StrFormat(
      "%s: threads %d -> %d, memory %.1f -> %.1f MiB\n", row.name,
      row.result.before.threads, row.result.open.threads,
      Mebibytes(row.result.before.rss_kib), Mebibytes(row.result.open.rss_kib));
  PrintGoals(row.goals);
}

absl::Status WriteJson(const std::vector<Row>& rows,
                       const std::vector<HeldRow>& held,
                       const std::string& path) {
  std::vector<std::string> objects;
  for (const Row& row : rows) objects.push_back(RowJson(row));
  for (const HeldRow& row : held) objects.push_back(HeldJson(row));
  std::ofstream file(path, std::ios::trunc);
  file << "[\n  " << absl::StrJoin(objects, ",\n  ") << "\n]\n";
  file.close();
  if (!file) return absl::UnknownError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

}  // namespace countersign::bench
