#include "client/artifact/descriptor_writer.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/artifact/artifact_error.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/descriptor_layout.h"
#include "client/artifact/descriptor_signature.h"
#include "client/artifact/signature_text.h"
#include "client/artifact/yaml_reader.h"

namespace countersign::client {
namespace {

using base::Json;
using ListKind = SignaturesLayout::Kind;

// Makes texts that might be right; AddSignature takes the first that is.
class Editor {
 public:
  Editor(absl::string_view text, const DescriptorLayout& layout,
         const DescriptorSignature& signature, std::optional<size_t> replaced)
      : text_(text),
        layout_(layout),
        signature_(signature),
        replaced_(replaced),
        eol_(absl::StrContains(text, "\r\n") ? "\r\n" : "\n") {}

  std::vector<std::string> Candidates() {
    if (!layout_.signatures.has_value()) {
      layout_.flow ? AddKeyToFlow() : AddKeyToBlock();
      return std::move(candidates_);
    }
    switch (layout_.signatures->kind) {
      case ListKind::kNothing:
        AddLinesBehindKey(layout_.signatures->key_end);
        break;
      case ListKind::kEmpty:
        FillEmpty();
        break;
      case ListKind::kFlowList:
        EditFlowList();
        break;
      case ListKind::kBlockList:
        EditBlockList();
        break;
    }
    return std::move(candidates_);
  }

 private:
  // The text with [begin, end) replaced.
  void Edit(size_t begin, size_t end, absl::string_view with) {
    candidates_.push_back(
        absl::StrCat(text_.substr(0, begin), with, text_.substr(end)));
  }
  // Whole lines in front of the line at `offset` (or at the end of the text,
  // whose last line may lack its end).
  void InsertLines(size_t offset, absl::string_view lines) {
    const bool open_line = offset > 0 && text_[offset - 1] != '\n';
    Edit(offset, offset, absl::StrCat(open_line ? eol_ : "", lines));
  }
  size_t ColumnOf(size_t offset) const {
    return offset - LineBegin(text_, offset);
  }
  absl::string_view IndentOf(size_t offset) const {
    const absl::string_view line = text_.substr(LineBegin(text_, offset));
    return line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
  }
  bool HasNewline(size_t begin, size_t end) const {
    return absl::StrContains(text_.substr(begin, end - begin), '\n');
  }
  // Of one level in a flow text; empty where it is all on one line.
  absl::string_view Unit() const {
    if (!layout_.flow || !HasNewline(layout_.root_begin, layout_.first_key)) {
      return "";
    }
    const absl::string_view indent = IndentOf(layout_.first_key);
    return indent.empty() ? "  " : indent;
  }
  std::string ListText(absl::string_view indent) const {
    return JsonText(Json(Json::Array{SignatureJson(signature_)}), indent,
                    Unit(), eol_);
  }

  void AddKeyToBlock() {
    const size_t column = ColumnOf(layout_.first_key);
    const std::string lines =
        absl::StrCat(std::string(column, ' '), "signatures:", eol_,
                     SignatureYaml(signature_, column, eol_));
    InsertLines(layout_.root_end, lines);
    // Where the last scalar would change by lines behind it.
    InsertLines(LineBegin(text_, layout_.first_key), lines);
  }

  void AddKeyToFlow() {
    const absl::string_view unit = Unit();
    const std::string separator = unit.empty() ? "" : absl::StrCat(eol_, unit);
    const std::string member = absl::StrCat(
        "\"signatures\":", unit.empty() ? "" : " ", ListText(unit));
    size_t last = layout_.root_end;
    while (last > 0 && absl::string_view(" \t\r\n").find(text_[last - 1]) !=
                           absl::string_view::npos) {
      --last;
    }
    const bool comma = text_[last - 1] == ',';
    Edit(last, last, absl::StrCat(comma ? "" : ",", separator, member));
    // Where a comment stands at the end.
    Edit(layout_.root_begin + 1, layout_.root_begin + 1,
         absl::StrCat(separator, member, ","));
  }

  // "signatures:" has nothing behind it but a comment.
  void AddLinesBehindKey(size_t key_end) {
    const size_t column =
        ColumnOf(LineBegin(text_, key_end) + IndentOf(key_end).size());
    InsertLines(NextLine(text_, key_end),
                SignatureYaml(signature_, column, eol_));
  }

  void FillEmpty() {
    const SignaturesLayout& list = *layout_.signatures;
    if (layout_.flow) {
      return Edit(list.value.begin, list.value.end, ListText(Unit()));
    }
    // The value goes, the rest of its line stays, lines follow.
    const size_t next = NextLine(text_, list.value.end);
    const size_t colon = text_.find(':', list.key_end);
    const size_t column = IndentOf(list.key_end).size();
    const bool open_line = text_[next - 1] != '\n';
    Edit(colon + 1, next,
         absl::StrCat(text_.substr(list.value.end, next - list.value.end),
                      open_line ? eol_ : "",
                      SignatureYaml(signature_, column, eol_)));
    Edit(list.value.begin, list.value.end, ListText(""));
  }

  void EditFlowList() {
    const std::vector<TextSpan>& items = layout_.signatures->items;
    const size_t first = items[0].begin;
    const bool own_lines = HasNewline(layout_.signatures->value.begin, first);
    const absl::string_view indent = own_lines ? IndentOf(first) : "";
    const std::string entry = JsonText(SignatureJson(signature_), indent,
                                       own_lines ? Unit() : "", eol_);
    if (replaced_.has_value()) {
      return Edit(items[*replaced_].begin, items[*replaced_].end, entry);
    }
    const size_t end = items.back().end;
    Edit(
        end, end,
        absl::StrCat(",", own_lines ? absl::StrCat(eol_, indent) : " ", entry));
  }

  void EditBlockList() {
    const SignaturesLayout& list = *layout_.signatures;
    const std::string lines = SignatureYaml(signature_, list.dash_column, eol_);
    if (replaced_.has_value()) {
      const TextSpan& item = list.items[*replaced_];
      return Edit(item.begin, item.end, lines);
    }
    InsertLines(list.tight_end, lines);
    InsertLines(list.wide_end, lines);
  }

  absl::string_view text_;
  const DescriptorLayout& layout_;
  const DescriptorSignature& signature_;
  std::optional<size_t> replaced_;
  absl::string_view eol_;
  std::vector<std::string> candidates_;
};

// What the document must be after the edit.
Json Expected(const Json& document, const DescriptorSignature& signature,
              std::optional<size_t> replaced) {
  Json::Array list;
  const Json* before = document.Find("signatures");
  if (before != nullptr && before->is_array()) list = before->array();
  if (replaced.has_value()) {
    list[*replaced] = SignatureJson(signature);
  } else {
    list.push_back(SignatureJson(signature));
  }
  return Json(std::move(list));
}

// The rest is equal, and the list is what was meant.
bool IsRight(absl::string_view candidate, const Json& document,
             const Json& expected) {
  absl::StatusOr<YamlDocument> read = ReadYaml(candidate);
  if (!read.ok() || !read->value.is_object()) return false;
  const Json* list = read->value.Find("signatures");
  if (list == nullptr || *list != expected) return false;
  Json rest_before = document;
  rest_before.Erase("signatures");
  read->value.Erase("signatures");
  return read->value == rest_before;
}

}  // namespace

absl::StatusOr<std::string> AddSignature(absl::string_view text,
                                         const DescriptorSignature& signature,
                                         bool replace) {
  ASSIGN_OR_RETURN(const ComponentDescriptor descriptor,
                   ComponentDescriptor::Parse(text));
  RETURN_IF_ERROR(CheckSignatureName(descriptor, signature.name, replace));
  std::optional<size_t> replaced;
  for (size_t i = 0; i < descriptor.signatures().size(); ++i) {
    if (descriptor.signatures()[i].name != signature.name) continue;
    RETURN_IF_ERROR(descriptor.FindSignature(signature.name).status());
    replaced = i;
  }
  ASSIGN_OR_RETURN(const DescriptorLayout layout, FindLayout(text));
  const Json expected = Expected(descriptor.document(), signature, replaced);
  Editor editor(text, layout, signature, replaced);
  for (std::string& candidate : editor.Candidates()) {
    if (IsRight(candidate, descriptor.document(), expected)) {
      return std::move(candidate);
    }
  }
  return BadInput("DESCRIPTOR_LAYOUT",
                  "the signature could not be put into this text without "
                  "changing something else; write the list of signatures in "
                  "another way");
}

}  // namespace countersign::client
