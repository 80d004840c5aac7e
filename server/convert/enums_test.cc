#include "server/convert/enums.h"

#include <string>

#include "gtest/gtest.h"

namespace countersign::server {
namespace {

// Every value of the wire but UNSPECIFIED has one of the domain and comes back.
template <typename Wire>
void ExpectRoundTrip(const google::protobuf::EnumDescriptor* descriptor,
                     int first = 1) {
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const int number = descriptor->value(i)->number();
    if (number < first) continue;
    const auto domain = FromWire(static_cast<Wire>(number));
    ASSERT_TRUE(domain.has_value()) << descriptor->value(i)->full_name();
    EXPECT_EQ(ToWire(*domain), static_cast<Wire>(number));
  }
  EXPECT_FALSE(FromWire(static_cast<Wire>(99)).has_value());
}

TEST(EnumsTest, EveryValueOfTheWireComesBack) {
  ExpectRoundTrip<v1::HashAlgorithm>(v1::HashAlgorithm_descriptor());
  ExpectRoundTrip<v1::SignatureAlgorithm>(v1::SignatureAlgorithm_descriptor());
  ExpectRoundTrip<v1::KeyType>(v1::KeyType_descriptor());
  ExpectRoundTrip<v1::SignatureEncoding>(v1::SignatureEncoding_descriptor());
  ExpectRoundTrip<v1::EcdsaForm>(v1::EcdsaForm_descriptor());
  ExpectRoundTrip<v1::Operation::Type>(v1::Operation::Type_descriptor());
  ExpectRoundTrip<v1::SigningRequest::State>(
      v1::SigningRequest::State_descriptor());
  ExpectRoundTrip<v1::Revocation::Reason>(v1::Revocation::Reason_descriptor(),
                                          0);
}

TEST(EnumsTest, UnspecifiedHasNoMeaningButForTheEncodings) {
  EXPECT_FALSE(FromWire(v1::HASH_ALGORITHM_UNSPECIFIED).has_value());
  EXPECT_FALSE(FromWire(v1::SIGNATURE_ALGORITHM_UNSPECIFIED).has_value());
  EXPECT_FALSE(FromWire(v1::KEY_TYPE_UNSPECIFIED).has_value());
  EXPECT_EQ(FromWire(v1::SIGNATURE_ENCODING_UNSPECIFIED),
            core::SignatureEncoding::kRaw);
  EXPECT_EQ(FromWire(v1::ECDSA_FORM_UNSPECIFIED), core::EcdsaForm::kDer);
}

TEST(EnumsTest, StatesHaveTheSameWordsOnBothSides) {
  for (const core::RequestState state :
       {core::RequestState::kPendingApproval, core::RequestState::kApproved,
        core::RequestState::kSigned, core::RequestState::kRejected,
        core::RequestState::kExpired, core::RequestState::kCancelled,
        core::RequestState::kFailed}) {
    EXPECT_EQ(v1::SigningRequest::State_Name(ToWire(state)),
              std::string(core::ToString(state)));
  }
  for (const core::ProductState state :
       {core::ProductState::kPendingApproval, core::ProductState::kActive,
        core::ProductState::kDisabled, core::ProductState::kRejected}) {
    EXPECT_EQ(v1::Product::State_Name(ToWire(state)),
              std::string(core::ToString(state)));
  }
  for (const core::KeyState state :
       {core::KeyState::kGenerating, core::KeyState::kEnabled,
        core::KeyState::kDisabled, core::KeyState::kDestroyScheduled,
        core::KeyState::kDestroyed}) {
    EXPECT_EQ(v1::KeyVersion::State_Name(ToWire(state)),
              std::string(core::ToString(state)));
  }
  for (const core::RevocationReason reason :
       {core::RevocationReason::kKeyCompromise,
        core::RevocationReason::kAffiliationChanged,
        core::RevocationReason::kSuperseded,
        core::RevocationReason::kCessationOfOperation}) {
    EXPECT_EQ(v1::Revocation::Reason_Name(ToWire(reason)),
              std::string(core::ToString(reason)));
  }
  EXPECT_EQ(ToWire(core::DecisionKind::kApproval), v1::Decision::APPROVAL);
  EXPECT_EQ(ToWire(core::DecisionKind::kRejection), v1::Decision::REJECTION);
}

}  // namespace
}  // namespace countersign::server
