#include "server/config/yaml_document.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/encoding.h"
#include "base/status_macros.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/parser.h"

namespace countersign::server {
namespace {

constexpr size_t kMaxOctets = 1 << 20;
constexpr size_t kMaxDepth = 32;
constexpr int kMaxNodes = 50000;
// yaml-cpp 0.7.0 takes a quote that the end of the file leaves open for a
// closed one. This comment after the end becomes text in such a quote, and so
// shows it.
constexpr char kEnd[] = "\n#countersign: end of file\n";
constexpr char kEndText[] = "#countersign: end of file";

absl::Status WrongAt(int line, int column, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(line, ":", column, ": ", what));
}

absl::Status WrongAt(const YAML::Mark& mark, absl::string_view what) {
  // yaml-cpp counts from 0; -1 is "nowhere".
  return WrongAt(std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1,
                 what);
}

// Builds the tree from the parser's events. After the first mistake the rest is
// ignored: the file is at most kMaxOctets long, and nothing grows any more.
class Builder final : public YAML::EventHandler {
 public:
  const absl::Status& status() const { return status_; }
  YamlNode TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Leaf(mark, "", anchor, YamlNode::Kind::kNull, "");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor, const std::string& value) override {
    Leaf(mark, tag, anchor, YamlNode::Kind::kScalar, value);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Fail(mark, "aliases (\"*name\") are not allowed; write the value out");
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

 private:
  // A collection under construction; in a map, keys and values take turns.
  struct Level {
    YamlNode node;
    bool key_next = false;
    YamlNode key;
  };

  void Fail(const YAML::Mark& mark, absl::string_view what) {
    if (status_.ok()) status_ = WrongAt(mark, what);
  }

  bool Admit(const YAML::Mark& mark, const std::string& tag,
             YAML::anchor_t anchor) {
    if (!status_.ok()) return false;
    if (anchor != 0) Fail(mark, "anchors (\"&name\") are not allowed");
    // "?" is no tag; "!" is a quoted scalar.
    if (!tag.empty() && tag != "?" && tag != "!") {
      Fail(mark, "tags (\"!name\") are not allowed");
    }
    if (++nodes_ > kMaxNodes) Fail(mark, "more than 50000 values");
    return status_.ok();
  }

  void Leaf(const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor, YamlNode::Kind kind,
            const std::string& value) {
    if (!Admit(mark, tag, anchor)) return;
    if (tag == "!" && absl::StrContains(value, kEndText)) {
      return Fail(mark, "not YAML: the quote is never closed");
    }
    YamlNode node = NodeAt(mark, kind);
    node.scalar = value;
    node.quoted = tag == "!";
    if (!levels_.empty() && levels_.back().key_next) {
      if (kind != YamlNode::Kind::kScalar) return Fail(mark, kNoKey);
      levels_.back().key = std::move(node);
      levels_.back().key_next = false;
      return;
    }
    Attach(std::move(node));
  }

  void Open(const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor, YamlNode::Kind kind) {
    if (!Admit(mark, tag, anchor)) return;
    if (levels_.size() == kMaxDepth) {
      return Fail(mark, "more than 32 levels deep");
    }
    if (!levels_.empty() && levels_.back().key_next) return Fail(mark, kNoKey);
    levels_.push_back(
        {NodeAt(mark, kind), kind == YamlNode::Kind::kMap, YamlNode()});
  }

  void Close() {
    if (!status_.ok()) return;
    YamlNode node = std::move(levels_.back().node);
    levels_.pop_back();
    Attach(std::move(node));
  }

  void Attach(YamlNode node) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == YamlNode::Kind::kMap) {
      node.key = std::move(level.key.scalar);
      node.key_line = level.key.line;
      node.key_column = level.key.column;
      level.key_next = true;
    }
    level.node.children.push_back(std::move(node));
  }

  static YamlNode NodeAt(const YAML::Mark& mark, YamlNode::Kind kind) {
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  static constexpr char kNoKey[] = "a field's name must be one word";

  absl::Status status_;
  YamlNode root_;
  std::vector<Level> levels_;
  int nodes_ = 0;
};

absl::Status CheckText(absl::string_view text) {
  if (text.size() > kMaxOctets) return WrongAt(1, 1, "more than 1 MiB");
  const size_t good = base::ValidUtf8Prefix(text);
  if (good == text.size()) return absl::OkStatus();
  const absl::string_view before = text.substr(0, good);
  const size_t newline = before.rfind('\n');
  return WrongAt(
      static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
      static_cast<int>(good -
                       (newline == absl::string_view::npos ? 0 : newline + 1)) +
          1,
      "not UTF-8");
}

}  // namespace

absl::StatusOr<YamlNode> ParseYaml(absl::string_view text) {
  RETURN_IF_ERROR(CheckText(text));
  // yaml-cpp throws, and nothing of ours does: here it ends.
  try {
    std::istringstream stream(absl::StrCat(text, kEnd));
    YAML::Parser parser(stream);
    Builder builder;
    if (!parser.HandleNextDocument(builder)) {
      return WrongAt(1, 1, "the file is empty");
    }
    RETURN_IF_ERROR(builder.status());
    Builder second;
    if (parser.HandleNextDocument(second)) {
      return WrongAt(1, 1, "more than one YAML document (\"---\")");
    }
    return builder.TakeRoot();
  } catch (const YAML::Exception& e) {
    // Where the end comes too early, the mark is behind kEnd.
    YAML::Mark mark = e.mark;
    mark.line =
        std::min<int>(mark.line, std::count(text.begin(), text.end(), '\n'));
    return WrongAt(mark, absl::StrCat("not YAML: ", e.msg));
  } catch (const std::exception& e) {
    return WrongAt(1, 1, absl::StrCat("not YAML: ", e.what()));
  }
}

}  // namespace countersign::server
