// http_call ADDRESS METHOD TARGET [BODY [AUTHORIZATION]]: one call to a plugin;
// prints the answer's body, and exits 0 for 200, else 1 after printing the
// code. For scripts that play the OCM CLI. Tests only.
#include <iostream>
#include <string>
#include <vector>

#include "client/plugins/test_http_call.h"

int main(int argc, char** argv) {
  namespace client = countersign::client;
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 3) {
    std::cerr << "http_call ADDRESS METHOD TARGET [BODY [AUTHORIZATION]]\n";
    return 2;
  }
  arguments.resize(5);
  const auto answer = client::Exchange(
      arguments[0],
      client::CallText(arguments[1], arguments[2], arguments[3], arguments[4]));
  if (!answer.ok()) {
    std::cerr << answer.status().ToString() << "\n";
    return 2;
  }
  const int code = client::CodeOf(*answer);
  if (code != 200) std::cout << code << "\n";
  std::cout << client::BodyOf(*answer) << "\n";
  return code == 200 ? 0 : 1;
}
