// Only one of the modules of this process is being initialised or finalised at
// a time. Two of them may stand on one library (a wrapper such as p11-kit-proxy
// beside the module itself), and C_Initialize and C_Finalize are not safe for
// threads (PKCS#11 2.40 5.4): SoftHSM then initialises itself twice and crashes
// when it is finalised.
#ifndef COUNTERSIGN_HSM_MODULE_TURN_H_
#define COUNTERSIGN_HSM_MODULE_TURN_H_

#include <cstdint>

namespace countersign::hsm {

class ModuleTurn {
 public:
  // Blocks, for 1 s at most: a module that hangs longer loses its turn, so that
  // the others go on.
  ModuleTurn();
  ~ModuleTurn();
  ModuleTurn(const ModuleTurn&) = delete;
  ModuleTurn& operator=(const ModuleTurn&) = delete;

 private:
  const uint64_t number_;
};

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_MODULE_TURN_H_
