#include "tests/bench/median.h"

#include <algorithm>
#include <map>
#include <string>

namespace countersign::bench {

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle =
      values.begin() + static_cast<ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

SignResult Median(const std::vector<SignResult>& windows) {
  SignResult result;
  if (windows.empty()) return result;
  const auto median = [&](double SignResult::*figure) {
    std::vector<double> values;
    for (const SignResult& window : windows) values.push_back(window.*figure);
    return Median(std::move(values));
  };
  result.signatures_per_second = median(&SignResult::signatures_per_second);
  result.refusals_per_second = median(&SignResult::refusals_per_second);
  result.p50_ms = median(&SignResult::p50_ms);
  result.p99_ms = median(&SignResult::p99_ms);
  result.hsm_share = median(&SignResult::hsm_share);
  std::map<std::string, std::vector<double>> cpu;
  for (const SignResult& window : windows) {
    result.requests += window.requests;
    for (const auto& [name, us] : window.cpu_us) cpu[name].push_back(us);
  }
  for (auto& [name, values] : cpu) {
    values.resize(windows.size());
    result.cpu_us[name] = Median(std::move(values));
  }
  result.threads = windows.back().threads;
  result.rss_kib = windows.back().rss_kib;
  return result;
}

}  // namespace countersign::bench
