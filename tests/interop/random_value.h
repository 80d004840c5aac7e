// Random strings, numbers and trees for the values of labels: what YAML 1.1,
// JSON and the normalisations read or write in surprising ways. Called by
// random_descriptor.
#ifndef COUNTERSIGN_TESTS_INTEROP_RANDOM_VALUE_H_
#define COUNTERSIGN_TESTS_INTEROP_RANDOM_VALUE_H_

#include <string>

#include "tests/interop/dice.h"
#include "tests/interop/yaml_node.h"

namespace countersign::interop {

enum class Notation { kYaml, kJson };

// Valid UTF-8, sometimes empty.
std::string RandomString(Dice& dice);

// A number, a word or a date; in YAML in any spelling.
YamlNode RandomToken(Dice& dice, Notation notation);

// Any value. `depth` bounds what may nest in it.
YamlNode RandomValue(Dice& dice, Notation notation, int depth);

}  // namespace countersign::interop

#endif  // COUNTERSIGN_TESTS_INTEROP_RANDOM_VALUE_H_
