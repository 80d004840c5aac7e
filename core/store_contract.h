// What every Store must do, as tests: FakeStore and storage/ instantiate
// StoreContract with a factory (INSTANTIATE_TEST_SUITE_P). The promises stand
// in the headers below, by theme; whoever includes this one has all of them.
#ifndef COUNTERSIGN_CORE_STORE_CONTRACT_H_
#define COUNTERSIGN_CORE_STORE_CONTRACT_H_

#include "core/store_contract_fixture.h"
#include "core/store_keys_contract.h"
#include "core/store_leaves_contract.h"
#include "core/store_lists_contract.h"
#include "core/store_races_contract.h"
#include "core/store_values_contract.h"

#endif  // COUNTERSIGN_CORE_STORE_CONTRACT_H_
