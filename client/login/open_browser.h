// The person's browser, by xdg-open. Called by the command `login`.
#ifndef COUNTERSIGN_CLIENT_LOGIN_OPEN_BROWSER_H_
#define COUNTERSIGN_CLIENT_LOGIN_OPEN_BROWSER_H_

#include <functional>
#include <optional>
#include <string>

namespace countersign::client {

// A display is there to show one on: DISPLAY or WAYLAND_DISPLAY.
bool HasDisplay(
    const std::function<std::optional<std::string>(const std::string&)>&
        environment);

// Starts `program` (xdg-open) with `url` and does not wait for it; its output
// goes nowhere. False where it is not on PATH. The address is seen in the
// list of processes: it holds no token, and the code that comes back is worth
// nothing without the verifier of this process (RFC 7636).
bool StartBrowser(const std::string& url,
                  const std::string& program = "xdg-open");

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_LOGIN_OPEN_BROWSER_H_
