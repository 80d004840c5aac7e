#include "base/tls_policy.h"

#include <openssl/ssl.h>

#include <memory>

#include "base/openssl.h"
#include "base/status_matchers.h"
#include "gtest/gtest.h"

namespace countersign::base {
namespace {

using SslCtxPtr = std::unique_ptr<SSL_CTX, SslDeleter<SSL_CTX_free>>;

bool AllowsTls12() {
  const SslCtxPtr context(SSL_CTX_new(TLS_method()));
  return (SSL_CTX_get_options(context.get()) & SSL_OP_NO_TLSv1_2) == 0;
}

// One test: the setting is the process's and cannot be taken back.
TEST(RequireTls13, SwitchesOlderVersionsOffForEachNewContext) {
  ASSERT_TRUE(AllowsTls12());
  ASSERT_OK(RequireTls13());
  EXPECT_FALSE(AllowsTls12());
  ASSERT_OK(RequireTls13());
  EXPECT_FALSE(AllowsTls12());
}

}  // namespace
}  // namespace countersign::base
