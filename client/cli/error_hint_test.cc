#include "client/cli/error_hint.h"

#include <map>
#include <string>

#include "client/api/client_error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

struct HintCase {
  const char* reason;
  const char* resource;
  const char* state;
  const char* want;
};

TEST(ErrorHint, IsTheCommandThatHelps) {
  for (const HintCase& c :
       {HintCase{"KEY_VERSION_STATE", "products/p/operations/o/keyVersions/2",
                 "DISABLED", "disabled: countersign key enable p/o/2"},
        HintCase{"KEY_VERSION_STATE", "products/p/operations/o/keyVersions/2",
                 "DESTROY_SCHEDULED",
                 "take the destruction back: countersign key restore p/o/2"},
        HintCase{"KEY_VERSION_STATE", "products/p/operations/o/keyVersions/2",
                 "DESTROYED", ""},
        HintCase{"KEY_LIMIT_REACHED", "products/p/operations/o/keyVersions/2",
                 "", "make a new key: countersign key rotate p/o"},
        HintCase{"NO_ENABLED_KEY", "products/p/operations/o", "",
                 "which keys there are: countersign key list p/o\n"
                 "let one sign again: countersign key enable p/o/VERSION\n"
                 "or make a new one: countersign key rotate p/o"},
        HintCase{"PRODUCT_NOT_ACTIVE", "products/p", "DISABLED",
                 "disabled: countersign product enable p"},
        HintCase{"PRODUCT_NOT_ACTIVE", "", "DISABLED",
                 "disabled: countersign product enable PRODUCT"},
        HintCase{"PRODUCT_NOT_ACTIVE", "products/p", "REJECTED", ""},
        HintCase{"OVERLOADED", "products/p", "", ""},
        HintCase{"", "", "", ""}}) {
    std::map<std::string, std::string> metadata;
    if (*c.resource != '\0') metadata["resource"] = c.resource;
    if (*c.state != '\0') metadata["state"] = c.state;
    EXPECT_EQ(ErrorHint(base::MakeError(absl::StatusCode::kFailedPrecondition,
                                        "m", Because(c.reason, metadata))),
              c.want)
        << c.reason << " " << c.state;
  }
  EXPECT_EQ(ErrorHint(absl::InternalError("no details")), "");
}

TEST(ErrorHint, SaysWhatToDoAboutATokenThatIsRefused) {
  for (const auto& [reason, want] : std::map<std::string, std::string>{
           {"NO_CREDENTIAL", "--token-file FILE"},
           {"TOKEN_EXPIRED", "countersign login"},
           {"TOKEN_AUDIENCE", "--token-audience"},
           {"TOKEN_ISSUER_UNKNOWN", "identity.token_issuers"},
           {"TOKEN_GROUPS_UNKNOWN", "app role"},
           {"CLAIM_REQUIRED", "countersign product show p"},
           {"ISSUER_KEYS_UNAVAILABLE", "try again later"}}) {
    EXPECT_THAT(
        ErrorHint(base::MakeError(
            absl::StatusCode::kUnauthenticated, "m",
            Because(reason, {{"resource", "products/p/operations/o"}}))),
        testing::HasSubstr(want))
        << reason;
  }
}

}  // namespace
}  // namespace countersign::client
