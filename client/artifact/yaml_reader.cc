#include "client/artifact/yaml_reader.h"

#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/artifact/yaml_members.h"
#include "client/artifact/yaml_scalar.h"

namespace countersign::client {
namespace {

using base::Json;

// What one value costs when it is copied.
struct Size {
  size_t nodes = 0;
  size_t bytes = 0;
  size_t depth = 0;  // levels of collections in it
};

struct Anchored {
  Json value;
  Size size;
  bool complete = false;
  bool has_duplicates = false;
};

struct Frame {
  Json value;  // array or object
  size_t anchor = 0;
  size_t first_duplicate = 0;  // duplicates known when it began
  Size size;
  // Objects only.
  YamlMembers members;
  bool expects_key = true;
  bool merging = false;  // the key was <<
  bool merged = false;   // there was a << before
  std::string key;
  const YamlEvent* key_event = nullptr;
};

class Builder {
 public:
  Builder(absl::string_view text, const YamlLimits& limits)
      : text_(text), limits_(limits) {}

  absl::Status Handle(const YamlEvent& event);
  YamlDocument Take() { return {std::move(root_), std::move(duplicates_)}; }

 private:
  absl::Status Error(const YamlEvent& event, absl::string_view reason,
                     absl::string_view message) const {
    return TextError(text_, event.offset, reason, message);
  }
  absl::Status Open(const YamlEvent& event, Json empty);
  absl::Status CloseTop(const YamlEvent& event);
  absl::Status TakeKey(const YamlEvent& event);
  absl::Status TakeScalar(const YamlEvent& event);
  absl::Status TakeAlias(const YamlEvent& event);
  // A finished value goes into the collection that is open.
  absl::Status Place(const YamlEvent& event, Json value, Size size);
  absl::Status Charge(const YamlEvent& event, const Size& size);
  std::vector<std::string> Path() const;
  bool AtKey() const {
    return !stack_.empty() && stack_.back().value.is_object() &&
           stack_.back().expects_key;
  }

  absl::string_view text_;
  YamlLimits limits_;
  std::vector<Frame> stack_;
  std::unordered_map<size_t, Anchored> anchors_;
  std::vector<DuplicateKey> duplicates_;
  Json root_;
  size_t nodes_ = 0;
  size_t bytes_ = 0;
};

absl::Status Builder::Charge(const YamlEvent& event, const Size& size) {
  nodes_ += size.nodes;
  bytes_ += size.bytes;
  if (nodes_ > limits_.max_nodes || bytes_ > 4 * limits_.max_bytes) {
    return Error(event, "YAML_TOO_LARGE",
                 absl::StrCat("expands to more than ", limits_.max_nodes,
                              " nodes or ", 4 * limits_.max_bytes, " octets"));
  }
  return absl::OkStatus();
}

std::vector<std::string> Builder::Path() const {
  std::vector<std::string> path;
  for (size_t i = 0; i + 1 < stack_.size(); ++i) {
    const Frame& frame = stack_[i];
    path.push_back(frame.value.is_object()
                       ? frame.key
                       : absl::StrCat("[", frame.value.array().size(), "]"));
  }
  return path;
}

absl::Status Builder::Handle(const YamlEvent& event) {
  using Kind = YamlEvent::Kind;
  const bool end =
      event.kind == Kind::kMapEnd || event.kind == Kind::kSequenceEnd;
  if (!end && AtKey()) return TakeKey(event);
  switch (event.kind) {
    case Kind::kNull:
    case Kind::kScalar:
      return TakeScalar(event);
    case Kind::kAlias:
      return TakeAlias(event);
    case Kind::kSequenceStart:
      return Open(event, Json(Json::Array()));
    case Kind::kMapStart:
      return Open(event, Json(Json::Object()));
    case Kind::kSequenceEnd:
    case Kind::kMapEnd:
      return CloseTop(event);
  }
  return absl::OkStatus();
}

absl::Status Builder::Open(const YamlEvent& event, Json empty) {
  Frame frame;
  frame.value = std::move(empty);
  frame.anchor = event.anchor;
  frame.first_duplicate = duplicates_.size();
  frame.size.nodes = 1;
  if (event.anchor != 0) anchors_[event.anchor] = Anchored();
  RETURN_IF_ERROR(Charge(event, frame.size));
  stack_.push_back(std::move(frame));
  return absl::OkStatus();
}

absl::Status Builder::CloseTop(const YamlEvent& event) {
  Frame frame = std::move(stack_.back());
  stack_.pop_back();
  ++frame.size.depth;
  if (frame.anchor != 0) {
    RETURN_IF_ERROR(Charge(event, frame.size));  // the copy that is kept
    Anchored& anchored = anchors_[frame.anchor];
    anchored.value = frame.value;
    anchored.size = frame.size;
    anchored.complete = true;
    anchored.has_duplicates = duplicates_.size() > frame.first_duplicate;
  }
  return Place(event, std::move(frame.value), frame.size);
}

absl::Status Builder::TakeKey(const YamlEvent& event) {
  Frame& frame = stack_.back();
  frame.key_event = &event;
  frame.expects_key = false;
  frame.merging = false;
  if (event.kind != YamlEvent::Kind::kScalar || event.anchor != 0) {
    return Error(event, "YAML_UNSUPPORTED",
                 event.kind == YamlEvent::Kind::kNull
                     ? "a key must not be null; quote it"
                     : "a key must be a plain or quoted word");
  }
  RETURN_IF_ERROR(Charge(event, {1, event.value.size(), 0}));
  frame.size.nodes += 1;
  frame.size.bytes += event.value.size();
  if (!event.plain) {
    frame.key = event.value;
    return absl::OkStatus();
  }
  if (event.value == "<<") {
    frame.merging = true;
    frame.key = event.value;
    if (frame.merged) {
      return Error(event, "YAML_DUPLICATE_KEY", "a second << in one object");
    }
    frame.merged = true;
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> key = PlainScalarAsKey(event.value);
  if (!key.ok()) {
    return Error(event, "YAML_UNSUPPORTED", key.status().message());
  }
  frame.key = *std::move(key);
  return absl::OkStatus();
}

absl::Status Builder::TakeScalar(const YamlEvent& event) {
  Json value;
  if (event.kind == YamlEvent::Kind::kScalar && event.plain) {
    absl::StatusOr<Json> resolved = ResolvePlainScalar(event.value);
    if (!resolved.ok()) {
      return Error(event, "YAML_UNSUPPORTED", resolved.status().message());
    }
    value = *std::move(resolved);
  } else if (event.kind == YamlEvent::Kind::kScalar) {
    value = Json(event.value);
  }
  const Size size = {1, event.value.size(), 0};
  RETURN_IF_ERROR(Charge(event, size));
  if (event.anchor != 0) {
    RETURN_IF_ERROR(Charge(event, size));
    Anchored& anchored = anchors_[event.anchor];
    anchored.value = value;
    anchored.size = size;
    anchored.complete = true;
  }
  return Place(event, std::move(value), size);
}

absl::Status Builder::TakeAlias(const YamlEvent& event) {
  const auto it = anchors_.find(event.anchor);
  if (it == anchors_.end() || !it->second.complete) {
    return Error(event, "YAML_UNSUPPORTED", "an alias inside its own anchor");
  }
  const Anchored& anchored = it->second;
  if (anchored.has_duplicates) {
    return Error(event, "YAML_DUPLICATE_KEY",
                 "the anchored value has a doubled key");
  }
  RETURN_IF_ERROR(Charge(event, anchored.size));
  if (stack_.size() + anchored.size.depth > limits_.max_depth) {
    return Error(
        event, "YAML_TOO_LARGE",
        absl::StrCat("nested deeper than ", limits_.max_depth, " levels"));
  }
  return Place(event, anchored.value, anchored.size);
}

absl::Status Builder::Place(const YamlEvent& event, Json value, Size size) {
  if (stack_.empty()) {
    root_ = std::move(value);
    return absl::OkStatus();
  }
  Frame& frame = stack_.back();
  frame.size.nodes += size.nodes;
  frame.size.bytes += size.bytes;
  frame.size.depth = std::max(frame.size.depth, size.depth);
  if (frame.value.is_array()) {
    frame.value.array().push_back(std::move(value));
    return absl::OkStatus();
  }
  frame.expects_key = true;
  if (frame.merging) {
    return frame.members.Merge(text_, event, value, frame.value.object());
  }
  ASSIGN_OR_RETURN(const bool doubled,
                   frame.members.Put(text_, *frame.key_event, frame.key,
                                     std::move(value), frame.value.object()));
  if (doubled) {
    duplicates_.push_back(
        {PositionOf(text_, frame.key_event->offset), frame.key, Path()});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<YamlDocument> ReadYaml(absl::string_view text,
                                      const YamlLimits& limits) {
  ASSIGN_OR_RETURN(const std::vector<YamlEvent> events,
                   ReadYamlEvents(text, limits));
  Builder builder(text, limits);
  for (const YamlEvent& event : events) RETURN_IF_ERROR(builder.Handle(event));
  return builder.Take();
}

}  // namespace countersign::client
