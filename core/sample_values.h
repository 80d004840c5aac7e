// Values for tests: people, products and signing requests in which every field
// is set, some with unusual text, so that what forgets a field is found out.
// Tests of any room call it.
#ifndef COUNTERSIGN_CORE_SAMPLE_VALUES_H_
#define COUNTERSIGN_CORE_SAMPLE_VALUES_H_

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/approval_rule.h"
#include "core/event.h"
#include "core/policy.h"
#include "core/principal.h"
#include "core/product.h"
#include "core/signing_request.h"

namespace countersign::core {

// 2026-01-01T00:00:00.123456789Z.
absl::Time SampleTime();

// spiffe://example.test/`name`, in these groups.
Principal Person(absl::string_view name,
                 std::initializer_list<std::string> groups);

// Groups "ci", "release", "release-approvers", "admins", "product-approvers",
// "auditors".
Policy SamplePolicy();

// ci may ask, release is a blanket group, two of release-approvers must agree.
ApprovalRule SampleRule();

// ACTIVE, revision 1, with operations "digest" (RSA2048, DIGEST_SIGNING) and
// "detached" (P-256, DETACHED_SIGNATURE, with a chain), one key version each.
Product SampleProduct(absl::string_view id = "sample");

// A version 7 UUID, ascending with `number`.
std::string SampleUuid(int number);

// PENDING_APPROVAL, revision 1, of that product's operation "digest", asked for
// by ci's "pipeline"; number n is created n seconds after SampleTime().
SigningRequest SampleRequest(int number = 1,
                             absl::string_view product = "sample");

// `count` digests of the hash's length, labelled, all different.
std::vector<LabelledDigest> SampleDigests(int count, HashAlgorithm hash);

Event SampleEvent(EventType type, absl::string_view subject,
                  absl::string_view resource);

}  // namespace countersign::core

#endif  // COUNTERSIGN_CORE_SAMPLE_VALUES_H_
