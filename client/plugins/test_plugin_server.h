// A countersign server in the test's own process with one operation, whose key
// the test holds: what a plugin sees of the real one. Tests only.
#ifndef COUNTERSIGN_CLIENT_PLUGINS_TEST_PLUGIN_SERVER_H_
#define COUNTERSIGN_CLIENT_PLUGINS_TEST_PLUGIN_SERVER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/openssl.h"
#include "base/random.h"
#include "client/api/test_server.h"
#include "client/plugins/plugin_world.h"

namespace countersign::client {

// Thread-compatible; set what is public before the call that needs it.
class TestPluginServer {
 public:
  // "shop/release" with this key.
  TestPluginServer(base::EvpPkeyPtr key, v1::KeyType type);

  EVP_PKEY* key() { return key_.get(); }
  std::string public_key_pem() const;
  PluginWorld World();
  // People have agreed: the newest request is signed.
  void SignNewest();

  // Nobody has to agree.
  bool signs_at_once = true;
  // Signatures come out damaged.
  bool lies = false;
  bool interrupted = false;
  // COUNTERSIGN_WAIT and COUNTERSIGN_DESCRIPTION.
  std::string wait;
  std::string description;
  std::string chain_pem;
  // Of key version 2, which signs nothing; empty: there is none.
  std::string other_key_pem;
  bool other_key_enabled = false;
  // As they were asked for, and by request_id.
  std::vector<v1::CreateSigningRequestRequest> asked;
  std::vector<std::string> notes;

 private:
  grpc::Status GetKey(const v1::GetKeyVersionRequest& get,
                      v1::KeyVersion* answer);
  grpc::Status Create(const v1::CreateSigningRequestRequest& creation,
                      v1::SigningRequest* answer);
  void Sign(v1::SigningRequest& request);

  base::EvpPkeyPtr key_;
  v1::KeyType type_;
  std::string spki_;
  TestServer server_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::map<std::string, v1::SigningRequest> requests_;
};

}  // namespace countersign::client

#endif  // COUNTERSIGN_CLIENT_PLUGINS_TEST_PLUGIN_SERVER_H_
