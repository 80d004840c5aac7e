#include "hsm/sign_cost.h"

#include <algorithm>

namespace countersign::hsm {
namespace {

// A guess between a fast software token and a slow network one.
constexpr std::array<double, kKeyTypes> kGuessMillis = {
    /*kRsa2048=*/1,  /*kRsa3072=*/3, /*kRsa4096=*/6,
    /*kEcP256=*/0.3,
    /*kEcP384=*/1,   /*kEcP521=*/2,  /*kEd25519=*/0.3};
// Measurements over which the average goes.
constexpr int kWindow = 32;
// A longer one counts as this many times the average.
constexpr int kOutlier = 8;

}  // namespace

SignCost::SignCost() {
  for (size_t i = 0; i < kKeyTypes; ++i) {
    rows_[i].cost = absl::Milliseconds(kGuessMillis[i]);
  }
}

absl::Duration SignCost::Sum(const CountByType& counts) const {
  absl::Duration sum;
  for (size_t i = 0; i < kKeyTypes; ++i) {
    if (counts[i] != 0) sum += rows_[i].cost * static_cast<int64_t>(counts[i]);
  }
  return sum;
}

absl::Duration SignCost::Largest(const CountByType& counts) const {
  absl::Duration largest;
  for (size_t i = 0; i < kKeyTypes; ++i) {
    if (counts[i] != 0) largest = std::max(largest, rows_[i].cost);
  }
  return largest;
}

void SignCost::Record(core::KeyType type, absl::Duration taken) {
  Row& row = rows_[TypeIndex(type)];
  taken = std::clamp(taken, absl::Microseconds(1), row.cost * kOutlier);
  // The guess is given up with the first measurements.
  row.measured = std::min(row.measured + 1, kWindow);
  row.cost += (taken - row.cost) / row.measured;
}

}  // namespace countersign::hsm
