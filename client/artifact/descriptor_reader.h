// A component descriptor's JSON value as a model, checked against its schema.
// Findings have two weights (field_reader.h). Not the reading of text
// (component_descriptor.h, its only caller). Pure.
#ifndef COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_READER_H_
#define COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_READER_H_

#include "base/json.h"
#include "client/artifact/descriptor_model.h"
#include "client/artifact/field_reader.h"

namespace countersign::client {

// Schema v2 (meta.schemaVersion) or v3alpha1 (apiVersion). The model is only
// worth something where `findings.fatal` stays empty.
DescriptorModel ReadDescriptorModel(const base::Json& document,
                                    Findings& findings);

// The list of signatures alone.
std::vector<DescriptorSignature> ReadSignatures(const base::Json& document,
                                                Findings& findings);

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_ARTIFACT_DESCRIPTOR_READER_H_
