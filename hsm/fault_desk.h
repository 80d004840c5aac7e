// How a test gets at the fault module: its path, and its FaultControl.
#ifndef COUNTERSIGN_HSM_FAULT_DESK_H_
#define COUNTERSIGN_HSM_FAULT_DESK_H_

#include <string>

#include "hsm/fault_control.h"

namespace countersign::hsm {

// Absolute. The test has //hsm:fault_module.so in its data.
std::string FaultModulePath();

// The one in the library, which is loaded for that and stays.
FaultControl& Faults();

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_FAULT_DESK_H_
