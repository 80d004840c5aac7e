#include "client/artifact/ecdsa_form.h"

#include <string>

#include "base/encoding.h"
#include "base/openssl.h"
#include "gtest/gtest.h"

namespace countersign::client {
namespace {

std::string Spki(const char* curve) {
  const base::EvpPkeyPtr key(EVP_EC_gen(curve));
  return *base::SpkiDer(key.get());
}

std::string Octets(size_t size, char last, char first = '\0') {
  std::string out(size, '\0');
  out.front() = first;
  out.back() = last;
  return out;
}

TEST(DerFromFixedWidth, WritesTheShortestIntegers) {
  const std::string spki = Spki("P-256");
  EXPECT_EQ(base::HexEncode(
                *DerFromFixedWidth(Octets(32, 1) + Octets(32, '\x80'), spki)),
            "3007"
            "020101"
            "02020080");
  EXPECT_EQ(base::HexEncode(*DerFromFixedWidth(std::string(64, '\0'), spki)),
            "3006020100020100");
  const std::string large = *DerFromFixedWidth(std::string(64, '\xff'), spki);
  EXPECT_EQ(large.size(), 2u + 2 * (2 + 33));
}

TEST(DerFromFixedWidth, HasALongLengthForP521) {
  const std::string der = *DerFromFixedWidth(
      Octets(66, 1, '\x01') + Octets(66, 1, '\x01'), Spki("P-521"));
  EXPECT_EQ(base::HexEncode(der.substr(0, 5)), "3081880242");
  EXPECT_EQ(der.size(), 3u + 2 * (2 + 66));
}

// OpenSSL reads it as the same two numbers.
TEST(DerFromFixedWidth, IsReadByOpenssl) {
  std::string octets(96, '\0');
  for (size_t i = 0; i < octets.size(); ++i) {
    octets[i] = static_cast<char>(i * 7 + 1);
  }
  const std::string der = *DerFromFixedWidth(octets, Spki("P-384"));
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  const base::EcdsaSigPtr read(
      d2i_ECDSA_SIG(nullptr, &data, static_cast<long>(der.size())));
  ASSERT_NE(read, nullptr);
  std::string back(96, '\0');
  auto* out = reinterpret_cast<unsigned char*>(back.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(read.get()), out, 48);
  BN_bn2binpad(ECDSA_SIG_get0_s(read.get()), out + 48, 48);
  EXPECT_EQ(back, octets);
}

TEST(DerFromFixedWidth, LeavesAllElseAlone) {
  const std::string spki = Spki("P-256");
  for (const size_t size : {0, 63, 65, 70, 72, 96}) {
    EXPECT_FALSE(DerFromFixedWidth(std::string(size, 'x'), spki)) << size;
  }
  const base::EvpPkeyPtr ed(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  EXPECT_FALSE(
      DerFromFixedWidth(std::string(64, 'x'), *base::SpkiDer(ed.get())));
  EXPECT_FALSE(DerFromFixedWidth(std::string(64, 'x'), "no key"));
}

}  // namespace
}  // namespace countersign::client
