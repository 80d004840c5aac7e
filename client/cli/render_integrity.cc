#include "client/cli/render_integrity.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/text_table.h"

namespace countersign::client {
namespace {

using base::Json;

const char* StateText(ContentState state) {
  switch (state) {
    case ContentState::kMatches:
      return "ok";
    case ContentState::kComputed:
      return "computed";
    case ContentState::kMismatch:
      return "MISMATCH";
    case ContentState::kUnchecked:
      return "not checked";
    case ContentState::kNone:
      return "no content";
    case ContentState::kExcluded:
      return "excluded";
  }
  return "";
}

const char* StateText(ReferenceState state) {
  switch (state) {
    case ReferenceState::kMatches:
      return "ok";
    case ReferenceState::kAbsent:
      return "computed";
    case ReferenceState::kMismatch:
      return "MISMATCH";
  }
  return "";
}

std::string DigestText(const std::optional<DigestSpec>& digest) {
  if (!digest.has_value()) return "";
  return absl::StrCat(digest->hash_algorithm, ":", digest->value, " (",
                      digest->normalisation_algorithm, ")");
}

Json DigestJson(const DigestSpec& digest) {
  return Json(
      Json::Object{{"hashAlgorithm", digest.hash_algorithm},
                   {"normalisationAlgorithm", digest.normalisation_algorithm},
                   {"value", digest.value}});
}

// Roots first, each tree from the top down.
std::vector<size_t> TopDown(const ComponentTree& tree) {
  std::vector<size_t> order;
  for (size_t v = tree.versions.size(); v > 0; --v) order.push_back(v - 1);
  return order;
}

void AddNote(TextTable& table, const std::string& note) {
  if (!note.empty()) table.AddRow({"", "", absl::StrCat("note: ", note)});
}

void AddVersion(const ComponentVersion& version, const VersionReport& report,
                std::string& out) {
  const DescriptorModel& model = version.descriptor.model();
  TextBlock block;
  block.Add("Component", report.id.Format());
  block.Add("Repository", report.repository);
  block.Add("Digest", DigestText(report.digest));
  absl::StrAppend(&out, out.empty() ? "" : "\n", block.Format());
  TextTable table({"  CHECK", "RESULT", "DETAILS"});
  for (size_t i = 0; i < report.resources.size(); ++i) {
    const ContentFinding& finding = report.resources[i];
    table.AddRow({absl::StrCat("  resource ", model.resources[i].meta.name),
                  StateText(finding.state), DigestText(finding.digest)});
    AddNote(table, finding.note);
  }
  for (size_t i = 0; i < report.references.size(); ++i) {
    const Reference& reference = model.references[i];
    table.AddRow(
        {absl::StrCat("  reference ", reference.meta.name),
         StateText(report.references[i].state),
         absl::StrCat(reference.component_name, ":", reference.meta.version)});
    AddNote(table, report.references[i].note);
  }
  for (const SignatureFinding& finding : report.signatures) {
    const bool ok = finding.status.ok();
    table.AddRow({absl::StrCat("  signature ", finding.signature.name),
                  ok ? "ok" : "FAILED",
                  ok ? absl::StrCat(finding.signature.algorithm, ", by ",
                                    finding.signer.empty() ? "the public key"
                                                           : finding.signer)
                     : std::string(finding.status.message())});
    AddNote(table, finding.note);
  }
  if (!table.empty()) absl::StrAppend(&out, table.Format());
}

Json ResourcesJson(const DescriptorModel& model, const VersionReport& report) {
  Json::Array list;
  for (size_t i = 0; i < report.resources.size(); ++i) {
    const ContentFinding& finding = report.resources[i];
    Json one(Json::Object{{"name", model.resources[i].meta.name},
                          {"version", model.resources[i].meta.version},
                          {"result", StateText(finding.state)}});
    if (finding.digest) one.Set("digest", DigestJson(*finding.digest));
    if (!finding.note.empty()) one.Set("note", finding.note);
    list.push_back(std::move(one));
  }
  return Json(std::move(list));
}

Json ReferencesJson(const DescriptorModel& model, const VersionReport& report) {
  Json::Array list;
  for (size_t i = 0; i < report.references.size(); ++i) {
    const ReferenceFinding& finding = report.references[i];
    Json one(Json::Object{{"name", model.references[i].meta.name},
                          {"componentName", model.references[i].component_name},
                          {"version", model.references[i].meta.version},
                          {"result", StateText(finding.state)}});
    if (!finding.note.empty()) one.Set("note", finding.note);
    list.push_back(std::move(one));
  }
  return Json(std::move(list));
}

Json SignaturesJson(const VersionReport& report) {
  Json::Array list;
  for (const SignatureFinding& finding : report.signatures) {
    Json one(Json::Object{{"name", finding.signature.name},
                          {"verified", finding.status.ok()}});
    if (!finding.signature.algorithm.empty()) {
      one.Set("algorithm", finding.signature.algorithm);
      one.Set("digest", DigestJson(finding.signature.digest));
    }
    if (!finding.signer.empty()) one.Set("signer", finding.signer);
    if (!finding.status.ok()) one.Set("error", finding.status.message());
    if (!finding.note.empty()) one.Set("note", finding.note);
    list.push_back(std::move(one));
  }
  return Json(std::move(list));
}

}  // namespace

std::string RenderIntegrity(const ComponentTree& tree,
                            const TreeReport& report) {
  std::string out;
  for (const size_t v : TopDown(tree)) {
    AddVersion(tree.versions[v], report.versions[v], out);
  }
  return out;
}

Json IntegrityJson(const ComponentTree& tree, const TreeReport& report) {
  Json::Array versions;
  for (const size_t v : TopDown(tree)) {
    const VersionReport& one = report.versions[v];
    const DescriptorModel& model = tree.versions[v].descriptor.model();
    versions.push_back(Json::Object{{"component", one.id.name},
                                    {"version", one.id.version},
                                    {"repository", one.repository},
                                    {"digest", DigestJson(one.digest)},
                                    {"resources", ResourcesJson(model, one)},
                                    {"references", ReferencesJson(model, one)},
                                    {"signatures", SignaturesJson(one)}});
  }
  return Json(Json::Object{{"verified", report.status.ok()},
                           {"componentVersions", std::move(versions)}});
}

}  // namespace countersign::client
