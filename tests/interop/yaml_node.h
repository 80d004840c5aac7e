// A piece of YAML before it is written: what random_value and
// random_descriptor make and yaml_text writes. Values.
#ifndef COUNTERSIGN_TESTS_INTEROP_YAML_NODE_H_
#define COUNTERSIGN_TESTS_INTEROP_YAML_NODE_H_

#include <string>
#include <utility>
#include <vector>

namespace countersign::interop {

struct YamlNode {
  enum class Kind {
    kToken,   // written as it stands: a number, a word, an alias
    kString,  // the value; the writer chooses the quotes
    kMap,
    kList,
  };
  Kind kind = Kind::kString;
  std::string text;
  std::string anchor;  // empty: none
  // Keys are tokens or strings.
  std::vector<std::pair<YamlNode, YamlNode>> members;
  std::vector<YamlNode> items;

  static YamlNode Token(std::string text) {
    YamlNode node;
    node.kind = Kind::kToken;
    node.text = std::move(text);
    return node;
  }
  static YamlNode String(std::string text) {
    YamlNode node;
    node.text = std::move(text);
    return node;
  }
  static YamlNode Map() {
    YamlNode node;
    node.kind = Kind::kMap;
    return node;
  }
  static YamlNode List() {
    YamlNode node;
    node.kind = Kind::kList;
    return node;
  }
  // For maps. The key is written without quotes.
  void Add(const std::string& key, YamlNode value) {
    members.emplace_back(Token(key), std::move(value));
  }
};

}  // namespace countersign::interop

#endif  // COUNTERSIGN_TESTS_INTEROP_YAML_NODE_H_
