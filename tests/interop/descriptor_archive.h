// A common transport archive (CTF) as a folder with many component versions
// that have a descriptor and nothing else, each descriptor with exactly the
// octets given. Made without client/ocm, so that the two can be held against
// each other. Called by differential.
#ifndef COUNTERSIGN_TESTS_INTEROP_DESCRIPTOR_ARCHIVE_H_
#define COUNTERSIGN_TESTS_INTEROP_DESCRIPTOR_ARCHIVE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/interop/random_descriptor.h"

namespace countersign::interop {

// `folder` is made; it must not be there yet.
absl::Status WriteDescriptorArchive(
    const std::string& folder,
    const std::vector<RandomDescriptor>& descriptors);

}  // namespace countersign::interop

#endif  // COUNTERSIGN_TESTS_INTEROP_DESCRIPTOR_ARCHIVE_H_
