// Test program: announces the token LABEL SERIAL as the engine does, says so,
// and ends with its standard input.
#include <cstdio>
#include <iostream>
#include <string>

#include "hsm/presence.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto presence = countersign::hsm::Presence::Announce(argv[1], argv[2]);
  if (!presence.ok()) return 1;
  std::puts("announced");
  std::fflush(stdout);
  std::string line;
  std::getline(std::cin, line);
  return 0;
}
