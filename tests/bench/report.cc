#include "tests/bench/report.h"

#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace countersign::bench {

void PrintHeader() {
  std::cout << absl::StrFormat("%-24s %10s %10s %6s %6s %9s %9s\n", "", "per s",
                               "bare per s", "ratio", "share", "p50 ms",
                               "p99 ms");
}

void PrintRow(const Row& row) {
  std::cout << absl::StrFormat(
      "%-24s %10.0f %10.0f %6.2f %6.2f %9.2f %9.2f\n", row.name,
      row.result.signatures_per_second, row.ceiling_per_second, row.ratio(),
      row.result.hsm_share, row.result.p50_ms, row.result.p99_ms);
  std::cout << "  CPU us each:";
  const char* separator = " ";
  for (const auto& [name, us] : row.result.cpu_us) {
    if (us < 0.5) continue;
    std::cout << absl::StrFormat("%s%s %.0f", separator, name, us);
    separator = ", ";
  }
  std::cout << std::endl;
}

void PrintWatches(const WatchResult& result) {
  std::cout << absl::StrFormat(
      "%d open watches, a connection each: threads %d -> %d, "
      "memory %.1f -> %.1f MiB\n",
      result.watches, result.before.threads, result.open.threads,
      static_cast<double>(result.before.rss_kib) / 1024,
      static_cast<double>(result.open.rss_kib) / 1024);
}

absl::Status WriteJson(const std::vector<Row>& rows, const std::string& path) {
  std::ofstream file(path, std::ios::trunc);
  file << "[";
  const char* separator = "\n";
  for (const Row& row : rows) {
    file << separator
         << absl::StrFormat(
                "  {\"name\": \"%s\", \"per_second\": %.1f, "
                "\"ceiling_per_second\": %.1f, \"ratio\": %.3f, "
                "\"hsm_share\": %.3f, \"p50_ms\": %.3f, \"p99_ms\": %.3f}",
                row.name, row.result.signatures_per_second,
                row.ceiling_per_second, row.ratio(), row.result.hsm_share,
                row.result.p50_ms, row.result.p99_ms);
    separator = ",\n";
  }
  file << "\n]\n";
  file.close();
  if (!file) return absl::UnknownError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

}  // namespace countersign::bench
