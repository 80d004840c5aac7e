// Writes a YamlNode in one of the many ways that YAML allows, drawn by the
// dice: block or flow, five kinds of scalars, comments, indentations, line
// ends. Or as JSON. Called by the generator of random descriptors.
#ifndef COUNTERSIGN_TESTS_INTEROP_YAML_TEXT_H_
#define COUNTERSIGN_TESTS_INTEROP_YAML_TEXT_H_

#include <string>

#include "tests/interop/dice.h"
#include "tests/interop/yaml_node.h"

namespace countersign::interop {

std::string WriteYaml(const YamlNode& node, Dice& dice);

// Tokens must be JSON's; anchors are left out.
std::string WriteJson(const YamlNode& node, Dice& dice);

}  // namespace countersign::interop

#endif  // COUNTERSIGN_TESTS_INTEROP_YAML_TEXT_H_
