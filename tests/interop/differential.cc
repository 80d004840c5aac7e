// Random component descriptors for the real OCM tools, and what this client
// makes of the same ones. differential.sh runs the tools in between.
//
//   differential write SEED FIRST COUNT FOLDER
//     FOLDER/ctf, and each descriptor as FOLDER/descriptors/NAME.yaml or .json
//   differential compare SEED FIRST COUNT FOLDER
//     FOLDER/v1.json, v2.json, v3.json: `ocm hash cv -o json` of the classic
//     tool; FOLDER/v4alpha1.txt: "COMPONENT HEX" of the new one, "-" for what
//     it refuses. A file that is not there is left out. Exit code 1 where
//     bytes differ or one side takes what the other refuses, but for what is
//     refused here on purpose.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "client/artifact/component_descriptor.h"
#include "client/artifact/normalisation.h"
#include "tests/interop/descriptor_archive.h"
#include "tests/interop/random_descriptor.h"

namespace countersign::interop {
namespace {

// Component: the digest of its normalised form, and the form where it is known.
struct Answer {
  std::string hex;
  std::string bytes;
};
using Answers = std::map<std::string, Answer>;

// Texts that are read in two ways by two readers, or hide something from
// people: refused here, whatever the tools do (client/artifact/yaml_events.h).
// The new tool turns a null, a boolean or a number into text in some places of
// the descriptor, and refuses them in others. Text of a provider that is nearly
// JSON is a name to one tool and an error to the other.
bool RefusedOnPurpose(const absl::Status& status) {
  const std::string reason = base::GetReason(status);
  return reason == "YAML_DUPLICATE_KEY" || reason == "YAML_UNSUPPORTED" ||
         absl::StrContains(status.message(), "must be a string, it is") ||
         absl::StrContains(status.message(), "component.provider");
}

std::vector<RandomDescriptor> Make(uint64_t seed, int first, int count) {
  std::vector<RandomDescriptor> made;
  for (int number = first; number < first + count; ++number) {
    made.push_back(MakeRandomDescriptor(seed, number));
  }
  return made;
}

absl::Status Write(const std::string& folder,
                   const std::vector<RandomDescriptor>& descriptors) {
  RETURN_IF_ERROR(WriteDescriptorArchive(folder + "/ctf", descriptors));
  std::error_code error;
  std::filesystem::create_directories(folder + "/descriptors", error);
  for (const RandomDescriptor& descriptor : descriptors) {
    const std::string name =
        std::filesystem::path(descriptor.component).filename();
    RETURN_IF_ERROR(base::WriteFileAtomically(
        absl::StrCat(folder, "/descriptors/", name,
                     descriptor.json ? ".json" : ".yaml"),
        descriptor.text));
  }
  return absl::OkStatus();
}

// The classic tool's list. What it refuses is not in it.
absl::StatusOr<Answers> ReadClassic(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(file, 1 << 30));
  base::JsonLimits limits;
  limits.max_bytes = 1 << 30;
  ASSIGN_OR_RETURN(const base::Json json, base::ParseJson(text, limits));
  Answers answers;
  const base::Json* items = json.Find("items");
  if (items == nullptr || !items->is_array()) {
    return absl::InvalidArgumentError(absl::StrCat(file, " has no items"));
  }
  for (const base::Json& item : items->array()) {
    const base::Json* component = item.Find("component");
    const base::Json* bytes = item.Find("normalized");
    const base::Json* hash = item.Find("hash");
    if (component == nullptr || bytes == nullptr || hash == nullptr) continue;
    answers[component->string()] = Answer{hash->string(), bytes->string()};
  }
  return answers;
}

absl::StatusOr<Answers> ReadNew(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(file));
  Answers answers;
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words.size() == 2 && words[1] != "-") answers[words[0]].hex = words[1];
  }
  return answers;
}

struct Tally {
  int same = 0;
  int both_refuse = 0;
  int on_purpose = 0;
  int findings = 0;
};

void Report(Tally& tally, const std::string& normalisation,
            const RandomDescriptor& descriptor, const std::string& what) {
  ++tally.findings;
  std::printf("FINDING %s %s: %s\n", normalisation.c_str(),
              descriptor.component.c_str(), what.c_str());
}

void Compare(const std::string& normalisation, const Answers& answers,
             const RandomDescriptor& descriptor, Tally& tally) {
  absl::StatusOr<std::string> ours = [&]() -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const auto parsed,
                     client::ComponentDescriptor::Parse(descriptor.text));
    return client::Normalise(parsed, normalisation);
  }();
  const auto theirs = answers.find(descriptor.component);
  if (!ours.ok() && theirs == answers.end()) {
    ++tally.both_refuse;
  } else if (!ours.ok()) {
    if (RefusedOnPurpose(ours.status())) {
      ++tally.on_purpose;
    } else {
      Report(tally, normalisation, descriptor,
             absl::StrCat("refused here only: ", base::GetReason(ours.status()),
                          " ", ours.status().message()));
    }
  } else if (theirs == answers.end()) {
    Report(tally, normalisation, descriptor, "refused by the tool only");
  } else if (base::Sha256Hex(*ours) != theirs->second.hex) {
    Report(tally, normalisation, descriptor,
           absl::StrCat("other bytes\n  here ", *ours, "\n  tool ",
                        theirs->second.bytes.empty() ? theirs->second.hex
                                                     : theirs->second.bytes));
  } else {
    ++tally.same;
  }
}

// True where nothing was found.
absl::StatusOr<bool> CompareAll(
    const std::string& folder,
    const std::vector<RandomDescriptor>& descriptors) {
  int findings = 0;
  for (const char* name : {"v1", "v2", "v3", "v4alpha1"}) {
    const bool classic = std::string(name) != "v4alpha1";
    const std::string file =
        absl::StrCat(folder, "/", name, classic ? ".json" : ".txt");
    if (!std::filesystem::exists(file)) continue;
    ASSIGN_OR_RETURN(const Answers answers,
                     classic ? ReadClassic(file) : ReadNew(file));
    Tally tally;
    for (const RandomDescriptor& descriptor : descriptors) {
      Compare(name, answers, descriptor, tally);
    }
    std::printf(
        "%-8s  same bytes %d, refused by both %d, refused here on purpose %d, "
        "findings %d\n",
        name, tally.same, tally.both_refuse, tally.on_purpose, tally.findings);
    findings += tally.findings;
  }
  return findings == 0;
}

int Run(int argc, char** argv) {
  uint64_t seed = 0;
  int first = 0;
  int count = 0;
  if (argc != 6 || !absl::SimpleAtoi(argv[2], &seed) ||
      !absl::SimpleAtoi(argv[3], &first) ||
      !absl::SimpleAtoi(argv[4], &count)) {
    std::fprintf(stderr,
                 "differential write|compare SEED FIRST COUNT FOLDER\n");
    return 2;
  }
  const auto descriptors = Make(seed, first, count);
  const std::string command = argv[1];
  absl::StatusOr<bool> good = true;
  if (command == "write") {
    if (absl::Status status = Write(argv[5], descriptors); !status.ok()) {
      good = status;
    }
  } else {
    good = CompareAll(argv[5], descriptors);
  }
  if (good.ok()) return *good ? 0 : 1;
  std::fprintf(stderr, "%s\n", good.status().ToString().c_str());
  return 2;
}

}  // namespace
}  // namespace countersign::interop

int main(int argc, char** argv) {
  return countersign::interop::Run(argc, argv);
}
