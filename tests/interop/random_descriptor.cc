#include "tests/interop/random_descriptor.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/interop/dice.h"
#include "tests/interop/random_value.h"
#include "tests/interop/yaml_node.h"
#include "tests/interop/yaml_text.h"

namespace countersign::interop {
namespace {

// Draws the parts of one descriptor.
class Parts {
 public:
  Parts(Dice& dice, Notation notation) : dice_(dice), notation_(notation) {}

  YamlNode DescriptorV2(const std::string& component);
  YamlNode DescriptorV3(const std::string& component);

 private:
  static YamlNode Text(std::string text) {
    return YamlNode::String(std::move(text));
  }
  YamlNode Word(bool value) {
    return YamlNode::Token(value ? "true" : "false");
  }
  bool Rarely() { return dice_.Chance(1) && dice_.Chance(30); }

  // Now and then something that a tool ignores, or that it refuses.
  void Spice(YamlNode& map) {
    if (Rarely()) map.Add("unknownField", RandomValue(dice_, notation_, 1));
    if (Rarely() && !map.members.empty()) {
      map.members.erase(map.members.begin() +
                        dice_.Roll(static_cast<int>(map.members.size())));
    }
    if (Rarely() && !map.members.empty()) {
      map.members[dice_.Roll(static_cast<int>(map.members.size()))].second =
          RandomValue(dice_, notation_, 1);
    }
  }

  YamlNode LabelValue() {
    YamlNode value = RandomValue(dice_, notation_, 4);
    if (notation_ == Notation::kJson) return value;
    if (!anchors_.empty() && dice_.Chance(10)) {
      return YamlNode::Token(
          "*" + anchors_[dice_.Roll(static_cast<int>(anchors_.size()))]);
    }
    if (value.kind != YamlNode::Kind::kToken && dice_.Chance(10)) {
      value.anchor = absl::StrCat("a", anchors_.size());
      anchors_.push_back(value.anchor);
      if (value.kind == YamlNode::Kind::kMap) maps_.push_back(value.anchor);
    } else if (value.kind == YamlNode::Kind::kMap && !maps_.empty() &&
               dice_.Chance(20)) {
      value.members.insert(
          value.members.begin(),
          {YamlNode::Token("<<"),
           YamlNode::Token("*" +
                           maps_[dice_.Roll(static_cast<int>(maps_.size()))])});
    }
    return value;
  }

  YamlNode Labels() {
    YamlNode labels = YamlNode::List();
    for (int i = dice_.Roll(3); i >= 0; --i) {
      YamlNode label = YamlNode::Map();
      label.Add("name", Text(absl::StrCat("label-", i, RandomSuffix())));
      label.Add("value", LabelValue());
      if (dice_.Chance(75)) label.Add("signing", Word(dice_.Chance(85)));
      if (dice_.Chance(10)) label.Add("version", Text("v1"));
      if (dice_.Chance(5)) {
        YamlNode merge = YamlNode::Map();
        merge.Add("algorithm", Text("default"));
        if (dice_.Chance(50))
          merge.Add("config", RandomValue(dice_, notation_, 1));
        label.Add("merge", std::move(merge));
      }
      Spice(label);
      labels.items.push_back(std::move(label));
    }
    return labels;
  }

  // Labels may have any name.
  std::string RandomSuffix() {
    return dice_.Chance(15) ? RandomString(dice_) : "";
  }

  void AddMeta(YamlNode& element, const std::string& name) {
    element.Add("name", Text(name));
    constexpr const char* kVersions[] = {"1.0.0", "v1", "1.2", "2.0.0-rc.1",
                                         "1.0.0+build.5"};
    element.Add("version", Text(dice_.Pick(kVersions)));
    if (dice_.Chance(25)) {
      constexpr const char* kKeys[] = {"arch",  "os", "a-b", "x_y",
                                       "ver+1", "00", "no",  "on"};
      YamlNode identity = YamlNode::Map();
      for (int i = dice_.Roll(3); i > 0; --i) {
        // Quoted: "no" would be another key.
        identity.members.emplace_back(Text(dice_.Pick(kKeys)),
                                      Text(RandomString(dice_)));
      }
      element.Add("extraIdentity", std::move(identity));
    }
    if (dice_.Chance(40)) element.Add("labels", Labels());
    Spice(element);
  }

  YamlNode Digest() {
    constexpr const char* kHashes[] = {"SHA-256", "SHA-512", "sha256",
                                       "NO-DIGEST"};
    constexpr const char* kNormalisations[] = {
        "genericBlobDigest/v1", "ociArtifactDigest/v1", "jsonNormalisation/v3",
        "EXCLUDE-FROM-SIGNATURE"};
    YamlNode digest = YamlNode::Map();
    digest.Add("hashAlgorithm", Text(dice_.Pick(kHashes)));
    digest.Add("normalisationAlgorithm", Text(dice_.Pick(kNormalisations)));
    digest.Add("value",
               Text(std::string(64, "0123456789abcdef"[dice_.Roll(16)])));
    Spice(digest);
    return digest;
  }

  YamlNode Access() {
    constexpr const char* kTypes[] = {"none", "None", "none/v1", "ociArtifact",
                                      "gitHub"};
    YamlNode access = YamlNode::Map();
    access.Add("type", Text(dice_.Pick(kTypes)));
    access.Add("imageReference", Text("ghcr.io/a/b:1"));
    access.Add("repoUrl", Text("github.com/a/b"));
    access.Add("commit", Text(std::string(40, 'a')));
    return access;
  }

  YamlNode Resource(int i) {
    YamlNode element = YamlNode::Map();
    AddMeta(element, absl::StrCat("resource-", dice_.Chance(15) ? 0 : i));
    element.Add("type", Text("plainText"));
    element.Add("relation", Text(dice_.Chance(50) ? "local" : "external"));
    if (dice_.Chance(10)) {
      YamlNode selector = YamlNode::Map();
      selector.Add("name", Text("source-0"));
      YamlNode ref = YamlNode::Map();
      ref.Add("identitySelector", std::move(selector));
      YamlNode refs = YamlNode::List();
      refs.items.push_back(std::move(ref));
      element.Add("srcRefs", std::move(refs));
    }
    element.Add("access", Access());
    if (dice_.Chance(80)) element.Add("digest", Digest());
    Spice(element);
    return element;
  }

  YamlNode Source(int i) {
    YamlNode element = YamlNode::Map();
    AddMeta(element, absl::StrCat("source-", i));
    element.Add("type", Text("git"));
    element.Add("access", Access());
    Spice(element);
    return element;
  }

  YamlNode Reference(int i) {
    YamlNode element = YamlNode::Map();
    AddMeta(element, absl::StrCat("reference-", i));
    element.Add("componentName", Text("acme.org/other"));
    if (dice_.Chance(80)) element.Add("digest", Digest());
    Spice(element);
    return element;
  }

  template <typename Make>
  YamlNode List(Make make) {
    if (dice_.Chance(3)) return YamlNode::Token("null");
    YamlNode list = YamlNode::List();
    const int count = dice_.Roll(4);
    for (int i = 0; i < count; ++i) list.items.push_back(make(i));
    return list;
  }
  void AddLists(YamlNode& map, const char* references) {
    map.Add("sources", List([this](int i) { return Source(i); }));
    map.Add(references, List([this](int i) { return Reference(i); }));
    map.Add("resources", List([this](int i) { return Resource(i); }));
  }

  YamlNode Contexts() {
    return List([this](int) {
      YamlNode context = YamlNode::Map();
      context.Add("type", Text("OCIRegistry"));
      context.Add("baseUrl", Text("ghcr.io/a"));
      if (dice_.Chance(20)) context.Add("x", RandomValue(dice_, notation_, 2));
      return context;
    });
  }

  void AddCreationTime(YamlNode& map) {
    constexpr const char* kTimes[] = {"2024-03-01T12:34:56Z",
                                      "2024-03-01T12:34:56.499Z",
                                      "2024-03-01T12:34:56.5Z",
                                      "2024-03-01T12:34:56.789+02:00",
                                      "2024-12-31T23:59:59.999999-11:30",
                                      "1969-12-31T23:59:59.5Z",
                                      "0001-01-01T00:00:00Z"};
    if (dice_.Chance(20)) map.Add("creationTime", Text(dice_.Pick(kTimes)));
  }

  YamlNode Signatures() {
    YamlNode list = YamlNode::List();
    YamlNode value = YamlNode::Map();
    value.Add("algorithm", Text("RSASSA-PKCS1-V1_5"));
    value.Add("value", Text("00ff"));
    value.Add("mediaType", Text("application/vnd.ocm.signature.rsa"));
    YamlNode entry = YamlNode::Map();
    entry.Add("name", Text("old"));
    entry.Add("digest", Digest());
    entry.Add("signature", std::move(value));
    list.items.push_back(std::move(entry));
    return list;
  }

  // In schema v2 a string, with labels the text of an object.
  YamlNode ProviderText() {
    if (dice_.Chance(70))
      return Text(dice_.Chance(90) ? "acme" : RandomString(dice_));
    Parts inner(dice_, Notation::kJson);
    YamlNode provider = YamlNode::Map();
    provider.Add("name", Text("acme"));
    if (dice_.Chance(80)) provider.Add("labels", inner.Labels());
    return Text(WriteJson(provider, dice_));
  }

  Dice& dice_;
  const Notation notation_;
  std::vector<std::string> anchors_;
  std::vector<std::string> maps_;
};

YamlNode Parts::DescriptorV2(const std::string& name) {
  YamlNode component = YamlNode::Map();
  component.Add("name", Text(name));
  component.Add("version", Text("1.0.0"));
  component.Add("provider", ProviderText());
  if (dice_.Chance(50)) component.Add("labels", Labels());
  AddCreationTime(component);
  component.Add("repositoryContexts", Contexts());
  AddLists(component, "componentReferences");
  Spice(component);
  YamlNode meta = YamlNode::Map();
  meta.Add("schemaVersion", Text("v2"));
  YamlNode root = YamlNode::Map();
  root.Add("meta", std::move(meta));
  root.Add("component", std::move(component));
  if (dice_.Chance(15)) root.Add("signatures", Signatures());
  return root;
}

YamlNode Parts::DescriptorV3(const std::string& name) {
  YamlNode provider = YamlNode::Map();
  provider.Add("name", Text("acme"));
  if (dice_.Chance(40)) provider.Add("labels", Labels());
  YamlNode metadata = YamlNode::Map();
  metadata.Add("name", Text(name));
  metadata.Add("version", Text("1.0.0"));
  metadata.Add("provider", std::move(provider));
  if (dice_.Chance(50)) metadata.Add("labels", Labels());
  AddCreationTime(metadata);
  YamlNode spec = YamlNode::Map();
  AddLists(spec, "references");
  YamlNode root = YamlNode::Map();
  root.Add("apiVersion", Text("ocm.software/v3alpha1"));
  root.Add("kind", Text("ComponentVersion"));
  root.Add("metadata", std::move(metadata));
  root.Add("repositoryContexts", Contexts());
  root.Add("spec", std::move(spec));
  if (dice_.Chance(15)) root.Add("signatures", Signatures());
  return root;
}

}  // namespace

RandomDescriptor MakeRandomDescriptor(uint64_t seed, int number) {
  // Neighbouring seeds of a Mersenne twister begin alike; this keeps them
  // apart.
  Dice dice((seed * 1000003 + static_cast<uint64_t>(number)) *
            0x9e3779b97f4a7c15u);
  RandomDescriptor made;
  made.component = absl::StrFormat("acme.org/random/d%05d", number);
  made.json = dice.Chance(30);
  Parts parts(dice, made.json ? Notation::kJson : Notation::kYaml);
  const YamlNode root = dice.Chance(12) ? parts.DescriptorV3(made.component)
                                        : parts.DescriptorV2(made.component);
  made.text = made.json ? WriteJson(root, dice) : WriteYaml(root, dice);
  return made;
}

}  // namespace countersign::interop
