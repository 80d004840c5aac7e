// Puts a signature into a component descriptor's text and leaves every other
// octet as it is: comments, order, quoting, line ends, a missing newline at the
// end. The result is read again before it is given out. Not the writing of
// files (base/file.h). Called by the CLI. Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_WRITER_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_WRITER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/artifact/descriptor_model.h"

namespace countersign::client {

// Adds `signature` at the end of the list, or, with `replace`, in the place of
// the one that has its name. Block YAML gets a block entry, JSON gets JSON in
// the indentation of the text.
//
// FAILED_PRECONDITION: SIGNATURE_EXISTS, SIGNATURE_AMBIGUOUS (two of the name).
// INVALID_ARGUMENT: the reasons of ComponentDescriptor::Parse, and
// DESCRIPTOR_LAYOUT where no edit was found that keeps everything else; then
// the text is to be left alone.
absl::StatusOr<std::string> AddSignature(absl::string_view text,
                                         const DescriptorSignature& signature,
                                         bool replace = false);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_WRITER_H_
