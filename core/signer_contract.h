// What every Signer must do, as tests: FakeSigner, and hsm/ against a token,
// each instantiate SignerContract with a factory (INSTANTIATE_TEST_SUITE_P).
// The promises stand in the headers below, by theme; whoever includes this one
// has all of them.
#ifndef COUNTERSIGN_CORE_SIGNER_CONTRACT_H_
#define COUNTERSIGN_CORE_SIGNER_CONTRACT_H_

#include "core/signer_contract_fixture.h"
#include "core/signer_jobs_contract.h"
#include "core/signer_keys_contract.h"

#endif  // COUNTERSIGN_CORE_SIGNER_CONTRACT_H_
