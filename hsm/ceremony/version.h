// The version of the ceremony tool, as CHANGELOG counts it.
#ifndef COUNTERSIGN_HSM_CEREMONY_VERSION_H_
#define COUNTERSIGN_HSM_CEREMONY_VERSION_H_

namespace countersign::hsm {

inline constexpr char kVersion[] = "0.2.0";

}  // namespace countersign::hsm

#endif  // COUNTERSIGN_HSM_CEREMONY_VERSION_H_
