#include "client/cli/completion.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace countersign::client {
namespace {

struct Word {
  std::string text;
  std::string description;
};

std::vector<Word> Commands(const CLI::App& app) {
  std::vector<Word> words;
  for (const CLI::App* command : app.get_subcommands({})) {
    words.push_back({command->get_name(), command->get_description()});
  }
  return words;
}

std::vector<Word> Options(const CLI::App& app) {
  std::vector<Word> words;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      words.push_back({absl::StrCat("--", name), option->get_description()});
    }
    for (const std::string& name : option->get_snames()) {
      words.push_back({absl::StrCat("-", name), option->get_description()});
    }
  }
  return words;
}

// Calls `take` for every command with its path ("sign blob"; "" is the root).
void ForEach(
    const CLI::App& app, const std::string& path,
    const std::function<void(const std::string&, const CLI::App&)>& take) {
  take(path, app);
  for (const CLI::App* command : app.get_subcommands({})) {
    ForEach(*command,
            path.empty() ? command->get_name()
                         : absl::StrCat(path, " ", command->get_name()),
            take);
  }
}

std::string Join(const std::vector<Word>& words) {
  return absl::StrJoin(words, " ", [](std::string* out, const Word& word) {
    absl::StrAppend(out, word.text);
  });
}

// For single quotes in shell text; ":" parts a zsh word from its description.
std::string ZshWord(const Word& word) {
  const std::string text = absl::StrReplaceAll(
      absl::StrCat(absl::StrReplaceAll(word.text, {{":", "\\:"}}), ":",
                   word.description),
      {{"'", "'\\''"}, {"\n", " "}});
  return absl::StrCat("'", text, "'");
}

}  // namespace

std::string BashCompletion(const CLI::App& root) {
  std::string cases;
  ForEach(root, "", [&](const std::string& path, const CLI::App& app) {
    absl::StrAppend(&cases, "    '", path, "') commands='", Join(Commands(app)),
                    "'; options='", Join(Options(app)), "' ;;\n");
  });
  return absl::StrCat(
      "# bash completion for countersign\n"
      "_countersign() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} path='' commands options i\n"
      "  _countersign_words() {\n"
      "    case \"$1\" in\n",
      cases,
      "    *) commands=''; options='' ;;\n"
      "    esac\n"
      "  }\n"
      "  _countersign_words ''\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    if [[ \" $commands \" == *\" ${COMP_WORDS[i]} \"* ]]; then\n"
      "      path=\"${path:+$path }${COMP_WORDS[i]}\"\n"
      "      _countersign_words \"$path\"\n"
      "    fi\n"
      "  done\n"
      "  if [[ $word == -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
      "  elif [[ -n $commands ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$commands\" -- \"$word\"))\n"
      "  else\n"
      "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
      "  fi\n"
      "}\n"
      "complete -o filenames -F _countersign countersign\n");
}

std::string ZshCompletion(const CLI::App& root) {
  std::string cases;
  const auto list = [](const std::vector<Word>& words) {
    return absl::StrJoin(words, " ", [](std::string* out, const Word& word) {
      absl::StrAppend(out, ZshWord(word));
    });
  };
  ForEach(root, "", [&](const std::string& path, const CLI::App& app) {
    absl::StrAppend(&cases, "    '", path, "') commands=(", list(Commands(app)),
                    "); options=(", list(Options(app)), ") ;;\n");
  });
  return absl::StrCat(
      "#compdef countersign\n"
      "_countersign() {\n"
      "  local path_='' i\n"
      "  local -a commands options names\n"
      "  _countersign_words() {\n"
      "    case \"$1\" in\n",
      cases,
      "    *) commands=(); options=() ;;\n"
      "    esac\n"
      "  }\n"
      "  _countersign_words ''\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n"
      "    names=(${commands%%:*})\n"
      "    if (( ${names[(Ie)${words[i]}]} )); then\n"
      "      path_=\"${path_:+$path_ }${words[i]}\"\n"
      "      _countersign_words \"$path_\"\n"
      "    fi\n"
      "  done\n"
      "  if [[ ${words[CURRENT]} == -* ]]; then\n"
      "    _describe option options\n"
      "  elif (( ${#commands} )); then\n"
      "    _describe command commands\n"
      "  else\n"
      "    _files\n"
      "  fi\n"
      "}\n"
      "_countersign \"$@\"\n");
}

}  // namespace countersign::client
